"""How a query is run: by the few candidates that an index names, in the order of the answer until the page is full; or
by a walk through the entities in that order, which finds a page soon where many match."""

from itertools import starmap
from typing import NamedTuple

import msgspec

from madang.model.access import Access
from madang.model.entity import Entity
from madang.model.query import EntityQuery
from madang.store.sqlite.connection import Connection, Row, value
from madang.store.sqlite.indexes import Indexes
from madang.store.sqlite.lean import reader
from madang.store.sqlite.select import near, ordered, select
from madang.store.sqlite.where import Sql

QUICK_ROWS = 300
"""A read that looks at no more entities than this does so on the event loop."""

FEW_ROWS = 5000
"""So many candidates of an index are looked at rather than the entities in the order of the answer."""


class Plan(NamedTuple):
    """The candidates, if an index names few; whether the query looks at few entities."""

    candidates: Sql | None
    quick: bool
    indexed: str | None = None
    """The attribute whose index names the candidates."""


def plan(connection: Connection, query: EntityQuery, access: Access, indexes: Indexes) -> Plan:
    """Choose, by counting a bounded number of candidates. An index knows true values: a reader who sees some only as
    made coarser is not answered by one."""
    if not query.ids:
        indexed = None if access.altered else indexes.candidates(query.where)
        for found, name in ((near(query, access), None), indexed or (None, None)):
            if found is not None:
                sql = f"SELECT count(*) FROM (SELECT 1 FROM ({found.text}) LIMIT {FEW_ROWS + 1})"
                few = value(connection, sql, found.values)
                if few <= FEW_ROWS:
                    return Plan(found, few <= QUICK_ROWS, name)
    return Plan(None, _is_quick(query, connection))


def find(
    connection: Connection, query: EntityQuery, access: Access, candidates: Sql | None
) -> tuple[list[Entity], int | None]:
    """See `ports.Store.find`."""
    if query.order:
        ranked, total = ordered(connection, query, access, select(query, access, candidates))
        return ranked, total if query.count else None
    found, total = rows(connection, query, access, candidates)
    return [*starmap(reader(query), found)], total


def rows(
    connection: Connection, query: EntityQuery, access: Access, candidates: Sql | None
) -> tuple[list[Row], int | None]:
    """What `find` reads of a query without an order, as it is stored."""
    if candidates is not None and not query.count:
        return _among(connection, query, access, candidates), None
    statement = select(query, access, candidates)
    found = connection.execute(statement.page, (*statement.values, query.limit, query.offset)).fetchall()
    return found, value(connection, statement.total, statement.values) if query.count else None


def _among(connection: Connection, query: EntityQuery, access: Access, candidates: Sql) -> list[Row]:
    """Look at the candidates in the order of the answer, a part at a time, until the page is full."""
    sql = (
        "SELECT json_group_array(number) FROM"
        f" (SELECT e.number FROM ({candidates.text}) c CROSS JOIN entity e ON e.number = c.number ORDER BY e.id)"
    )
    numbers: list[int] = msgspec.json.decode(value(connection, sql, candidates.values))
    part = Sql("SELECT value AS number FROM json_each(?)", ("",))
    statement = select(query, access, part)
    found: list[Row] = []
    wanted, start, size = query.offset + query.limit, 0, 2 * (query.offset + query.limit) + 10
    while start < len(numbers) and len(found) < wanted:
        bound = (msgspec.json.encode(numbers[start : start + size]).decode(), *statement.values[1:])
        found += connection.execute(statement.page, (*bound, wanted, 0))
        start, size = start + size, size * 2
    return found[query.offset : wanted]


def _is_quick(query: EntityQuery, connection: Connection) -> bool:
    if query.ids:
        return len(query.ids) <= QUICK_ROWS
    narrow = query.where or query.geo or query.scopes or query.id_pattern or query.attributes or query.pick
    narrow = narrow or query.selectors or query.order
    if not narrow and not query.count and query.offset + query.limit <= QUICK_ROWS:
        return True
    if not query.types:
        return value(connection, "SELECT count(*) FROM (SELECT 1 FROM entity LIMIT ?)", (QUICK_ROWS + 1,)) <= QUICK_ROWS
    left = QUICK_ROWS
    for every in query.types:
        sql = "SELECT count(*) FROM (SELECT 1 FROM kind WHERE type = ? LIMIT ?)"
        left -= value(connection, sql, (every[0], left + 1))
        if left < 0:
            return False
    return True
