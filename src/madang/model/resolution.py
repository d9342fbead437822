"""What a committee resolves about a service, and what an operator overrides: acts of people that bind the runner."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec

_Some = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
"""Left out: all. An empty list would say none, and mean all."""


class Act(StrEnum):
    """What a resolution does to a service."""

    APPROVE = "approve"
    SUSPEND = "suspend"
    REVOKE = "revoke"


class Condition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What an approval is bound to. `text` says it in words; the rest is enforced at each command.

    `between` are two local times (``06:00``, ``20:00``; over midnight too): outside of them the fallback runs.
    `targets` are the only entities, `actions` the only actions that the service may command.
    """

    text: str
    between: tuple[str, str] | None = None
    targets: _Some = ()
    actions: _Some = ()


class Resolution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A resolution that was passed. `id` is the committee's own reference, such as ``2026-07/14``.

    It holds from `since` to `until` (excluded; None: without an end). `ayes`, `noes` and `abstained` are the members
    that were present and voted; `recused` those that took no part because it concerned them. `motion` is the entry of
    the vote in which each member voted under its own identity; empty where the committee's clerk told how they voted.
    """

    id: str
    committee: str
    service: str
    act: Act
    reason: str
    at: datetime
    since: datetime
    until: datetime | None = None
    conditions: tuple[Condition, ...] = ()
    ayes: tuple[str, ...] = ()
    noes: tuple[str, ...] = ()
    abstained: tuple[str, ...] = ()
    recused: tuple[str, ...] = ()
    motion: str = ""


class Override(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An operator's word instead of a service's, for one target, until a time: give it back to its own plan (action
    ``release``), or do this. `decision` is the one that is overridden."""

    id: str
    decision: str
    service: str
    target: str
    action: str
    parameters: Mapping[str, Any]
    reason: str
    by: str
    at: datetime
    until: datetime
