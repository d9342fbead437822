"""Many entities in one request (ETSI GS CIM 009 v1.8.1, 6.14 to 6.17, 6.23, 6.31). One bad entity leaves the others."""

from typing import Any, Final

from litestar import Response, post

from madang.api.answer import GEO, JSON, LD, negotiate, plain
from madang.api.arguments import Arguments
from madang.api.body import read_body, read_entities
from madang.api.caller import writer
from madang.api.docs import documented
from madang.api.entities import EXAMPLE, empty, page_of, view_of
from madang.api.envelope import envelope_joining, envelope_query, envelope_view
from madang.api.problem import Call, problem
from madang.api.rooms import rooms
from madang.api.selection import FORM, JOIN, PAGE
from madang.errors import BadRequestData, MadangError
from madang.hub.results import BatchResult
from madang.model.document.attribute import Mode
from madang.model.document.entity import read_entity
from madang.model.entity import Entity

_PATH: Final = "/ngsi-ld/v1/entityOperations"
_QUERY: Final = (*PAGE, *FORM, *JOIN, "local")
_UPSERT: Final = ("update", "replace", "noOverwrite", "overwrite")


@post(
    _PATH + "/create",
    status_code=201,
    operation_class=documented("Batch", query=("local",), body=[EXAMPLE], answers=(201, 207)),
)
async def create_entities(request: Call) -> Response[bytes]:
    """Create entities (5.6.7)."""
    Arguments(request, ("local",))
    entities, refused = await _read(request, Mode())
    result = await rooms(request).hub.batch.create(writer(request), entities)
    return outcome(result, refused, created=True)


@post(
    _PATH + "/upsert",
    status_code=201,
    operation_class=documented("Batch", query=("options", "local"), body=[EXAMPLE], answers=(201, 204, 207)),
)
async def upsert_entities(request: Call) -> Response[bytes]:
    """Create entities or replace those that exist; `options=update` updates them instead (5.6.8)."""
    options = Arguments(request, ("options", "local")).options(_UPSERT)
    if {"update", "replace"} <= options:
        raise BadRequestData("options: update and replace exclude each other")
    entities, refused = await _read(request, Mode())
    result = await rooms(request).hub.batch.upsert(
        writer(request), entities, update="update" in options, overwrite="noOverwrite" not in options
    )
    return outcome(result, refused, created=bool(result.created))


@post(
    _PATH + "/update",
    status_code=200,
    operation_class=documented("Batch", query=("options", "local"), body=[EXAMPLE], answers=(204, 207)),
)
async def update_entities(request: Call) -> Response[bytes]:
    """Update entities (5.6.9): append attributes; `options=noOverwrite` keeps those that are there."""
    options = Arguments(request, ("options", "local")).options(("noOverwrite", "overwrite", "update", "replace"))
    entities, refused = await _read(request, Mode(fragment=True), whole=False)
    result = await rooms(request).hub.batch.update(writer(request), entities, overwrite="noOverwrite" not in options)
    return outcome(result, refused)


@post(
    _PATH + "/merge",
    status_code=200,
    operation_class=documented("Batch", query=("local",), body=[EXAMPLE], answers=(204, 207)),
)
async def merge_entities(request: Call) -> Response[bytes]:
    """Merge into entities (5.6.20)."""
    Arguments(request, ("local",))
    entities, refused = await _read(request, Mode(fragment=True, merge=True, partial=True), whole=False)
    return outcome(await rooms(request).hub.batch.merge(writer(request), entities), refused)


@post(
    _PATH + "/delete",
    status_code=200,
    operation_class=documented(
        "Batch", query=("local",), body=["urn:ngsi-ld:AirQualityObserved:station-1"], answers=(204, 207)
    ),
)
async def delete_entities(request: Call) -> Response[bytes]:
    """Delete entities (5.6.10)."""
    Arguments(request, ("local",))
    given = [item for item, _ in await read_entities(request)]
    if not all(isinstance(item, str) for item in given):
        raise BadRequestData("the batch to delete is an array of entity ids")
    return outcome(await rooms(request).hub.batch.delete(writer(request), given), [])


@post(
    _PATH + "/query",
    status_code=200,
    operation_class=documented(
        "Batch",
        query=_QUERY,
        body={"type": "Query", "entities": [{"type": "TrafficSignal"}], "q": 'control=="service"'},
        example=[EXAMPLE],
    ),
)
async def query_by_post(request: Call) -> Response[bytes]:
    """Query entities with the query in the body (5.7.2, 6.23)."""
    media = negotiate(request, (JSON, LD, GEO))
    given = Arguments(request, _QUERY)
    body, context = await read_body(request)
    joining = envelope_joining(body, given)
    query = envelope_query(body, given, context, joining)
    view = view_of(request, given, context, query, media=media, said=envelope_view(body))
    return await page_of(request, given, query, view, joining)


async def _read(request: Call, mode: Mode, *, whole: bool = True) -> tuple[list[Entity], list[tuple[str, MadangError]]]:
    """The entities that can be read, and the others' ids with what is wrong with them."""
    entities: list[Entity] = []
    refused: list[tuple[str, MadangError]] = []
    items = await read_entities(request)
    if any(item is None for item, _ in items):
        raise BadRequestData("the batch has an item that is null (5.6.7.4)")
    for item, context in items:
        if isinstance(context, MadangError):
            refused.append((_id(item), context))
            continue
        try:
            # A part of an entity may leave its type out: then only the id, which is in the item, says which it is.
            entities.append(read_entity(item, context, mode, id=None if whole else _id(item) or None))
        except MadangError as error:
            refused.append((_id(item), error))
    return entities, refused


def _id(item: Any) -> str:
    own: Any = item.get("id", item.get("@id")) if isinstance(item, dict) else item  # pyright: ignore
    return own if isinstance(own, str) else ""


def outcome(result: BatchResult, refused: list[tuple[str, MadangError]], *, created: bool = False) -> Response[bytes]:
    """201 with the ids that are new, 204, or 207 with what became of each (5.2.16, 5.2.17)."""
    errors = [*refused, *result.errors]
    if errors:
        items = [{"entityId": id, "error": problem(error)} for id, error in errors]
        return plain({"success": result.success, "errors": items}, status=207)
    return plain(result.created, status=201) if created else empty(204)
