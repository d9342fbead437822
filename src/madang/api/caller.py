"""Who asks, and for which purpose: the one place that decides it.

Who gives a key (``Authorization: Bearer``) is whom the key stands for. Without one, whoever reads is the public, and,
where the city's identity is ``home``, whoever writes from this machine is its operator: the connection comes from a
loopback address, was not passed on by a proxy, and was not made by a page of another site in the operator's browser.
"""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urlsplit

from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.errors import BadRequestData, InvalidRequest, Unauthorized
from madang.govern import Caller

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PURPOSE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_OPEN = "public-information"
_PASSED_ON = frozenset({"forwarded", "x-forwarded-for", "x-real-ip"})


def reader(request: Call) -> Caller:
    """The caller of an operation that reads. Raises Unauthorized, Forbidden for a key that does not hold."""
    if "authorization" in request.headers:
        return _known(request)
    return Caller("", "public", _purpose(request) or _OPEN, _tenant(request))


def writer(request: Call) -> Caller:
    """The caller of an operation that writes: whom the key stands for, the operator on this machine, else the public,
    whom policy refuses. Raises as `reader` does."""
    if "authorization" not in request.headers and rooms(request).home and _at_home(request):
        return Caller("operator", "operator", _purpose(request) or _OPEN, _tenant(request))
    return reader(request)


def _known(request: Call) -> Caller:
    scheme, _, text = request.headers["authorization"].partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized("Authorization: this hub knows bearers of keys: Bearer KEY ('madang key add' makes one)")
    return rooms(request).known(text.strip(), _purpose(request), _tenant(request))


def _at_home(request: Call) -> bool:
    client, headers = request.client, request.headers
    if client is None or not _PASSED_ON.isdisjoint(headers):
        return False
    return _is_home(client.host, headers.get("host", ""), headers.get("origin"))


@lru_cache(maxsize=1024)
def _is_home(client: str, host: str, origin: str | None) -> bool:
    if not _is_loopback(client):
        return False
    # A page of another site can make a browser call this address (and, with a name that it points here, even look like
    # the same site): so the name that was called has to be this machine's, and a stated origin has to be the same.
    return _is_loopback(urlsplit(f"//{host}").hostname or "") and (origin is None or urlsplit(origin).netloc == host)


def _is_loopback(host: str) -> bool:
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
