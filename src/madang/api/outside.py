"""How the hub is reached from outside, and what reaches people from it."""

from typing import Any

import msgspec
from litestar import Request


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """`address` is the one that people use (without a slash at its end; "": as whoever asks called it); `mail`: letters
    can be sent."""

    address: str = ""
    mail: bool = False

    def at(self, request: Request[Any, Any, Any]) -> str:
        """The address for links in what leaves the hub."""
        return self.address or f"{request.scope['scheme']}://{request.headers.get('host', 'localhost')}"
