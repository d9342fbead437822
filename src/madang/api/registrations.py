"""Context source registrations over HTTP (ETSI GS CIM 009 v1.9.1, 6.8 and 6.9)."""

from typing import Any, Final
from urllib.parse import quote

from litestar import Response, delete, get, patch, post
from litestar.params import FromPath

from madang.api.answer import JSON, LD, in_body, negotiate, reply
from madang.api.arguments import Arguments
from madang.api.body import link_context, read_body
from madang.api.caller import reader, writer
from madang.api.docs import documented
from madang.api.entities import address_id, empty
from madang.api.geo import parse_geo
from madang.api.pages import beside, counted, cut, read_leaf
from madang.api.past import read_past
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.selection import GEO, PAGE
from madang.errors import BadRequestData
from madang.model import match
from madang.model.context import Context, is_uri
from madang.model.query import GeoFilter, Selector, TemporalQuery
from madang.model.query.parse import parse_query
from madang.model.query.types import parse_scopes, parse_types
from madang.model.registration import Registration
from madang.model.registration.match import Wanted, names_in
from madang.model.registration.read import expand
from madang.model.registration.write import write

PATH: Final = "/ngsi-ld/v1/csourceRegistrations"
EXAMPLE: Final = {
    "id": "urn:ngsi-ld:ContextSourceRegistration:waterworks",
    "type": "ContextSourceRegistration",
    "information": [{"entities": [{"type": "WaterConsumption"}], "propertyNames": ["volume"]}],
    "endpoint": "https://water.example.org",
}
_MEDIA: Final = (JSON, LD)
_TIME: Final = ("timerel", "timeAt", "endTimeAt", "timeproperty")
_QUERY: Final = (
    *("id", "type", "idPattern", "attrs", "pick", "omit", "q", "csf", *GEO, *_TIME),
    *("scopeQ", "datasetId", "geometryProperty", "lang", "options", *PAGE),
)
_NOT_ATTRIBUTES: Final = frozenset(("id", "type", "scope"))


@post(PATH, status_code=201, operation_class=documented("Sources", body=EXAMPLE, answers=(201, 409)))
async def create_registration(request: Call) -> Response[bytes]:
    """Register a context source (5.9.2)."""
    Arguments(request, ())
    body, context = await read_body(request)
    id = await rooms(request).hub.registrations.create(writer(request), expand(body, context))
    return empty(201, location=f"{PATH}/{quote(id, safe=':')}")


@get(PATH, operation_class=documented("Sources", query=_QUERY, example=[EXAMPLE], media=_MEDIA))
async def query_registrations(request: Call) -> Response[bytes]:
    """Query registrations (5.10.2): which sources may hold what a query for entities asks for."""
    media = negotiate(request, _MEDIA)
    given = Arguments(request, _QUERY)
    context = await link_context(request)
    leaf = read_leaf(given)
    system = _system(given)
    wanted, q = read_wanted(given, context), given.text("q")
    # What else is given says how to answer, not which registrations.
    alone = parse_query(q, context.expand) if q and wanted == Wanted(names=wanted.names) and not _names(given) else None
    found = await rooms(request).hub.registrations.query(reader(request), wanted, alone=alone)
    body = [_one(request, one.registration, context, media=media, system=system) for one in cut(found, leaf)]
    links = beside(given, PATH, leaf=leaf, total=len(found), media=media)
    answer = reply(body, media, context, links=links)
    answer.headers.update(counted(leaf, len(found)))
    return answer


@get(PATH + "/{id:str}", operation_class=documented("Sources", query=("options",), example=EXAMPLE, media=_MEDIA))
async def retrieve_registration(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Retrieve a registration (5.10.1)."""
    media = negotiate(request, _MEDIA)
    system = _system(Arguments(request, ("options",)))
    context = await link_context(request)
    found = await rooms(request).hub.registrations.retrieve(reader(request), address_id(id))
    return reply(_one(request, found, context, media=media, system=system), media, context)


@patch(
    PATH + "/{id:str}",
    status_code=200,
    operation_class=documented("Sources", body={"endpoint": "https://water.example.org/v2"}, answers=(204, 409)),
)
async def update_registration(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Update a registration (5.9.3): members that are given replace the stored ones, null removes one."""
    Arguments(request, ())
    body, context = await read_body(request)
    await rooms(request).hub.registrations.update(writer(request), address_id(id), expand(body, context))
    return empty(204)


@delete(PATH + "/{id:str}", status_code=200, operation_class=documented("Sources", answers=(204,)))
async def delete_registration(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Delete a registration (5.9.4)."""
    Arguments(request, ())
    await rooms(request).hub.registrations.delete(writer(request), address_id(id))
    return empty(204)


def read_wanted(given: Arguments, context: Context) -> Wanted:
    """What the parameters ask for (5.10.2.3). Raises BadRequestData, also for a query without any restriction."""
    expand_name = context.expand
    types, pattern, q, csf, scopes = (given.text(name) for name in ("type", "idPattern", "q", "csf", "scopeQ"))
    ids = given.names("id")
    wrong = next((id for id in ids if not is_uri(id)), None)
    if wrong is not None:
        raise BadRequestData(f"id: {wrong[:80]!r} is not a URI")
    if pattern is not None:
        match.pattern(pattern)
    geo = _geo(given, context)
    where = parse_query(q, expand_name) if q else None
    listed = _names(given)
    if types is None and not listed and not ids and where is None and geo is None:
        raise BadRequestData("say which entities: at least one of type, attrs, q, georel, id")
    selector = Selector(types=parse_types(types, expand_name) if types else (), ids=ids, id_pattern=pattern)
    return Wanted(
        entities=(selector,) if selector != Selector() else (),
        names=frozenset((*map(expand_name, listed), *names_in(where), *((geo.property,) if geo else ()))),
        datasets=given.names("datasetId"),
        geo=geo,
        past=_past(given),
        where=parse_query(csf, expand_name) if csf else None,
        scopes=parse_scopes(scopes) if scopes else (),
    )


def _names(given: Arguments) -> tuple[str, ...]:
    """The attributes that are asked for, as they were written."""
    return (*given.names("attrs"), *(name for name in given.names("pick") if name not in _NOT_ATTRIBUTES))


def _past(given: Arguments) -> TemporalQuery | None:
    past = read_past(given)
    return past if past.relation is not None else None


def _geo(given: Arguments, context: Context) -> GeoFilter | None:
    georel, geometry, coordinates = given.text("georel"), given.text("geometry"), given.text("coordinates")
    if georel is None and geometry is None and coordinates is None:
        return None
    if georel is None or geometry is None or coordinates is None:
        raise BadRequestData("georel, geometry and coordinates go together")
    return parse_geo(georel, geometry, coordinates, given.text("geoproperty") or "location", context.expand)


def _system(given: Arguments) -> bool:
    """Whether the answer has createdAt and modifiedAt; how values are written makes no difference here."""
    return "sysAttrs" in given.options(("sysAttrs", "count", "keyValues", "simplified", "concise", "normalized"))


def _one(request: Call, one: Registration, context: Context, *, media: str, system: bool) -> dict[str, Any]:
    # Who may not write does not see what is sent along to the source: it may hold a token.
    body = write(one, context, system=system, secret=writer(request).role != "public")
    if media == LD:
        body["@context"] = in_body(context)
    return body
