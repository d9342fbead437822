"""A large page of values alone, as a map or a table of the latest values asks for: nothing is read of a row but ids,
types and these values, which stay JSON. That takes a third of the time of reading, masking and writing entities.

Queries that may be answered so are few, and so may be rows: a row of which more is to be told comes as the entity that
it is. Which entities have the attributes is seen here, row by row: that is quicker than SQLite's reading of the body,
but keeps Python's lock. So where few have them the answer is left to `finding`.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, Final

import msgspec

from madang.model.access import Access
from madang.model.alive import alive
from madang.model.entity import Entity, Kind
from madang.model.match import NOT_ATTRIBUTES
from madang.model.query import EntityQuery
from madang.model.values import Values
from madang.store.sqlite.connection import Connection
from madang.store.sqlite.entities import type_names
from madang.store.sqlite.lean import picked, reader
from madang.store.sqlite.select import select

_WRAPPED: Final = frozenset({Kind.LANGUAGE, Kind.JSON, Kind.VOCAB})
"""Kinds whose simplified form is another than the stored value."""

_NULL: Final = msgspec.Raw(b"null")
"""A value that is not there: defaults are not stored."""

_SPARSE: Final = 2
"""More rows than so many for one of the page are too many."""

Row = Values | Entity
Told = Callable[[str, str, str], Values | None]


class _Instance(msgspec.Struct, gc=False):
    value: msgspec.Raw = _NULL
    kind: str = Kind.PROPERTY.value
    expires_at: Any = None


def names(query: EntityQuery, access: Access) -> tuple[str, ...]:
    """The wanted attributes; () where the query asks for more than values of a few attributes."""
    more = query.where or query.order or query.count or query.omit or query.linked or query.datasets
    return () if more or "scope" in query.pick or access.altered or access.selective else picked(query)


def read(connection: Connection, query: EntityQuery, access: Access, wanted: tuple[str, ...]) -> list[Row] | None:
    """See `ports.Store.values`; `wanted` are `names`."""
    statement = select(msgspec.structs.replace(query, attributes=(), pick=()), access)
    told, whole, end = _told(wanted), reader(query), query.offset + query.limit

    @cache
    def shown(types: tuple[str, ...]) -> bool:
        return all(access.shows(types, name) for name in wanted)

    found: list[Row] = []
    looked = 0
    for id, types, body in connection.execute(statement.page, (*statement.values, _SPARSE * end, 0)):
        looked += 1
        one: Row | None = told(id, types, body)
        if one is None or not shown(one.types):
            one = _whole(whole(id, types, body), query, access, wanted)
        if one is not None:
            found.append(one)
            if len(found) == end:
                break
    return found[query.offset :] if len(found) == end or looked < _SPARSE * end else None


def _whole(one: Entity, query: EntityQuery, access: Access, wanted: tuple[str, ...]) -> Entity | None:
    """The entity, where what is alive and seen of it has one of the attributes, or needs none."""
    left = alive(one, query.alive_at) if query.alive_at is not None else one
    seen = access.mask(left) if left is not None else None
    # Who picks id or type too has entities without any of the attributes as well (4.21).
    some = not NOT_ATTRIBUTES.isdisjoint(query.attributes or query.pick)
    return seen if seen is not None and (some or any(name in seen.attributes for name in wanted)) else None


@lru_cache(maxsize=256)
def _told(wanted: tuple[str, ...]) -> Told:
    """Reads a row; None where it has none of the attributes, or more is to be told of it."""
    fields: list[Any] = [(f"a{n}", tuple[_Instance, ...], ()) for n in range(len(wanted))]
    rename = {f"a{n}": name for n, name in enumerate(wanted)}
    attributes: Any = msgspec.defstruct("Attributes", fields, rename=rename, gc=False)
    members: list[Any] = [
        ("a", attributes, msgspec.field(default_factory=attributes)),
        ("s", Any, ()),
        ("e", Any, None),
    ]
    row: Any = msgspec.defstruct("Row", members, gc=False)
    decode: Callable[[str], Any] = msgspec.json.Decoder(row).decode
    each = msgspec.structs.astuple

    def told(id: str, types: str, body: str) -> Values | None:
        found = decode(body)
        values: dict[str, msgspec.Raw] = {}
        for name, instances in zip(wanted, each(found.a), strict=True):
            if instances:
                one: _Instance = instances[0]
                if len(instances) > 1 or one.expires_at or one.kind in _WRAPPED:
                    return None
                values[name] = one.value
        return Values(id, type_names(types), values) if values and not found.s and not found.e else None

    return told
