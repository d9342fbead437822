"""How often a stranger may write: a few times at once, then as fast as a bucket fills again, for each address; and for
all of them together."""

from collections import OrderedDict
from typing import Final

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

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, request: Call, what: str, *, burst: int = BURST, every_s: float = EVERY_S) -> None:
        """Let the request pass, as one of those that may do `what`. Raises TooManyRequests."""
        client = request.client
        address = f"{what} {client.host if client else ''}"
        now = monotonic_s()
        for key, most, pause_s in ((address, burst, every_s), (what, max(BURST_ALL, burst), min(EVERY_ALL_S, every_s))):
            left, since = self._buckets.pop(key, (float(most), now))
            left = min(float(most), left + (now - since) / pause_s)
            self._buckets[key] = (max(0.0, left - 1), now)
            if left < 1:
                self._buckets[key] = (left, now)
                wait_s = (1 - left) * pause_s
                raise TooManyRequests(f"too often; try again in {wait_s:.0f} s", retry_after_s=round(wait_s, 1))
        while len(self._buckets) > _KNOWN:
            self._buckets.popitem(last=False)
