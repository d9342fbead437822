"""Entities over HTTP (ETSI GS CIM 009 v1.9.1, 6.4 and 6.5)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Response, delete, get, patch, post, put, route
from litestar.params import FromPath

from madang.api import texts, values
from madang.api.answer import GEO, JSON, LD, View, many, negotiate, one, plain, reply
from madang.api.arguments import Arguments
from madang.api.body import link_context, read_body
from madang.api.caller import reader, writer
from madang.api.docs import documented
from madang.api.message import Answer
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.selection import (
    FORM,
    JOIN,
    ORDER,
    PAGE,
    PROJECTION,
    SELECTION,
    read_form,
    read_joined,
    read_selection,
    read_shape,
)
from madang.errors import BadRequestData, ResourceNotFound
from madang.hub.links import Joining, LinkedEntity
from madang.hub.merges import Merge
from madang.hub.project import NO_DATASET
from madang.hub.results import UpdateResult
from madang.model.context import Context, full
from madang.model.document.attribute import Mode
from madang.model.document.entity import read_entity
from madang.model.document.output import Join
from madang.model.entity import Entity
from madang.model.query import AnyOfAll, EntityQuery, Projection
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
_QUERY: Final = (*SELECTION, *PROJECTION, *FORM, *PAGE, *JOIN, *ORDER, "local")
_RETRIEVE: Final = ("type", *PROJECTION, *FORM, *JOIN, "local")
_MERGE: Final = ("options", "format", "type", "observedAt", "lang", "local")


_Retrieval = tuple[EntityQuery, Joining | None, View]
_KNOWN: Final = 512
_RETRIEVALS: dict[tuple[bytes, str | None, str, Context], _Retrieval] = {}


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
async def query_entities(request: Call) -> Answer:
    """Query entities (5.7.2): by type, id, condition, place; a page at a time, ordered by id or as `orderBy` says."""
    media = negotiate(request, _MEDIA)
    given = Arguments(request, _QUERY)
    context = await link_context(request)
    joining = read_joined(given)
    query = read_selection(given, context, joining)
    view = view_of(request, given, context, query, media=media)
    return await page_of(request, given, query, view, joining)


@get(PATH + "/{id:str}", operation_class=documented("Entities", query=_RETRIEVE, example=EXAMPLE, media=_MEDIA))
async def retrieve_entity(request: Call, id: FromPath[str]) -> Answer:
    """Retrieve an entity (5.7.1), perhaps with those that it is linked to."""
    media = negotiate(request, _MEDIA)
    context = await link_context(request)
    shape, joining, view = _retrieval(request, context, media)
    hub, caller = rooms(request).hub.entities, reader(request)
    entity = await hub.retrieve(caller, address_id(id), shape)
    if shape.attributes and not entity.attributes and not shape.datasets:
        raise ResourceNotFound(f"the entity has none of the attributes {', '.join(shape.attributes)[:200]}")
    linked = await hub.linked(caller, [entity], shape, joining) if joining else []
    found = _joined([entity], linked, view, joining)
    # The published tests expect the entity itself, no list, where nothing is linked to it.
    body = many(found[0], found[1]) if len(found[0]) > 1 else one(entity, found[1])
    if not body:
        raise ResourceNotFound("the entity has none of the members that pick and omit leave")
    return reply(body, media, context, bare=view.bare)


def _retrieval(request: Call, context: Context, media: str) -> _Retrieval:
    """What a retrieval asks for, read once for all requests that ask the same: reading takes longer than retrieving."""
    key = (request.scope["query_string"], request.headers.get("prefer"), media, context)
    found = _RETRIEVALS.get(key)
    if found is None:
        given = Arguments(request, _RETRIEVE)
        joining = read_joined(given)
        shape = read_shape(given, context, joining)
        found = shape, joining, view_of(request, given, context, shape, media=media)
        if len(_RETRIEVALS) >= _KNOWN:
            _RETRIEVALS.clear()
        _RETRIEVALS[key] = found
    return found


@patch(
    PATH + "/{id:str}",
    status_code=200,
    operation_class=documented(
        "Entities",
        query=_MERGE,
        body={"no2": {"value": 22.0}},
        answers=(204,),
    ),
)
async def merge_entity(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Merge into an entity (5.6.17): a JSON merge patch; the value `urn:ngsi-ld:null` deletes."""
    given = Arguments(request, _MERGE)
    form = read_form(given)
    body, context = await read_body(request)
    mode = Mode(fragment=True, merge=True, partial=True, simplified=form.shape == "simplified")
    fragment = read_entity(body, context, mode, id=address_id(id))
    how = Merge(given.time("observedAt"), given.text("lang"), mode.simplified)
    await rooms(request).hub.entities.merge(writer(request), fragment, how=how, types=types_of(given, context))
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


@route(PATH, http_method=["PUT", "PATCH"], include_in_schema=False)
async def nameless_entity(request: Call) -> Response[bytes]:
    """An entity is replaced or merged by its id; here is none."""
    raise BadRequestData(f"{request.method} needs the id of an entity in the address: {PATH}/urn:ngsi-ld:Type:name")


def view_of(
    request: Call,
    given: Arguments,
    context: Context,
    query: EntityQuery,
    *,
    media: str,
    said: Mapping[str, str] | None = None,
) -> View:
    """How the answer is written; `said` is what a body says of it (5.2.23), before the parameters.

    Raises BadRequestData for a geometryProperty where no GeoJSON is wanted (5.7.2.4).
    """
    said = said or {}
    geometry, form = said.get("geometryProperty", given.text("geometryProperty")), read_form(given)
    if geometry is not None and media != GEO:
        raise BadRequestData(f"geometryProperty is of GeoJSON: ask for it with Accept: {GEO}")
    dataset = query.datasets[0] if len(query.datasets) == 1 else None
    return View(
        form=msgspec.structs.replace(form, language=said.get("lang", form.language)),
        context=context,
        media=media,
        wanted=Projection(pick=query.pick, omit=query.omit, linked=query.linked),
        geometry=context.expand(geometry or "location"),
        dataset=None if dataset == NO_DATASET else dataset,
        bare=media == GEO and _prefers_bare(request),
    )


async def page_of(
    request: Call, given: Arguments, query: EntityQuery, view: View, joining: Joining | None = None
) -> Answer:
    """The page of entities that a query asks for, with the links to the pages beside it (5.5.9, 6.3.10, 6.3.13)."""
    # One more than asked for tells whether there is a next page without counting.
    asked = msgspec.structs.replace(query, limit=query.limit + 1) if query.limit else query
    hub, caller = rooms(request).hub.entities, reader(request)
    plain = await hub.values(caller, asked) if joining is None and values.fits(view) else None
    if plain is not None:
        links = _neighbours(request, given, query, more=len(plain) > query.limit)
        return reply(values.write(plain[: query.limit], view), view.media, view.context, links=links)
    if joining is None and texts.fits(view):
        found = await hub.texts(caller, asked, texts.form(view))
        links = _neighbours(request, given, query, more=len(found.texts) > query.limit)
        return _counted(texts.reply(found.texts[: query.limit], view, links), found.total)
    page = await hub.query(caller, asked)
    shown = page.entities[: query.limit]
    linked = await hub.linked(caller, shown, query, joining) if joining and shown else []
    found = _joined(shown, linked, view, joining)
    links = _neighbours(request, given, query, more=len(page.entities) > query.limit)
    return _counted(reply(many(found[0], found[1]), view.media, view.context, links=links, bare=view.bare), page.count)


def _counted(response: Answer, count: int | None) -> Answer:
    if count is not None:
        response.headers["NGSILD-Results-Count"] = str(count)
    return response


def _joined(
    entities: Sequence[Entity], linked: Sequence[LinkedEntity], view: View, joining: Joining | None
) -> tuple[list[LinkedEntity], View]:
    """What is in the answer beside each other, and the view that has the rest in it."""
    found = [(entity, view.wanted) for entity in entities]
    if joining is None:
        return found, view
    if joining.flat:
        own = {entity.id for entity in entities}
        return [*found, *[one for one in linked if one[0].id not in own]], view
    join = Join(
        entities={entity.id: entity for entity, _ in linked},
        levels=joining.levels,
        wanted=view.wanted,
        seen=joining.contained,
    )
    return found, msgspec.structs.replace(view, form=msgspec.structs.replace(view.form, join=join))


def _neighbours(request: Call, given: Arguments, query: EntityQuery, *, more: bool) -> list[str]:
    if request.method != "GET" or not query.limit:
        return []
    links: list[str] = []
    for rel, wanted, offset in (
        ("next", more, query.offset + query.limit),
        ("prev", query.offset > 0, max(0, query.offset - query.limit)),
    ):
        if wanted:
            address = given.address(request.url.path.rstrip("/"), offset=str(offset), limit=str(query.limit))
            links.append(f'<{address}>; rel="{rel}";type="application/json"')
    return links


def address_id(id: str) -> str:
    """The id in an address; a slash in it is written %2F (see `api/build`)."""
    return id.replace("%2F", "/").replace("%2f", "/")


def types_of(given: Arguments, context: Context) -> AnyOfAll:
    """The type expression in the parameter `type` of an operation on one entity, to tell it from others (4.17)."""
    text = given.text("type")
    return parse_types(text, context.expand) if text else ()


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
