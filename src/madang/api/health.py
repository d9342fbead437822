"""How the parts of the running system are: for people, the page, and whoever restarts it."""

from typing import Any, Final

from litestar import Response, get

from madang.api.answer import plain
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import rooms

_EXAMPLE: Final = {
    "live": True,
    "ready": True,
    "parts": {
        "store": {"status": "running"},
        "world": {"status": "running", "since": "2026-03-01T07:00:00Z"},
        "service:signals": {"status": "running", "since": "2026-03-01T07:00:00Z"},
    },
}


@get("/health", operation_class=documented("The system", named=False, example=_EXAMPLE))
async def health(request: Call) -> Response[bytes]:
    """Whether the hub is live (it answers), ready (every part that it needs runs), and how each part is."""
    status = rooms(request).status()
    body: dict[str, Any] = {"live": True, "ready": False, "parts": {}, **status}
    response = plain(body)
    response.headers["Cache-Control"] = "no-store"
    return response
