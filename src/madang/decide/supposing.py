"""What a service would have decided under other settings: computed from a decision's own record, sent to nobody.

As in a replay the view is what the record holds; only the settings are others. A service thinks in a process of its own
here, too, so that a question of a resident never takes a thread or a cache from the services that run the city; the
process ends when nobody has asked for a while.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from madang.decide.acts import OVERRIDE
from madang.decide.registry import load
from madang.decide.replay import difference, entities
from madang.decide.thinking import ServiceError, Worker
from madang.errors import BadRequestData, Unavailable
from madang.model.decision import DecisionRecord
from madang.model.service import Command, Expected, Service, View

IDLE_S = 120.0
LONGEST_S = 20.0
KEPT = 256
"""So many answers are kept: a record does not change, and many look at the same."""


class Supposed(msgspec.Struct, frozen=True, kw_only=True):
    """`recorded` is what is computed with the settings of then: the same as the record where `replayed`, else
    `difference` says why not. `supposed` is what is computed with `settings` besides; None: nothing would have been
    commanded, and what was shown would have stayed."""

    settings: dict[str, Any]
    recorded: Command | None
    replayed: bool
    difference: str
    supposed: Command | None
    version: str

    @property
    def same(self) -> bool:
        """Whether the settings make no difference to what is done."""
        one, other = self.recorded, self.supposed
        if one is None or other is None:
            return one is other
        return (one.action, one.parameters) == (other.action, other.parameters)


class Supposing:
    """Asks services what if, one question at a time each."""

    def __init__(self) -> None:
        self._workers: dict[str, Worker] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._ends: dict[str, asyncio.TimerHandle] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._expected: dict[str, Expected] = {}

    async def expect(self, record: DecisionRecord) -> Expected:
        """What the service's own model expects of everything that could be done at the moment of the record.

        Raises BadRequestData for a record that no service computed or whose service has no model; Unavailable where
        nothing can be said of that moment."""
        service = _thought(record)
        if service.expect is None:
            raise BadRequestData(f"{service.name} has no model that could be asked what it expects")
        if record.id in self._expected:
            return self._expected[record.id]
        view = View(at=record.at, entities=entities(record), settings=record.settings)
        async with self._turns.setdefault(service.name, asyncio.Lock()):
            worker = self._workers.setdefault(service.name, Worker(service.name, timeout_s=LONGEST_S))
            try:
                found = await worker.expect(view, record.memory, record.target)
            except ServiceError as error:
                raise Unavailable(f"{service.name} can say nothing of that moment: {error.detail}") from error
            finally:
                self._soon(service.name, worker)
        while len(self._expected) >= KEPT:
            del self._expected[next(iter(self._expected))]
        self._expected[record.id] = found
        return found

    async def ask(self, record: DecisionRecord, settings: Mapping[str, Any]) -> Supposed:
        """What the service of the record would have done with `settings` over those of then.

        Raises BadRequestData for settings that the service has not or does not take, and for a record that no service
        computed; Unavailable where the service does not answer."""
        service = _thought(record)
        wanted = checked(service, settings)
        async with self._turns.setdefault(service.name, asyncio.Lock()):
            recorded = await self._decide(service, record, {})
            supposed = await self._decide(service, record, wanted) if wanted else recorded
        differs = difference(record, recorded) if recorded is not None else "the service now commands nothing here"
        return Supposed(
            settings=wanted,
            recorded=recorded,
            replayed=not differs,
            difference=differs,
            supposed=supposed,
            version=service.version,
        )

    async def close(self) -> None:
        """End all processes."""
        for timer in self._ends.values():
            timer.cancel()
        await asyncio.gather(*(worker.close() for worker in self._workers.values()), *self._closing)

    async def _decide(self, service: Service, record: DecisionRecord, settings: Mapping[str, Any]) -> Command | None:
        worker = self._workers.setdefault(service.name, Worker(service.name, timeout_s=LONGEST_S))
        view = View(at=record.at, entities=entities(record), settings={**record.settings, **settings})
        try:
            decision = await worker.decide(view, record.memory)
        except ServiceError as error:
            # The service's own words name the setting and what it takes.
            if settings:
                raise BadRequestData(f"with these settings the service does not decide: {error.detail}") from error
            raise Unavailable(f"the service {service.name} does not answer: {error.detail}") from error
        finally:
            self._soon(service.name, worker)
        return next((command for command in decision.commands if command.target == record.target), None)

    def _soon(self, name: str, worker: Worker) -> None:
        """End the process when nobody has asked for a while."""
        loop = asyncio.get_running_loop()
        if name in self._ends:
            self._ends[name].cancel()

        def end() -> None:
            task = loop.create_task(worker.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

        self._ends[name] = loop.call_later(IDLE_S, end)


def _thought(record: DecisionRecord) -> Service:
    """The service that computed the record. Raises BadRequestData where none did."""
    if record.rule == OVERRIDE:
        raise BadRequestData(f"{record.id} is an operator's override: no service weighed anything")
    return load(record.service)


def checked(service: Service, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, each one that the service has and of the kind that it has. Raises BadRequestData."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        if name not in service.settings:
            raise BadRequestData(f"{service.name} has no setting {name[:60]!r} (it has: {', '.join(service.settings)})")
        own: Any = service.settings[name]
        try:
            found[name] = msgspec.convert(value, cast(type[object], type(own)), strict=False)
        except msgspec.ValidationError as error:
            raise BadRequestData(f"{name}: {error} (now {own!r})") from error
    return found
