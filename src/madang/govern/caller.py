"""Who asks, in which role, for which purpose: the first argument of every operation of the hub."""

import re
from typing import Final, Literal

import msgspec

from madang.errors import BadRequestData, Forbidden

Role = Literal["public", "member", "service", "operator", "system"]
"""What a caller is to the city. A member has an identity, and the roles that the city gave it."""


DEVELOPER: Final = "developer"
"""The role of keys that anybody makes for themselves: they say that it is the same program again, and not who."""


class Caller(msgspec.Struct, frozen=True):
    """`name` identifies the caller (a service's name, a person's, "" for the public); `tenant` "" is the city
    itself. `roles` are a member's; `country` is where it reads from (ISO 3166, "" is the city's own); `subject` is the
    URI of the person that it is, where data may be about it."""

    name: str
    role: Role
    purpose: str = ""
    tenant: str = ""
    roles: tuple[str, ...] = ()
    country: str = ""
    subject: str = ""

    @property
    def is_stranger(self) -> bool:
        """Nobody vouches for this caller: the public, or who made a key alone (`DEVELOPER`). Limits hold for both."""
        return self.role == "public" or (self.role == "member" and DEVELOPER in self.roles)

    def answers_for(self, subject: str) -> bool:
        """What is one person's own is open to this caller: it is that person, or of the house."""
        return self.role in ("operator", "system") or bool(self.subject and self.subject == subject)


PUBLIC = Caller("", "public", "public-information")
"""Anybody."""

SYSTEM = Caller("madang", "system", "operation")
"""The platform itself: its sources and its jobs."""


def system(tenant: str) -> Caller:
    """The platform itself, in a tenant."""
    return msgspec.structs.replace(SYSTEM, tenant=tenant)


def service(name: str) -> Caller:
    """A city service, for its own purpose."""
    return Caller(name, "service", name)


_WORD: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def check_words(
    *, name: tuple[str, ...], role: tuple[str, ...] = (), purpose: tuple[str, ...] = (), country: str = ""
) -> None:
    """Names, roles and purposes are words, the country is a code. Raises BadRequestData."""
    for what, words in (("name", name), ("role", role), ("purpose", purpose)):
        for word in words:
            if not _WORD.fullmatch(word):
                raise BadRequestData(f"the {what} {word!r}: small letters, digits and -, at most 64")
    if country and not re.fullmatch(r"[A-Z]{2}", country):
        raise BadRequestData(f"the country {country!r} is no ISO 3166 code such as KR")


class Somebody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is known by a name: a key's holder, a person, whom a provider vouches for. `roles` are what the datasets
    grant to, ``operator`` is one of the house. `purposes`: the first is the default, others may be named; none: any.
    `country` is where it reads (ISO 3166, "" is the city's own), `subject` the URI of the person that it is."""

    name: str
    roles: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    country: str = ""
    subject: str = ""

    def caller(self, *, purpose: str, tenant: str) -> Caller:
        """The caller that it is, for `purpose` ("" is the first of its own). Raises Forbidden for a purpose that is
        none of its own, where it has some."""
        if purpose and self.purposes and purpose not in self.purposes:
            raise Forbidden(f"what '{self.name}' may ask is for {', '.join(self.purposes)}, not for {purpose}")
        role: Role = "operator" if "operator" in self.roles else "member"
        meant = purpose or (self.purposes[0] if self.purposes else "public-information")
        return Caller(self.name, role, meant, tenant, self.roles, self.country, self.subject)
