"""Security headers on every answer, and slashes in ids: what happens outside of the routing.

The policy lets a page load from this host only and run no inline script. The viewer under ``/docs`` sets inline styles
and so needs an exception for these.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

from litestar.types import HTTPScope, Message, Send

_CSP: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data: blob:; "
    "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_FIXED: Final = (
    (b"x-content-type-options", b"nosniff"),
    # Without one, browsers would also keep back from our own forms which page sent them (Origin: null).
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(self), camera=(), microphone=()"),
)
OPEN: Final = (
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"Link, Location, ETag, Content-Range, Content-Crs, Content-Disposition, NGSILD-Results-Count",
    ),
)
"""Of data: a page of any site may read what anybody may. With ``*`` a browser shows a page nothing that it asked for
with a cookie, and what says nothing of itself but where it comes from is a stranger here (`api/caller`)."""
PREFLIGHT: Final = (
    OPEN[0],
    (b"access-control-allow-methods", b"GET, HEAD, POST, PATCH, DELETE"),
    (
        b"access-control-allow-headers",
        b"Authorization, Content-Type, Link, NGSILD-Tenant, Madang-Purpose, Prefer, Range, If-Range, If-None-Match",
    ),
    (b"access-control-max-age", b"7200"),
    (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
)
"""What a page of another site may send: what the key of a developer lets it do."""
DATA: Final = (
    *OPEN,
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""What answers of the hub's operations have: they are data, of which a browser shows nothing and runs nothing."""
TLS_ONLY: Final = (b"strict-transport-security", b"max-age=63072000")
"""Over TLS: two years long no browser asks without it."""
OWN: Final = b"private, no-store"
"""How long what somebody known sees may be kept on its way: not at all."""
_CONTEXT: Final = b"/ngsi-ld/v1/jsonldContexts/"
_PAGE: Final = (*_FIXED, (b"content-security-policy", _CSP.format(styles="").encode()))
_DOCS: Final = (*_FIXED, (b"content-security-policy", _CSP.format(styles=" 'unsafe-inline'").encode()))


_KNOWN: Final = frozenset((b"authorization", b"cookie"))


def added(path: str) -> Sequence[tuple[bytes, bytes]]:
    """The headers that every answer at this path has."""
    return _DOCS if path.startswith("/docs") else _PAGE


def guarded(send: Send, scope: HTTPScope) -> Send:
    """Sends with the headers added that the answer does not set itself; what is somebody's own is kept nowhere."""
    path = scope["path"]
    own = added(path) if scope["scheme"] != "https" else (*added(path), TLS_ONLY)
    known = not path.startswith("/assets/") and any(name in _KNOWN for name, _ in scope["headers"])

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = [pair for pair in message["headers"] if not (known and pair[0].lower() == b"cache-control")]
            names = {name.lower() for name, _ in given}
            private = ((b"cache-control", OWN),) if known else ()
            shared = () if _is_page(given) else OPEN
            message["headers"] = [*given, *(pair for pair in own if pair[0] not in names), *shared, *private]
        await send(message)

    return send_with_headers


def _is_page(given: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether the answer is for a person: no other site's program needs it."""
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in given)


def asks_first(scope: HTTPScope) -> bool:
    """Whether a browser asks what a page of another site may send (a preflight of the Fetch standard)."""
    return scope["method"] == "OPTIONS" and any(
        name == b"access-control-request-method" for name, _ in scope["headers"]
    )


async def permit(send: Send) -> None:
    """Answer a preflight, the same for every address: what a request may do is decided when it comes."""
    start: Message = {"type": "http.response.start", "status": 204, "headers": [*PREFLIGHT]}
    await send(start)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def keep_slashes(scope: HTTPScope) -> None:
    """Keep a ``%2F`` in a path's segment from becoming a separator: an entity's id may be an URL. The address of an
    @context may even have bare slashes: nothing is below it, and clients forget to encode them."""
    raw = scope["raw_path"]
    if raw and ((b"%" in raw and b"%2f" in raw.lower()) or raw.startswith(_CONTEXT)):
        path = raw.split(b"?")[0]
        if path.startswith(_CONTEXT):
            path = _CONTEXT + path.removeprefix(_CONTEXT).replace(b"/", b"%2F")
        segments = path.decode("latin-1").split("/")
        scope["path"] = "/".join(unquote(segment).replace("/", "%2F") for segment in segments)
