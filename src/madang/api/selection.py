"""From query parameters to an `EntityQuery`, a `TemporalQuery` and the form of the answer (6.4.3.2, 6.18.3.2)."""

from collections.abc import Mapping
from typing import Any, Final

from madang.api.arguments import Arguments
from madang.api.geo import parse_geo
from madang.errors import BadRequestData, InvalidRequest, TooManyResults
from madang.model import match
from madang.model.context import Context, is_uri
from madang.model.document.output import Form, Shape
from madang.model.query import EntityQuery, GeoFilter, TemporalQuery, Timerel
from madang.model.query.parse import parse_query
from madang.model.query.types import parse_scopes, parse_types

MAX_LIMIT: Final = 1000
DEFAULT_LIMIT: Final = 20

PROJECTION: Final = ("attrs", "pick", "omit", "datasetId")
FORM: Final = ("format", "options", "lang", "geometryProperty")
GEO: Final = ("georel", "geometry", "coordinates", "geoproperty")
PAGE: Final = ("limit", "offset", "count")
SELECTION: Final = ("id", "type", "idPattern", "q", "scopeQ", "expandValues", *GEO)
PAST: Final = ("timerel", "timeAt", "endTimeAt", "timeproperty", "lastN")

_FORMATS: Final[Mapping[str, Shape]] = {
    "normalized": Shape.NORMALIZED,
    "concise": Shape.CONCISE,
    "simplified": Shape.SIMPLIFIED,
    "keyValues": Shape.SIMPLIFIED,
}
_NOT_ATTRIBUTES: Final = frozenset({"id", "type", "scope"})


def read_selection(given: Arguments, context: Context) -> EntityQuery:
    """The query (5.7.2). Raises BadRequestData for one without any restriction, TooManyResults beyond the limit."""
    limit = given.number("limit", DEFAULT_LIMIT) or 0
    count = given.flag("count") or "count" in given.names("options")
    check_page(limit, count=count)
    types = given.text("type")
    scopes = given.text("scopeQ")
    where = given.text("q")
    pattern = given.text("idPattern")
    if pattern is not None:
        match.pattern(pattern)
    expand = context.expand
    query = EntityQuery(
        types=parse_types(types, expand) if types else (),
        ids=_ids(given),
        id_pattern=pattern,
        where=parse_query(where, expand, terms=given.names("expandValues")) if where else None,
        geo=_geo(given, context),
        scopes=parse_scopes(scopes) if scopes else (),
        limit=limit,
        offset=given.number("offset", 0) or 0,
        count=count,
        **_projection(given, context),
    )
    if types is None and query == EntityQuery(limit=limit, offset=query.offset, count=count) and "local" not in given:
        raise BadRequestData(
            "say which entities: at least one of type, id, idPattern, attrs, pick, q, georel, scopeQ, local"
        )
    return query


def read_shape(given: Arguments, context: Context) -> EntityQuery:
    """What a retrieval by id wants of the entity (5.7.1)."""
    types = given.text("type")
    return EntityQuery(types=parse_types(types, context.expand) if types else (), **_projection(given, context))


def read_form(given: Arguments, *, more: tuple[str, ...] = ()) -> Form:
    """How the answer is written: `format`, or the older words in `options`; `more` are options of the operation."""
    options = given.options((*_FORMATS, "sysAttrs", "count", *more))
    named = given.choice("format", (*_FORMATS, *(word for word in more if word.endswith("Values"))))
    shapes = [_FORMATS[word] for word in _FORMATS if word in options]
    shape = _FORMATS.get(named or "", shapes[0] if shapes else Shape.NORMALIZED)
    return Form(shape=shape, system="sysAttrs" in options, language=given.text("lang"))


def read_past(given: Arguments) -> TemporalQuery:
    """The temporal query (4.11)."""
    named = given.choice("timerel", tuple(Timerel))
    at, end = given.time("timeAt"), given.time("endTimeAt")
    relation = Timerel(named) if named else None
    if (relation is None) != (at is None):
        raise BadRequestData("timerel and timeAt go together")
    if (relation is Timerel.BETWEEN) != (end is not None):
        raise BadRequestData("endTimeAt goes together with timerel=between")
    if at is not None and end is not None and end <= at:
        raise BadRequestData("endTimeAt has to be after timeAt")
    return TemporalQuery(
        relation=relation,
        at=at,
        end=end,
        property=given.choice("timeproperty", ("observedAt", "createdAt", "modifiedAt")) or "observedAt",
        last=given.number("lastN", least=1),
    )


def check_page(limit: int, *, count: bool) -> None:
    """The page is one that may be asked for."""
    if limit > MAX_LIMIT:
        raise TooManyResults(f"limit is {limit}; at most {MAX_LIMIT}: ask for the rest with offset")
    if limit == 0 and not count:
        raise BadRequestData("limit=0 asks for nothing but the number of results: add count=true")


def _projection(given: Arguments, context: Context) -> dict[str, Any]:
    picked, omitted = given.names("pick"), given.names("omit")
    if "attrs" in given and picked:
        raise InvalidRequest("attrs and pick exclude each other")
    if set(picked) & set(omitted):
        raise BadRequestData("pick and omit name the same member")
    return {
        "attributes": tuple(context.expand(name) for name in given.names("attrs")),
        "pick": tuple(_member(name, context) for name in picked),
        "omit": tuple(_member(name, context) for name in omitted),
        "datasets": given.names("datasetId"),
    }


def _member(name: str, context: Context) -> str:
    return name if name in _NOT_ATTRIBUTES else context.expand(name)


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
