"""The query in a body (ETSI GS CIM 009 v1.8.1, 5.2.23 Query, 5.2.33 EntitySelector) as an `EntityQuery`."""

from typing import Any, Final, cast

from madang.api.arguments import Arguments
from madang.api.geo import parse_geo
from madang.api.selection import DEFAULT_LIMIT, check_page
from madang.errors import BadRequestData
from madang.model import match
from madang.model.context import Context, is_uri
from madang.model.query import AnyOfAll, EntityQuery, GeoFilter
from madang.model.query.parse import parse_query
from madang.model.query.types import parse_scopes, parse_types

_MEMBERS: Final = (
    "type",
    "entities",
    "attrs",
    "pick",
    "omit",
    "q",
    "geoQ",
    "scopeQ",
    "datasetId",
    "expandValues",
    "@context",
)
_NOT_ATTRIBUTES: Final = frozenset({"id", "type", "scope"})


def envelope_query(body: Any, given: Arguments, context: Context) -> EntityQuery:
    """The query that a body of type Query says; the page is in the parameters. Raises BadRequestData."""
    if not isinstance(body, dict):
        raise BadRequestData('the body is an object such as {"type": "Query", "entities": [{"type": "Vehicle"}]}')
    parts = cast(dict[str, Any], body)
    unknown = sorted(set(parts) - set(_MEMBERS))
    if parts.get("type") != "Query" or unknown:
        raise BadRequestData(f"the body has to be of type Query, with members of {', '.join(_MEMBERS)} only")
    limit = given.number("limit", DEFAULT_LIMIT) or 0
    count = given.flag("count") or "count" in given.names("options")
    check_page(limit, count=count)
    ids, types, pattern = _selectors(parts.get("entities"), context)
    where, scopes = _text(parts, "q"), _text(parts, "scopeQ")
    query = EntityQuery(
        types=types,
        ids=ids,
        id_pattern=pattern,
        attributes=tuple(context.expand(name) for name in _names(parts, "attrs")),
        pick=tuple(_member(name, context) for name in _names(parts, "pick")),
        omit=tuple(_member(name, context) for name in _names(parts, "omit")),
        datasets=_names(parts, "datasetId"),
        where=parse_query(where, context.expand, terms=_names(parts, "expandValues")) if where else None,
        geo=_geo(parts.get("geoQ"), context),
        scopes=parse_scopes(scopes) if scopes else (),
        limit=limit,
        offset=given.number("offset", 0) or 0,
        count=count,
    )
    if "entities" not in parts and query == EntityQuery(limit=limit, offset=query.offset, count=count):
        raise BadRequestData("say which entities: at least one of entities, attrs, pick, q, geoQ, scopeQ")
    return query


def _selectors(given: Any, context: Context) -> tuple[tuple[str, ...], AnyOfAll, str | None]:
    """The ids, types and the id pattern of a list of EntitySelectors.

    Several selectors are supported where their disjunction can be said with one filter each: all with ids of the same
    types, or types alone. Another combination is refused; it can be sent as several queries.
    """
    if given is None:
        return (), (), None
    if not isinstance(given, list) or not given:
        raise BadRequestData("entities has to be a list of selectors, each with a type and perhaps id or idPattern")
    found = [_selector(item, context) for item in cast(list[Any], given)]
    if len(found) == 1:
        return found[0]
    if all(not ids and not pattern for ids, _, pattern in found):
        return (), tuple(dict.fromkeys(term for _, types, _ in found for term in types)), None
    same_types = len({types for _, types, _ in found}) == 1
    if same_types and all(ids and not pattern for ids, _, pattern in found):
        return tuple(dict.fromkeys(id for ids, _, _ in found for id in ids)), found[0][1], None
    raise BadRequestData("entities: selectors that mix ids, patterns and types cannot be joined; send a query for each")


def _selector(item: Any, context: Context) -> tuple[tuple[str, ...], AnyOfAll, str | None]:
    if not isinstance(item, dict):
        raise BadRequestData("entities: a selector is an object with a type and perhaps id or idPattern")
    parts = cast(dict[str, Any], item)
    types, pattern = _text(parts, "type"), _text(parts, "idPattern")
    if types is None:
        raise BadRequestData("entities: a selector needs a type (5.2.33)")
    if pattern is not None:
        match.pattern(pattern)
    ids = _names(parts, "id")
    if not all(is_uri(id) for id in ids):
        raise BadRequestData("entities: an id has to be a URI")
    return ids, parse_types(types, context.expand), pattern


def _geo(given: Any, context: Context) -> GeoFilter | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        raise BadRequestData("geoQ is an object with georel, geometry and coordinates")
    parts = cast(dict[str, Any], given)
    coordinates = parts.get("coordinates")
    if not isinstance(coordinates, list | str):
        raise BadRequestData("geoQ: coordinates has to be an array")
    georel, geometry = _text(parts, "georel") or "", _text(parts, "geometry") or ""
    property = _text(parts, "geoproperty") or "location"
    return parse_geo(georel, geometry, cast(list[Any] | str, coordinates), property, context.expand)


def _text(parts: dict[str, Any], name: str) -> str | None:
    value = parts.get(name)
    if value is not None and not (isinstance(value, str) and value):
        raise BadRequestData(f"{name} has to be a text")
    return value


def _names(parts: dict[str, Any], name: str) -> tuple[str, ...]:
    value = parts.get(name)
    if value is None:
        return ()
    items = cast(list[Any], value) if isinstance(value, list) else str(value).split(",")
    if not items or not all(isinstance(item, str) and item for item in items):
        raise BadRequestData(f"{name} has to be a list of texts")
    return tuple(items)


def _member(name: str, context: Context) -> str:
    return name if name in _NOT_ATTRIBUTES else context.expand(name)
