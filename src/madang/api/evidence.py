"""What is at an address of this hub for everybody: its SHA-256, so that a proposal can name what it rests on."""

import asyncio
import hashlib
import re
from typing import Any, Final

from madang.errors import BadRequestData

OPEN: Final = ("/data/", "/datasets/", "/releases/", "/ngsi-ld/v1/", "/ogc/", "/decisions", "/api/", "/projects/")
"""Where public data is."""

MOST: Final = 50_000_000
"""Bytes that evidence may have."""

_WAIT_S: Final = 30.0
_PATH: Final = re.compile(r"/[\x21-\x7e]{1,1999}")


async def fingerprint(app: Any, path: str) -> tuple[str, int]:
    """The SHA-256 (hex) of what anybody reads there now, and its bytes. Raises BadRequestData where that is no data of
    this hub that everybody may read."""
    if not _PATH.fullmatch(path) or ".." in path or not path.startswith(OPEN):
        raise BadRequestData(f"evidence: {path[:80]!r} is no address of open data on this hub, such as /data/air.csv")
    try:
        return await asyncio.wait_for(_read(app, path), _WAIT_S)
    except TimeoutError as error:
        raise BadRequestData(f"evidence: {path[:80]!r} did not answer within {_WAIT_S:.0f} s") from error


async def _read(app: Any, path: str) -> tuple[str, int]:
    """Ask the application as the public does, from nowhere, and hash the body as it comes."""
    digest, size, unread = hashlib.sha256(), 0, True
    statuses: list[int] = []
    place, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": place,
        "raw_path": place.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", b"madang.internal"), (b"accept", b"*/*")],
        "client": ("0.0.0.0", 0),
        "server": ("madang.internal", 80),
        "state": {},
    }

    async def receive() -> dict[str, Any]:
        nonlocal unread
        if unread:
            unread = False
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        nonlocal size
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
        else:
            body = message.get("body", b"")
            size += len(body)
            if size <= MOST:
                digest.update(body)

    await app(scope, receive, send)
    if size > MOST:
        raise BadRequestData(f"evidence: {path[:80]!r} has more than {MOST} bytes; name a narrower query")
    if statuses != [200]:
        said = statuses[0] if statuses else "nothing"
        raise BadRequestData(f"evidence: {path[:80]!r} answers {said} to everybody; name data that is public")
    return digest.hexdigest(), size
