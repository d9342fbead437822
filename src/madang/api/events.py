"""Live changes as server-sent events (HTML standard, 9.2): ``GET /events``.

An event ``entity`` carries the entity as it is after the change, with the names that changed in ``changed``; an event
``gone`` carries the id of one that was deleted. A reader who is slow gets the newest state of each entity instead of
every step (see `hub/changes`). One that reconnects asks for ``snapshot=true`` again: events have no replay.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from litestar import get
from litestar.response import Stream

from madang.api.arguments import Arguments
from madang.api.body import link_context
from madang.api.caller import reader
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.selection import read_form
from madang.govern import Caller
from madang.hub import Hub
from madang.hub.changes import Listener
from madang.model.context import Context
from madang.model.document.output import Form, write_entity
from madang.model.entity import Entity
from madang.model.query import EntityQuery

PATH: Final = "/events"
HEARTBEAT_S: Final = 15.0
RETRY_MS: Final = 2000
_QUERY: Final = ("type", "id", "format", "options", "lang", "snapshot")
_PAGE: Final = 500
_EXAMPLE: Final = (
    'event: entity\ndata: {"id":"urn:ngsi-ld:TrafficSignal:a","type":"TrafficSignal","changed":["lamps"]}\n\n'
)


@get(PATH, operation_class=documented("Live changes", query=_QUERY, example=_EXAMPLE, media=("text/event-stream",)))
async def live_events(request: Call) -> Stream:
    """Follow changes as they are committed."""
    given = Arguments(request, _QUERY)
    context, caller, hub = await link_context(request), reader(request), rooms(request).hub
    types = tuple(context.expand(name) for name in given.names("type"))
    form, snapshot = read_form(given), given.flag("snapshot")
    # Listening begins before the snapshot is read: what changes meanwhile is told again rather than missed.
    listener = hub.changes.listen(caller, types=types, ids=given.names("id"))
    found = _query(types, given.names("id")) if snapshot else None
    events = _events(hub, caller, listener, found, form, context)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(events, media_type="text/event-stream", headers=headers)


async def _events(
    hub: Hub, caller: Caller, listener: Listener, snapshot: EntityQuery | None, form: Form, context: Context
) -> AsyncIterator[bytes]:
    try:
        yield b"retry: %d\n\n" % RETRY_MS
        if snapshot is not None:
            async for entity in _all(hub, caller, snapshot):
                yield _entity(entity, list(entity.attributes), form, context)
        while True:
            try:
                change = await asyncio.wait_for(anext(listener), HEARTBEAT_S)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            except StopAsyncIteration:
                return
            if change.entity is None:
                yield _event("gone", {"id": change.id, "type": [context.compact(name) for name in change.types]})
            else:
                yield _entity(change.entity, change.changed, form, context)
    finally:
        listener.close()


async def _all(hub: Hub, caller: Caller, query: EntityQuery) -> AsyncIterator[Entity]:
    """Every entity of the query, a page at a time."""
    offset = 0
    while True:
        page = await hub.entities.query(caller, msgspec.structs.replace(query, offset=offset))
        for entity in page.entities:
            yield entity
        if len(page.entities) < _PAGE:
            return
        offset += _PAGE


def _query(types: tuple[str, ...], ids: tuple[str, ...]) -> EntityQuery:
    return EntityQuery(types=tuple((name,) for name in types), ids=ids, limit=_PAGE)


def _entity(entity: Entity, changed: Any, form: Form, context: Context) -> bytes:
    body = write_entity(entity, form, context)
    body["changed"] = [context.compact(name) for name in changed]
    return _event("entity", body)


def _event(name: str, body: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(body))
