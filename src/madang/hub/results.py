"""What operations answer (ETSI GS CIM 009 v1.8.1, 5.2.16 BatchOperationResult, 5.2.18 UpdateResult)."""

from dataclasses import dataclass, field

import msgspec

from madang.errors import MadangError
from madang.model.entity import Entity


class Page(msgspec.Struct, frozen=True):
    """A page of entities, and how many there are in all where the query asked for it."""

    entities: list[Entity]
    count: int | None = None


class UpdateResult(msgspec.Struct, frozen=True):
    """Names of the attributes that were written, and (name, reason) of those that were not."""

    updated: tuple[str, ...] = ()
    not_updated: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class BatchResult:
    """Ids of entities that were written, those of them that are new, and (id, error) of those that were refused."""

    success: list[str] = field(default_factory=list[str])
    created: list[str] = field(default_factory=list[str])
    errors: list[tuple[str, MadangError]] = field(default_factory=list[tuple[str, MadangError]])
