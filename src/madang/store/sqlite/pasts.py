"""Which entities have a past, and what of it is to go: by entity, or by how old it is."""

from collections.abc import Container, Sequence
from datetime import datetime
from typing import Any

from madang.model import time
from madang.model.match import of_types
from madang.model.query import AnyOfAll
from madang.store.sqlite.connection import Connection
from madang.store.sqlite.entities import type_names
from madang.store.sqlite.history import come_back
from madang.store.sqlite.samples import number_of, series_of

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
    """The next entities with one of the leading types, present and gone."""
    leading = tuple(dict.fromkeys(every[0] for every in types))
    each = [_THERE, _GONE] if leading else [_ANY_THERE, _ANY_GONE]
    one: list[Any] = []
    for type in leading:
        one += [type, after, limit] * 2
    values = (*(one if leading else [after, limit] * 2), limit)
    # UNION: an entity of several of the types is told once.
    sql = " UNION ".join(f"SELECT * FROM ({part})" for _ in leading or ("",) for part in each)
    return [(id, type_names(names)) for id, names in connection.execute(f"{sql} ORDER BY 1 LIMIT ?", values)]


_ANY_THERE = "SELECT id, types FROM entity WHERE id > ? AND past ORDER BY id LIMIT ?"
_ANY_GONE = "SELECT id, types FROM gone WHERE id > ? ORDER BY id LIMIT ?"
_THERE = (
    "SELECT k.id, e.types FROM kind k CROSS JOIN entity e ON e.number = k.number"
    " WHERE k.type = ? AND k.id > ? AND e.past ORDER BY k.id LIMIT ?"
)
_GONE = (
    "SELECT k.id, g.types FROM gone_kind k CROSS JOIN gone g ON g.id = k.id"
    " WHERE k.type = ? AND k.id > ? ORDER BY k.id LIMIT ?"
)


def forget(
    connection: Connection, entities: Sequence[tuple[str, tuple[str, ...]]], names: Container[str], before: datetime
) -> int:
    """Delete these entities' samples of these attributes from before that time; how many."""
    start, limit = connection.total_changes(), time.microseconds(before)
    for series in series_of(connection, [id for id, _ in entities], ()):
        if series.name in names:
            sql = "DELETE FROM sample WHERE entity = ? AND stream = ? AND at < ?"
            connection.execute(sql, (series.entity, series.stream, limit))
    return connection.total_changes() - start


def erase(connection: Connection, id: str, name: str | None, *, dataset: str | None, every: bool) -> bool:
    """See `ports.Store.erase`."""
    if name is None:
        return _erase_all(connection, id)
    mine = [one for one in series_of(connection, (id,), (name,)) if every or one.dataset == dataset]
    for one in mine:
        connection.execute("DELETE FROM sample WHERE entity = ? AND stream = ?", (one.entity, one.stream))
    return bool(mine)


def _erase_all(connection: Connection, id: str) -> bool:
    number = number_of(connection, id)
    if number is None:
        return False
    connection.execute("DELETE FROM sample WHERE entity = ?", (number,))
    if come_back(connection, number):
        return True
    connection.execute("UPDATE entity SET past = 0 WHERE number = ?", (number,))
    return True
