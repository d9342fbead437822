"""The hot way in: the operations of NGSI-LD without the framework's router, request and response.

The framework spends 150 µs a request on what these operations do not use, more than finding an entity takes. So
requests under `PREFIX` are matched here and given to the very same handler functions, with a request of the few
members that they read. Whatever this way does not know (an address or a method that no handler has) goes on to the
framework, which says so in its own words; the documentation is the framework's too.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from litestar.handlers import HTTPRouteHandler
from litestar.types import HTTPScope, Receive, Send

from madang.api import problem, receipts, versions
from madang.api.answer import Answer
from madang.api.coding import SMALLEST, VARIES
from madang.api.headers import DATA, OWN, TLS_ONLY
from madang.api.requests import Observe, Requests
from madang.clock import monotonic_s
from madang.errors import PayloadTooLarge

PREFIX: Final = "/ngsi-ld/v1/"
_PARAMETER = re.compile(r"\{(\w+):str\}")

_BODILESS = frozenset({204, 304})
_Handler = Callable[..., Awaitable[Answer]]


class Disconnected(Exception):
    """The client is gone before its request was whole; there is nobody to answer."""


class _Address(NamedTuple):
    host: str
    port: int


class _Url(NamedTuple):
    path: str


class QuickRequest:
    """What handlers read of a request; each member means what it means of the framework's `Request`."""

    __slots__ = ("_body", "_limit", "_receive", "app", "client", "headers", "method", "scope", "url")

    def __init__(self, scope: HTTPScope, receive: Receive, app: Any, *, limit: int) -> None:
        self.scope = scope
        self.app = app
        self.method = scope["method"]
        self.headers: dict[str, str] = {
            name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]
        }
        client = scope["client"]
        self.client = _Address(*client) if client else None
        self.url = _Url(scope["path"])
        self._receive = receive
        self._limit = limit
        self._body: bytes | None = None

    async def body(self) -> bytes:
        """The whole body, as often as it is asked for. Raises PayloadTooLarge, before the rest of it is read."""
        if self._body is None:
            self._body = await self._received()
        return self._body

    async def _received(self) -> bytes:
        declared = self.headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > self._limit:
            raise self._too_large()
        message = cast(Any, await self._receive())
        if message["type"] == "http.request" and not message.get("more_body"):
            return message["body"]
        parts = bytearray()
        while True:
            if message["type"] != "http.request":
                raise Disconnected
            parts += message["body"]
            if len(parts) > self._limit:
                raise self._too_large()
            if not message.get("more_body"):
                return bytes(parts)
            message = cast(Any, await self._receive())

    def _too_large(self) -> PayloadTooLarge:
        return PayloadTooLarge(f"the body is larger than the {self._limit} bytes that this hub takes; send it in parts")


class _Route(NamedTuple):
    """The places and texts of the literal segments, the places and names of the parameters, the handler."""

    literals: tuple[tuple[int, str], ...]
    parameters: tuple[tuple[int, str], ...]
    handler: _Handler
    observe: Observe

    def fits(self, pieces: Sequence[str]) -> bool:
        """Whether a path of as many segments has the literal ones."""
        # A loop: a generator takes three times as long, and every request passes here.
        for place, text in self.literals:  # noqa: SIM110
            if pieces[place] != text:
                return False
        return True


Found = tuple[_Route, Mapping[str, str]]


class Quick:
    """The operations by method and number of segments."""

    def __init__(self, handlers: Sequence[Any], requests: Requests, *, limit: int) -> None:
        """`limit` is the bytes of the largest body; `requests` counts what is answered."""
        self._limit = limit
        self._requests = requests
        self._routes: dict[tuple[str, int], list[_Route]] = {}
        for handler in handlers:
            if isinstance(handler, HTTPRouteHandler):
                for path in handler.paths:
                    self._add(path, handler)
        for routes in self._routes.values():
            # What is literal comes before what a parameter takes as well.
            routes.sort(key=lambda route: len(route.parameters))

    def _add(self, path: str, handler: HTTPRouteHandler) -> None:
        if not path.startswith(PREFIX):
            return
        pieces = path.split("/")
        found = [_PARAMETER.fullmatch(piece) for piece in pieces]
        route = _Route(
            # From the end: what tells operations apart stands there.
            tuple((place, pieces[place]) for place, match in reversed([*enumerate(found)]) if not match),
            tuple((place, match[1]) for place, match in enumerate(found) if match),
            cast(Any, handler.fn),
            self._requests.operation(str(handler.fn.__name__)),
        )
        for method in handler.http_methods:
            self._routes.setdefault((str(method), len(pieces)), []).append(route)

    def find(self, scope: HTTPScope) -> Found | None:
        """The handler of a request, and the parameters of its path; None where the framework decides."""
        # A slash at the end changes nothing: /entities/ is /entities.
        pieces = scope["path"].rstrip("/").split("/")
        for route in self._routes.get((scope["method"], len(pieces)), ()):
            if route.fits(pieces):
                given = {name: pieces[place] for place, name in route.parameters}
                return route, given
        return None

    async def answer(self, scope: HTTPScope, receive: Receive, send: Send, *, app: Any, found: Found) -> None:
        """Run the handler and send what it answers."""
        request = cast(problem.Call, QuickRequest(scope, receive, app, limit=self._limit))
        (_, _, handler, observe), given = found
        start = monotonic_s()
        wants_receipt = receipts.is_asked(request)
        if wants_receipt:
            receipts.begin()
        try:
            answer = versions.preferred(request, await handler(request, **given))
        except Disconnected:
            return
        except Exception as error:  # noqa: BLE001 - the framework's own place for it: each becomes problem details, and the unforeseen is logged
            answer = problem.answer(request, error)
        if wants_receipt:
            await receipts.attach(request, answer)
        observe(answer.status_code, monotonic_s() - start)
        tenant = request.headers.get("ngsild-tenant")
        if tenant:
            # The tenant that the operation was of is said in its answer, too (6.3.14).
            answer.headers["NGSILD-Tenant"] = tenant
        if "authorization" in request.headers or "cookie" in request.headers:
            answer.headers["Cache-Control"] = OWN.decode()
        await send_answer(send, answer, scope["scheme"])


async def send_answer(send: Send, answer: Answer, scheme: str) -> None:
    """Send an answer as data, over TLS or not."""
    headers = [*DATA] if scheme != "https" else [*DATA, TLS_ONLY]
    for name, text in answer.headers.items():
        headers.append((name.lower().encode("latin-1"), text.encode("latin-1")))
    if answer.status_code not in _BODILESS:
        headers.append((b"content-length", b"%d" % len(answer.content)))
        if len(answer.content) >= SMALLEST:
            headers.append(VARIES)
    if answer.content:
        headers.append((b"content-type", str(answer.media_type).encode()))
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content, "more_body": False})
