"""One address for a page and its data: who asks for HTML first (a browser) gets the page, everybody else the JSON.

The page's handler stands below `PREFIX`; ``.json`` at the end is always the data. So an address that a person copies
from a browser is one that a program can read. A page whose data has another address (`ELSEWHERE`) gives it at its own
with ``.json``, too.
"""

import re
from collections.abc import Sequence
from typing import Final, cast

from litestar.types import HTTPScope, Message, Send

PREFIX: Final = "/pages"
_JSON: Final = ".json"
ELSEWHERE: Final[Sequence[tuple[str, str]]] = (
    ("/open-data", "/catalog.jsonld"),
    ("/developers", "/openapi.json"),
    ("/worth", "/projects"),
    ("/worth/{}", "/projects/{}"),
    ("/why/{}", "/decisions/{}"),
    ("/junctions/{}", "/ngsi-ld/v1/entities/urn:ngsi-ld:TrafficSignal:{}"),
    ("/report", "/reports/kinds"),
    ("/report/{}", "/reports/{}"),
    ("/desk/reports", "/reports/queue"),
    ("/desk/reports/{}", "/reports/{}/case"),
    ("/desk/requests", "/subjects/requests"),
)
"""Pages and where their data is; ``{}`` is the one name in both."""


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
        data = path.removesuffix(_JSON)
        if scope["method"] not in ("GET", "HEAD"):
            return scope
        if data != path and (other := _elsewhere(data)) is not None:
            return cast(HTTPScope, {**scope, "path": other})
        if not self._has(data):
            return scope
        wanted = data if data != path or not wants_page(scope) else PREFIX + path
        return cast(HTTPScope, {**scope, "path": wanted})

    def told(self, scope: HTTPScope, send: Send) -> Send:
        """Sends with ``Vary: Accept`` where the answer depends on it, so that no cache gives a program the page."""
        if not self._has(scope["path"].rstrip("/").removesuffix(_JSON).removeprefix(PREFIX)):
            return send

        async def send_varied(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"vary", b"accept")]
            await send(message)

        return send_varied


def _elsewhere(page: str) -> str | None:
    """Where the data of a page is that has another address."""
    for shape, data in ELSEWHERE:
        before, gap, _ = shape.partition("{}")
        name = page.removeprefix(before)
        if page == shape:
            return data
        if gap and name != page and name and "/" not in name:
            # Who has a report's link sees more of it: the same as the page.
            return data.replace("/reports/{}", "/reports/links/{}" if "." in name else "/reports/{}").replace(
                "{}", name
            )
    return None


def _shape(part: str) -> str:
    """A segment of a path as a pattern: a parameter takes any."""
    return "[^/]+" if part.startswith("{") else re.escape(part)


def wants_page(scope: HTTPScope) -> bool:
    """Whether who asks would rather have HTML than anything else: a browser that goes to an address."""
    accept = next((text.decode("latin-1") for name, text in scope["headers"] if name == b"accept"), "")
    first = accept.lower().split(",")[0].split(";")[0].strip()
    return first in ("text/html", "application/xhtml+xml")
