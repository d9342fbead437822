"""The past of entities over HTTP (ETSI GS CIM 009 v1.9.1, 6.18, 6.19, 6.24); its attributes are in ``instances``."""

from collections.abc import Sequence
from typing import Any, Final, cast
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
from madang.api.envelope import envelope_query
from madang.api.message import Answer
from madang.api.past import (
    FORM,
    PAST,
    Wanted,
    content_range,
    cut,
    envelope_aggregation,
    envelope_past,
    paged,
    read_past,
    read_wanted,
)
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.selection import PAGE, PROJECTION, SELECTION, read_selection, read_shape
from madang.errors import BadRequestData
from madang.model.context import Context
from madang.model.document.past import read_past as read_instances
from madang.model.document.past import write_past, write_totals
from madang.model.entity import Entity
from madang.model.query import EntityQuery, TemporalQuery

PATH: Final = "/ngsi-ld/v1/temporal/entities"
QUERY_PATH: Final = "/ngsi-ld/v1/temporal/entityOperations/query"
_QUERY: Final = (*SELECTION, *PROJECTION, *FORM, *PAGE, *PAST, "orderBy", "collation", "local")
_RETRIEVE: Final = ("type", *PROJECTION, *FORM, *PAST, "local")
_POST: Final = (*FORM, *PAGE, "aggrMethods", "aggrPeriodDuration", "local")
_SAMPLES: Final = [
    {"type": "Property", "value": 21.4, "observedAt": "2026-03-01T07:30:00Z"},
    {"type": "Property", "value": 22.0, "observedAt": "2026-03-01T07:31:00Z"},
]
EXAMPLE: Final = {"id": "urn:ngsi-ld:AirQualityObserved:station-1", "type": "AirQualityObserved", "no2": _SAMPLES}
_ENVELOPE: Final = {
    "type": "Query",
    "entities": [{"type": "AirQualityObserved"}],
    "temporalQ": {"timerel": "after", "timeAt": "2026-03-01T07:00:00Z"},
}
_ANSWERS: Final = (200, 206)


@post(PATH, status_code=201, operation_class=documented("The past", query=("local",), body=EXAMPLE, answers=(201, 204)))
async def append_past(request: Call) -> Response[bytes]:
    """Add to the past of an entity, or create it (5.6.11)."""
    Arguments(request, ("local",))
    body, context = await read_body(request)
    entity, scopes = read_instances(body, context)
    new = await rooms(request).hub.temporal.append(writer(request), entity, scopes)
    return empty(201, location=f"{PATH}/{quote(entity.id, safe=':')}") if new else empty(204)


@get(
    PATH,
    operation_class=documented("The past", query=_QUERY, example=[EXAMPLE], media=(JSON, LD), answers=_ANSWERS),
)
async def query_past(request: Call) -> Response[bytes]:
    """Query the past of entities (5.7.4); `format=temporalValues` writes pairs of value and time."""
    media = negotiate(request, (JSON, LD))
    given = Arguments(request, _QUERY)
    context = await link_context(request)
    past, wanted = read_past(given, needed=True), read_wanted(given)
    query = _plain(read_selection(given, context))
    return await _page(request, given, context, query, past=past, wanted=wanted, media=media)


@post(
    QUERY_PATH,
    status_code=200,
    operation_class=documented(
        "The past", query=_POST, body=_ENVELOPE, example=[EXAMPLE], media=(JSON, LD), answers=_ANSWERS
    ),
)
async def query_past_by_post(request: Call) -> Response[bytes]:
    """Query the past of entities with the query in the body (5.7.4, 6.24)."""
    media = negotiate(request, (JSON, LD))
    given = Arguments(request, _POST)
    body, context = await read_body(request)
    if not isinstance(body, dict):
        raise BadRequestData('the body is an object such as {"type": "Query", "temporalQ": {...}}')
    parts = cast(dict[str, Any], body)
    past, wanted = envelope_past(parts), read_wanted(given, aggregation=envelope_aggregation(parts))
    rest = {name: value for name, value in parts.items() if name not in ("temporalQ", "aggrParams")}
    if isinstance(parts.get("lang"), str):
        wanted = wanted._replace(form=msgspec.structs.replace(wanted.form, language=parts["lang"]))
    query = _plain(envelope_query(rest, given, context, None))
    return await _page(request, given, context, query, past=past, wanted=wanted, media=media)


@get(
    PATH + "/{id:str}",
    operation_class=documented("The past", query=_RETRIEVE, example=EXAMPLE, media=(JSON, LD), answers=_ANSWERS),
)
async def retrieve_past(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Retrieve the past of an entity (5.7.3)."""
    media = negotiate(request, (JSON, LD))
    given = Arguments(request, _RETRIEVE)
    context = await link_context(request)
    past, wanted = read_past(given), read_wanted(given)
    shape = _plain(read_shape(given, context))
    evolution, own = rooms(request).hub.evolution, address_id(id)
    if wanted.aggregation is not None:
        entity, found = await evolution.total(reader(request), own, past, wanted.aggregation, shape)
        return _reply([_projected(write_totals(entity, found, context), shape)], media, context, alone=True)
    entity = await evolution.retrieve(reader(request), own, paged(past), shape)
    return _instances([entity], shape, context, past=past, wanted=wanted, media=media, alone=True)


@delete(PATH + "/{id:str}", status_code=200, operation_class=documented("The past", query=("local",), answers=(204,)))
async def delete_past(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Delete the past of an entity (5.6.16); its current state stays."""
    Arguments(request, ("local",))
    await rooms(request).hub.temporal.delete(writer(request), address_id(id))
    return empty(204)


async def _page(
    request: Call,
    given: Arguments,
    context: Context,
    query: EntityQuery,
    *,
    past: TemporalQuery,
    wanted: Wanted,
    media: str,
) -> Response[bytes]:
    """The page of entities that a query asks for, with the links to the pages beside it (5.5.9, 6.3.10, 6.3.13)."""
    # One more than asked for tells whether there is a next page without counting.
    asked = msgspec.structs.replace(query, limit=query.limit + 1) if query.limit else query
    evolution = rooms(request).hub.evolution
    if wanted.aggregation is not None:
        totals, count = await evolution.totals(reader(request), asked, past, wanted.aggregation)
        bodies = [_projected(write_totals(entity, found, context), query) for entity, found in totals[: query.limit]]
        response, more = _reply(bodies, media, context), len(totals) > query.limit
    else:
        found = await evolution.query(reader(request), asked, paged(past))
        shown, count, more = found.entities[: query.limit], found.count, len(found.entities) > query.limit
        response = _instances(shown, query, context, past=past, wanted=wanted, media=media)
    links = _neighbours(request, given, query, more=more)
    if links:
        response.headers["Link"] = ", ".join([*filter(None, [response.headers.get("Link")]), *links])
    if count is not None:
        response.headers["NGSILD-Results-Count"] = str(count)
    return response


def _instances(
    found: Sequence[Entity],
    query: EntityQuery,
    context: Context,
    *,
    past: TemporalQuery,
    wanted: Wanted,
    media: str,
    alone: bool = False,
) -> Answer:
    shown = [cut(entity, past) for entity in found]
    bodies = [
        _projected(write_past(entity, wanted.form, context, values=wanted.values, time=past.property), query)
        for entity in shown
    ]
    response = _reply(bodies, media, context, alone=alone)
    part = content_range(found, shown, past)
    if part is not None:
        response.status_code = 206
        response.headers["Content-Range"] = part
    return response


def _reply(bodies: list[dict[str, Any]], media: str, context: Context, *, alone: bool = False) -> Answer:
    if media == LD:
        bodies = [{**body, "@context": in_body(context)} for body in bodies]
    return reply(bodies[0] if alone else bodies, media, context)


def _projected(body: dict[str, Any], query: EntityQuery) -> dict[str, Any]:
    """Without the members that are not wanted: id and type (4.21)."""
    if query.pick or query.omit:
        for name in ("id", "type"):
            if name in query.omit or (query.pick and name not in query.pick):
                body.pop(name, None)
    return body


def _neighbours(request: Call, given: Arguments, query: EntityQuery, *, more: bool) -> list[str]:
    if request.method != "GET" or not query.limit:
        return []
    links: list[str] = []
    for rel, there, offset in (
        ("next", more, query.offset + query.limit),
        ("prev", query.offset > 0, max(0, query.offset - query.limit)),
    ):
        if there:
            address = given.address(request.url.path.rstrip("/"), offset=str(offset), limit=str(query.limit))
            links.append(f'<{address}>; rel="{rel}"; type="application/json"')
    return links


def _plain(query: EntityQuery) -> EntityQuery:
    """The query, where it asks nothing that the past has no answer to (5.7.4.4). Raises BadRequestData."""
    if query.linked:
        raise BadRequestData("linked entities have no part in the past: write names without braces (5.7.4.4)")
    if len(query.order) > 1 or any(order.path.names != ("id",) for order in query.order):
        raise BadRequestData("orderBy: the past is ordered by id only: id, id;asc, id;desc (5.7.4.4)")
    return query
