"""The second factor: a code of six digits that changes every 30 s (RFC 6238, with the HMAC-SHA-1 that apps expect)."""

import base64
import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import quote

STEP_S: Final = 30
DIGITS: Final = 6
_DRIFT: Final = 1
"""Steps by which a phone's clock may be early or late."""


def new_secret() -> str:
    """160 random bits in base 32, as apps take them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def address(secret: str, name: str, city: str) -> str:
    """The ``otpauth:`` address that an app reads, from a QR code or typed."""
    label = quote(f"{city}:{name}", safe="")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(city, safe='')}"


def code(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of a step: the seconds since 1970 by `STEP_S` (RFC 4226, 5.3)."""
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}d}"


def step_of(secret: str, given: str, at_s: float, *, after: int = -1) -> int | None:
    """The step whose code was given, later than the step `after` (a code holds once); None: it does not fit."""
    now = int(at_s) // STEP_S
    given = given.replace(" ", "")
    found = None
    for step in range(now - _DRIFT, now + _DRIFT + 1):
        if hmac.compare_digest(code(secret, step).encode(), given.encode()) and step > after:
            found = step
    return found
