"""The record of a command: what was known, which rule, what else was possible, who permitted it, what came of it.

Written to the ledger before the command is sent (architecture, 4). Everything that ``madang replay`` needs is in it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from madang.model.entity import Kind
from madang.model.resolution import Condition
from madang.model.service import Alternative


class Input(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One attribute value that a command rests on; `type` is its entity's. `withheld` says why a value is withheld.

    A large value is kept once in the ledger and named here by its SHA-256 (`digest`).
    """

    entity: str
    type: str = ""
    attribute: str
    kind: Kind = Kind.PROPERTY
    value: Any = None
    observed_at: datetime | None = None
    digest: str | None = None
    withheld: str | None = None


class Permission(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The mandate under which a command was sent: who gave it, by which resolution, until when, on which conditions."""

    committee: str
    resolution: str
    until: datetime
    conditions: tuple[Condition, ...] = ()


class DecisionRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One decision as the ledger keeps it. `id` is ``<service>-<sequence number>``.

    `refused` is a guard's or the mandate's refusal: then the command was not sent. `memory` is the slice of the
    service's memory that the command depends on, `settings` those of the service at the time.
    """

    id: str
    service: str
    version: str
    at: datetime
    target: str
    action: str
    parameters: Mapping[str, Any]
    rule: str
    reason: str
    previous: Mapping[str, Any]
    inputs: tuple[Input, ...]
    alternatives: tuple[Alternative, ...]
    score_unit: str
    expected: Mapping[str, float]
    permission: Permission | None
    memory: Mapping[str, Any]
    settings: Mapping[str, Any]
    refused: str | None = None
