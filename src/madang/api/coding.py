"""Answers compressed on their way out (RFC 9110, 8.4): texts of a kilobyte and more, as gzip, to who accepts that.

Not here: live events, whose parts have to leave at once (`api/sharing` compresses them). Never: parts of files, since
a range is of the bytes as they are stored; files on disk, which are sent as they are read; and whatever is asked for
with a cookie, or sets one. Where a page holds a secret of somebody's session beside words that another site put into
its address, its compressed length would tell the secret letter by letter (BREACH); a browser adds nothing but cookies
to what another site asks for.

What says itself that it may be kept for others (Cache-Control) is compressed once for all strangers who get the same
bytes. Long bodies are compressed in a thread.
"""

import asyncio
import gzip
import re
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, cast

from litestar.types import HTTPScope, Message, Send

SMALLEST: Final = 1000
"""Bytes; less is one packet either way."""
INLINE: Final = 16_000
"""Bytes that are compressed quicker than a thread is woken."""
LEVEL, QUICK_LEVEL = 6, 1
"""Of what many get, and of what one does: a fifth of the time for a fifth more bytes."""
KEPT: Final = 16_000_000
"""Bytes of answers of which the compressed form is kept."""
MARK: Final = b"-gzip"
"""Ends the tag of a compressed answer: it is another representation (RFC 9110, 8.8.3.3)."""

_NEVER: Final = re.compile(rb"\s*q\s*=\s*0(?:\.0*)?\s*")
_TEXT: Final = re.compile(
    rb"text/(?!event-stream)|application/(?:[\w.-]+\+)?(?:json|xml)\b|application/x-ndjson|image/svg"
)
VARIES: Final = (b"vary", b"accept-encoding")
_STATUSES: Final = frozenset({200, 201, 203, 207, 400, 404})
_PERSONAL: Final = frozenset((b"cookie", b"range"))
_Header = tuple[bytes, bytes]


class Coding:
    """Compresses what is sent; one for an application."""

    def __init__(self) -> None:
        self._made: OrderedDict[bytes, asyncio.Future[bytes]] = OrderedDict()
        self._held = 0

    async def packed(self, body: bytes, *, shared: bool) -> bytes:
        """The body compressed; `shared`: others may ask for the same."""
        if not shared or len(body) > KEPT // 4:
            return await _pack(body, QUICK_LEVEL)
        made = self._made.get(body)
        if made is None:
            made = self._made[body] = asyncio.ensure_future(_pack(body, LEVEL))
            self._held += len(body)
            while self._held > KEPT and len(self._made) > 1:
                self._held -= len(self._made.popitem(last=False)[0])
        self._made.move_to_end(body)
        # One who leaves does not take it from the others.
        return await asyncio.shield(made)


class Coder:
    """Sends one answer, compressed where that is wanted and allowed."""

    def __init__(self, coding: Coding, scope: HTTPScope, send: Send) -> None:
        self._coding = coding
        self._send = send
        self._accepted = accepts(scope["headers"])
        self._stranger = not any(name == b"authorization" for name, _ in scope["headers"])
        self._shared = False
        self._had = _unmark(scope)
        self._start: Any = None
        self._stream: Any = None

    async def send(self, message: Message) -> None:
        """As ``send`` of ASGI."""
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif message["type"] == "http.response.body" and self._start is not None:
            await self._first(self._start, message.get("body", b""), more=bool(message.get("more_body")))
        elif message["type"] == "http.response.body" and self._stream is not None:
            await self._next(message.get("body", b""), more=bool(message.get("more_body")))
        else:
            await self._send(message)

    async def _begin(self, start: Any) -> None:
        headers = cast(list[_Header], start["headers"])
        given = {name.lower(): value for name, value in headers}
        if start["status"] == 304 and self._had:
            start["headers"] = _tagged(headers)
        kind = given.get(b"content-type", b"")
        if start["status"] not in _STATUSES or not _TEXT.match(kind) or b"content-encoding" in given:
            await self._send(start)
            return
        if not any(name.lower() == b"vary" and b"accept-encoding" in value.lower() for name, value in headers):
            start["headers"] = [*headers, VARIES]
        if self._accepted and b"set-cookie" not in given:
            self._start = start
            self._shared = self._stranger and _is_shared(given)
        else:
            await self._send(start)

    async def _first(self, start: Any, body: bytes, *, more: bool) -> None:
        """The answer's first part, which may be all of it."""
        self._start = None
        headers = cast(list[_Header], start["headers"])
        measured = any(name.lower() == b"content-length" for name, _ in headers)
        if (more and measured) or (not more and len(body) < SMALLEST):
            await self._send(start)
            await self._send({"type": "http.response.body", "body": body, "more_body": more})
        elif more:
            self._stream = zlib.compressobj(QUICK_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
            start["headers"] = _coded(headers)
            await self._send(start)
            await self._next(body, more=True)
        else:
            body = await self._coding.packed(body, shared=self._shared)
            start["headers"] = [*_coded(headers), (b"content-length", b"%d" % len(body))]
            await self._send(start)
            await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def _next(self, body: bytes, *, more: bool) -> None:
        """A part of an answer of unknown length."""
        part = (
            await asyncio.to_thread(self._stream.compress, body) if len(body) > INLINE else self._stream.compress(body)
        )
        if not more:
            part += self._stream.flush()
        if part or not more:
            await self._send({"type": "http.response.body", "body": part, "more_body": more})


def accepts(headers: Iterable[_Header]) -> bool:
    """Whether who asks takes gzip, for something whole that is not their own."""
    found = False
    for name, value in headers:
        if name in _PERSONAL:
            return False
        if name == b"accept-encoding":
            found = _takes(value)
    return found


@lru_cache(maxsize=256)
def _takes(accepted: bytes) -> bool:
    """Whether the header has gzip in it, or everything, with a weight that is not zero (RFC 9110, 12.5.3)."""
    taken: dict[bytes, bool] = {}
    for part in accepted.lower().split(b","):
        name, _, weight = part.partition(b";")
        taken[name.strip()] = _NEVER.fullmatch(weight) is None
    return taken.get(b"gzip", taken.get(b"*", False))


def _is_shared(given: Mapping[bytes, bytes]) -> bool:
    """Whether the answer says itself that it may be kept for others (RFC 9111, 5.2.2)."""
    control = given.get(b"cache-control", b"private")
    return b"private" not in control and b"no-store" not in control


async def _pack(body: bytes, level: int) -> bytes:
    if len(body) <= INLINE:
        return gzip.compress(body, level, mtime=0)
    return await asyncio.to_thread(gzip.compress, body, level, mtime=0)


def _unmark(scope: HTTPScope) -> bool:
    """Have the application see its own tags in If-None-Match; whether the client's was that of a compressed answer."""
    headers = scope["headers"]
    marked = any(name == b"if-none-match" and MARK in value for name, value in headers)
    if marked:
        plain = [(n, v.replace(MARK + b'"', b'"') if n == b"if-none-match" else v) for n, v in headers]
        scope["headers"] = plain
    return marked


def _coded(headers: Iterable[_Header]) -> list[_Header]:
    kept = [pair for pair in _tagged(headers) if pair[0].lower() != b"content-length"]
    return [*kept, (b"content-encoding", b"gzip")]


def _tagged(headers: Iterable[_Header]) -> list[_Header]:
    """With the tag of the compressed answer."""
    return [
        (name, value[:-1] + MARK + b'"') if name.lower() == b"etag" and value.endswith(b'"') else (name, value)
        for name, value in headers
    ]
