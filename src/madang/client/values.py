"""What a city answers, as values."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec


class Refused(Exception):
    """The city refused; `status` is of HTTP, the text says what to do (RFC 9457, detail)."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """A thing of the city: its attributes as plain values, by name; a place is GeoJSON."""

    id: str
    type: str | list[str]
    values: Mapping[str, Any]


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One value of an attribute's past, and when it was observed."""

    value: Any
    at: datetime


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A change as it happens: the entity after it and the names that changed, or (``gone``) the id of one that is no
    more."""

    kind: Literal["entity", "gone"]
    id: str
    entity: Entity | None = None
    changed: tuple[str, ...] = ()


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a service decided, and why. `record` is all of it, as the city answered it."""

    id: str
    service: str
    at: datetime
    target: str
    action: str
    reason: str
    refused: str | None
    record: Mapping[str, Any]


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """A published dataset: `files` are its downloads by format."""

    id: str
    title: str
    licence: str
    type: str
    files: Mapping[str, str]
