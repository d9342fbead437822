"""Who asks, and for which purpose: the one place that decides it.

Who gives a key or a provider's token (``Authorization: Bearer``) is whom it stands for, and so is a program that shows
a client's certificate; who brings a session's cookie is who signed in. Without any, whoever reads is the public, and,
where the city's identity is ``home``, a program that writes from this machine is its operator: the connection comes
from a loopback address, was not passed on by a proxy, and was not made by a browser, where any page may be the one that
asks.
"""

import ipaddress
import re
from functools import lru_cache
from typing import Final, cast
from urllib.parse import urlsplit

from madang.api.cookie import session_text
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import BadRequestData, Forbidden, InvalidRequest, Unauthorized
from madang.govern import Caller

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PURPOSE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_OPEN = "public-information"
_NO_PROGRAM_HERE: Final = frozenset(
    (
        *("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"),
        *("origin", "cookie", "sec-fetch-site", "sec-fetch-mode"),
    )
)
"""Headers of proxies and of browsers."""
_CERTIFICATE: Final = "madang.certificate"
"""As `listen` calls it."""
_SAFE: Final = frozenset(("GET", "HEAD", "OPTIONS"))


def reader(request: Call) -> Caller:
    """The caller of an operation that reads. Raises Unauthorized, Forbidden for a key that does not hold."""
    headers = request.headers
    if "authorization" in headers:
        return _known(request)
    if _CERTIFICATE in request.scope and (caller := _certified(request)):
        return caller
    if "cookie" in headers:
        return _signed_in(request) or _public(request)
    return _public(request)


def writer(request: Call) -> Caller:
    """The caller of an operation that writes: whom the key stands for, who signed in, the operator on this machine,
    else the public, whom policy refuses. Raises as `reader` does; Forbidden where another site's page made the browser
    ask."""
    headers = request.headers
    if "authorization" in headers:
        return _known(request)
    if _CERTIFICATE in request.scope and (caller := _certified(request)):
        return caller
    if "cookie" in headers:
        caller = _signed_in(request)
        if caller is None:
            return _public(request)
        if request.method not in _SAFE:
            check_origin(request)
        return caller
    if rooms(request).home and _at_home(request):
        return Caller("operator", "operator", _purpose(request) or _OPEN, _tenant(request))
    return _public(request)


def check_origin(request: Call) -> None:
    """A browser says which page made it ask, and it has to be one of ours (RFC 6454; Fetch Metadata). Raises Forbidden:
    also where it says nothing, since every browser of today does."""
    headers = request.headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site != "same-origin":
        raise Forbidden("a page of another site made this request; open it from a page of this hub")
    if origin is not None:
        if urlsplit(origin).netloc != headers.get("host", ""):
            raise Forbidden("a page of another site made this request; open it from a page of this hub")
    elif site is None:
        raise Forbidden(
            "with a session's cookie a request that writes has to say where it comes from (Origin, Sec-Fetch-Site); "
            "programs use keys: Authorization: Bearer KEY"
        )


def is_program_here(request: Call) -> bool:
    """Whether a program on this machine asks, where that makes it the operator."""
    return rooms(request).home and _at_home(request)


def _public(request: Call) -> Caller:
    return Caller("", "public", _purpose(request) or _OPEN, _tenant(request))


def _known(request: Call) -> Caller:
    scheme, _, text = request.headers["authorization"].partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized("Authorization: this hub knows bearers of keys: Bearer KEY ('madang key add' makes one)")
    return rooms(request).known(text.strip(), _purpose(request), _tenant(request))


def _certified(request: Call) -> Caller | None:
    """Whom the certificate stands for that the connection showed: a program's. A browser shows one for every page that
    asks, so there it proves nothing about who wants it."""
    certified = rooms(request).entrance.certified
    if certified is None or not _NO_PROGRAM_HERE.isdisjoint(request.headers):
        return None
    return certified(cast(dict[str, str], request.scope)[_CERTIFICATE], _purpose(request), _tenant(request))


def _signed_in(request: Call) -> Caller | None:
    text = session_text(request)
    if not text:
        return None
    return rooms(request).entrance.caller(text, purpose=_purpose(request), tenant=_tenant(request))


def _at_home(request: Call) -> bool:
    client, headers = request.client, request.headers
    if client is None or not _NO_PROGRAM_HERE.isdisjoint(headers):
        return False
    return _is_home(client.host, headers.get("host", ""), headers.get("user-agent", ""))


@lru_cache(maxsize=1024)
def _is_home(client: str, host: str, program: str) -> bool:
    # An old browser says nothing of itself but its name, and all of them have this one.
    if program.startswith("Mozilla/"):
        return False
    # The name that was called has to be this machine's, too: any name may be made to point here.
    return is_loopback(client) and is_loopback(urlsplit(f"//{host}").hostname or "")


def is_loopback(host: str) -> bool:
    """Whether the name or address is this machine's own."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _tenant(request: Call) -> str:
    """The tenant (6.3.14): "" is the city itself."""
    name = request.headers.get("ngsild-tenant", "")
    if name and not _TENANT.fullmatch(name):
        raise BadRequestData("NGSILD-Tenant: a tenant's name has letters, digits, _ and -, at most 64")
    return name


def _purpose(request: Call) -> str:
    """The purpose that the request names, or ""."""
    purpose = request.headers.get("madang-purpose", "")
    if purpose and not _PURPOSE.fullmatch(purpose):
        raise InvalidRequest("Madang-Purpose: a purpose has small letters, digits and -, at most 64")
    return purpose
