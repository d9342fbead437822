"""The city's heartbeat: what the world reports goes into the hub, services that are due decide, their orders go back.

The same code runs a live city (messages from a source, orders to an actuator) and an evaluation (function calls).
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from madang.decide.runner import Runner, Status
from madang.govern.caller import SYSTEM, service
from madang.hub import Hub
from madang.model.entity import Attribute, Entity, observed
from madang.model.query import EntityQuery
from madang.model.service import Read, View
from madang.model.world import Answer, Hello, Order, Orders, Tick

LARGEST_VIEW = 100_000
"""Entities of one type that a service may see at once."""


HEAL_EVERY_S = 30.0
"""City's seconds between two looks at whether what the world said at first is still there."""

MOST_COMPLAINTS = 100
"""Different refusals of the hub that are logged, each once: a source that is wrong is wrong every second."""

log = logging.getLogger(__name__)


class Loop:
    """All services of one city, fed by one world. `told` hears the city's time with every message."""

    def __init__(self, hub: Hub, runners: Sequence[Runner], *, told: Callable[[datetime], None]) -> None:
        self.hello: Hello | None = None
        self._hub = hub
        self._runners = tuple(runners)
        self._told = told
        self._shown: dict[str, Status | None] = {}
        self._refused: tuple[Answer, ...] = ()
        self._complaints: set[str] = set()
        self._seen: dict[tuple[str, Read], dict[str, tuple[Entity, Entity]]] = {}
        self._healed: datetime | None = None

    async def take(self, message: Hello | Tick) -> Orders:
        """Let the city hear a message of its world; what it wants done, on record already."""
        self._told(message.at)
        if isinstance(message, Hello):
            self.hello, self._healed = message, message.at
            await self._forget(message.transient)
            await self._store(message.entities)
            for runner in self._runners:
                runner.world_changed()
            return Orders(at=message.at)
        await self._heal(message.at)
        await self._store(message.entities)
        if message.gone:
            await self._hub.batch.delete(SYSTEM, list(message.gone))
            for runner in self._runners:
                runner.forget(message.gone)
        orders: list[Order] = []
        answers, self._refused = (*self._refused, *message.answers), ()
        for runner in self._runners:
            await runner.settle(answers, message.at)
            if runner.due(message.at):
                wanted = await self._decide(runner, message.at)
                orders += wanted if runner.service.field else ()
        fields = [runner for runner in self._runners if runner.service.field]
        leased = tuple(target for runner in fields for target in sorted(runner.leased))
        return Orders(at=message.at, orders=tuple(orders), leased=leased)

    def refused(self, answers: Sequence[Answer]) -> None:
        """Answers that came before the next tick: orders that found no device. They go on record with it."""
        self._refused = (*self._refused, *answers)

    async def silent(self, at: datetime, reason: str) -> None:
        """The world is gone: say so on every service's status."""
        for runner in self._runners:
            runner.suspend(at, reason)
            await self._show(runner)

    def statuses(self) -> dict[str, dict[str, str]]:
        """Each service's status, why and since when, by its name."""
        return {
            runner.service.name: {
                "status": runner.status.status if runner.status else "starting",
                "reason": runner.status.reason if runner.status else "",
                "since": _text(runner.status.since) if runner.status else "",
            }
            for runner in self._runners
        }

    async def close(self) -> None:
        """Stop every service."""
        for runner in self._runners:
            await runner.close()

    async def _decide(self, runner: Runner, at: datetime) -> tuple[Order, ...]:
        orders, decision = await runner.tick(await self._view(runner, at))
        if decision is not None and decision.published:
            allowed = set(runner.service.publishes)
            await self._store([entity for entity in decision.published if allowed.issuperset(entity.types)])
        await self._show(runner)
        return orders

    async def _view(self, runner: Runner, at: datetime) -> View:
        caller = service(runner.service.name)
        entities: dict[str, Entity] = {}
        for read in runner.service.reads:
            wanted, key = frozenset(read.attributes), (runner.service.name, read)
            page = await self._hub.entities.query(caller, EntityQuery(types=((read.type,),), limit=LARGEST_VIEW))
            before, now = self._seen.get(key, {}), dict[str, tuple[Entity, Entity]]()
            for entity in page.entities:
                # Most of what is there has not changed in this second.
                known = before.get(entity.id)
                whole, part = known if known and known[0] is entity else (entity, _restrict(entity, wanted))
                now[entity.id], entities[entity.id] = (whole, part), part
            self._seen[key] = now
        return View(at=at, entities=entities, settings=runner.settings)

    async def _store(self, entities: Sequence[Entity]) -> None:
        if not entities:
            return
        # The newest report counts, whatever its time: a world that starts again may begin before the old one ended.
        result = await self._hub.batch.upsert(SYSTEM, entities, update=True)
        for id, error in result.errors:
            if len(self._complaints) < MOST_COMPLAINTS and error.detail not in self._complaints:
                self._complaints.add(error.detail)
                log.warning("the hub refused %s: %s", id, error.detail)

    async def _heal(self, at: datetime) -> None:
        """Once in a while put back what the world said of itself at first and somebody has deleted: no service can do
        without the layout of a junction, and the world says it only once."""
        if self.hello is None or (self._healed is not None and (at - self._healed).total_seconds() < HEAL_EVERY_S):
            return
        self._healed = at
        known = await self._hub.entities.read(SYSTEM, [entity.id for entity in self.hello.entities])
        await self._store([entity for entity in self.hello.entities if entity.id not in known])

    async def _forget(self, types: Sequence[str]) -> None:
        """Delete what an earlier world left behind of these types."""
        for type in types:
            page = await self._hub.entities.query(SYSTEM, EntityQuery(types=((type,),), limit=LARGEST_VIEW))
            if page.entities:
                await self._hub.batch.delete(SYSTEM, [entity.id for entity in page.entities])

    async def _show(self, runner: Runner) -> None:
        """Write the service's status to the hub when it has changed, so that people and other services see it."""
        name, status = runner.service.name, runner.status
        if status is None or self._shown.get(name) == status:
            return
        self._shown[name] = status
        await self._store([_status(runner, status)])


def _restrict(entity: Entity, wanted: frozenset[str]) -> Entity:
    if wanted.issuperset(entity.attributes):
        return entity
    attributes: dict[str, tuple[Attribute, ...]] = {n: a for n, a in entity.attributes.items() if n in wanted}
    return msgspec.structs.replace(entity, attributes=attributes)


def _status(runner: Runner, status: Status) -> Entity:
    served, permission = runner.service, runner.permission
    mandate = "" if permission is None else f"{permission.committee} {permission.resolution}"
    values = {
        "name": served.title,
        "status": status.status,
        "reason": status.reason,
        "since": _text(status.since),
        "version": served.version,
        "mandate": mandate,
    }
    return observed(f"urn:ngsi-ld:CityService:{served.name}", "CityService", status.since, values)


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
