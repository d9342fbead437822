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

from madang.errors import Unauthorized
from madang.govern.caller import Caller, Somebody, check_words

PREFIX: Final = "mdg"
_TEXT: Final = re.compile(rf"{PREFIX}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})")


class Key(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of a key. `roles` are what the datasets grant to; ``operator`` is one of the house. `purposes`: the
    first is the default, others may be named; none: any. `country` is where its holder reads (ISO 3166, "" is the
    city's own), `subject` the URI of the person that it is. Where there is a `certificate` (its fingerprint: SHA-256 of
    the DER, hex), who shows that is the holder; the text of such a key was given to nobody."""

    id: str
    name: str
    hash: str
    roles: tuple[str, ...]
    purposes: tuple[str, ...] = ()
    country: str = ""
    subject: str = ""
    created_at: datetime
    expires_at: datetime | None = None
    certificate: str = ""

    def caller(self, now: datetime, *, purpose: str, tenant: str) -> Caller:
        """Whom it stands for, for that purpose ("" is its own). Raises Unauthorized, Forbidden."""
        if self.expires_at is not None and now >= self.expires_at:
            raise Unauthorized(
                f"the key of '{self.name}' ended on {self.expires_at:%Y-%m-%d}; 'madang key add' makes another"
            )
        holder = Somebody(
            name=self.name, roles=self.roles, purposes=self.purposes, country=self.country, subject=self.subject
        )
        return holder.caller(purpose=purpose, tenant=tenant)


def make(
    name: str,
    *,
    roles: tuple[str, ...],
    now: datetime,
    purposes: tuple[str, ...] = (),
    country: str = "",
    subject: str = "",
    expires_at: datetime | None = None,
    certificate: str = "",
) -> tuple[Key, str]:
    """A new key and its text, which is nowhere else. Raises BadRequestData for a name that is none."""
    check_words(name=(name,), role=roles, purpose=purposes, country=country)
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
        certificate=certificate,
    )
    return key, f"{PREFIX}_{id}_{secret}"


def caller(text: str, keys: Mapping[str, Key], now: Callable[[], datetime], *, purpose: str, tenant: str) -> Caller:
    """Whom the key's text stands for, for that purpose ("" is the key's own). Raises Unauthorized, Forbidden."""
    found = _TEXT.fullmatch(text)
    key = keys.get(found[1]) if found is not None else None
    if found is None or key is None or not hmac.compare_digest(key.hash, _hash(found[2])):
        raise Unauthorized("the key is not one of this city's, or has been revoked; 'madang key add' makes one")
    return key.caller(now(), purpose=purpose, tenant=tenant)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
