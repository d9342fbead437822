"""The stores that the contract holds for, and edits and entities to try them with."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from madang.errors import BadRequestData
from madang.model.change import Edited, Sample
from madang.model.entity import Attribute, Entity, Kind
from madang.store.memory import MemoryLedger, MemoryStore
from madang.store.sqlite import SqliteLedger, SqliteStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

STORES: dict[str, Callable[[Path], MemoryStore | SqliteStore]] = {
    "memory": lambda _: MemoryStore(),
    "sqlite": SqliteStore,
}


def ledger_of(store: MemoryStore | SqliteStore) -> MemoryLedger | SqliteLedger:
    """The ledger that belongs to a store."""
    return SqliteLedger(store) if isinstance(store, SqliteStore) else MemoryLedger()


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def attribute(value: Any, minutes: float | None = None, **members: Any) -> Attribute:
    """An instance, observed so many minutes after noon, reported a second later."""
    kind = Kind.GEO if isinstance(value, dict) and "coordinates" in value else Kind.PROPERTY
    observed_at = None if minutes is None else at(minutes)
    stamped = at(minutes or 0) + timedelta(seconds=1)
    return Attribute(
        **{"kind": kind, "value": value, "observed_at": observed_at, "created_at": stamped, "modified_at": stamped}
        | members
    )


def entity(id: str, type: str = "Thing", **values: Any) -> Entity:
    """An entity with a property for each value (or the instances given)."""
    attributes = {
        name: value if isinstance(value, tuple) else (value if isinstance(value, Attribute) else attribute(value),)
        for name, value in values.items()
    }
    return Entity(id=id, types=tuple(type.split("+")), attributes=attributes, created_at=NOON, modified_at=NOON)


def put(one: Entity, *samples: Sample) -> tuple[str, Callable[[Entity | None], Edited]]:
    """The edit that stores the entity, and perhaps samples of its past."""
    return one.id, lambda old: Edited(one, tuple(one.attributes), samples)


def keep(id: str, *samples: Sample) -> tuple[str, Callable[[Entity | None], Edited]]:
    """The edit that appends samples and leaves the entity."""
    return id, lambda old: Edited(old, (), samples)


def drop(id: str) -> tuple[str, Callable[[Entity | None], Edited]]:
    """The edit that deletes the entity."""
    return id, lambda old: Edited(None)


def refuse(id: str) -> tuple[str, Callable[[Entity | None], Edited]]:
    """An edit that refuses."""

    def edit(old: Entity | None) -> Edited:
        raise BadRequestData("refused")

    return id, edit
