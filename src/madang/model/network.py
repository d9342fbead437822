"""Internet addresses: which kind of network one stands in, whatever way it is written.

An IPv6 address may stand for an IPv4 one (mapped, NAT64, 6to4, Teredo): a translator on the way would lead there. So
each of the addresses in it counts.
"""

import ipaddress
from enum import StrEnum

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_V4_BITS = 0xFFFFFFFF

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


class Network(StrEnum):
    """What kind of network an address stands in."""

    PUBLIC = "public"
    LOOPBACK = "loopback"
    PRIVATE = "private"
    NOBODY = "nobody"
    """Nobody's own: multicast, unspecified."""


def network(text: str) -> Network:
    """The network of an address, with or without a zone (``fe80::1%eth0``). Raises ValueError where it is none."""
    ip = ipaddress.ip_address(text.split("%")[0])
    kinds = {_own(one) for one in _embedded(ip)} or {_own(ip)}
    return next(kind for kind in (Network.NOBODY, Network.PRIVATE, Network.LOOPBACK, Network.PUBLIC) if kind in kinds)


def _own(ip: Ip) -> Network:
    if ip.is_multicast or ip.is_unspecified:
        return Network.NOBODY
    if ip.is_loopback:
        return Network.LOOPBACK
    return Network.PUBLIC if ip.is_global else Network.PRIVATE


def _embedded(ip: Ip) -> list[Ip]:
    """The IPv4 addresses that an IPv6 address stands for."""
    if isinstance(ip, ipaddress.IPv4Address):
        return []
    if ip.ipv4_mapped is not None:
        return [ip.ipv4_mapped]
    if ip.sixtofour is not None:
        return [ip, ip.sixtofour]
    if ip.teredo is not None:
        return [ip, *ip.teredo]
    if ip in _NAT64:
        return [ipaddress.IPv4Address(int(ip) & _V4_BITS)]
    if ip in _COMPATIBLE and not (ip.is_loopback or ip.is_unspecified):
        return [ip, ipaddress.IPv4Address(int(ip) & _V4_BITS)]
    return []
