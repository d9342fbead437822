"""One address for a page and its data: who asks for HTML first (a browser) gets the page, everybody else the JSON.

The page's handler stands below `PREFIX`; ``.json`` at the end is always the data. So an address that a person copies
from a browser is one that a program can read.
"""

import re
from collections.abc import Sequence
from typing import Final, cast

from litestar.types import HTTPScope, Message, Send

PREFIX: Final = "/pages"


class Twins:
    """The addresses that have a page, told apart by their segments."""

    def __init__(self, paths: Sequence[str]) -> None:
        """`paths` are those of the handlers below `PREFIX`, as the router has them (``/pages/committees/{id:str}``)."""
        own = (path.removeprefix(PREFIX) for path in paths if path.startswith(PREFIX + "/"))
        shapes = {"/".join(_shape(part) for part in path.split("/")) for path in own}
        self._has = re.compile("|".join(sorted(shapes)) or "(?!)").fullmatch

    def choose(self, scope: HTTPScope) -> HTTPScope:
        """The scope of the handler that answers."""
        path = scope["path"].rstrip("/")
        data = path.removesuffix(".json")
        if scope["method"] not in ("GET", "HEAD") or not self._has(data):
            return scope
        wanted = data if data != path or not wants_page(scope) else PREFIX + path
        return cast(HTTPScope, {**scope, "path": wanted})

    def told(self, scope: HTTPScope, send: Send) -> Send:
        """Sends with ``Vary: Accept`` where the answer depends on it, so that no cache gives a program the page."""
        if not self._has(scope["path"].rstrip("/").removesuffix(".json").removeprefix(PREFIX)):
            return send

        async def send_varied(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"vary", b"accept")]
            await send(message)

        return send_varied


def _shape(part: str) -> str:
    """A segment of a path as a pattern: a parameter takes any."""
    return "[^/]+" if part.startswith("{") else re.escape(part)


def wants_page(scope: HTTPScope) -> bool:
    """Whether who asks would rather have HTML than anything else: a browser that goes to an address."""
    accept = next((text.decode("latin-1") for name, text in scope["headers"] if name == b"accept"), "")
    first = accept.lower().split(",")[0].split(";")[0].strip()
    return first in ("text/html", "application/xhtml+xml")
