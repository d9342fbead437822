"""From query parameters to an `EntityQuery`, a `TemporalQuery` and the form of the answer (6.4.3.2, 6.18.3.2)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from madang.api.arguments import Arguments
from madang.api.geo import parse_geo
from madang.api.ordering import check_depth, read_coordinates, read_joining, read_order
from madang.errors import BadRequestData, TooManyResults
from madang.hub.links import Joining
from madang.model import match
from madang.model.context import Context, is_uri
from madang.model.document.output import Form, Shape
from madang.model.query import (
    Condition,
    EntityQuery,
    Every,
    GeoFilter,
    Linked,
    Order,
    Some,
)
from madang.model.query.parse import parse_query
from madang.model.query.project import parse_projection, projection
from madang.model.query.types import parse_scopes, parse_types

MAX_LIMIT: Final = 1000
MAX_PICKED: Final = 10_000
"""The largest page of entities of which a few attributes are picked."""
FEW: Final = 8
DEFAULT_LIMIT: Final = 20

PROJECTION: Final = ("attrs", "pick", "omit", "datasetId")
FORM: Final = ("format", "options", "lang", "geometryProperty")
GEO: Final = ("georel", "geometry", "coordinates", "geoproperty")
PAGE: Final = ("limit", "offset", "count")
SELECTION: Final = ("id", "type", "idPattern", "q", "scopeQ", "csf", "expandValues", "jsonKeys", *GEO)
JOIN: Final = ("join", "joinLevel", "containedBy")
ORDER: Final = ("orderBy", "orderFrom", "orderGeometry", "collation")

_FORMATS: Final[Mapping[str, Shape]] = {
    "normalized": Shape.NORMALIZED,
    "concise": Shape.CONCISE,
    "simplified": Shape.SIMPLIFIED,
    "keyValues": Shape.SIMPLIFIED,
}
_SYSTEM: Final = frozenset({"createdAt", "modifiedAt", "deletedAt", "expiresAt", "id", "type", "scope"})
"""Members that every entity has or may have: to name them restricts nothing (5.7.2.4)."""


def read_selection(given: Arguments, context: Context, joining: Joining | None = None) -> EntityQuery:
    """The query (5.7.2); `joining` says how far it may reach over relationships.

    Raises BadRequestData for one that is too wide or too deep, TooManyResults beyond the limit.
    """
    limit = given.number("limit", DEFAULT_LIMIT) or 0
    count = given.flag("count") or "count" in given.names("options")
    check_page(limit, count=count, most=MAX_PICKED if _picks_few(given) else MAX_LIMIT)
    query = read_filter(given, context, hops=joining.levels if joining else 0)
    query = msgspec.structs.replace(
        query,
        limit=limit,
        offset=given.number("offset", 0) or 0,
        count=count,
        order=_order(given, context),
        **_projection(given, context, joining),
    )
    check_wide(query, every_type=given.text("type") is not None, local=given.flag("local"))
    return query


def read_filter(given: Arguments, context: Context, *, hops: int = 0) -> EntityQuery:
    """Which entities are meant: of the query what selects, not what the answer has of them."""
    types, scopes, where = given.text("type"), given.text("scopeQ"), given.text("q")
    if types == "*" and "local" in given and not given.flag("local"):
        raise BadRequestData("type=* means what is local; local=false contradicts it (6.4.3.2)")
    pattern, sources = given.text("idPattern"), given.text("csf")
    if pattern is not None:
        match.pattern(pattern)
    expand, terms = context.expand, given.names("expandValues")
    if sources is not None:
        # Of the context sources this hub itself is asked; the filter has to be one all the same.
        parse_query(sources, expand)
    given.names("jsonKeys")  # Raw JSON is never expanded here: nothing to say of it, but that it is well formed.
    return EntityQuery(
        types=parse_types(types, expand) if types else (),
        ids=_ids(given),
        id_pattern=pattern,
        where=parse_query(where, expand, terms=terms, hops=hops) if where else None,
        geo=_geo(given, context),
        scopes=parse_scopes(scopes) if scopes else (),
    )


def check_wide(query: EntityQuery, *, every_type: bool = False, local: bool = False) -> None:
    """The query restricts what is asked for as 5.7.2.4 demands: by types, attributes, a condition on one, a place; or
    is local. Raises BadRequestData."""
    named = {*query.attributes, *names(query.where)} - _SYSTEM
    if not (every_type or local or query.types or query.selectors or query.geo or named):
        raise BadRequestData(
            "say which entities: at least one of type, attrs, q (with an attribute), georel, or local=true"
        )


def names(where: Condition | None) -> Iterator[str]:
    """The names of attributes that a condition begins its paths with."""
    match where:
        case None:
            return
        case Every(terms) | Some(terms):
            for term in terms:
                yield from names(term)
        case Linked(relation):
            yield relation
        case _:
            yield where.path.names[0]


def read_joined(given: Arguments) -> Joining | None:
    """How linked entities are wanted (4.5.23)."""
    return read_joining(given.text("join"), given.number("joinLevel"), given.names("containedBy"))


def read_shape(given: Arguments, context: Context, joining: Joining | None = None) -> EntityQuery:
    """What a retrieval by id wants of the entity (5.7.1)."""
    types = given.text("type")
    return EntityQuery(
        types=parse_types(types, context.expand) if types else (), **_projection(given, context, joining)
    )


def read_form(given: Arguments, *, more: tuple[str, ...] = ()) -> Form:
    """How the answer is written: `format`, or the older words in `options`; `more` are options of the operation."""
    options = given.options((*_FORMATS, "sysAttrs", "count", *more))
    named = given.choice("format", (*_FORMATS, *(word for word in more if word.endswith("Values"))))
    shapes = [_FORMATS[word] for word in _FORMATS if word in options]
    shape = _FORMATS.get(named or "", shapes[0] if shapes else Shape.NORMALIZED)
    return Form(shape=shape, system="sysAttrs" in options, language=given.text("lang"))


def _picks_few(given: Arguments) -> bool:
    text = given.text("attrs") or given.text("pick") or "{"
    return "{" not in text and text.count(",") < FEW


def check_page(limit: int, *, count: bool, most: int = MAX_LIMIT) -> None:
    """The page is one that may be asked for."""
    if limit > most:
        raise TooManyResults(f"limit is {limit}; at most {most}: ask for the rest with offset")
    if limit == 0 and not count:
        raise BadRequestData("limit=0 asks for nothing but the number of results: add count=true")


def _projection(given: Arguments, context: Context, joining: Joining | None) -> dict[str, Any]:
    picked, omitted = given.text("pick"), given.text("omit")
    if "attrs" in given and (picked or omitted):
        raise BadRequestData("attrs excludes pick and omit (4.21)")
    found = projection(
        parse_projection(picked, what="pick") if picked else {},
        parse_projection(omitted, what="omit") if omitted else {},
        context.expand,
    )
    check_depth(found.depth, joining)
    return {
        "attributes": tuple(context.expand(name) for name in given.names("attrs")),
        "pick": found.pick,
        "omit": found.omit,
        "linked": found.linked,
        "datasets": given.names("datasetId"),
    }


def _order(given: Arguments, context: Context) -> tuple[Order, ...]:
    origin = given.text("orderFrom")
    return read_order(
        given.names("orderBy"),
        context,
        coordinates=read_coordinates(origin) if origin is not None else None,
        geometry=given.text("orderGeometry"),
        collation=given.text("collation"),
    )


def _ids(given: Arguments) -> tuple[str, ...]:
    ids = given.names("id")
    wrong = next((id for id in ids if not is_uri(id)), None)
    if wrong is not None:
        raise BadRequestData(f"id: {wrong[:80]!r} is not a URI")
    return ids


def _geo(given: Arguments, context: Context) -> GeoFilter | None:
    georel, geometry, coordinates = given.text("georel"), given.text("geometry"), given.text("coordinates")
    if georel is None and geometry is None and coordinates is None:
        return None
    if georel is None or geometry is None or coordinates is None:
        raise BadRequestData("georel, geometry and coordinates go together")
    return parse_geo(georel, geometry, coordinates, given.text("geoproperty") or "location", context.expand)
