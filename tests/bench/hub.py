"""How quick the hub's engine is on a real disk: ``python tests/bench/hub.py`` prints a table.

No HTTP, no assertion. The disk's own flush time stands beside, since an acknowledged write waits for one.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

from madang.bus.local import LocalBus
from madang.clock import WorldClock
from madang.govern import PUBLIC, SYSTEM, Policy
from madang.hub import Hub
from madang.model.dataset import Dataset, Sensitivity
from madang.model.entity import Attribute, Entity, observed, point
from madang.model.query import Compare, EntityQuery, GeoFilter, Georel, Operator, TemporalQuery
from madang.model.query import Path as Way
from madang.store.memory import MemoryStore
from madang.store.postgres import PostgresStore
from madang.store.sqlite import SqliteStore

START = datetime(2026, 3, 1, tzinfo=UTC)
CLIENTS = 32

POLICY = Policy(
    [
        Dataset(
            id="stations",
            title={"en": "Stations"},
            type="AirQualityObserved",
            attributes=("no2", "pm25", "temperature", "name", "location"),
            units={"no2": "GQ"},
            history=("no2",),
            owner="bench",
            sensitivity=Sensitivity.PUBLIC,
            legal_basis="public-task",
            purposes=(),
            retention="P1Y",
            licence="CC0-1.0",
        )
    ]
)


def station(n: int, at: datetime, no2: float) -> Entity:
    """An entity of five attributes."""
    place = point(11.4 + n % 1000 / 1e4, 48.7 + n // 1000 / 1e4)
    values = {"no2": no2, "pm25": 7.5, "temperature": 12.25, "name": f"Station {n}", "location": place}
    return observed(_id(n), "AirQualityObserved", at, values, units={"no2": "GQ"})


def flush_ms(folder: Path) -> float:
    """The median time of a 4 KiB write and its flush, in milliseconds."""
    times: list[float] = []
    with (folder / "flush").open("wb") as file:
        for _ in range(100):
            start = perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            times.append(perf_counter() - start)
    return sorted(times)[50] * 1e3


async def measure(work: Callable[[int], Awaitable[object]], seconds: float, clients: int) -> tuple[float, float, float]:
    """Operations a second, and their median and 99th percentile in milliseconds."""
    times: list[float] = []
    end = perf_counter() + seconds

    async def client(seed: int) -> None:
        n = seed
        while perf_counter() < end:
            start = perf_counter()
            await work(n)
            times.append(perf_counter() - start)
            n += clients
            await asyncio.sleep(0)

    start = perf_counter()
    await asyncio.gather(*[client(seed) for seed in range(clients)])
    spent = perf_counter() - start
    times.sort()
    return len(times) / spent, times[len(times) // 2] * 1e3, times[len(times) * 99 // 100] * 1e3


async def bench(hub: Hub, count: int, seconds: float) -> list[tuple[str, float, float, float]]:
    """All measurements on one hub."""
    draw = random.Random(1)
    for first in range(0, count, 1000):
        await hub.batch.upsert(SYSTEM, [station(n, START, n % 100) for n in range(first, min(first + 1000, count))])

    def at(n: int) -> datetime:
        return START + timedelta(seconds=n)

    async def patch(n: int) -> None:
        one = Attribute(value=n / 7, observed_at=at(n), unit_code="GQ")
        await hub.attributes.partial(SYSTEM, _id(draw.randrange(count)), "no2", one)

    async def batch(n: int) -> None:
        chosen = draw.sample(range(count), 100)
        await hub.batch.observe(SYSTEM, [station(one, at(n), n / 3) for one in chosen])

    where = Compare(Way(("no2",)), Operator.GREATER, 98)
    near = GeoFilter(relation=Georel.NEAR, geometry=point(11.45, 48.701), max_distance_m=200)
    typed = (("AirQualityObserved",),)
    works: list[tuple[str, int, Callable[[int], Awaitable[object]]]] = [
        ("one attribute updated", CLIENTS, patch),
        ("batch of 100 observed", 4, batch),
        ("get by id", 1, lambda n: hub.entities.retrieve(PUBLIC, _id(draw.randrange(count)))),
        ("page of a type, 20", 1, lambda n: hub.entities.query(PUBLIC, EntityQuery(types=typed, offset=n % 50))),
        ("q with a page of 20", 1, lambda n: hub.entities.query(PUBLIC, EntityQuery(types=typed, where=where))),
        ("near, 200 m", 1, lambda n: hub.entities.query(PUBLIC, EntityQuery(types=typed, geo=near))),
        ("history, last 100", 1, lambda n: hub.evolution.retrieve(PUBLIC, _id(n % count), TemporalQuery(last=100))),
    ]
    return [(name, *await measure(work, seconds, clients)) for name, clients, work in works]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entities", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--folder", type=Path, default=None, help="on the disk to measure")
    parser.add_argument("--postgres", help="the address of a server, to be measured as well; leaves a schema behind")
    given = parser.parse_args()
    # As the hub's process has it: two threads that hand work to each other.
    sys.setswitchinterval(0.0005)
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        table = Table(title=f"{given.entities} entities; a flush of this disk takes {flush_ms(folder):.2f} ms")
        for column in ("store", "operation", "a second", "p50 ms", "p99 ms"):
            table.add_column(column, justify="left" if column in ("store", "operation") else "right")
        stores: list[MemoryStore | SqliteStore | PostgresStore] = [MemoryStore(), SqliteStore(folder / "data")]
        if given.postgres:
            stores.append(PostgresStore(given.postgres, f"bench{os.getpid()}"))
        for store in stores:
            hub = Hub(store, POLICY, WorldClock(START, speed=0), LocalBus())
            for operation, rate, median, slow in asyncio.run(bench(hub, given.entities, given.seconds)):
                table.add_row(type(store).__name__, operation, f"{rate:,.0f}", f"{median:.3f}", f"{slow:.3f}")
            store.close()
    Console(width=100).print(table)


def _id(n: int) -> str:
    return f"urn:ngsi-ld:AirQualityObserved:{n:06}"


if __name__ == "__main__":
    main()
