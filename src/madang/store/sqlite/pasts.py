"""Which entities have a past, and what of it is to go: by entity, or by how old it is."""

from collections.abc import Container, Sequence
from datetime import datetime

from madang.model import time
from madang.model.match import of_types
from madang.model.query import AnyOfAll
from madang.store.sqlite.connection import Connection
from madang.store.sqlite.history import Known

STEP = 500
"""Entities whose past is looked through in one transaction, so that no write waits for the others."""


def pasts(connection: Connection, types: AnyOfAll, after: str, limit: int) -> list[tuple[str, tuple[str, ...]]]:
    """See `ports.Store.pasts`."""
    found: list[tuple[str, tuple[str, ...]]] = []
    while wanted := limit - len(found):
        page = _page(connection, types, after, wanted)
        found += [(id, one) for id, one in page if not types or of_types(one, types)]
        if len(page) < wanted:
            break
        after = page[-1][0]
    return found


def _page(connection: Connection, types: AnyOfAll, after: str, limit: int) -> list[tuple[str, tuple[str, ...]]]:
    leading = tuple(dict.fromkeys(every[0] for every in types))
    if not leading:
        sql, values = "SELECT entity, types FROM past WHERE entity > ? ORDER BY entity LIMIT ?", (after, limit)
    elif len(leading) == 1:
        sql = (
            "SELECT k.entity, p.types FROM kindred k CROSS JOIN past p ON p.entity = k.entity"
            " WHERE k.type = ? AND k.entity > ? ORDER BY k.entity LIMIT ?"
        )
        values = (leading[0], after, limit)
    else:
        each = "SELECT * FROM (SELECT entity FROM kindred WHERE type = ? AND entity > ? ORDER BY entity LIMIT ?)"
        union = " UNION ".join([each] * len(leading))
        sql = f"SELECT entity, (SELECT types FROM past p WHERE p.entity = u.entity) FROM ({union}) u ORDER BY 1 LIMIT ?"
        values = (*(value for type in leading for value in (type, after, limit)), limit)
    return [(id, tuple(types.split(" "))) for id, types in connection.execute(sql, values)]


def forget(
    connection: Connection, entities: Sequence[tuple[str, tuple[str, ...]]], names: Container[str], before: datetime
) -> int:
    """Delete these entities' samples of these attributes from before that time; how many."""
    start, limit = connection.total_changes(), time.microseconds(before)
    for id, _ in entities:
        for number, name in _series_of(connection, id):
            if name in names:
                connection.execute("DELETE FROM sample WHERE series = ? AND at < ?", (number, limit))
    return connection.total_changes() - start


def erase(connection: Connection, known: Known, id: str, name: str | None, *, dataset: str | None, every: bool) -> bool:
    """See `ports.Store.erase`."""
    known.forget()
    wanted = "SELECT number FROM series WHERE entity = ?"
    values: tuple[str, ...] = (id,)
    if name is not None:
        wanted, values = f"{wanted} AND attribute = ?", (id, name)
        if not every:
            wanted, values = f"{wanted} AND dataset = ?", (id, name, dataset or "")
    numbers = [number for (number,) in connection.execute(wanted, values)]
    for number in numbers:
        connection.execute("DELETE FROM sample WHERE series = ?", (number,))
        connection.execute("DELETE FROM series WHERE number = ?", (number,))
    if name is not None:
        return bool(numbers)
    connection.execute("DELETE FROM kindred WHERE entity = ?", (id,))
    connection.execute("DELETE FROM past WHERE entity = ?", (id,))
    return connection.changes() > 0


def _series_of(connection: Connection, id: str) -> list[tuple[int, str]]:
    rows = connection.execute("SELECT number, attribute FROM series WHERE entity = ?", (id,))
    return [(number, name) for number, name in rows]
