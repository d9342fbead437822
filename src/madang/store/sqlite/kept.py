"""A data directory as it is, to read and to copy, also while a hub writes to it: nothing is locked."""

from contextlib import closing
from pathlib import Path

from madang.errors import BadRequestData, NonexistentTenant, Unavailable
from madang.model.entity import Entity
from madang.model.query import TemporalQuery
from madang.store.sqlite import census, pasts, samples
from madang.store.sqlite.connection import value
from madang.store.sqlite.files import explained, files, open_reader
from madang.store.sqlite.schema import FIRST

_EVER = TemporalQuery()


class KeptStore:
    """Reads the file of one tenant; see `ports.Kept`. Raises NonexistentTenant, Unavailable where there is no data."""

    def __init__(self, folder: Path, tenant: str = "") -> None:
        known = files(folder)
        if not known:
            raise Unavailable(f"there is no data in {folder}; say where it is with --data")
        if tenant not in known:
            raise NonexistentTenant(f"nothing was ever written to the tenant '{tenant}'")
        self._connection = open_reader(known[tenant])
        if value(self._connection, "PRAGMA user_version") < FIRST:
            self._connection.close()
            raise Unavailable(f"{known[tenant]} is of an older version; start its hub once, which brings it up to date")

    async def walk(self, after: str, limit: int) -> list[Entity]:
        """The next entities after that id."""
        return census.walk(self._connection, after, limit)

    async def past(self, after: str, limit: int) -> list[Entity]:
        """The whole past of the next entities after that id that have one."""
        found = pasts.pasts(self._connection, (), after, limit)
        return samples.read(self._connection, [id for id, _ in found], (), _EVER)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def backup(folder: Path, target: Path) -> list[Path]:
    """Copy every file of a data directory into the new folder `target`, each as it is at one moment, and check the
    copies; the files. Writers go on meanwhile. A copy of the folder is a data directory itself.

    Raises Unavailable where there is no data or no room, BadRequestData where `target` is there already.
    """
    known = files(folder)
    if not known:
        raise Unavailable(f"there is no data in {folder}; say where it is with --data")
    if target.exists():
        raise BadRequestData(f"{target} is there already; name a new folder")
    copies: list[Path] = []
    for file in known.values():
        copy = target / file.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with explained(copy), closing(open_reader(file)) as connection:
            # One read transaction from begin to end: what is written meanwhile is not in the copy.
            connection.execute("VACUUM INTO ?", (str(copy),))
        _check(copy)
        copies.append(copy)
    return copies


def _check(copy: Path) -> None:
    with explained(copy), closing(open_reader(copy)) as connection:
        found: str = value(connection, "PRAGMA quick_check")
    if found != "ok":
        raise Unavailable(f"the copy {copy} is not sound: {found}")
