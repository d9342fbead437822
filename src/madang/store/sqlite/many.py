"""Many rows in few statements: each statement costs a change of threads (SQLite runs without Python's lock), so what a
statement costs counts more than what a row costs."""

from collections.abc import Iterator, Sequence
from typing import Any

from madang.store.sqlite.connection import Connection, Row

SIZES = (128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1)
"""Rows in a statement. Few sizes, so that the statements stay prepared."""


def values(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[str, list[Any]]]:
    """The rows in chunks: ``(?, ?), (?, ?)`` for a VALUES clause, and the values to bind.

    The last row may come several times: that makes of a chunk one statement of a size that is prepared already.
    """
    for start in range(0, len(rows), SIZES[0]):
        chunk = rows[start : start + SIZES[0]]
        size = _size(len(chunk))
        row = f"({', '.join('?' * len(chunk[0]))})"
        bound = [value for each in chunk for value in each]
        bound.extend([*chunk[-1]] * (size - len(chunk)))
        yield ", ".join([row] * size), bound


def replace(connection: Connection, into: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert or replace the rows; `into` is the table with its columns."""
    for text, bound in values(rows):
        connection.execute(f"INSERT OR REPLACE INTO {into} VALUES {text}", bound)


def insert(connection: Connection, into: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert the rows, each once; `into` is the statement up to VALUES."""
    start = 0
    for size in SIZES:
        while len(rows) - start >= size:
            chunk = rows[start : start + size]
            row = f"({', '.join('?' * len(chunk[0]))})"
            connection.execute(f"{into} VALUES {', '.join([row] * size)}", [value for each in chunk for value in each])
            start += size


def among(connection: Connection, sql: str, keys: Sequence[Any]) -> Iterator[Row]:
    """The rows of a statement that ends in ``IN``, for all of the keys."""
    for start in range(0, len(keys), SIZES[0]):
        chunk = keys[start : start + SIZES[0]]
        size = _size(len(chunk))
        asked = [*chunk, *[chunk[-1]] * (size - len(chunk))]
        yield from connection.execute(f"{sql} ({', '.join('?' * size)})", asked)


def _size(count: int) -> int:
    """The smallest size that has room for so many."""
    return next(size for size in reversed(SIZES) if size >= count)
