"""A thousand junctions decided once a second: how long a round takes. ``python tests/bench/deciding.py`` prints it.

SUMO is too slow for a network of that size, so the 21 junctions of ingolstadt21 run, and all that they report is copied
under other names until there are a thousand; the orders to the first copy drive the streets. Every copy is stored,
viewed, decided, guarded and written to the ledger by itself. What SUMO and the copying take is not counted.

With ``--worker`` the service thinks in a process of its own, as in a running city: two cores then work one after the
other, and what crosses between them is counted.
"""

import argparse
import asyncio
import cProfile
import math
import pstats
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from madang import city as cities
from madang.account import Account
from madang.app.garbage import look_seldom
from madang.bus.local import LocalBus
from madang.clock import WorldClock
from madang.decide import registry
from madang.decide.loop import Loop
from madang.decide.runner import Runner
from madang.decide.thinking import Inner, Mind, Worker
from madang.govern import Policy
from madang.hub import Hub
from madang.model.city import City, WorldSpec
from madang.model.entity import Entity
from madang.model.service import Decision, Memory, View
from madang.model.world import Answer, Hello, Orders, Tick
from madang.sim.streets.world import Options, StreetsWorld
from madang.store.memory import MemoryLedger, MemoryStore

START = datetime(2026, 11, 23, 7, tzinfo=UTC)
"""Within the mandate of the city's signals."""
SCENARIO, JUNCTIONS = "ingolstadt21", 21


class Timed:
    """A mind whose thinking is timed."""

    def __init__(self, mind: Mind) -> None:
        self.wall_s = self.core_s = 0.0
        self._mind = mind

    async def decide(self, view: View, memory: Memory) -> Decision:
        wall_s, core_s = perf_counter(), process_time()
        try:
            return await self._mind.decide(view, memory)
        finally:
            self.wall_s += perf_counter() - wall_s
            self.core_s += process_time() - core_s

    async def close(self) -> None:
        await self._mind.close()


class Copies:
    """The streets' words under many names. Copy 0 has the streets' own."""

    def __init__(self, count: int) -> None:
        self.count = count

    def message(self, message: Hello | Tick) -> Hello | Tick:
        """The same message from all copies."""
        entities = tuple(_renamed(entity, number) for number in range(self.count) for entity in message.entities)
        return msgspec.structs.replace(message, entities=entities)

    def answers(self, orders: Orders) -> tuple[Answer, ...]:
        """What the copies' cabinets would say: that they do it."""
        return tuple(
            Answer(decision=order.decision, target=order.target) for order in orders.orders if "~" in order.target
        )

    def first(self, orders: Orders) -> Orders:
        """The orders to copy 0."""
        mine = tuple(order for order in orders.orders if "~" not in order.target)
        return Orders(at=orders.at, orders=mine, leased=tuple(each for each in orders.leased if "~" not in each))

    def differ(self, orders: Orders) -> bool:
        """Whether some copy decided other than the first: then they are no copies any more."""
        kinds: dict[int, set[tuple[str, str]]] = {number: set() for number in range(self.count)}
        for order in orders.orders:
            name, _, number = order.target.partition("~")
            kinds[int(number or 0)].add((name, str(order.parameters)))
        return any(kind != kinds[0] for kind in kinds.values())


def _renamed(entity: Entity, number: int) -> Entity:
    if number == 0:
        return entity
    attributes = entity.attributes
    layout = entity.value("layout")
    if layout is not None:
        (attribute,) = attributes["layout"]
        attributes = {**attributes, "layout": (msgspec.structs.replace(attribute, value=_fed(layout, number)),)}
    return Entity(id=f"{entity.id}~{number:03}", types=entity.types, attributes=attributes)


def _fed(layout: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The layout with its feeders' signals in the same copy."""
    feeders = {
        edge: [{**each, "signal": f"{each['signal']}~{number:03}"} for each in found]
        for edge, found in layout["feeders"].items()
    }
    return {**layout, "feeders": feeders}


class Round(msgspec.Struct, frozen=True):
    """One second of all copies: on the wall, on this process's core, and of both the part in which the service
    thought (with a worker, the core's part is what crosses the pipe)."""

    wall_s: float
    core_s: float
    thinking_wall_s: float
    thinking_core_s: float
    commands: int


async def rounds(city: City, copies: Copies, given: argparse.Namespace) -> tuple[list[Round], int]:
    """Run so many seconds; the rounds, and in how many of them the copies differed."""
    method: str = given.method
    service = registry.load("signals")
    mind = Timed(Worker("signals", timeout_s=60.0) if given.worker else Inner(service))
    spec = city.services["signals"]
    settings = {**spec.settings, "method": method, "added_stages": method == "plan"}
    city = msgspec.structs.replace(city, services={"signals": msgspec.structs.replace(spec, settings=settings)})
    clock = WorldClock(START, speed=0)
    datasets = [msgspec.structs.replace(dataset, history=()) for dataset in city.datasets]
    hub = Hub(MemoryStore(), Policy(datasets), clock, LocalBus())
    runner = Runner(service, city=city, account=Account(MemoryLedger()), mind=mind)
    loop = Loop(hub, [runner], told=clock.tell)
    streets = StreetsWorld(WorldSpec(scenario=SCENARIO), seed=1, start=START, options=Options(centre=city.centre))
    try:
        for _ in range(given.fill):
            streets.step()
        return await _run(loop, mind, streets, copies, given)
    finally:
        streets.close()
        await loop.close()
        if runner.status is None or runner.status.status != "running":
            print(f"the service did not decide: {runner.status}")


async def _run(
    loop: Loop, mind: Timed, streets: StreetsWorld, copies: Copies, given: argparse.Namespace
) -> tuple[list[Round], int]:
    await loop.take(copies.message(streets.hello()))
    look_seldom()
    found: list[Round] = []
    answers: tuple[Answer, ...] = ()
    different = 0
    profile = cProfile.Profile()
    for second in range(given.seconds):
        tick = copies.message(streets.step())
        assert isinstance(tick, Tick)
        tick = msgspec.structs.replace(tick, answers=(*tick.answers, *answers))
        wall_s, core_s, before = perf_counter(), process_time(), (mind.wall_s, mind.core_s)
        if given.profile and second >= given.settled:
            profile.enable()
        orders = await loop.take(tick)
        profile.disable()
        found.append(
            Round(
                perf_counter() - wall_s,
                process_time() - core_s,
                mind.wall_s - before[0],
                mind.core_s - before[1],
                len(orders.orders),
            )
        )
        different += copies.differ(orders)
        answers = copies.answers(orders)
        streets.order(copies.first(orders))
    if given.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(30)
        pstats.Stats(profile).sort_stats("cumtime").print_stats("madang", 40)
    return found, different


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(found: Sequence[Round], title: str) -> Table:
    drawn = Table(title=title, caption="ms a round; a round has a second")
    for name in ("", "p50", "p95", "max", "rounds within 1 s"):
        drawn.add_column(name, justify="left" if not name else "right")
    for name, values in (
        ("on the wall", [each.wall_s for each in found]),
        ("on this process's core", [each.core_s for each in found]),
        ("of the wall, the service thinking", [each.thinking_wall_s for each in found]),
        ("of the core, the service thinking", [each.thinking_core_s for each in found]),
    ):
        within = sum(value <= 1 for value in values) / len(values)
        quantiles = (quantile(values, 0.5), quantile(values, 0.95), max(values))
        drawn.add_row(name, *(f"{1000 * value:,.0f}" for value in quantiles), f"{within:.0%}")
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--city", type=Path, default=Path("cities/ingolstadt"), help="whose datasets and settings count"
    )
    parser.add_argument("--junctions", type=int, default=1000)
    parser.add_argument("--fill", type=int, default=900, help="seconds for which the streets fill under their plans")
    parser.add_argument("--seconds", type=int, default=150, help="simulated seconds under the service")
    parser.add_argument("--settled", type=int, default=30, help="the first of them that are not counted")
    parser.add_argument("--method", choices=("plan", "max-pressure"), default="plan")
    parser.add_argument("--worker", action="store_true", help="the service thinks in a process of its own")
    parser.add_argument("--profile", action="store_true", help="say where this process's time goes")
    given = parser.parse_args()
    if not 0 <= given.settled < given.seconds:
        parser.error("--settled is below --seconds")
    copies = Copies(math.ceil(given.junctions / JUNCTIONS))
    run = rounds(cities.read(given.city), copies, given)
    found, different = asyncio.run(run)
    counted = found[given.settled :]
    title = (
        f"{copies.count * JUNCTIONS} junctions ({copies.count} copies of {SCENARIO}), {given.method}, "
        f"{'a worker process' if given.worker else 'one process'}, {len(counted)} rounds, "
        f"{sum(each.commands for each in counted)} commands"
    )
    Console().print(table(counted, title))
    if different:
        Console().print(f"In {different} rounds the copies decided differently: they are no copies from then on.")


if __name__ == "__main__":
    main()
