"""What went wrong, for people: where a browser asked, problem details become a page.

The page is a handler of the pages' room under `PATH`. It finds the problem in the request's scope, and answers with the
problem's status. Where there is no such handler, or it fails too, the problem details go out as they are.
"""

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

import msgspec
from litestar.types import HTTPResponseStartEvent, HTTPScope, Message, Receive, Send

from madang.api.problem import MEDIA_TYPE

PATH: Final = "/fault"
KEY: Final = "madang.problem"
"""The scope's key of the problem details, for the handler at `PATH`."""
_KEPT: Final = (b"www-authenticate", b"retry-after", b"allow", b"vary")
_OF_BODY: Final = (b"content-length", b"content-type", b"transfer-encoding")

Application = Callable[[HTTPScope, Receive, Send], Awaitable[None]]


class Apology:
    """Sends on for one request, and keeps back what is a problem until it is told."""

    def __init__(self, scope: HTTPScope, receive: Receive, send: Send, app: Application) -> None:
        # Routing writes into the scope: the page's begins as this request's did.
        state: dict[str, Any] = cast(dict[str, Any], scope).get("state", {})
        self._scope = cast(HTTPScope, {**scope, "state": dict(state)})
        self._receive, self._send, self._app = receive, send, app
        self._start: HTTPResponseStartEvent | None = None
        self._body = b""
        self._begun = False

    async def send(self, message: Message) -> None:
        """As ``send`` of ASGI."""
        if message["type"] == "http.response.start" and _is_problem(message):
            self._start = message
            return
        if self._start is None or message["type"] != "http.response.body":
            await self._send(message)
            return
        self._body += message["body"]
        if not message.get("more_body"):
            await self._tell(self._start)

    async def _tell(self, start: HTTPResponseStartEvent) -> None:
        headers = [pair for pair in self._scope["headers"] if pair[0] not in _OF_BODY]
        here = {"method": "GET", "path": PATH, "raw_path": PATH.encode(), "headers": headers}
        with contextlib.suppress(msgspec.DecodeError):
            problem = msgspec.json.decode(self._body, type=dict[str, Any])
            await self._app(cast(HTTPScope, {**self._scope, **here, KEY: problem}), self._receive, self._send_page)
        if not self._begun:
            await self._send(start)
            await self._send({"type": "http.response.body", "body": self._body, "more_body": False})

    async def _send_page(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if _is_problem(message) or self._start is None:
                return
            kept = [pair for pair in self._start["headers"] if pair[0].lower() in _KEPT]
            message["headers"] = [*message["headers"], *kept]
            self._begun = True
        if self._begun:
            await self._send(message)


def _is_problem(start: HTTPResponseStartEvent) -> bool:
    kinds = (value for name, value in start["headers"] if name.lower() == b"content-type")
    return any(kind.startswith(MEDIA_TYPE.encode()) for kind in kinds)
