"""The streets as a process: with a real hub's end of the line, over the end of a day, and past the hub's death."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from madang.act.world import WorldActuator
from madang.model.city import WorldSpec
from madang.model.world import Hello, Order, Orders, Tick
from madang.sense.world import WorldSource
from madang.sim.streets.process import Live

START = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)


class Stopped:
    """A clock that stands at the start."""

    def now(self) -> datetime:
        return START


def live(socket: Path, *, speed: float = 0.0, end_s: float | None = None, twin: bool = False) -> Live:
    spec = WorldSpec(scenario="cologne1", end_s=end_s)
    return Live(spec, socket=socket, speed=speed, seed=7, twin=twin, clock=Stopped())


async def answered(socket: Path, count: int) -> list[Hello | Tick]:
    """A hub that answers each message, until it has so many."""
    source = WorldSource(socket)
    actuator, heard = WorldActuator(source.send), list[Hello | Tick]()
    async for message in source.observations():
        heard.append(message)
        await actuator.send(Orders(at=message.at))
        if len(heard) == count:
            return heard
    raise AssertionError("a source never ends by itself")


async def with_world(running: Live, seconds: int, socket: Path, count: int) -> list[Hello | Tick]:
    # SUMO's state is the process's: made in this thread, run in another, never in both at once.
    hub = asyncio.create_task(answered(socket, count))
    await asyncio.sleep(0.1)
    thread = threading.Thread(target=running.run, args=(seconds,))
    thread.start()
    heard = await hub
    await asyncio.to_thread(thread.join)
    return heard


async def test_every_second_is_told_once_and_in_order(tmp_path: Path) -> None:
    heard = await with_world(live(tmp_path / "s"), 51, tmp_path / "s", 50)
    ticks = [message for message in heard if isinstance(message, Tick)]
    assert isinstance(heard[0], Hello) and len(ticks) == 49
    assert [tick.at - ticks[0].at for tick in ticks] == [timedelta(seconds=n) for n in range(49)]
    assert heard[0].at == ticks[0].at - timedelta(seconds=1)


async def test_the_next_day_begins_without_a_break_in_time(tmp_path: Path) -> None:
    begin_s = 25200.0
    heard = await with_world(live(tmp_path / "s", end_s=begin_s + 60, twin=True), 101, tmp_path / "s", 101)
    hellos = [message for message in heard if isinstance(message, Hello)]
    assert [hello.seed for hello in hellos] == [7, 8]
    assert hellos[1].at - START == timedelta(seconds=60)
    assert all(later.at >= earlier.at for earlier, later in pairwise(heard))
    told = {entity.id for tick in heard if isinstance(tick, Tick) for entity in tick.entities}
    assert {"urn:ngsi-ld:TrafficKpi:signals", "urn:ngsi-ld:TrafficKpi:fixed"} <= told


async def test_a_world_that_starts_again_goes_on_from_the_citys_time(tmp_path: Path) -> None:
    socket = tmp_path / "s"
    source = WorldSource(socket)
    actuator = WorldActuator(source.send)

    async def until(count: int, messages: list[Hello | Tick]) -> None:
        while len(messages) < count:
            messages.append(message := await anext(stream))
            await actuator.send(Orders(at=message.at))

    stream = source.observations()
    first, second = list[Hello | Tick](), list[Hello | Tick]()
    for seconds, messages in ((30, first), (5, second)):
        hearing = asyncio.create_task(until(seconds, messages))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(live(socket).run, seconds)
        await hearing
    await stream.aclose()  # type: ignore[attr-defined]
    hello = next(message for message in second if isinstance(message, Hello))
    assert hello.at >= first[-1].at > START


async def test_when_the_hub_dies_the_streets_go_on_under_their_plan(tmp_path: Path) -> None:
    socket = tmp_path / "s"
    running = live(socket, speed=200.0)
    source = WorldSource(socket)
    actuator = WorldActuator(source.send)

    async def serve_until_controlled() -> None:
        async for message in source.observations():
            signals = [entity for entity in message.entities if "TrafficSignal" in entity.types]
            orders = tuple(
                Order(decision="d", target=signal.id, action="stage", parameters={"stage": "s1"}) for signal in signals
            )
            await actuator.send(Orders(at=message.at, orders=orders, leased=tuple(signal.id for signal in signals)))
            if isinstance(message, Tick) and any(signal.value("control") == "service" for signal in signals):
                return

    hub = asyncio.create_task(serve_until_controlled())
    await asyncio.sleep(0.1)
    thread = threading.Thread(target=running.run, args=(300,))
    thread.start()
    async with asyncio.timeout(60):
        await hub
    await asyncio.to_thread(thread.join)
    assert running.world.at == START + timedelta(seconds=300)
    for cabinet in running.world.cabinets.values():
        assert cabinet.control == "plan" and "no word" in cabinet.reason


async def test_the_pace_holds(tmp_path: Path) -> None:
    running = live(tmp_path / "s", speed=100.0)
    started_s = asyncio.get_running_loop().time()
    await asyncio.to_thread(running.run, 200)
    # No faster than it should; how much slower is the machine's affair.
    assert asyncio.get_running_loop().time() - started_s >= 200 / 100 - 0.05


def test_a_hopeless_city_says_so_at_once(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="No scenario 'atlantis'"):
        Live(WorldSpec(scenario="atlantis"), socket=tmp_path / "s", speed=1.0, seed=1)
