"""A hub in a process of its own with an invented grid of junctions that report every second, for the bench of the page.

    .venv/bin/python -m tests.bench.parts.grid PORT JUNCTIONS

It is the real API over the real hub on the memory store: what the page hears is written as in a city. Each junction has
four approaches of one lane, a camera that sees five vehicles, and lamps that change every four seconds.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.journeys.square import ROOT

from madang import city as cities
from madang.account import Account
from madang.api import build
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import Policy
from madang.govern.caller import SYSTEM
from madang.hub import Hub
from madang.listen import listen, run
from madang.model.entity import Entity, observed, point
from madang.model.world import Hello
from madang.store.memory import MemoryLedger, MemoryStore
from madang.web import routes

STEP = 0.002
LANE = 0.0012
CENTRE = (11.42, 48.76)
START = datetime(2026, 5, 4, 7, tzinfo=UTC)
SEEN = 5
LINKS = "GGrr", "yyrr", "rrGG", "rryy"
SIDES = ((0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0))


def place(number: int, side: int) -> tuple[float, float]:
    """Where a junction of the grid is."""
    return CENTRE[0] + STEP * (number % side - side / 2), CENTRE[1] + STEP * (number // side - side / 2)


def streets(count: int) -> dict[str, Any]:
    """Four lanes that lead to each junction, with a signal at the end of each."""
    side, features = int(count**0.5) + 1, []
    for number in range(count):
        lon, lat = place(number, side)
        for index, (east, north) in enumerate(SIDES):
            lane, end = f"e{number}s{index}_0", [lon + 0.0001 * east, lat + 0.0001 * north]
            line = [[lon + LANE * east, lat + LANE * north], end]
            properties = {"layer": "lane", "id": lane, "edge": lane[:-2], "tls": f"j{number}", "width_m": 3.2}
            features.append(feature("LineString", line, {**properties, "kind": "car"}))
            signal = {"layer": "signal", "tls": f"j{number}", "index": index, "lane": lane}
            features.append(feature("Point", end, signal))
    return {"type": "FeatureCollection", "features": features}


def feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def layout(number: int, side: int) -> Entity:
    """What is said of a junction once."""
    lanes = [f"e{number}s{index}_0" for index in range(4)]
    links = [
        {"index": i, "from_lane": lane, "to_lane": lanes[(i + 2) % 4], "direction": "s", "kind": "car"}
        for i, lane in enumerate(lanes)
    ]
    known = {lane: {"length_m": 120.0, "speed_mps": 13.9} for lane in lanes}
    told = {"layout": {"links": links, "stages": [], "lanes": known}, "name": f"j{number}"}
    values = {**told, "location": point(*place(number, side))}
    return observed(f"urn:ngsi-ld:SignalLayout:j{number}", "SignalLayout", None, values, json=("layout",))


def second(count: int, passed: int) -> list[Entity]:
    """What a second brings: what each camera sees, and the lamps of every fourth junction."""
    now = START + timedelta(seconds=passed)
    since = now.isoformat().replace("+00:00", "Z")
    found: list[Entity] = []
    for number in range(count):
        lanes = [f"e{number}s{index}_0" for index in range(4)]
        busy = lanes[passed // 20 % 4]
        vehicles = [[8.0 * i + 10 - passed % 10, 9.0 if i else 0.0, 0, "car", passed % 40] for i in range(SEEN)]
        values = {
            "vehicles": {lane: vehicles if lane == busy else [] for lane in lanes},
            "queues": {lane: 1 + passed % 5 if lane == busy else 0 for lane in lanes},
            "exits": {lane: [0, 0, -1.0, 0.0] for lane in lanes},
        }
        id = f"urn:ngsi-ld:ApproachObserved:j{number}"
        found.append(observed(id, "ApproachObserved", now, values, json=tuple(values)))
        if (number + passed) % 4 == 0:
            lamps = LINKS[(passed // 4) % 4]
            red = [since if lamp == "r" else None for lamp in lamps]
            signal = {"lamps": lamps, "stage": "s1", "since": since, "control": "service", "redSince": red}
            found.append(
                observed(f"urn:ngsi-ld:TrafficSignal:j{number}", "TrafficSignal", now, signal, json=("redSince",))
            )
    return found


async def serve(port: int, count: int) -> None:
    """The hub, until it is ended."""
    city = cities.read(ROOT / "cities/ingolstadt")
    hub = Hub(MemoryStore(), Policy(city.datasets), WallClock(), LocalBus())
    hello = Hello(
        scenario="grid", scenario_hash="0" * 64, seed=1, at=START, speed=1.0, entities=(), streets=streets(count)
    )
    app = build(
        hub=hub,
        account=Account(MemoryLedger()),
        city=city,
        clock=WallClock(),
        world=lambda: hello,
        status=lambda: {"ready": True, "parts": {"world": {"status": "running"}}},
        attribution="",
        page=routes(),
    )

    async def report() -> None:
        side = int(count**0.5) + 1
        await hub.batch.upsert(SYSTEM, [layout(number, side) for number in range(count)])
        loop, passed = asyncio.get_running_loop(), 0
        begun = loop.time()
        while True:
            await hub.batch.upsert(SYSTEM, second(count, passed))
            passed += 1
            await asyncio.sleep(max(0.0, begun + passed - loop.time()))

    await listen(app, "127.0.0.1", port, beside=report)


if __name__ == "__main__":
    run(serve(int(sys.argv[1]), int(sys.argv[2])))
