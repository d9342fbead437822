"""A database connection as this room uses it: the part of apsw's that it needs, typed (apsw leaves the values open)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import apsw

Row = tuple[Any, ...]


class Rows(Protocol):
    """The rows of a statement."""

    def __iter__(self) -> Iterator[Row]: ...

    def __next__(self) -> Row: ...

    def fetchall(self) -> list[Row]:
        """All that are left."""
        ...


class Connection(Protocol):
    """See apsw.Connection."""

    in_transaction: bool

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Rows: ...

    def executemany(self, sql: str, values: Iterable[Sequence[Any]]) -> Rows: ...

    def last_insert_rowid(self) -> int: ...

    def changes(self) -> int: ...

    def total_changes(self) -> int: ...

    def set_busy_timeout(self, milliseconds: int) -> None: ...

    def set_wal_hook(self, hook: Callable[[Any, str, int], int]) -> None: ...

    def wal_checkpoint(self, name: str | None, mode: int) -> tuple[int, int]: ...

    def create_scalar_function(
        self, name: str, function: Callable[..., Any], count: int, *, deterministic: bool
    ) -> None: ...

    def close(self) -> None: ...


def connect(file: Path, *, write: bool = False) -> Connection:
    """Open a database. Raises apsw.Error."""
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE if write else apsw.SQLITE_OPEN_READONLY
    return cast(Connection, apsw.Connection(str(file), flags=flags, statementcachesize=300))


def value(connection: Connection, sql: str, values: Sequence[Any] = ()) -> Any:
    """The one value of a statement that answers with one row and one column."""
    return connection.execute(sql, values).fetchall()[0][0]
