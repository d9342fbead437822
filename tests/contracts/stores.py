"""The stores that the contract holds for, and edits and entities to try them with."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from madang.errors import BadRequestData
from madang.model.change import Edited, Sample
from madang.model.entity import Attribute, Entity, Kind
from madang.settings import service_required
from madang.store.memory import MemoryLedger, MemoryStore
from madang.store.postgres import PostgresLedger, PostgresStore
from madang.store.sqlite import SqliteLedger, SqliteStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

POSTGRES = os.environ.get("MADANG_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
"""The server that the tests may make schemas on."""

AnyStore = MemoryStore | SqliteStore | PostgresStore


@cache
def postgres_answers() -> bool:
    """There is a PostgreSQL to try with."""

    async def greet() -> None:
        await (await asyncpg.connect(POSTGRES, timeout=3)).close()

    try:
        _run(greet())
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return False
    return True


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run it to its end, also where an event loop runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def postgres(folder: Path) -> PostgresStore:
    """The store of the city that belongs to the folder: the same for the same folder. Without a server the test is
    skipped, or fails where one is required."""
    if not postgres_answers():
        said = f"no PostgreSQL at {POSTGRES} (MADANG_TEST_POSTGRES says where there is one)"
        pytest.fail(said) if service_required() else pytest.skip(said)
    return PostgresStore(POSTGRES, city_of(folder))


_MINE = f"test_{os.getpid()}_"
"""What the names of this process's cities on the server begin with."""


def city_of(folder: Path) -> str:
    """The id of the folder's city on the server."""
    return f"{_MINE}{sha256(str(folder).encode()).hexdigest()[:12]}"


def sweep() -> None:
    """Drop the schemas of this process's cities, and of those that were killed before they could."""
    if postgres_answers():
        _run(_drop())


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def _drop() -> None:
    connection = await asyncpg.connect(POSTGRES)
    try:
        found = await connection.fetch("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'madang_test_')")
        for (schema,) in found:
            if schema.startswith(f"madang_{_MINE}") or not _lives(int(schema.split("_")[2])):
                await connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
    finally:
        await connection.close()


STORES: dict[str, Callable[[Path], AnyStore]] = {
    "memory": lambda _: MemoryStore(),
    "sqlite": SqliteStore,
    "postgres": postgres,
}


def ledger_of(store: AnyStore) -> MemoryLedger | SqliteLedger | PostgresLedger:
    """The ledger that belongs to a store."""
    if isinstance(store, PostgresStore):
        return PostgresLedger(store)
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
