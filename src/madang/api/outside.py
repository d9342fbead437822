"""How the hub is reached from outside, and what reaches people from it."""

from typing import Any

import msgspec
from litestar import Request


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """`address` is the one that people use (without a slash at its end; "": as whoever asks called it); `mail`: letters
    can be sent."""

    address: str = ""
    mail: bool = False

    @property
    def letters(self) -> bool:
        """Letters can be sent that nobody's request is behind: their links need an address that is ours to say."""
        return self.mail and bool(self.address)

    def at(self, request: Request[Any, Any, Any]) -> str:
        """The address for links in what leaves the hub."""
        return self.address or f"{request.scope['scheme']}://{request.headers.get('host', 'localhost')}"
