"""Keys by which machines and people are known: 256 random bits, of which only the hash is kept.

A hash without salt or stretching is enough for a secret that nobody can guess (NIST SP 800-63B-4, 3.1.2.2); looking it
up is quick, and says nothing by how long it takes.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from madang.errors import BadRequestData, Forbidden, Unauthorized
from madang.govern.caller import Caller, Role

PREFIX: Final = "mdg"
_TEXT: Final = re.compile(rf"{PREFIX}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})")
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_OPERATOR: Final = "operator"


class Key(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of a key. `roles` are what the datasets grant to; ``operator`` is one of the house. `purposes`: the
    first is the default, others may be named; none: any. `country` is where its holder reads (ISO 3166, "" is the
    city's own), `subject` the URI of the person that it is."""

    id: str
    name: str
    hash: str
    roles: tuple[str, ...]
    purposes: tuple[str, ...] = ()
    country: str = ""
    subject: str = ""
    created_at: datetime
    expires_at: datetime | None = None


def make(
    name: str,
    *,
    roles: tuple[str, ...],
    now: datetime,
    purposes: tuple[str, ...] = (),
    country: str = "",
    subject: str = "",
    expires_at: datetime | None = None,
) -> tuple[Key, str]:
    """A new key and its text, which is nowhere else. Raises BadRequestData for a name that is none."""
    for what, words in (("name", (name,)), ("role", roles), ("purpose", purposes)):
        for word in words:
            if not _WORD.fullmatch(word):
                raise BadRequestData(f"the {what} {word!r}: small letters, digits and -, at most 64")
    if country and not re.fullmatch(r"[A-Z]{2}", country):
        raise BadRequestData(f"the country {country!r} is no ISO 3166 code such as KR")
    id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = Key(
        id=id,
        name=name,
        hash=_hash(secret),
        roles=roles,
        purposes=purposes,
        country=country,
        subject=subject,
        created_at=now,
        expires_at=expires_at,
    )
    return key, f"{PREFIX}_{id}_{secret}"


def caller(text: str, keys: Mapping[str, Key], now: Callable[[], datetime], *, purpose: str, tenant: str) -> Caller:
    """Whom the key's text stands for, for that purpose ("" is the key's own). Raises Unauthorized, Forbidden."""
    found = _TEXT.fullmatch(text)
    key = keys.get(found[1]) if found is not None else None
    if found is None or key is None or not hmac.compare_digest(key.hash, _hash(found[2])):
        raise Unauthorized("the key is not one of this city's, or has been revoked; 'madang key add' makes one")
    if key.expires_at is not None and now() >= key.expires_at:
        raise Unauthorized(
            f"the key of '{key.name}' ended on {key.expires_at:%Y-%m-%d}; 'madang key add' makes another"
        )
    if purpose and key.purposes and purpose not in key.purposes:
        raise Forbidden(f"the key of '{key.name}' is for {', '.join(key.purposes)}, not for {purpose}")
    role: Role = "operator" if _OPERATOR in key.roles else "member"
    meant = purpose or (key.purposes[0] if key.purposes else "public-information")
    return Caller(key.name, role, meant, tenant, key.roles, key.country, key.subject)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
