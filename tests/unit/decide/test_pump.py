"""The pump: a world that falls silent is gone, and one whose city is busy is not."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from madang.act.dry import DryRun
from madang.clock import WorldClock
from madang.decide import pump
from madang.decide.pump import BUSY, GONE, Pump
from madang.decide.runner import Runner
from madang.decide.thinking import Inner
from madang.model.city import City
from madang.model.service import Decision, Memory, Service, View
from madang.model.world import Hello, Tick
from madang.ports import Source

from .test_loop import AT, Loop, Town, hello, tick


class Slow(Inner):
    """Starts for as long as `may` is not set."""

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.may = asyncio.Event()

    async def decide(self, view: View, memory: Memory) -> Decision:
        await self.may.wait()
        return await super().decide(view, memory)


class Told(Source):
    """Says what it is given, and then nothing."""

    connected = True

    def __init__(self, *said: Hello | Tick) -> None:
        self.said = asyncio.Queue[Hello | Tick]()
        for message in said:
            self.said.put_nowait(message)

    async def observations(self) -> AsyncIterator[Hello | Tick]:
        while True:
            yield await self.said.get()


async def test_a_service_that_takes_long_to_start_is_not_a_world_that_is_gone(
    lamps: Service, town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "SILENCE_S", 1.0)
    monkeypatch.setattr(pump, "LOOK_EVERY_S", 0.05)
    here, mind = Town(lamps, town), Slow(lamps)
    loop = Loop(here.hub, [Runner(lamps, city=town, account=here.account, mind=mind)], told=lambda _: None)
    world = Told(hello(), tick(1, waiting=3))
    beating = Pump(loop, source=world, actuator=DryRun(), clock=WorldClock(AT, speed=0))
    running = asyncio.create_task(beating.run())
    try:
        await said(loop, BUSY)
        assert beating.pulse.status == "running", "the world is there, and speaks"
        mind.may.set()
        await said(loop, "")
        await said(loop, GONE)
        assert beating.pulse.status == "gone", "it has not spoken since"
        world.said.put_nowait(tick(2, waiting=3))
        await said(loop, "")
        assert beating.pulse.status == "running"
    finally:
        running.cancel()


async def said(loop: Loop, reason: str) -> None:
    """Wait until the service's status has that reason."""
    async with asyncio.timeout(10):
        while (found := loop.statuses()["lamps"])["reason"] != reason or found["status"] == "starting":  # noqa: ASYNC110
            await asyncio.sleep(0.01)
