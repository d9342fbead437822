"""Files beside a city's data that only their owner reads: written whole or not at all, heeded within a second."""

import contextlib
import os
import secrets
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec

from madang.clock import monotonic_s
from madang.errors import Unavailable

try:
    import fcntl
except ImportError:  # Windows has none: there two commands at once may lose one's change
    fcntl = None

LOOK_EVERY_S: Final = 1.0

T = TypeVar("T")


def write(file: Path, data: bytes, *, durable: bool = True) -> None:
    """Put the bytes there, on disk when this returns unless it need not be; its folder is made where it misses."""
    file.parent.mkdir(parents=True, exist_ok=True)
    made = file.with_name(f".{file.stem}-{secrets.token_hex(4)}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(data)
        if durable:
            opened.flush()
            os.fsync(opened.fileno())
    made.replace(file)


class PrivateTable(Generic[T]):
    """A JSON file with a list, as a mapping; who changes it waits for others who do."""

    def __init__(self, file: Path, row: type[T], key: Callable[[T], str]) -> None:
        """`key` gives a row's key."""
        self.file = file
        self._rows = msgspec.json.Decoder(list[row])
        self._key = key
        self._table: Mapping[str, T] = {}
        self._stamp: tuple[int, int] | None = None
        self._looked = -LOOK_EVERY_S

    def read(self) -> Mapping[str, T]:
        """The rows, at most a second old. Raises Unavailable where the file cannot be read."""
        if monotonic_s() - self._looked >= LOOK_EVERY_S:
            self._look()
        return self._table

    @contextlib.contextmanager
    def change(self) -> Generator[dict[str, T]]:
        """The rows to change; they are written at the end, unless an exception leaves them."""
        with self._alone():
            self._look()
            rows = dict(self._table)
            yield rows
            write(self.file, msgspec.json.format(msgspec.json.encode([*rows.values()])))
            self._look()

    def _look(self) -> None:
        self._looked = monotonic_s()
        try:
            found = self.file.stat()
            stamp = (found.st_mtime_ns, found.st_ino)
            if stamp != self._stamp:
                rows = self._rows.decode(self.file.read_bytes())
                self._table, self._stamp = {self._key(row): row for row in rows}, stamp
        except FileNotFoundError:
            self._table, self._stamp = {}, None
        except (OSError, msgspec.DecodeError) as problem:
            # Then nobody in it is anybody.
            raise Unavailable(f"{self.file} cannot be read: {problem}") from problem

    @contextlib.contextmanager
    def _alone(self) -> Generator[None]:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        lock = self.file.with_name(f".{self.file.stem}.lock")
        with os.fdopen(os.open(lock, os.O_WRONLY | os.O_CREAT, 0o600)) as opened:
            if fcntl is not None:
                fcntl.flock(opened, fcntl.LOCK_EX)
            yield
