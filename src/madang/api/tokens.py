"""Tokens of another provider on calls of the API: looked at before the call is answered, since that may need a question
to the provider, and who asks is told by `caller`, which cannot wait."""

from collections.abc import Awaitable, Callable
from typing import Final

from litestar.types import HTTPScope

from madang.govern.key import PREFIX

Admit = Callable[[str], Awaitable[None]]
"""Looks at a token, so that `Known` knows it. Raises Unavailable."""

_BEARER: Final = b"bearer "


def is_token(text: str) -> bool:
    """Whether the text is a token (RFC 7519, compact), as against a key of the city's."""
    return text.count(".") == 2 and not text.startswith(f"{PREFIX}_")


def given(scope: HTTPScope) -> str:
    """The token that a call brings; "" where it brings none."""
    for name, value in scope["headers"]:
        if name == b"authorization" and value[: len(_BEARER)].lower() == _BEARER:
            text = value[len(_BEARER) :].strip().decode("latin-1")
            return text if is_token(text) else ""
    return ""
