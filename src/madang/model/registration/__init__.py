"""Context source registrations as values (ETSI GS CIM 009 v1.9.1, 5.2.8 to 5.2.11, 5.2.34): which source may hold what.

`read` makes one of a JSON body, `write` a body of one, `match` says which of them a request concerns, `operations`
knows the names of the operations. Forwarding to the sources is not here.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

TYPE = "ContextSourceRegistration"
"""The type of every registration."""


class RegistrationMode(StrEnum):
    """How a source's data stands to the hub's own (4.3.6.2, 4.3.6.3)."""

    INCLUSIVE = "inclusive"
    EXCLUSIVE = "exclusive"
    REDIRECT = "redirect"
    AUXILIARY = "auxiliary"

    @property
    def proxied(self) -> bool:
        """The hub may hold none of the registered data itself (4.3.6.3)."""
        return self in (RegistrationMode.EXCLUSIVE, RegistrationMode.REDIRECT)


class EntityInfo(msgspec.Struct, frozen=True):
    """Entities of all of these types (canonical names): with this id, or an id in which `pattern` is found, or any.

    Where a body has both, the id counts (5.2.8).
    """

    types: tuple[str, ...]
    id: str | None = None
    pattern: str | None = None


class RegistrationInfo(msgspec.Struct, frozen=True):
    """What a source may provide (5.2.10): of these entities (empty: any) these attributes (empty: any)."""

    entities: tuple[EntityInfo, ...] = ()
    names: frozenset[str] = frozenset()


class Interval(msgspec.Struct, frozen=True):
    """From `start` to `end` (None: it goes on), both included (5.2.11)."""

    start: datetime
    end: datetime | None = None


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """One registration: `body` is the whole of it as JSON, names in the canonical short form; the rest is what the hub
    reads from it.

    `operations` are single operations, groups resolved (4.20). `geometries` are the GeoProperties by name.
    """

    id: str
    body: Mapping[str, Any]
    information: tuple[RegistrationInfo, ...]
    mode: RegistrationMode
    operations: frozenset[str]
    created_at: datetime
    modified_at: datetime
    expires_at: datetime | None = None
    observation: Interval | None = None
    management: Interval | None = None
    geometries: Mapping[str, Mapping[str, Any]] = {}
    scopes: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()

    def expired(self, now: datetime) -> bool:
        """Its time is over (expiresAt): the hub does as if it were not there."""
        return self.expires_at is not None and self.expires_at <= now


__all__ = ["TYPE", "EntityInfo", "Interval", "Registration", "RegistrationInfo", "RegistrationMode"]
