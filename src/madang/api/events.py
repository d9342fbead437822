"""Live changes as server-sent events (HTML standard, 9.2): ``GET /events``.

An event ``entity`` carries the entity as it is after the change, with the names that changed in ``changed``; an event
``gone`` carries the id of one that was deleted. A reader who is slow gets the newest state of each entity instead of
every step (see `hub/changes`). One that reconnects asks for ``snapshot=true`` again: events have no replay.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Final

from litestar import get
from litestar.response import Stream

from madang.api.arguments import Arguments
from madang.api.body import link_context
from madang.api.caller import reader
from madang.api.coding import accepts
from madang.api.docs import documented
from madang.api.ending import Ending
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.selection import read_form
from madang.api.sharing import PAGE, Direct, Part, Shared
from madang.api.wire import wire_of
from madang.clock import monotonic_s
from madang.errors import MadangError
from madang.govern import Caller
from madang.hub import Hub
from madang.hub.listener import Listener
from madang.model.query import EntityQuery

PATH: Final = "/events"
HEARTBEAT_S: Final = 15.0
RETRY_MS: Final = 2000
LOOK_EVERY_S: Final = 5.0
"""Who is known is looked at again before an event is told, when so long has passed."""
_QUERY: Final = ("type", "id", "format", "options", "lang", "snapshot")
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
    packed = accepts(request.scope["headers"])
    shared = rooms(request).shared.of(rooms(request).policy.read(caller), form, context, packed=packed)
    ending = Ending()
    events = _told(_events(hub, caller, listener, found, shared), ending)
    is_public = caller.role == "public"
    if not is_public:
        events = _while_known(request, caller, events)
    if packed:
        events = _ended(events, ending)
    if is_public and (wire := wire_of(request.scope)) is not None and request.method == "GET":
        listener.outlet = Direct(shared, wire, ending)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept-Encoding"}
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Stream(events, media_type="text/event-stream", headers=headers)


async def _events(
    hub: Hub, caller: Caller, listener: Listener, snapshot: EntityQuery | None, shared: Shared
) -> AsyncGenerator[Part]:
    try:
        yield shared.opening(b"retry: %d\n\n" % RETRY_MS)
        if snapshot is not None:
            async for part in shared.snapshot(hub, caller, snapshot):
                yield part
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    batches = await listener.take()
            except TimeoutError:
                yield shared.part(b": still here\n\n")
                continue
            except StopAsyncIteration:
                return
            for batch in batches:
                yield shared.written(batch)
    finally:
        listener.close()


async def _told(parts: AsyncGenerator[Part], ending: Ending) -> AsyncGenerator[bytes]:
    """The parts as they leave; `ending` hears what each adds."""
    async with contextlib.aclosing(parts):
        async for part in parts:
            if part.sum is not None:
                ending.add(part.sum)
            yield part.body


async def _ended(parts: AsyncGenerator[bytes], ending: Ending) -> AsyncGenerator[bytes]:
    """A gzip stream with its end: whoever reads it can tell that nothing is missing."""
    async with contextlib.aclosing(parts):
        async for part in parts:
            yield part
    yield ending.trailer()


async def _while_known(request: Call, caller: Caller, events: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """The events for as long as who asked is who it was: a key may be revoked, a session end, a role be taken away."""
    looked_s = monotonic_s()
    async with contextlib.aclosing(events):
        async for part in events:
            if monotonic_s() - looked_s >= LOOK_EVERY_S:
                looked_s = monotonic_s()
                if not _is_still(request, caller):
                    return
            yield part


def _is_still(request: Call, caller: Caller) -> bool:
    try:
        return reader(request) == caller
    except MadangError:
        return False


def _query(types: tuple[str, ...], ids: tuple[str, ...]) -> EntityQuery:
    return EntityQuery(types=tuple((name,) for name in types), ids=ids, limit=PAGE)
