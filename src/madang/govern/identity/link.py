"""A link that signs in once, within a quarter of an hour: the first start's way in, and the way back for who forgot."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Final

import msgspec

LASTS: Final = timedelta(minutes=15)
_TEXT: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """Whom it signs in; `id` is the hash of its token, which is kept nowhere."""

    id: str
    name: str
    ends_at: datetime


def make(name: str, now: datetime) -> tuple[Link, str]:
    """A new link and its token."""
    token = secrets.token_urlsafe(32)
    return Link(id=id_of(token), name=name, ends_at=now + LASTS), token


def id_of(token: str) -> str:
    """The id of the link with that token; "" where the text can be none."""
    return hashlib.sha256(token.encode()).hexdigest() if _TEXT.fullmatch(token) else ""
