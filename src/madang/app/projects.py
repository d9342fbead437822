"""The city's investments, read from its folder when they are asked for, and again when a file is another."""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from madang.errors import ResourceNotFound

if TYPE_CHECKING:
    from madang.appraise.case.board import Board

Stamp = tuple[tuple[str, int, int], ...]


class ProjectFiles:
    """The projects of `folder`, ``projects/*.toml`` of a city."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._boards: dict[str, tuple[Stamp, Board]] = {}
        # Two who ask at once do not both draw: the second finds what the first has made.
        self._lock = Lock()

    def names(self) -> list[str]:
        """The ids in order; none where there is no folder."""
        return sorted(file.stem for file in self._folder.glob("*.toml"))

    def board(self, name: str) -> "Board":
        """The project, drawn once a version of the files in the folder. Raises ResourceNotFound, AppraisalInvalid."""
        if name not in self.names():
            there = ", ".join(self.names()) or "none"
            raise ResourceNotFound(f"there is no project {name[:80]!r} (there are: {there})")
        with self._lock:
            stamp = self._stamp()
            kept = self._boards.get(name)
            if kept is None or kept[0] != stamp:
                kept = self._boards[name] = (stamp, self._read(self._folder / f"{name}.toml"))
            return kept[1]

    def tried(self, text: str) -> "Board":
        """A text as if it were a file of the folder. Raises AppraisalInvalid."""
        from madang.app.case import case_in  # noqa: PLC0415 - see _read
        from madang.appraise.case.board import Board  # noqa: PLC0415

        return Board(case_in(text, self._folder))

    def _read(self, file: Path) -> "Board":
        # Two seconds of scientific libraries, which a hub that starts again need not wait for.
        from madang.app.case import case_of  # noqa: PLC0415
        from madang.appraise.case.board import Board  # noqa: PLC0415

        return Board(case_of(file))

    def _stamp(self) -> Stamp:
        """What tells one version of the folder from another: a project rests on its evidence files, too."""
        files = sorted(file for file in self._folder.rglob("*") if file.suffix in (".toml", ".json"))
        return tuple((str(file), (stat := file.stat()).st_mtime_ns, stat.st_size) for file in files)
