"""The past of entities over HTTP (ETSI GS CIM 009 v1.8.1, 6.18, 6.19, 6.20)."""

from typing import Final
from urllib.parse import quote

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath

from madang.api.answer import JSON, LD, in_body, negotiate, reply
from madang.api.arguments import Arguments
from madang.api.body import link_context, read_body
from madang.api.caller import reader, writer
from madang.api.docs import documented
from madang.api.entities import address_id, empty
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.selection import (
    FORM,
    PAGE,
    PAST,
    PROJECTION,
    SELECTION,
    read_form,
    read_past,
    read_selection,
    read_shape,
)
from madang.model.document.attribute import Mode
from madang.model.document.entity import read_entity
from madang.model.document.past import write_past

PATH: Final = "/ngsi-ld/v1/temporal/entities"
_QUERY: Final = (*SELECTION, *PROJECTION, *FORM, *PAGE, *PAST, "local")
_RETRIEVE: Final = ("type", *PROJECTION, *FORM, *PAST, "local")
_SAMPLES: Final = [
    {"type": "Property", "value": 21.4, "observedAt": "2026-03-01T07:30:00Z"},
    {"type": "Property", "value": 22.0, "observedAt": "2026-03-01T07:31:00Z"},
]
EXAMPLE: Final = {"id": "urn:ngsi-ld:AirQualityObserved:station-1", "type": "AirQualityObserved", "no2": _SAMPLES}


@post(PATH, status_code=201, operation_class=documented("The past", query=("local",), body=EXAMPLE, answers=(201, 204)))
async def append_past(request: Call) -> Response[bytes]:
    """Add to the past of an entity, or create it (5.6.11)."""
    Arguments(request, ("local",))
    body, context = await read_body(request)
    entity = read_entity(body, context, Mode(temporal=True))
    new = await rooms(request).hub.temporal.append(writer(request), entity)
    return empty(201, location=f"{PATH}/{quote(entity.id, safe=':')}") if new else empty(204)


@get(PATH, operation_class=documented("The past", query=_QUERY, example=[EXAMPLE], media=(JSON, LD)))
async def query_past(request: Call) -> Response[bytes]:
    """Query the past of entities (5.7.4); `options=temporalValues` writes pairs of value and time."""
    media = negotiate(request, (JSON, LD))
    given = Arguments(request, _QUERY)
    context = await link_context(request)
    query, past, form = read_selection(given, context), read_past(given), read_form(given, more=("temporalValues",))
    asked = msgspec.structs.replace(query, limit=query.limit + 1) if query.limit else query
    found = await rooms(request).hub.temporal.query(reader(request), asked, past)
    values = _wants_values(given)
    bodies = [
        write_past(entity, form, context, values=values, time=past.property) for entity in found.entities[: query.limit]
    ]
    if media == LD:
        bodies = [{**body, "@context": in_body(context)} for body in bodies]
    links: list[str] = []
    if len(found.entities) > query.limit > 0:
        address = given.address(PATH, offset=str(query.offset + query.limit), limit=str(query.limit))
        links.append(f'<{address}>; rel="next"; type="application/json"')
    response = reply(bodies, media, context, links=links)
    if found.count is not None:
        response.headers["NGSILD-Results-Count"] = str(found.count)
    return response


@get(PATH + "/{id:str}", operation_class=documented("The past", query=_RETRIEVE, example=EXAMPLE, media=(JSON, LD)))
async def retrieve_past(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Retrieve the past of an entity (5.7.3)."""
    media = negotiate(request, (JSON, LD))
    given = Arguments(request, _RETRIEVE)
    context = await link_context(request)
    past, form = read_past(given), read_form(given, more=("temporalValues",))
    shape = read_shape(given, context)
    entity = await rooms(request).hub.temporal.retrieve(reader(request), address_id(id), past, shape)
    body = write_past(entity, form, context, values=_wants_values(given), time=past.property)
    if media == LD:
        body["@context"] = in_body(context)
    return reply(body, media, context)


@delete(PATH + "/{id:str}", status_code=200, operation_class=documented("The past", query=("local",), answers=(204,)))
async def delete_past(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Delete the past of an entity (5.6.16); its current state stays."""
    Arguments(request, ("local",))
    await rooms(request).hub.temporal.delete(writer(request), address_id(id))
    return empty(204)


def _wants_values(given: Arguments) -> bool:
    return "temporalValues" in given.names("options") or given.text("format") == "temporalValues"
