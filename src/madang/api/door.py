"""What happens to a request before anything else: does it bring a token that has to be looked at, is it one too many?

Programs on this machine pass at once. Strangers have a bucket of requests for each address; who is known by a key, a
token or a session has none, or one of its own.
"""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, cast

from litestar.types import HTTPScope, Receive, Send

from madang.api import problem, quick, tokens
from madang.api.caller import reader
from madang.api.limits import Limits
from madang.errors import MadangError
from madang.govern.developing import NAME as DEVELOPER
from madang.govern.developing import Developers

INSIDE: Final = "madang.inside"
"""The key of a scope that is a page's own question, asked for a visitor who was counted."""

_TELLING: Final = frozenset((b"authorization", b"cookie"))
"""Headers that say who asks."""

_BURST_S: Final = 10
"""A bucket holds what its rate lets through in so many seconds."""

_FREE: Final = "/assets/"
"""Files that are the same for everybody: a page asks for many of them at once."""


class Door:
    """`rate` and `rate_known` are requests a second, 0 for as many as come; `admit` looks at tokens; `proxies` are the
    addresses of those who say for whom they ask."""

    def __init__(
        self,
        *,
        rate: float = 0.0,
        rate_known: float = 0.0,
        admit: tokens.Admit | None = None,
        proxies: Sequence[str] = (),
    ) -> None:
        self.proxies = proxies
        self._rate = rate
        self._rate_known = rate_known
        self._admit = admit

    @property
    def is_open(self) -> bool:
        """Nobody is looked at."""
        return not (self._rate or self._rate_known or self._admit)

    async def refuses(self, scope: HTTPScope, receive: Receive, send: Send, app: Any) -> bool:
        """Whether the request does not pass; then it is answered."""
        try:
            if self._admit is not None and (text := tokens.given(scope)):
                await self._admit(text)
            if self._rate or self._rate_known:
                self._count(scope, receive, app)
        except MadangError as error:
            request = cast(problem.Call, quick.QuickRequest(scope, receive, app, limit=0))
            await quick.send_answer(send, problem.answer(request, error), scope["scheme"])
            return True
        return False

    def _count(self, scope: HTTPScope, receive: Receive, app: Any) -> None:
        limits: Limits = app.state["rooms"].limits
        address = limits.address(scope)
        if not address or INSIDE in scope or scope["path"].startswith(_FREE):
            return
        name = ""
        if any(header in _TELLING for header, _ in scope["headers"]):
            name = _known(cast(problem.Call, quick.QuickRequest(scope, receive, app, limit=0)))
        if not name:
            self._take(limits, f"of {_network(address)}", self._rate)
        elif name.startswith(DEVELOPER):
            # Anybody makes such a key: it must not be a way past the limit of strangers.
            self._take(limits, f"of {_network(address)}", self._rate)
            developers: Developers | None = app.state["rooms"].developers
            if developers is not None:
                developers.count(name)
        else:
            self._take(limits, f"by {name}", self._rate_known)

    @staticmethod
    def _take(limits: Limits, whose: str, rate: float) -> None:
        if rate:
            limits.take_name(whose, "requests", burst=max(1, round(rate * _BURST_S)), every_s=1 / rate)


def _known(request: problem.Call) -> str:
    """The name of who asks; "" for a stranger, also one whose key does not hold."""
    try:
        return reader(request).name
    except MadangError:
        return ""


@lru_cache(maxsize=4096)
def _network(address: str) -> str:
    """What one subscriber has: an address, or of IPv6 a network of 64 bits."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))
