"""How often a stranger may write: a few times at once, then as fast as a bucket fills again, for each address; and for
all of them together."""

import ipaddress
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from litestar.types import HTTPScope as Scope

from madang.api.problem import Call
from madang.clock import monotonic_s
from madang.errors import MadangError

BURST: Final = 5
EVERY_S: Final = 30.0
"""An address may write five times at once and then once in half a minute."""

BURST_ALL: Final = 100
EVERY_ALL_S: Final = 1.0
_KNOWN: Final = 10_000


class TooManyRequests(MadangError):
    """Asked too often; the member `retry_after_s` says when again."""

    status = 429
    type = "about:blank"
    title = "Too many requests"


class Limits:
    """Buckets of tokens by address; the least used are forgotten."""

    def __init__(self, proxies: Sequence[str] = ()) -> None:
        """`proxies` are the addresses of those who pass requests on, besides this machine's own."""
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._proxies = frozenset(proxies)

    def address(self, scope: Scope) -> str:
        """Where a request comes from, as far as it can be believed: the connection's other end or, where that is a
        proxy of ours, whom the proxy names last; "" for a program on this machine."""
        client = scope["client"]
        host = client[0] if client else ""
        ours = _is_loopback(host)
        if not ours and host not in self._proxies:
            return host
        named = [text for name, text in scope["headers"] if name == b"x-forwarded-for"]
        if not named:
            return "" if ours else host
        return named[-1].decode("latin-1").rpartition(",")[2].strip()[:64] or host

    def take(self, request: Call, what: str, *, burst: int = BURST, every_s: float = EVERY_S) -> None:
        """Let the request pass, as one of those that may do `what`. Raises TooManyRequests."""
        address = f"{what} {self.address(request.scope)}"
        self._take((address, burst, every_s), (what, max(BURST_ALL, burst), min(EVERY_ALL_S, every_s)))

    def take_name(self, name: str, what: str, *, burst: int, every_s: float) -> None:
        """Let pass what is about `name`, from wherever it comes. Raises TooManyRequests."""
        self._take((f"{what} of {name[:64]}", burst, every_s))

    def _take(self, *wanted: tuple[str, int, float]) -> None:
        now = monotonic_s()
        for key, most, pause_s in wanted:
            left, since = self._buckets.pop(key, (float(most), now))
            left = min(float(most), left + (now - since) / pause_s)
            self._buckets[key] = (max(0.0, left - 1), now)
            if left < 1:
                self._buckets[key] = (left, now)
                wait_s = (1 - left) * pause_s
                raise TooManyRequests(f"too often; try again in {wait_s:.0f} s", retry_after_s=round(wait_s, 1))
        while len(self._buckets) > _KNOWN:
            self._buckets.popitem(last=False)


@lru_cache(maxsize=4096)
def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
