"""Entities over HTTP (ETSI GS CIM 009 v1.8.1, 6.4 and 6.5)."""

from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.params import FromPath

from madang.api.answer import GEO, JSON, LD, many, negotiate, one, plain, reply
from madang.api.arguments import Arguments
from madang.api.body import link_context, read_body
from madang.api.caller import reader, writer
from madang.api.docs import documented
from madang.api.message import Answer
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.selection import FORM, PAGE, PROJECTION, SELECTION, read_form, read_selection, read_shape
from madang.hub.results import Page, UpdateResult
from madang.model.context import Context, full
from madang.model.document.attribute import Mode
from madang.model.document.entity import read_entity
from madang.model.query import EntityQuery
from madang.model.query.types import parse_types

PATH: Final = "/ngsi-ld/v1/entities"
EXAMPLE: Final = {
    "id": "urn:ngsi-ld:AirQualityObserved:station-1",
    "type": "AirQualityObserved",
    "no2": {"type": "Property", "value": 21.4, "unitCode": "GQ", "observedAt": "2026-03-01T07:30:00Z"},
    "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [11.4257, 48.7651]}},
}
FRAGMENT: Final = Mode(fragment=True)
SIMPLIFIED: Final = Mode(simplified=True)
_MEDIA: Final = (JSON, LD, GEO)
_QUERY: Final = (*SELECTION, *PROJECTION, *FORM, *PAGE, "local")
_RETRIEVE: Final = ("type", *PROJECTION, *FORM, "local")


@post(
    PATH,
    status_code=201,
    operation_class=documented("Entities", query=("options", "local"), body=EXAMPLE, answers=(201, 409)),
)
async def create_entity(request: Call) -> Response[bytes]:
    """Create an entity (5.6.1)."""
    given = Arguments(request, ("options", "local"))
    options = given.options(("keyValues", "simplified", "concise", "normalized"))
    body, context = await read_body(request)
    entity = read_entity(body, context, SIMPLIFIED if options & {"keyValues", "simplified"} else Mode())
    await rooms(request).hub.entities.create(writer(request), entity)
    return empty(201, location=f"{PATH}/{quote(entity.id, safe=':')}")


@get(PATH, operation_class=documented("Entities", query=_QUERY, example=[EXAMPLE], media=_MEDIA))
async def query_entities(request: Call) -> Response[bytes]:
    """Query entities (5.7.2): by type, id, condition, place; a page at a time, ordered by id."""
    media = negotiate(request, _MEDIA)
    given = Arguments(request, _QUERY)
    context = await link_context(request)
    query = read_selection(given, context)
    return await page_of(request, given, context, query, media=media)


@get(PATH + "/{id:str}", operation_class=documented("Entities", query=_RETRIEVE, example=EXAMPLE, media=_MEDIA))
async def retrieve_entity(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Retrieve an entity (5.7.1)."""
    media = negotiate(request, _MEDIA)
    given = Arguments(request, _RETRIEVE)
    context = await link_context(request)
    shape, form = read_shape(given, context), read_form(given)
    entity = await rooms(request).hub.entities.retrieve(reader(request), address_id(id), shape)
    geometry = context.expand(given.text("geometryProperty") or "location")
    bare = _prefers_bare(request)
    body = one(entity, shape, form, context, media=media, geometry=geometry, bare=bare)
    return reply(body, media, context)


@patch(
    PATH + "/{id:str}",
    status_code=200,
    operation_class=documented(
        "Entities",
        query=("options", "format", "type", "observedAt", "local"),
        body={"no2": {"value": 22.0}},
        answers=(204,),
    ),
)
async def merge_entity(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Merge into an entity (5.6.17): a JSON merge patch; the value `urn:ngsi-ld:null` deletes."""
    given = Arguments(request, ("options", "format", "type", "observedAt", "local"))
    form = read_form(given)
    body, context = await read_body(request)
    mode = Mode(fragment=True, merge=True, partial=True, simplified=form.shape == "simplified")
    fragment = read_entity(body, context, mode, id=address_id(id))
    await rooms(request).hub.entities.merge(
        writer(request), fragment, observed_at=given.time("observedAt"), types=types_of(given, context)
    )
    return empty(204)


@put(
    PATH + "/{id:str}",
    status_code=200,
    operation_class=documented("Entities", query=("type", "local"), body=EXAMPLE, answers=(204,)),
)
async def replace_entity(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Replace an entity (5.6.18): its types and all of its attributes."""
    given = Arguments(request, ("type", "local"))
    body, context = await read_body(request)
    own = address_id(id)
    entity = read_entity(body, context, id=own)
    if not entity.types:
        # 5.6.18: a body without a type keeps the one that the entity has.
        stored = await rooms(request).hub.entities.retrieve(writer(request), own)
        entity = msgspec.structs.replace(entity, types=stored.types)
    await rooms(request).hub.entities.replace(writer(request), entity, types=types_of(given, context))
    return empty(204)


@delete(
    PATH + "/{id:str}", status_code=200, operation_class=documented("Entities", query=("type", "local"), answers=(204,))
)
async def delete_entity(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Delete an entity (5.6.6); its history stays."""
    given = Arguments(request, ("type", "local"))
    context = await link_context(request)
    await rooms(request).hub.entities.delete(writer(request), address_id(id), types=types_of(given, context))
    return empty(204)


async def page_of(
    request: Call, given: Arguments, context: Context, query: EntityQuery, *, media: str
) -> Response[bytes]:
    """The page of entities that a query asks for, with the links to the pages beside it (5.5.9, 6.3.10, 6.3.13)."""
    form = read_form(given)
    # One more than asked for tells whether there is a next page without counting.
    asked = msgspec.structs.replace(query, limit=query.limit + 1) if query.limit else query
    found = await rooms(request).hub.entities.query(reader(request), asked)
    geometry = context.expand(given.text("geometryProperty") or "location")
    shown, bare = found.entities[: query.limit], _prefers_bare(request)
    body = many(shown, query, form, context, media=media, geometry=geometry, bare=bare)
    response = reply(body, media, context, links=_neighbours(request, given, query, found))
    if found.count is not None:
        response.headers["NGSILD-Results-Count"] = str(found.count)
    return response


def _neighbours(request: Call, given: Arguments, query: EntityQuery, found: Page) -> list[str]:
    if request.method != "GET" or not query.limit:
        return []
    links: list[str] = []
    for rel, wanted, offset in (
        ("next", len(found.entities) > query.limit, query.offset + query.limit),
        ("prev", query.offset > 0, max(0, query.offset - query.limit)),
    ):
        if wanted:
            address = given.address(request.url.path, offset=str(offset), limit=str(query.limit))
            links.append(f'<{address}>; rel="{rel}"; type="application/json"')
    return links


def address_id(id: str) -> str:
    """The id in an address; a slash in it is written %2F (see `api/build`)."""
    return id.replace("%2F", "/").replace("%2f", "/")


def types_of(given: Arguments, context: Context) -> tuple[str, ...]:
    """The types in the parameter `type` of an operation on one entity, to tell it from others."""
    text = given.text("type")
    return tuple(name for names in parse_types(text, context.expand) for name in names) if text else ()


def empty(status: int, *, location: str | None = None) -> Response[bytes]:
    """An answer without a body."""
    return Answer(b"", status_code=status, headers={"Location": location} if location else {}, media_type=JSON)


def updated(result: UpdateResult) -> Response[bytes]:
    """204 where everything was written; else 207 that says what was not, and why (5.2.18)."""
    if not result.not_updated:
        return empty(204)
    body: dict[str, Any] = {
        "updated": [full(name) for name in result.updated],
        "notUpdated": [{"attributeName": full(name), "reason": reason} for name, reason in result.not_updated],
    }
    return plain(body, status=207)


def _prefers_bare(request: Call) -> bool:
    """GeoJSON without an @context is preferred (6.3.6)."""
    return "body=json" in request.headers.get("prefer", "").replace(" ", "").replace('"', "")
