"""The session's cookie: for people who signed in, and nobody else ever gets one."""

from typing import Final
from urllib.parse import urlsplit

from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.govern.identity.session import LONGEST

_FLOW_S: Final = 600


def session_text(request: Call) -> str:
    """The text of the session that the browser brings; "" where it brings none."""
    return _given(request, _name(request))


def flow_text(request: Call) -> str:
    """What the browser has to bring back from the provider; "" where it does not."""
    return _given(request, _name(request, "flow-"))


def session_cookie(request: Call, text: str) -> str:
    """The header's value that gives the browser the session, or takes it away (""). Strict: no other site's link or
    form brings it along."""
    age_s = int(LONGEST.total_seconds()) if text else 0
    return _made(request, _name(request), text, f"Max-Age={age_s}; SameSite=Strict")


def flow_cookie(request: Call, text: str) -> str:
    """The same for the way to a provider and back. Lax: the provider's page leads back here."""
    return _made(request, _name(request, "flow-"), text, f"Max-Age={_FLOW_S if text else 0}; SameSite=Lax")


def _made(request: Call, name: str, text: str, more: str) -> str:
    secure = "; Secure" if _is_secure(request) else ""
    return f"{name}={text}; Path=/; {more}; HttpOnly{secure}"


def _name(request: Call, what: str = "") -> str:
    # __Host-: no other host can have set it. The city's name: cookies do not know ports, and a machine may run two.
    prefix = "__Host-" if _is_secure(request) else ""
    return f"{prefix}madang-{what}{rooms(request).city.id}"


def _is_secure(request: Call) -> bool:
    if request.scope["scheme"] == "https":
        return True
    # A proxy may have ended TLS: the city's own address says so.
    address = urlsplit(rooms(request).outside.address)
    return address.scheme == "https" and address.netloc == request.headers.get("host", "")


def _given(request: Call, name: str) -> str:
    wanted = name + "="
    for part in request.headers.get("cookie", "").split(";"):
        part = part.strip()
        if part.startswith(wanted):
            return part.removeprefix(wanted)
    return ""
