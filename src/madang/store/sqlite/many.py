"""Many rows in few statements: each statement costs a change of threads (SQLite runs without Python's lock), so what a
statement costs counts more than what a row costs."""

from collections.abc import Iterator, Sequence
from typing import Any

from madang.store.sqlite.connection import Connection, Row

SIZES = (128, 32, 8, 2, 1)
"""Rows in a statement. Few sizes, so that the statements stay prepared."""


def values(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[str, list[Any]]]:
    """The rows in chunks: ``(?, ?), (?, ?)`` for a VALUES clause, and the values to bind."""
    start = 0
    for size in SIZES:
        while len(rows) - start >= size:
            chunk = rows[start : start + size]
            row = f"({', '.join('?' * len(chunk[0]))})"
            yield ", ".join([row] * size), [value for each in chunk for value in each]
            start += size


def insert(connection: Connection, into: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert the rows; `into` is the statement up to VALUES."""
    for text, bound in values(rows):
        connection.execute(f"{into} VALUES {text}", bound)


def among(connection: Connection, sql: str, keys: Sequence[Any]) -> Iterator[Row]:
    """The rows of a statement that ends in ``IN``, for all of the keys."""
    start = 0
    for size in SIZES:
        while len(keys) - start >= size:
            yield from connection.execute(f"{sql} ({', '.join('?' * size)})", keys[start : start + size])
            start += size
