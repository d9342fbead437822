"""Who asks, in which role, for which purpose: the first argument of every operation of the hub."""

from typing import Literal

import msgspec

Role = Literal["public", "member", "service", "operator", "system"]
"""What a caller is to the city. A member has an identity, and the roles that the city gave it."""


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

    def answers_for(self, subject: str) -> bool:
        """What is one person's own is open to this caller: it is that person, or of the house."""
        return self.role in ("operator", "system") or bool(self.subject and self.subject == subject)


PUBLIC = Caller("", "public", "public-information")
"""Anybody."""

SYSTEM = Caller("madang", "system", "operation")
"""The platform itself: its sources and its jobs."""


def service(name: str) -> Caller:
    """A city service, for its own purpose."""
    return Caller(name, "service", name)
