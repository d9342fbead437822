"""A person whom the city itself knows: name, password, perhaps a second factor, and roles."""

from datetime import datetime
from typing import Final

import msgspec

from madang.errors import BadRequestData
from madang.govern.caller import Somebody, check_words

SHORTEST: Final = 12
LONGEST: Final = 256
_DIFFERENT: Final = 5
OPERATOR: Final = "operator"
"""The role of the house, and the name of whoever came in by the operator's link."""


class Person(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`password` is its Argon2id hash; `totp` the secret of the second factor in base 32, "" is none. `roles`,
    `purposes`, `country` and `subject` are as a key's. A session that began before `changed_at` holds no more."""

    name: str
    password: str
    roles: tuple[str, ...]
    totp: str = ""
    purposes: tuple[str, ...] = ()
    country: str = ""
    subject: str = ""
    created_at: datetime
    changed_at: datetime

    def somebody(self) -> Somebody:
        """Who it is to the rest of the city."""
        return Somebody(
            name=self.name, roles=self.roles, purposes=self.purposes, country=self.country, subject=self.subject
        )


def check_person(name: str, *, roles: tuple[str, ...], purposes: tuple[str, ...] = (), country: str = "") -> None:
    """Raises BadRequestData where one of them is none."""
    if name == OPERATOR:
        raise BadRequestData("'operator' is whoever comes by the operator's link; give the person a name of their own")
    check_words(name=(name,), role=roles, purpose=purposes, country=country)


def check_password(password: str, name: str) -> None:
    """Long enough and not what is tried first (NIST SP 800-63B-4, 3.1.1.2; no rule about kinds of characters). Raises
    BadRequestData."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadRequestData(f"a password has {SHORTEST} to {LONGEST} characters: some words in a row do well")
    plain = password.casefold()
    if len(set(plain)) < _DIFFERENT or plain in "01234567890123456789" or name in plain or "madang" in plain:
        raise BadRequestData("this password is easily guessed: not the name, not a row of the same, not 'madang'")
