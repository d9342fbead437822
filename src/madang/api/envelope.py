"""The query in a body (ETSI GS CIM 009 v1.8.1, 5.2.23 Query, 5.2.33 EntitySelector) as an `EntityQuery`."""

from typing import Any, Final, cast

import msgspec

from madang.api.arguments import Arguments
from madang.api.geo import parse_geo
from madang.api.ordering import check_depth, read_joining, read_order
from madang.api.selection import DEFAULT_LIMIT, check_page, check_wide, read_joined
from madang.errors import BadRequestData, TooComplexQuery
from madang.hub.links import Joining
from madang.model import match
from madang.model.context import Context, is_uri
from madang.model.query import EntityQuery, GeoFilter, Order, Selector
from madang.model.query.parse import parse_query
from madang.model.query.project import parse_projection, projection
from madang.model.query.select import MOST_SELECTORS
from madang.model.query.types import parse_scopes, parse_types

_MEMBERS: Final = frozenset(
    {"type", "entities", "attrs", "pick", "omit", "q", "geoQ", "scopeQ", "csf", "datasetId", "expandValues", "jsonKeys"}
    | {"lang", "join", "joinLevel", "containedBy", "ordering", "geometryProperty", "local", "@context"}
)
_ORDERING: Final = frozenset({"orderBy", "coordinates", "geometry", "collation"})


def envelope_joining(body: Any, given: Arguments) -> Joining | None:
    """How linked entities are wanted: the body says it, or the parameters."""
    parts = _object(body)
    level = parts.get("joinLevel")
    if level is not None and (isinstance(level, bool) or not isinstance(level, int)):
        raise BadRequestData("joinLevel is a whole number")
    if "join" not in parts and level is None:
        return read_joined(given)
    return read_joining(_text(parts, "join"), level, _names(parts, "containedBy"))


def envelope_query(body: Any, given: Arguments, context: Context, joining: Joining | None) -> EntityQuery:
    """The query that a body of type Query says; the page is in the parameters. Raises BadRequestData."""
    parts = _object(body)
    limit = given.number("limit", DEFAULT_LIMIT) or 0
    count = given.flag("count") or "count" in given.names("options")
    check_page(limit, count=count)
    where, scopes, sources = _text(parts, "q"), _text(parts, "scopeQ"), _text(parts, "csf")
    hops, terms = joining.levels if joining else 0, _names(parts, "expandValues")
    if sources is not None:
        parse_query(sources, context.expand)
    _names(parts, "jsonKeys")
    query = EntityQuery(
        selectors=read_selectors(parts["entities"], context) if "entities" in parts else (),
        where=parse_query(where, context.expand, terms=terms, hops=hops) if where else None,
        geo=_geo(parts.get("geoQ"), context),
        scopes=parse_scopes(scopes) if scopes else (),
        datasets=_names(parts, "datasetId"),
        order=_order(parts.get("ordering"), context),
        limit=limit,
        offset=given.number("offset", 0) or 0,
        count=count,
        **_projection(parts, context, joining),
    )
    check_wide(query, local=given.flag("local") or parts.get("local") is True)
    return _plain(query)


def envelope_view(body: Any) -> dict[str, str]:
    """What the body says of how the answer is written (5.2.23). Raises BadRequestData."""
    parts = _object(body)
    return {name: text for name in ("lang", "geometryProperty") if (text := _text(parts, name)) is not None}


def read_selectors(given: Any, context: Context) -> tuple[Selector, ...]:
    """The EntitySelectors of a list (5.2.33). Raises BadRequestData."""
    if not isinstance(given, list) or not given:
        raise BadRequestData("entities has to be a list of selectors, each with a type and perhaps id or idPattern")
    items = cast(list[Any], given)
    if len(items) > MOST_SELECTORS:
        raise TooComplexQuery(
            f"entities: {len(items)} selectors; at most {MOST_SELECTORS} (one may have a list of ids)"
        )
    return tuple(_selector(item, context) for item in items)


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise BadRequestData('the body is an object such as {"type": "Query", "entities": [{"type": "Vehicle"}]}')
    parts = cast(dict[str, Any], body)
    unknown = sorted(set(parts) - _MEMBERS)
    if parts.get("type") != "Query" or unknown:
        raise BadRequestData(
            f"the body has to be of type Query, with members of {', '.join(sorted(_MEMBERS))} only"
            + (f", not {', '.join(unknown)[:80]}" if unknown else "")
        )
    return parts


def _plain(query: EntityQuery) -> EntityQuery:
    """One selector, or several of types alone, said by what stores walk along quickest."""
    found = query.selectors
    if len(found) == 1:
        one = found[0]
        return msgspec.structs.replace(
            query, selectors=(), types=one.types, ids=one.ids, id_pattern=None if one.ids else one.id_pattern
        )
    if found and all(one.types and not one.ids and one.id_pattern is None for one in found):
        types = tuple(dict.fromkeys(term for one in found for term in one.types))
        return msgspec.structs.replace(query, selectors=(), types=types)
    return query


def _selector(item: Any, context: Context) -> Selector:
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
    return Selector(types=parse_types(types, context.expand), ids=ids, id_pattern=pattern)


def _projection(parts: dict[str, Any], context: Context, joining: Joining | None) -> dict[str, Any]:
    attributes, picked, omitted = (_names(parts, name) for name in ("attrs", "pick", "omit"))
    if attributes and (picked or omitted):
        raise BadRequestData("attrs excludes pick and omit (4.21)")
    found = projection(
        parse_projection(",".join(picked), what="pick") if picked else {},
        parse_projection(",".join(omitted), what="omit") if omitted else {},
        context.expand,
    )
    check_depth(found.depth, joining)
    return {
        "attributes": tuple(context.expand(name) for name in attributes),
        "pick": found.pick,
        "omit": found.omit,
        "linked": found.linked,
    }


def _order(given: Any, context: Context) -> tuple[Order, ...]:
    """OrderingParams (5.2.43)."""
    if given is None:
        return ()
    parts = cast(dict[str, Any], given) if isinstance(given, dict) else {}
    if not parts or not parts.keys() <= _ORDERING or "orderBy" not in parts:
        raise BadRequestData(f"ordering is an object with orderBy and perhaps {', '.join(sorted(_ORDERING))}")
    coordinates = parts.get("coordinates")
    if coordinates is not None and not isinstance(coordinates, list):
        raise BadRequestData("ordering: coordinates has to be an array")
    return read_order(
        _names(parts, "orderBy"),
        context,
        coordinates=cast(Any, coordinates),
        geometry=_text(parts, "geometry"),
        collation=_text(parts, "collation"),
    )


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
    items = cast(list[Any], value) if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, str) and item for item in items):
        raise BadRequestData(f"{name} has to be a list of texts")
    return tuple(items)
