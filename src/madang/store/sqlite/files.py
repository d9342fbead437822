"""The data directory: its lock, its files, and what their errors mean in words."""

import fcntl
import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import apsw

from madang.errors import BadRequestData, Unavailable
from madang.store.sqlite.connection import Connection, connect, value
from madang.store.sqlite.schema import APPLICATION, FIRST, VERSION, steps

LOCK = "madang.lock"

PATIENCE_MS = 10_000
"""How long a connection waits for another one's lock."""


class Directory:
    """A data directory that this process alone writes to, until `close` or its death: the lock is the kernel's
    (flock)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = (path / LOCK).open("a+")
        except OSError as problem:
            raise Unavailable(
                f"the data directory {path} cannot be used: {problem.strerror}; choose another with --data"
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.seek(0)
            holder = self._lock.read(32).strip() or "unknown"
            self._lock.close()
            raise Unavailable(
                f"the data directory {path} is in use by process {holder}; stop that one, or choose another with --data"
            ) from None
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()

    def file(self, tenant: str) -> Path:
        """The database of a tenant. Raises BadRequestData for a name that cannot be one of a file."""
        if not tenant:
            return self.path / "city.sqlite"
        if len(tenant) > 64 or not all(c.isascii() and (c.isalnum() or c in "_-") for c in tenant):
            raise BadRequestData(f"the tenant '{tenant[:80]}': up to 64 of the characters A-Z a-z 0-9 _ - make a name")
        # Capitals are marked: a file system may not tell them from small letters.
        name = "".join(f"~{c.lower()}" if c.isupper() else c for c in tenant)
        folder = self.path / "tenants"
        folder.mkdir(exist_ok=True)
        return folder / f"{name}.sqlite"

    def tenants(self) -> list[str]:
        """The tenants that have a file, "" first."""
        return ["", *sorted(name for name in files(self.path) if name)]

    def close(self) -> None:
        """Let another process have it."""
        self._lock.close()


def files(folder: Path) -> dict[str, Path]:
    """The databases in a data directory, by tenant."""
    found = {"": folder / "city.sqlite"} if (folder / "city.sqlite").exists() else {}
    for file in sorted((folder / "tenants").glob("*.sqlite")):
        found[re.sub("~(.)", lambda mark: mark[1].upper(), file.stem)] = file
    return found


@contextmanager
def explained(file: Path) -> Generator[None]:
    """SQLite's errors as Unavailable, in words that say what to do."""
    try:
        yield
    except apsw.Error as problem:
        raise explain(file, problem) from None


def explain(file: Path, problem: apsw.Error) -> Unavailable:
    """SQLite's error in words that say what to do."""
    match problem:
        case apsw.FullError():
            return Unavailable(f"the disk of {file} is full; free some space, the store then goes on by itself")
        case apsw.NotADBError() | apsw.CorruptError():
            return Unavailable(
                f"{file} is not a sound database ({problem}); move it away or restore a backup, or choose another "
                "--data"
            )
        case apsw.ReadOnlyError():
            return Unavailable(f"{file} may not be written to; check its owner and its permissions")
        case _:
            return Unavailable(f"{file}: {type(problem).__name__}: {problem}")


def open_writer(file: Path) -> Connection:
    """The connection that writes; makes the file and its tables where there are none. Raises Unavailable."""
    with explained(file):
        connection = connect(file, write=True)
        connection.set_busy_timeout(PATIENCE_MS)
        _check(connection, file)
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        # A commit is flushed to the disk by a thread of its own before anybody hears of it: see flush.
        connection.execute("PRAGMA synchronous = NORMAL")
        # Checkpoints are made by a thread of their own: see writer.
        connection.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
        connection.execute("PRAGMA cache_size = -32768")
        return connection


def open_reader(file: Path) -> Connection:
    """A connection that only reads. Raises Unavailable."""
    with explained(file):
        connection = connect(file)
        connection.set_busy_timeout(PATIENCE_MS)
        connection.execute("PRAGMA cache_size = -32768")
        connection.execute("PRAGMA mmap_size = 268435456").fetchall()
        return connection


def _check(connection: Connection, file: Path) -> None:
    version: int = value(connection, "PRAGMA user_version")
    empty = value(connection, "SELECT count(*) FROM sqlite_schema") == 0
    if not empty and value(connection, "PRAGMA application_id") != APPLICATION:
        raise Unavailable(f"{file} is a database, but not one of Madang; move it away, or choose another --data")
    if version > VERSION:
        raise Unavailable(f"{file} was written by a newer Madang (schema {version}, this one knows {VERSION}); update")
    if not empty and version < FIRST:
        raise Unavailable(f"{file} was written by an older Madang (schema {version}) and was not brought up to date")
    if version < VERSION:
        connection.execute(f"BEGIN; {steps(version)} COMMIT")
