"""A query as SQL: conditions with bound values. What SQL cannot say exactly, `holds` decides: the one meaning of the
query tree (``model/match``), called by SQLite for the rows that all other conditions leave.

So every answer is that of ``model/match``; SQL makes it quick.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import apsw
import msgspec

from madang.model import geometry, match, order, time
from madang.model.access import Access
from madang.model.alive import alive
from madang.model.entity import Attribute, Entity
from madang.model.match import NOT_ATTRIBUTES
from madang.model.query import EntityQuery, Every, Exists, GeoFilter, Path
from madang.store.sqlite.connection import Connection
from madang.store.sqlite.entities import entity, read, type_names
from madang.store.sqlite.where import ROW, Sql, Unsaid, attribute, say

_MOST_NAMES = 50
"""More alternatives are one value: SQLite takes an expression a thousand levels deep, no deeper."""

_instances = msgspec.json.Decoder(tuple[Attribute, ...]).decode


class Select(NamedTuple):
    """The statement for the page (it takes `values`, then limit and offset), the one for the count and the one for all
    rows, in no order (they take `values`)."""

    page: str
    total: str
    all: str
    values: tuple[Any, ...]


def register(connection: Connection) -> None:
    """Give a connection the functions that the statements call."""
    connection.create_scalar_function("holds", _holds, 4, deterministic=True)
    connection.create_scalar_function("placed", _placed_so, 2, deterministic=True)
    connection.create_scalar_function("sees", _sees, 2, deterministic=True)
    connection.create_scalar_function("found", _found, 2, deterministic=True)
    connection.create_scalar_function("chosen", _chosen, 3, deterministic=True)


def select(query: EntityQuery, access: Access, candidates: Sql | None = None) -> Select:
    """The query, and what the reader may see, as SQL. `candidates` are the numbers of the few entities that may match
    (a SELECT), where an index knows them. Raises BadRequestData for a bad pattern or geometry."""
    walked = len(query.types) == 1 and not query.ids and candidates is None
    terms = [
        *_ids(query),
        *_types(query, walked),
        *_seen(access),
        *_place(query, access),
        *_content(query, access),
        *_living(query, access),
    ]
    where = " AND ".join(term.text for term in terms) or "1"
    values = tuple(value for term in terms for value in term.values)
    tables = "entity e"
    if candidates is not None:
        tables = f"({candidates.text}) c CROSS JOIN entity e ON e.number = c.number"
        values = (*candidates.values, *values)
    elif walked:
        # Walk the entities of the type in the order of the answer.
        tables = "kind k CROSS JOIN entity e ON e.number = k.number"
        where = f"k.type = ? AND {where}"
        values = (query.types[0][0], *values)
    order = "k.id" if tables.startswith("kind") else "e.id"
    if query.after:
        where, values = f"{where} AND {order} > ?", (*values, query.after)
    return Select(
        f"SELECT {ROW} FROM {tables} WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
        f"SELECT count(*) FROM {tables} WHERE {where}",
        f"SELECT {ROW} FROM {tables} WHERE {where}",
        values,
    )


def ordered(connection: Connection, query: EntityQuery, access: Access, statement: Select) -> tuple[list[Entity], int]:
    """The page in the order that the query asks for, and how many match: `model/order` ranks them, each as the reader
    sees it."""
    ranks = order.ranks(query.order)
    found: list[order.Found[None]] = []
    for id, types, body in connection.execute(statement.all, statement.values):
        seen = access.mask(entity(id, types, body))
        left = alive(seen, query.alive_at) if seen is not None and query.alive_at else seen
        if left is not None:
            found.append((ranks(left), id, None))
    page = order.arrange(found, query.order)[query.offset : query.offset + query.limit]
    whole = read(connection, [id for _, id, _ in page])
    return [whole[id] for _, id, _ in page if id in whole], len(found)


def _ids(query: EntityQuery) -> list[Sql]:
    terms: list[Sql] = []
    if query.ids:
        # One value, however many ids: the statement stays the same.
        terms.append(Sql("e.id IN (SELECT value FROM json_each(?))", (_json(query.ids),)))
    if query.selectors:
        terms.append(Sql("chosen(?, e.id, e.types)", (apsw.pyobject(match.chooses(query.selectors)),)))
    if query.id_pattern is not None:
        terms.append(Sql("found(?, e.id)", (apsw.pyobject(match.pattern(query.id_pattern)),)))
    return terms


def _types(query: EntityQuery, walked: bool) -> list[Sql]:
    if not query.types:
        return []
    if len(query.types) == 1:
        rest = query.types[0][1:] if walked else query.types[0]
        return [Sql("EXISTS (SELECT 1 FROM kind t WHERE t.type = ? AND t.id = e.id)", (type,)) for type in rest]
    leading = _json(tuple(every[0] for every in query.types))
    walk = Sql("e.number IN (SELECT number FROM kind WHERE type IN (SELECT value FROM json_each(?)))", (leading,))
    if all(len(every) == 1 for every in query.types):
        return [walk]
    return [walk, Sql("sees(?, e.types)", (apsw.pyobject(partial(match.of_types, wanted=query.types)),))]


def _seen(access: Access) -> list[Sql]:
    """Of one type, which nearly all entities are, SQLite decides alone."""
    if access.everything:
        return []
    listed = {type for type, sight in access.types.items() if (sight is None) == (access.others is not None)}
    one = f"e.types {'IN' if access.others is None else 'NOT IN'} (SELECT value FROM json_each(?))"
    several = "instr(e.types, ' ') > 0"
    terms = [
        Sql(
            f"CASE WHEN {several} THEN sees(?, e.types) ELSE {one} END",
            (apsw.pyobject(access.sees), _json(tuple(sorted(listed)))),
        )
    ]
    if access.selective:
        terms.append(Sql(f"holds(?, {ROW})", (apsw.pyobject(_masked([], access, False)),)))
    return terms


def near(query: EntityQuery, access: Access) -> Sql | None:
    """The numbers of the entities whose place may match, as a SELECT; None where the index of places does not say, or
    says more than the reader may know. Whether it matches is decided with the content."""
    geo = query.geo
    indexed = geo is not None and geo.property == "location" and "location" not in access.altered
    reach = geometry.reach(geo) if geo is not None and indexed else None
    if reach is None:
        return None
    west, south, east, north = reach
    sql = "SELECT number FROM place WHERE east >= ? AND west <= ? AND north >= ? AND south <= ?"
    return Sql(sql, (west, east, south, north))


def _place(query: EntityQuery, access: Access) -> list[Sql]:
    found = near(query, access)
    return [] if found is None else [Sql(f"e.number IN ({found.text})", found.values)]


def _living(query: EntityQuery, access: Access) -> list[Sql]:
    """What expired is not there; of an entity some of whose attributes did, `holds` judges what is left, and what
    `_content` says of all of it does not count."""
    if query.alive_at is None:
        return []
    test = _masked([match.test(query)], access, not access.partial())
    now = time.microseconds(query.alive_at)
    return [Sql(f"(e.expires IS NULL OR e.expires > ? OR holds(?, {ROW}))", (now, apsw.pyobject(test)))]


def _content(query: EntityQuery, access: Access) -> list[Sql]:
    terms: list[Sql] = []
    unsaid: list[match.Test] = []
    whole = not access.partial()
    for names in (query.attributes, query.pick):
        if names and NOT_ATTRIBUTES.isdisjoint(names):
            wanted = EntityQuery(attributes=names)
            _try(terms, unsaid, partial(_any_of, names, whole), partial(match.test, wanted))
    if query.where is not None:
        parts = query.where.terms if isinstance(query.where, Every) else (query.where,)
        for part in parts:
            _try(terms, unsaid, partial(say, part, whole), partial(match.condition, part))
    if query.scopes:
        unsaid.append(match.test(EntityQuery(scopes=query.scopes)))
    if query.geo is not None:
        geo = query.geo
        _try(terms, unsaid, partial(_placed, geo, whole), partial(match.test, EntityQuery(geo=geo)))
    if unsaid:
        terms.append(Sql(f"holds(?, {ROW})", (apsw.pyobject(_masked(unsaid, access, whole)),)))
    if query.alive_at is None:
        return terms
    now = time.microseconds(query.alive_at)
    return [Sql(f"(e.expires <= ? OR {term.text})", (now, *term.values)) for term in terms]


def _try(terms: list[Sql], unsaid: list[match.Test], sql: Callable[[], Sql], test: Callable[[], match.Test]) -> None:
    try:
        terms.append(sql())
    except Unsaid:
        unsaid.append(test())


def _placed(geo: GeoFilter, whole: bool) -> Sql:
    """The relation, of which SQLite hands over the one attribute instead of the whole entity. Raises Unsaid."""
    if not whole:
        raise Unsaid
    path = attribute(Path((geo.property,)))
    return Sql("placed(?, json_extract(e.body, ?))", (apsw.pyobject(geometry.relation(geo)), path))


def _any_of(names: tuple[str, ...], whole: bool) -> Sql:
    if not whole:
        raise Unsaid
    if len(names) > _MOST_NAMES:
        paths = _json(tuple(attribute(Path((name,))) for name in names))
        return Sql("EXISTS (SELECT 1 FROM json_each(?) n WHERE json_type(e.body, n.value) IS NOT NULL)", (paths,))
    found = [say(Exists(Path((name,))), whole) for name in names]
    return Sql(f"({' OR '.join(one.text for one in found)})", tuple(value for one in found for value in one.values))


def _masked(tests: list[match.Test], access: Access, whole: bool) -> match.Test:
    def holds(one: Entity) -> bool:
        seen = one if whole else access.mask(one)
        return seen is not None and all(test(seen) for test in tests)

    return holds


def _json(values: tuple[str, ...]) -> str:
    return msgspec.json.encode(values).decode()


def _holds(test: match.Test, id: str, types: str, body: str) -> bool:
    return test(entity(id, types, body))


def _placed_so(related: Callable[[Any], bool], instances: str | None) -> bool:
    return instances is not None and any(related(one.value) for one in _instances(instances))


def _sees(sees: Callable[[tuple[str, ...]], bool], types: str) -> bool:
    return sees(type_names(types))


def _found(found: Callable[[str], bool], id: str) -> bool:
    return found(id)


def _chosen(chosen: Callable[[str, tuple[str, ...]], bool], id: str, types: str) -> bool:
    return chosen(id, type_names(types))
