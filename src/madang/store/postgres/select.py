"""A query as SQL: conditions with bound values. What SQL cannot say exactly, ``model/match`` decides: the one meaning
of the query tree, on the rows that all other conditions leave.

So every answer is that of ``model/match``; SQL makes it quick.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from madang.model import geometry, match, order, time
from madang.model.access import Access
from madang.model.alive import alive
from madang.model.entity import Entity
from madang.model.match import NOT_ATTRIBUTES
from madang.model.query import Condition, EntityQuery, Exists, Path, Some
from madang.store.postgres.connection import Connection, sayable
from madang.store.postgres.entities import entity, read
from madang.store.postgres.tenant import Tenant
from madang.store.postgres.where import Unsaid, nearly, say

PAGES = (100, 1000)
"""Rows that are fetched at once to be tried by ``model/match``: first, then."""


class Select:
    """The query, and what the reader may see, as SQL. Raises BadRequestData for a bad pattern or geometry.

    `exact`: every row that SQL finds matches, where none of it (of the entities' attributes) has expired by
    `fleeting`, if that is given. Otherwise `test` has to say so.
    """

    def __init__(self, tenant: Tenant, query: EntityQuery, access: Access) -> None:
        self._tenant = tenant
        self._query = query
        self.exact = True
        self.fleeting: int | None = None
        self.values: list[Any] = []
        self.tables, self.id = "@entity e", "e.id"
        self.test = _masked(match.test(query), access)
        terms = [
            *self._ids(),
            *self._types(),
            *self._seen(access),
            *self._living(),
            *self._place(access),
            *self._content(access),
            *self._after(),
        ]
        self.where = " AND ".join(terms) or "true"

    def bind(self, value: Any, type: str) -> str:
        """The place of the value in the statement."""
        self.values.append(value)
        return f"${len(self.values)}::{type}"

    async def page(self, connection: Connection) -> list[Entity]:
        """The page, where the rows are exact."""
        sql = f"SELECT e.body FROM {self.tables} WHERE {self.where} ORDER BY {self.id}"
        rest = f" LIMIT ${len(self.values) + 1} OFFSET ${len(self.values) + 2}"
        rows = await connection.fetch(self._tenant.sql(sql + rest), *self.values, self._query.limit, self._query.offset)
        return [entity(body) for (body,) in rows]

    async def total(self, connection: Connection) -> int:
        """How many there are, where the rows are exact."""
        sql = f"SELECT count(*) FROM {self.tables} WHERE {self.where}"
        return await connection.fetchval(self._tenant.sql(sql), *self.values)

    async def steady(self, connection: Connection) -> bool:
        """No entity has attributes that expired, which SQL does not weigh."""
        if self.fleeting is None:
            return True
        sql = "SELECT NOT EXISTS (SELECT 1 FROM @entity WHERE expires <= $1)"
        return await connection.fetchval(self._tenant.sql(sql), self.fleeting)

    async def bodies(self, connection: Connection, after: str, limit: int) -> list[tuple[str, str]]:
        """The next rows after that id: id and body."""
        place = len(self.values)
        sql = (
            f"SELECT e.id, e.body FROM {self.tables} WHERE {self.where} AND {self.id} > ${place + 1}"
            f" ORDER BY {self.id} LIMIT ${place + 2}"
        )
        return [(id, body) for id, body in await connection.fetch(self._tenant.sql(sql), *self.values, after, limit)]

    def _ids(self) -> Iterator[str]:
        if self._query.ids:
            yield f"e.id = ANY({self.bind([id for id in self._query.ids if sayable(id)], 'text[]')})"
        if self._query.id_pattern is not None:
            self.exact = False
        chosen = self._query.selectors
        if chosen:
            self.exact = False
        if chosen and all(one.ids for one in chosen):
            ids = sorted({id for one in chosen for id in one.ids if sayable(id)})
            yield f"e.id = ANY({self.bind(ids, 'text[]')})"
        if chosen and all(one.types for one in chosen):
            types = sorted({type for one in chosen for every in one.types for type in every if sayable(type)})
            yield f"e.types && {self.bind(types, 'text[]')}"

    def _types(self) -> Iterator[str]:
        wanted = [[type for type in every if sayable(type)] for every in self._query.types]
        if not wanted:
            return
        if sum(map(len, wanted)) < sum(map(len, self._query.types)):
            self.exact = False
        if len(wanted) == 1 and wanted[0] and not self._query.ids:
            # Walk the entities of the type in the order of the answer.
            self.tables, self.id = "@kind k JOIN @entity e ON e.id = k.id", "k.id"
            yield f"k.type = {self.bind(wanted[0][0], 'text')}"
        elif all(wanted) and not self._query.ids:
            leading = self.bind([every[0] for every in wanted], "text[]")
            yield f"e.id IN (SELECT id FROM @kind WHERE type = ANY({leading}))"
        if any(len(every) > 1 for every in wanted) or self._query.ids:
            yield "(" + " OR ".join(f"e.types @> {self.bind(every, 'text[]')}" for every in wanted) + ")"

    def _seen(self, access: Access) -> Iterator[str]:
        if access.everything:
            return
        listed = [type for type, sight in access.types.items() if (sight is None) == (access.others is not None)]
        types = self.bind(sorted(type for type in listed if sayable(type)), "text[]")
        if access.selective:
            self.exact = False
        yield f"e.types <@ {types}" if access.others is None else f"NOT e.types && {types}"

    def _place(self, access: Access) -> Iterator[str]:
        """The index of locations narrows a geo-query, for a reader who sees them as they are; whether it holds is
        decided with the content."""
        geo = self._query.geo
        if geo is None:
            return
        self.exact = False
        reach = geometry.reach(geo)
        if geo.property == "location" and reach is not None and "location" not in access.altered:
            west, south, east, north = (self.bind(edge, "float8") for edge in reach)
            # Boxes of PostgreSQL touch within 1e-6 degrees: more than is asked, never less.
            yield f"e.place && box(point({west}, {south}), point({east}, {north}))"

    def _content(self, access: Access) -> Iterator[str]:
        query = self._query
        whole = not access.partial()
        if access.altered:
            # What is seen of a row is not what is in it: only `test` can say.
            self.exact = False
            return
        found: list[str | None] = []
        for names in (query.attributes, query.pick):
            if names and NOT_ATTRIBUTES.isdisjoint(names):
                some = tuple(Exists(Path((name,))) for name in names)
                found.append(self._say(some[0] if len(some) == 1 else Some(some), whole=whole))
        if query.where is not None:
            found.append(self._say(query.where, whole=whole))
        if query.scopes:
            self.exact = False
        if said := [one for one in found if one]:
            self.exact = self.exact and not self._tenant.odd
            path = self.bind(f"strict $ ? ({' && '.join(said)})", "jsonpath")
            holds = f"jsonb_path_exists(e.body::jsonb, {path}, silent => true)"
            yield f"CASE WHEN e.odd{self._fleeting()} THEN true ELSE {holds} END"

    def _fleeting(self) -> str:
        """Of an entity some of whose attributes expired, what is left is judged: what its body says does not count."""
        if self._query.alive_at is None:
            return ""
        self.fleeting = time.microseconds(self._query.alive_at)
        return f" OR e.expires <= {self.bind(self.fleeting, 'bigint')}"

    def _living(self) -> Iterator[str]:
        if self._query.alive_at is not None:
            at = self.bind(time.microseconds(self._query.alive_at), "bigint")
            yield f"(e.ends IS NULL OR e.ends > {at})"

    def _after(self) -> Iterator[str]:
        if self._query.after and sayable(self._query.after):
            yield f"{self.id} > {self.bind(self._query.after, 'text')}"
        elif self._query.after:
            self.exact = False

    def _say(self, where: Condition, *, whole: bool) -> str | None:
        """The condition, or what is known to hold with it; `whole`: the reader sees all attributes of what it sees."""
        try:
            if whole:
                return say(where, self._tenant.worded)
        except Unsaid:
            pass
        self.exact = False
        return nearly(where, self._tenant.worded)


async def find(
    connection: Connection, tenant: Tenant, query: EntityQuery, access: Access
) -> tuple[list[Entity], int | None]:
    """See `ports.Store.find`. Raises BadRequestData for a bad pattern, geometry or collation."""
    select = Select(tenant, query, access)
    if query.order:
        page, total = await _ordered(connection, tenant, select, query=query, access=access)
        return page, total if query.count else None
    if select.exact and await select.steady(connection):
        page = await select.page(connection) if query.limit else []
        return page, await select.total(connection) if query.count else None
    found: list[Entity] = []
    total = 0
    async for one in _matching(connection, select):
        total += 1
        if query.offset < total <= query.offset + query.limit:
            found.append(one)
        if not query.count and total >= query.offset + query.limit:
            break
    return found, total if query.count else None


async def _matching(connection: Connection, select: Select) -> AsyncIterator[Entity]:
    """All that match, by id."""
    after, size = "", PAGES[0]
    while True:
        rows = await select.bodies(connection, after, size)
        for id, body in rows:
            after = id
            one = entity(body)
            if select.test(one):
                yield one
        if len(rows) < size:
            return
        size = PAGES[1]


async def _ordered(
    connection: Connection, tenant: Tenant, select: Select, *, query: EntityQuery, access: Access
) -> tuple[list[Entity], int]:
    """The page in the order that the query asks for, and how many match: `model/order` ranks them, each as the reader
    sees it."""
    ranks = order.ranks(query.order)
    found: list[order.Found[None]] = []
    async for one in _matching(connection, select):
        seen = access.mask(one)
        left = alive(seen, query.alive_at) if seen is not None and query.alive_at else seen
        if left is not None:
            found.append((ranks(left), one.id, None))
    page = order.arrange(found, query.order)[query.offset : query.offset + query.limit]
    bodies = await read(connection, tenant, [id for _, id, _ in page])
    return [entity(bodies[id]) for _, id, _ in page if id in bodies], len(found)


def _masked(test: match.Test, access: Access) -> match.Test:
    if access.everything:
        return test

    def holds(one: Entity) -> bool:
        seen = access.mask(one)
        return seen is not None and test(seen)

    return holds
