"""The body of a request: its media type, its size, its JSON (ETSI GS CIM 009 v1.8.1, 6.3.4, 6.3.5, 5.5.4)."""

import re
from typing import Any, Final, cast

import msgspec

from madang.api.problem import Call, LengthRequired, UnsupportedMediaType
from madang.api.rooms import rooms
from madang.errors import BadRequestData, InvalidRequest, MadangError, PayloadTooLarge
from madang.model.context import Context

_JSON: Final = "application/json"
_LD: Final = "application/ld+json"
_MERGE: Final = "application/merge-patch+json"
MOST_ITEMS: Final = 10_000
"""Items of a batch: so many are dealt with in about half a second, and others are served in between."""
_LINKS = re.compile(r"<([^>]*)>([^<]*)")


async def read_body(request: Call) -> tuple[Any, Context]:
    """The JSON value of the body and the @context to read it with: its own in JSON-LD, the Link header's in JSON."""
    media = _media_type(request)
    given = _decode(await _bytes(request))
    inline = _inline(given)
    if media != _LD:
        if inline is not None:
            raise BadRequestData("a body with @context is JSON-LD: send it as application/ld+json (6.3.5)")
        return given, await link_context(request)
    if inline is None:
        raise BadRequestData("application/ld+json needs an @context in the body (6.3.5)")
    if _link(request) is not None:
        raise BadRequestData("application/ld+json has its @context in the body; a Link header to another is too much")
    return given, await rooms(request).contexts.resolve(inline)


async def read_json(request: Call) -> Any:
    """The JSON value of the body as it is, for operations on documents whose @context is not for reading them."""
    _media_type(request)
    return _decode(await _bytes(request))


async def read_entities(request: Call) -> list[tuple[Any, Context | MadangError]]:
    """The items of a batch, each with its @context: JSON-LD items have their own (6.3.5). Where that cannot be had it
    is this item's error, and no other's (5.6.7.4)."""
    media = _media_type(request)
    given = _decode(await _bytes(request))
    if not isinstance(given, list):
        raise BadRequestData("a batch is a JSON array")
    items = cast(list[Any], given)
    if not items:
        raise BadRequestData("the batch is empty")
    if len(items) > MOST_ITEMS:
        raise PayloadTooLarge(f"the batch has {len(items)} items; at most {MOST_ITEMS}: send it in parts")
    if media != _LD:
        context = await link_context(request)
        if any(_own_context(item) is not None for item in items):
            raise BadRequestData("a body with @context is JSON-LD: send it as application/ld+json (6.3.5)")
        return [(item, context) for item in items]
    if _link(request) is not None:
        raise BadRequestData("application/ld+json has its @context in the body; a Link header to another is too much")
    contexts = rooms(request).contexts
    found: list[tuple[Any, Context | MadangError]] = []
    for item in items:
        own = _own_context(item)
        if own is None and not isinstance(item, str):
            raise BadRequestData("application/ld+json needs an @context in each item of the body (6.3.5)")
        try:
            found.append((item, await contexts.resolve(own)))
        except MadangError as error:
            found.append((item, error))
    return found


async def link_context(request: Call) -> Context:
    """The @context that the request's Link header names, else the core's."""
    url = _link(request)
    return await rooms(request).contexts.resolve(url)


def _link(request: Call) -> str | None:
    """The address in a Link header of the relation json-ld#context (JSON-LD 1.1, 6.2; RFC 8288)."""
    header = request.headers.get("link")
    if not header or "json-ld#context" not in header:
        return None
    for url, parameters in _LINKS.findall(header):
        if "json-ld#context" in parameters:
            return url.strip()
    raise InvalidRequest('Link: write <URL>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"')


def _media_type(request: Call) -> str:
    stated = request.headers.get("content-type", "")
    if stated == _JSON:
        return stated
    media = stated.split(";")[0].strip().lower()
    if media in (_JSON, _LD) or (media == _MERGE and request.method == "PATCH"):
        return media
    if not media:
        # 6.3.4 wants a Content-Type; 415 is for one of another kind, as the published test suite has it too.
        raise InvalidRequest("say what the body is: the header Content-Type is missing; application/json, for example")
    raise UnsupportedMediaType(
        f"the media type {media[:60]!r} is not read here; send application/json or application/ld+json"
    )


async def _bytes(request: Call) -> bytes:
    # 6.3.4 grants a body in chunks no exemption.
    if "content-length" not in request.headers:
        raise LengthRequired("say how long the body is: the header Content-Length is missing")
    return await request.body()


def _decode(body: bytes) -> Any:
    if not body:
        raise InvalidRequest("the body is empty; it has to be JSON")
    try:
        return msgspec.json.decode(body)
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"the body is not UTF-8: {error.reason} at byte {_bad_byte(body)}") from error
    except RecursionError as error:
        raise InvalidRequest("the body is nested too deeply") from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        hint = " (NaN and Infinity are no JSON numbers)" if b"NaN" in body or b"Infinity" in body else ""
        raise InvalidRequest(f"the body is not JSON: {error}{hint}") from error


def _bad_byte(body: bytes) -> int:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _inline(given: Any) -> Any:
    if isinstance(given, list):
        return next((own for item in cast(list[Any], given) if (own := _own_context(item)) is not None), None)
    return _own_context(given)


def _own_context(item: Any) -> Any:
    return cast(dict[str, Any], item).get("@context") if isinstance(item, dict) else None
