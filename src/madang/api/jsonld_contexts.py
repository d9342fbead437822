"""The store of @contexts over HTTP (ETSI GS CIM 009 v1.9.1, 5.13, 6.29, 6.30).

Choices where the standard leaves it open, or the published test suite decides:
- The core @context is listed as a cached one. It is embedded, so to reload it is done at once, and it is never deleted.
- To read an @context counts as a use of it, like its use in a request.
- An unknown id together with ``reload=true`` is BadRequestData: only a cached one can be reloaded, and it is none.
- Names in a query's answer (URL) are addresses at the host that the request was sent to.
"""

from datetime import datetime
from typing import Any, Final, cast
from uuid import NAMESPACE_URL, uuid5

from litestar import Response, delete, get, post
from litestar.params import FromPath

from madang.api.answer import JSON, LD, negotiate, plain
from madang.api.arguments import Arguments
from madang.api.body import read_json
from madang.api.caller import reader, writer
from madang.api.contexts import CachedContext, Usage
from madang.api.docs import documented
from madang.api.entities import address_id, empty
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import BadRequestData, InvalidRequest, OperationNotSupported, ResourceNotFound
from madang.hub.contexts import ContextKind, KeptContext
from madang.model import time as times
from madang.model.context import CORE_URL, Context, is_core

PATH: Final = "/ngsi-ld/v1/jsonldContexts"
_EXAMPLE: Final = {"@context": {"Pump": "https://example.org/vocabulary#Pump"}}
_LIST: Final = [CORE_URL]


@post(PATH, status_code=201, operation_class=documented("Contexts", body=_EXAMPLE, answers=(201,)))
async def add_context(request: Call) -> Response[bytes]:
    """Add an @context (5.13.2), to be served from here."""
    Arguments(request, ())
    body = await read_json(request)
    if not isinstance(body, dict) or "@context" not in body:
        raise InvalidRequest("the body has to be a JSON object with the member @context")
    id = await rooms(request).hub.contexts.add(writer(request), cast(dict[str, Any], body)["@context"])
    return empty(201, location=f"{PATH}/{id}")


@get(PATH, operation_class=documented("Contexts", query=("details", "kind"), example=_LIST, named=False))
async def list_contexts(request: Call) -> Response[bytes]:
    """List the @contexts that are stored (5.13.3): their addresses, or all about them."""
    media = negotiate(request, (JSON, LD))
    given = Arguments(request, ("details", "kind"))
    details, kind = given.flag("details"), given.choice("kind", tuple(ContextKind))
    known = rooms(request).contexts
    found = [_core(request), *(_of_cached(one, known.usage(one.url)) for one in known.cached())]
    for one in await rooms(request).hub.contexts.all(reader(request).tenant):
        found.append(_of_kept(request, one))
    wanted = [one for one in found if kind is None or one["kind"] == kind]
    return plain(wanted if details else [one["URL"] for one in wanted], media=media)


@get(PATH + "/{id:str}", operation_class=documented("Contexts", query=("details",), example=_EXAMPLE, named=False))
async def serve_context(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Serve an @context (5.13.4), or what is known about it; `id` may be the address of a cached one."""
    media = negotiate(request, (JSON, LD))
    details = Arguments(request, ("details",)).flag("details")
    name, known = address_id(id), rooms(request).contexts
    kept = await _kept(request, name, content=not details)
    if kept is not None:
        body = _of_kept(request, kept) if details else {"@context": kept.document}
        known.usage(kept.id).count()
        return plain(body, media=media)
    cached = _cached(request, name)
    if cached is None and not is_core(name):
        raise _none(name)
    if not details:
        raise OperationNotSupported(f"{name[:200]} is cached: it is served by its own server only; ask with details")
    if cached is None:
        return plain(_core(request, name), media=media)
    body = _of_cached(cached, known.usage(cached.url))
    known.usage(cached.url).count()
    return plain(body, media=media)


@delete(PATH + "/{id:str}", status_code=200, operation_class=documented("Contexts", query=("reload",), answers=(204,)))
async def delete_context(request: Call, id: FromPath[str]) -> Response[bytes]:
    """Delete an @context, or fetch a cached one anew (5.13.5)."""
    reload = Arguments(request, ("reload",)).flag("reload")
    name, caller = address_id(id), writer(request)
    hub, known = rooms(request).hub, rooms(request).contexts
    hub.contexts.check_caller(caller)
    if is_core(name):
        if not reload:
            raise BadRequestData("the core @context is part of the hub; it cannot be deleted")
        return empty(204)
    cached = _cached(request, name)
    if reload:
        if cached is None:
            raise BadRequestData(f"'{name[:200]}' is not cached; only a cached @context can be reloaded")
        await known.reload(cached.url)
    elif cached is not None:
        known.forget(cached.url)
    else:
        await hub.contexts.remove(caller, name)
        known.forget(name)
    return empty(204)


async def address(request: Call, context: Context) -> str:
    """An address of the @context, absolute: its own, or one that is made for it (5.13.1). For answers and notifications
    in plain JSON, which can only link to it."""
    source: Any = context.source
    if context.plain or isinstance(source, str):
        return CORE_URL if context.plain else source
    listed = cast(list[Any], source) if isinstance(source, list) else []
    named = [one for one in listed if not (isinstance(one, str) and is_core(one))]
    if len(named) == 1 and isinstance(named[0], str):
        return named[0]
    return _own(request, await rooms(request).hub.contexts.imply(writer(request), source))


def _own(request: Call, id: str) -> str:
    return f"{request.scope['scheme']}://{request.headers.get('host', 'localhost')}{PATH}/{id}"


async def _kept(request: Call, name: str, *, content: bool) -> KeptContext | None:
    """One of our own that the caller may see."""
    found = await rooms(request).hub.contexts.find(name)
    if found is None or found.tenant == reader(request).tenant:
        return found
    return found if content and found.kind is ContextKind.IMPLICIT else None


def _cached(request: Call, name: str) -> CachedContext | None:
    return next((one for one in rooms(request).contexts.cached() if name in (one.url, _local(one.url))), None)


def _local(url: str) -> str:
    """The local id of an @context of another server."""
    return str(uuid5(NAMESPACE_URL, url))


def _of_kept(request: Call, one: KeptContext) -> dict[str, Any]:
    usage = rooms(request).contexts.usage(one.id)
    return _about(_own(request, one.id), one.id, one.kind, one.created_at, usage)


def _of_cached(one: CachedContext, usage: Usage) -> dict[str, Any]:
    found = _about(one.url, _local(one.url), ContextKind.CACHED, one.created_at, usage)
    return {**found, "expiresAt": times.text(one.expires_at)}


def _core(request: Call, url: str = CORE_URL) -> dict[str, Any]:
    about = {"URL": url, "localId": _local(url), "kind": ContextKind.CACHED}
    since = times.text(rooms(request).hub.identity.since)
    return {**about, "createdAt": since, "extraInfo": {"embedded": True}}


def _about(url: str, id: str, kind: ContextKind, created_at: datetime, usage: Usage) -> dict[str, Any]:
    found: dict[str, Any] = {
        "URL": url,
        "localId": id,
        "kind": kind,
        "createdAt": times.text(created_at),
        "numberOfHits": usage.hits,
    }
    return found if usage.last is None else {**found, "lastUsage": times.text(usage.last)}


def _none(name: str) -> ResourceNotFound:
    return ResourceNotFound(f"there is no @context '{name[:200]}'")
