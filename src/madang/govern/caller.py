"""Who asks, in which role, for which purpose: the first argument of every operation of the hub."""

from typing import Literal

import msgspec

Role = Literal["public", "service", "operator", "system"]
"""What a caller is to the city."""


class Caller(msgspec.Struct, frozen=True):
    """`name` identifies the caller (a service's name, a person's, "" for the public); `tenant` "" is the city
    itself."""

    name: str
    role: Role
    purpose: str = ""
    tenant: str = ""


PUBLIC = Caller("", "public", "public-information")
"""Anybody."""

SYSTEM = Caller("madang", "system", "operation")
"""The platform itself: its sources and its jobs."""


def service(name: str) -> Caller:
    """A city service, for its own purpose."""
    return Caller(name, "service", name)
