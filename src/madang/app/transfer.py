"""``madang export``, ``import`` and ``backup``: a city's data out of its store and into it, as NDJSON of NGSI-LD."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import msgspec

from madang.api.contexts import Contexts
from madang.app.sealing import Restored
from madang.app.store import Kept, kept_store, open_store
from madang.app.store import backup as copy_files
from madang.app.store import restore as restore_files
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.errors import BadRequestData, InvalidRequest, MadangError
from madang.govern import SYSTEM, Policy
from madang.hub import Hub
from madang.model.city import City
from madang.model.context import CORE, CORE_URL
from madang.model.document.attribute import Mode
from madang.model.document.entity import read_entity
from madang.model.document.output import Form, write_entity
from madang.model.document.past import write_past
from madang.model.entity import Entity
from madang.settings import Settings

PAGE = 500
"""Entities that are read or written at once."""

PAST_PAGE = 20
"""Entities whose whole past is read at once."""

_SYSTEM = Form(system=True)
Told = Callable[[int], None]
"""Hears how many are done."""


class Refused(NamedTuple):
    """A line that could not be taken, counted from 1, and why."""

    line: int
    why: str


def export(city: City, settings: Settings, out: TextIO, *, tenant: str, past: bool, told: Told) -> int:
    """Write every entity (with `past`: its temporal representation instead) as a line of JSON-LD; how many.

    Reads beside a hub that is running. Raises Unavailable, NonexistentTenant.
    """
    kept = kept_store(city, settings, tenant)
    try:
        return asyncio.run(_export(kept, out, past=past, told=told))
    finally:
        kept.close()


async def _export(kept: Kept, out: TextIO, *, past: bool, told: Told) -> int:
    count = 0
    async for entity in _all(kept, past=past):
        body = write_past(entity, _SYSTEM, CORE, values=False) if past else write_entity(entity, _SYSTEM)
        out.write(msgspec.json.encode({"@context": CORE_URL, **body}).decode() + "\n")
        count += 1
        if count % PAGE == 0:
            told(count)
    told(count)
    return count


async def _all(kept: Kept, *, past: bool) -> AsyncIterator[Entity]:
    after = ""
    while True:
        page = await (kept.past(after, PAST_PAGE) if past else kept.walk(after, PAGE))
        for entity in page:
            yield entity
        if not page:
            return
        after = page[-1].id


def take(
    city: City, settings: Settings, lines: Iterable[str], *, tenant: str, past: bool, told: Told
) -> tuple[int, list[Refused]]:
    """Read lines that `export` wrote (or any JSON-LD entities, one a line) into the city's store, through its datasets'
    rules: what exists is replaced, a past is added to. How many were taken, and the lines that were not.

    Raises Unavailable where a hub runs on the data.
    """
    store, _ = open_store(city, settings)
    try:
        hub = Hub(store, Policy(city.datasets), WallClock(), LocalBus())
        caller = msgspec.structs.replace(SYSTEM, tenant=tenant)
        contexts = Contexts(private=settings.private_contexts)
        return asyncio.run(_Taking(hub, caller, contexts, past).run(lines, told))
    finally:
        store.close()


class _Taking:
    """One import."""

    def __init__(self, hub: Hub, caller: Any, contexts: Contexts, past: bool) -> None:
        self._hub = hub
        self._caller = caller
        self._contexts = contexts
        self._past = past
        self._taken = 0
        self._refused: list[Refused] = []
        self._waiting: list[tuple[int, Entity]] = []

    async def run(self, lines: Iterable[str], told: Told) -> tuple[int, list[Refused]]:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                self._waiting.append((number, await self._read(line)))
            except MadangError as error:
                self._refused.append(Refused(number, error.detail))
            if len(self._waiting) >= PAGE:
                await self._write()
                told(self._taken)
        await self._write()
        told(self._taken)
        return self._taken, sorted(self._refused)

    async def _read(self, line: str) -> Entity:
        try:
            given: Any = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError) as error:
            raise InvalidRequest(f"no JSON: {error}") from error
        if not isinstance(given, dict):
            raise BadRequestData("no JSON object")
        context = await self._contexts.resolve(given.get("@context"))  # pyright: ignore
        return read_entity(given, context, Mode(temporal=self._past))

    async def _write(self) -> None:
        waiting, self._waiting = self._waiting, []
        if self._past:
            for number, entity in waiting:
                try:
                    await self._hub.temporal.append(self._caller, entity)
                    self._taken += 1
                except MadangError as error:
                    self._refused.append(Refused(number, error.detail))
            return
        if waiting:
            lines = {entity.id: number for number, entity in waiting}
            result = await self._hub.batch.upsert(self._caller, [entity for _, entity in waiting])
            self._taken += len(result.success)
            self._refused += [Refused(lines[id], error.detail) for id, error in result.errors]


def backup(city: City, settings: Settings, target: Path, *, plain: bool) -> list[Path]:
    """Copy the city's data into the new folder `target`, while a hub writes or not; the files."""
    return copy_files(city, settings, target, plain=plain)


def restore(city: City, settings: Settings, source: Path) -> Restored:
    """Make a backup the city's data; how many people are back, and how many were erased since."""
    return restore_files(city, settings, source)


def progress(word: str) -> Told:
    """Tells on a terminal how far it is; says nothing into a file."""

    def told(count: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{count:,} entities {word}")
            sys.stderr.flush()

    return told
