"""A simulated town and the whole loop of its city in one process, over a hub in memory: for journeys of one service."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from tests.contracts.busline import build

from madang.account import Account
from madang.bus.local import LocalBus
from madang.city import read
from madang.clock import WorldClock
from madang.decide import registry
from madang.decide.loop import Loop
from madang.decide.runner import Runner
from madang.decide.thinking import Inner
from madang.govern import Policy
from madang.govern.caller import PUBLIC
from madang.hub import Hub
from madang.model.city import WorldSpec
from madang.model.decision import DecisionRecord
from madang.model.entity import Entity
from madang.model.query import EntityQuery
from madang.sim.streets import device
from madang.sim.streets.world import Options, StreetsWorld
from madang.store.memory import MemoryLedger, MemoryStore

START = datetime(2026, 11, 2, 7, tzinfo=UTC)
DEVICES = device.CONTROL | {device.BUSES, device.TRANSIT, device.RESPONDERS}


class Town:
    """The town, or the streets of a scenario, and its city, beat by beat: with one service, whose settings are given,
    and then those `beside` it as the city runs them."""

    def __init__(
        self,
        folder: Path,
        *,
        scenario: str = "",
        name: str = "buses",
        beside: Mapping[str, Mapping[str, Any]] | None = None,
        **settings: Any,
    ) -> None:
        spec = WorldSpec(scenario=scenario) if scenario else build(folder)
        city = read(Path(__file__).parents[2] / "cities" / "ingolstadt")
        wanted = {name: settings, **(beside or {})}
        services = {
            each: msgspec.structs.replace(city.services[each], settings=given) for each, given in wanted.items()
        }
        city = msgspec.structs.replace(city, services=services)
        self.clock = WorldClock(START, speed=0)
        self.hub = Hub(MemoryStore(), Policy(city.datasets), self.clock, LocalBus())
        self.account = Account(MemoryLedger())
        loaded = [registry.load(each) for each in wanted]
        runners = [Runner(each, city=city, account=self.account, mind=Inner(each)) for each in loaded]
        self.runner = runners[0]
        self.loop = Loop(self.hub, runners, told=self.clock.tell)
        options = Options(devices=DEVICES, drain_s=900)
        self.world = StreetsWorld(spec, seed=2, start=START, folder=folder, options=options)
        self.refused: list[str] = []

    async def until(self, done: Callable[[], bool], *, at_most_s: int = 3000) -> int:
        """Let seconds pass until `done` or the end; how many."""
        if self.loop.hello is None:
            await self.loop.take(self.world.hello())
        for second in range(at_most_s):
            if done() or self.world.finished():
                return second
            tick = self.world.step()
            self.refused += [answer.refused for answer in tick.answers if answer.refused]
            self.world.order(await self.loop.take(tick))
        return at_most_s

    async def seen(self, type: str) -> list[Entity]:
        """What the public may see."""
        return list((await self.hub.entities.query(PUBLIC, EntityQuery(types=((type,),), limit=1000))).entities)

    async def records(self, action: str) -> list[DecisionRecord]:
        found = [record for _, record in await self.account.records(limit=10_000)]
        return [record for record in found if record.action == action and record.refused is None]
