"""What subscriptions cost those who make them and those who write: seconds of the processor to make so many, and
microseconds for each change of an entity that concerns none of them. ``python tests/bench/matching.py`` prints a table.
In this process, over the store in memory: what HTTP and a disk cost comes on top.
"""

import argparse
import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import SYSTEM, Policy
from madang.hub import Hub
from madang.hub.delivery import Delivery
from madang.hub.matching import Matching
from madang.hub.subscriptions import Given
from madang.hub.watch import Watch
from madang.model.access import EVERYTHING
from madang.model.change import Change
from madang.model.context import CORE
from madang.model.entity import Attribute, Entity, Kind
from madang.model.subscription import Subscription, read_members
from madang.store.memory import MemoryStore

CHANGES = 500
WAYS: dict[str, Callable[[int], dict[str, Any]]] = {
    "a type each": lambda n: {"entities": [{"type": f"Vehicle{n}"}]},
    "an id each": lambda n: {"entities": [{"type": "Vehicle", "id": f"urn:car:{n}"}]},
    "an idPattern each": lambda n: {"entities": [{"type": "Vehicle", "idPattern": f"^urn:car:{n}$"}]},
    "an attribute each": lambda n: {"watchedAttributes": [f"speed{n}"]},
    "q: a value each": lambda n: {"q": f"speed=={n + 100}"},
    "q: a threshold each": lambda n: {"q": f"speed>{n + 100}"},
    "geoQ: a place each": lambda n: {
        "geoQ": {"georel": "near;maxDistance==100", "geometry": "Point", "coordinates": [n / 1000, 40]}
    },
}


def members(more: dict[str, Any]) -> Given:
    """What a caller gives of a subscription."""
    told = {"endpoint": {"uri": "http://127.0.0.1:9/x"}}
    body = {"type": "Subscription", "entities": [{"type": "Vehicle"}], "notification": told, **more}
    return Given(*read_members(body, CORE), CORE)


async def making(way: Callable[[int], dict[str, Any]], count: int) -> float:
    """Seconds of the processor to make so many in a row."""
    hub = Hub(MemoryStore(), Policy([]), WallClock(), LocalBus())
    given = [members(way(n)) for n in range(count)]
    start = time.process_time()
    for one in given:
        await hub.subscriptions.create(SYSTEM, None, one)
    took_s = time.process_time() - start
    await hub.stop()
    return took_s


def writing(way: Callable[[int], dict[str, Any]], count: int) -> tuple[float, float]:
    """Microseconds for a change, of entities that change for the first time, and again."""
    clock = WallClock()
    matching = Matching(clock, Delivery(MemoryStore(), clock, None))
    for n in range(count):
        one = members(way(n))
        subscription = Subscription(id=f"urn:s:{n}", document=one.members, phrases=one.phrases)
        matching.put(Watch("", subscription, EVERYTHING, CORE))
    changes = [change(n) for n in range(CHANGES + 1)]
    matching.due("", changes[:1])
    took: list[float] = []
    for _ in range(2):
        start = time.process_time()
        told = sum(len(matching.due("", [one])) for one in changes[1:])
        took.append((time.process_time() - start) / CHANGES * 1e6)
        assert not told
    return took[0], took[1]


def change(number: int) -> Change:
    """A vehicle's speed went from 50 to 51."""
    id, types, now = f"urn:car:far:{number}", ("Vehicle",), datetime.now(UTC)
    place = Attribute(kind=Kind.GEO, value={"type": "Point", "coordinates": [5.5, 50]})
    before, after = (
        Entity(
            id=id,
            types=types,
            attributes={"speed": (Attribute(kind=Kind.PROPERTY, value=speed),), "location": (place,)},
            modified_at=now,
        )
        for speed in (50, 51)
    )
    return Change(id, types, before, after, ("speed",))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[200, 1000, 10_000])
    given = parser.parse_args()
    table = Table(title="Subscriptions that a change does not concern")
    for column in ("subscriptions", "which differ by", "made, s", "first change, us", "later change, us"):
        table.add_column(column, justify="right")
    for count in given.counts:
        for name, way in WAYS.items():
            made, (first, later) = asyncio.run(making(way, count)), writing(way, count)
            table.add_row(f"{count:,}", name, f"{made:.2f}", f"{first:.1f}", f"{later:.1f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
