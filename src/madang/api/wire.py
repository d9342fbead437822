"""The connection below a streamed answer, for what many get alike: framed once, written without waking a task for each.

Whoever serves the application puts one into each request's scope under `KEY` (see `listen`); without one every part
goes the way of ASGI.
"""

from typing import Any, Final, Protocol, cast

from litestar.types import HTTPScope

KEY: Final = "madang.wire"


class Wire(Protocol):
    """A connection that is sending an answer of unknown length."""

    def is_clear(self) -> bool:
        """An answer is under way, in chunks, and whoever reads keeps up with it."""
        ...

    def push(self, frame: bytes) -> None:
        """Write a part of the answer, as `framed` made it. Only while it is clear."""
        ...


def wire_of(scope: HTTPScope) -> Wire | None:
    """The connection of a request, or None where the server shows none."""
    return cast(dict[str, Any], scope).get(KEY)


def framed(part: bytes) -> bytes:
    """The part as a chunk (RFC 9112, 7.1); it is not empty."""
    return b"%x\r\n%b\r\n" % (len(part), part)
