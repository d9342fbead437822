"""What an area's terms change: the signals with and without them on the same seeds, each run in a process of its own.

``python tests/bench/airing.py [--scenario ingolstadt21] [--place LON,LAT] [--seeds 1,2] [--measures light,heavy]``

The simulated air is good, so a limit of 1 µg/m³ holds the terms of one measure in force from the first reading on: what
is shown is the effect of a whole hour of them. Exhaust within 150 m of the place, in the demand's hour and until the
last vehicle has gone; everybody's delay; vehicles that stand at the movements into the area. Differences are paired by
seed, intervals 95 %. The measures are the service's own, and two that it does not take: ``inside`` (a stop counts four
times) and ``gates`` (who comes in gets 60 % of the fixed plan's green all the time, full or not).
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from madang.account import Account
from madang.bus.local import LocalBus
from madang.city import read
from madang.clock import WorldClock
from madang.decide import registry
from madang.decide.loop import Loop
from madang.decide.runner import Runner
from madang.decide.thinking import Inner
from madang.evaluate.statistics import effect
from madang.govern import Policy
from madang.hub import Hub
from madang.model.city import City, WorldSpec
from madang.model.service import View
from madang.services.air import SERVICE as AIR
from madang.services.air.area import area
from madang.services.air.sense import places
from madang.services.air.settings import settings_of
from madang.sim.streets import device
from madang.sim.streets.world import Options, StreetsWorld
from madang.store.memory import MemoryLedger, MemoryStore

START = datetime(2026, 11, 2, 7, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
NONE = "none"
FIGURES = {
    "place_nox_hour_g": "NOx near the place in the hour (g)",
    "place_nox_g": "NOx near the place until all are gone (g)",
    "place_pmx_g": "Exhaust PM near the place (g)",
    "nox_g": "NOx of all trips (g)",
    "delay_s": "Mean delay (s)",
    "delay_p95_s": "95th percentile of delay (s)",
    "longest_wait_s": "Longest wait (s)",
    "gate_queue": "Vehicles standing at the gates (mean of the hour)",
    "inside_queue": "Vehicles standing inside (mean of the hour)",
    "teleports": "Teleports",
    "guards_broken": "Guards broken",
}


class Job(msgspec.Struct, frozen=True):
    """One run: `measure` is one of the service's, or ``none``."""

    scenario: str
    place: tuple[float, float]
    seed: int
    measure: str
    method: str
    hours: float


def measures() -> dict[str, dict[str, Any]]:
    """The service's own, and two that it does not take."""
    own = {each["name"]: {**each, "from_share": 1.0} for each in AIR.settings["measures"]}
    heavy = own["heavy"]
    inside = {**heavy, "name": "inside", "inflow": 1.0, "stop_weight": 4.0}
    return {**own, "inside": inside, "gates": {**heavy, "name": "gates", "inflow": 0.6, "stop_weight": 1.0}}


def city(job: Job) -> City:
    """Ingolstadt's declarations and committees, with the signals and the air service as the job says."""
    found = read(ROOT / "cities" / "ingolstadt")
    signals = {"method": job.method, "added_stages": job.method == "plan", "air": job.measure != NONE}
    measure = measures().get(job.measure, measures()["light"])
    limit = {"pollutant": "no2", "ugm3": 1.0, "averaging_s": 3600, "source": "this bench"}
    full = {"full": 0.001, "flowing": 0.0} if job.measure == "gates" else {}
    air = {"limits": [limit], "measures": [measure], "least_readings": 1, "longest_s": 1e6, **full}
    given = {
        name: msgspec.structs.replace(found.services[name], settings=settings)
        for name, settings in (("signals", signals), ("air", air))
    }
    datasets = tuple(msgspec.structs.replace(dataset, history=()) for dataset in found.datasets)
    return msgspec.structs.replace(found, services=given, datasets=datasets)


async def one(job: Job, folder: Path) -> dict[str, float]:
    """Run the job; its figures by name."""
    (folder / "places.geojson").write_bytes(_places(job))
    spec = WorldSpec(scenario=job.scenario, places="places.geojson")
    options = Options(devices=device.CONTROL | {device.AIR}, hours=job.hours)
    world = StreetsWorld(spec, seed=job.seed, start=START, folder=folder, options=options)
    ours, clock = city(job), WorldClock(START, speed=0)
    hub = Hub(MemoryStore(), Policy(ours.datasets), clock, LocalBus())
    account, services = Account(MemoryLedger()), [registry.load(name) for name in ("air", "signals")]
    loop = Loop(hub, [Runner(each, city=ours, account=account, mind=Inner(each)) for each in services], told=clock.tell)
    await loop.take(world.hello())
    gates, inside = _area(world)
    queues, hour = {"gate_queue": 0.0, "inside_queue": 0.0}, 0
    nox_hour_g = 0.0
    while not world.finished():
        world.order(await loop.take(world.step()))
        if world.now_s <= world.scenario.end_s:
            hour += 1
            standing = [each for each in world.traffic.vehicles.values() if each.signal and each.speed_mps < 0.1]
            queues["gate_queue"] += sum((each.signal, each.link) in gates for each in standing)
            queues["inside_queue"] += sum(each.signal in inside for each in standing)
            nox_hour_g = world.places.nox_mg / 1000
    results = dict(world.results())
    world.close()
    found = {**results, "place_nox_hour_g": nox_hour_g, **{name: sum_ / hour for name, sum_ in queues.items()}}
    return {name: float(found[name]) for name in FIGURES}


def _places(job: Job) -> bytes:
    properties = {"id": "place", "name": "Place", "category": "school"}
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": job.place}, "properties": properties}
    return msgspec.json.encode({"type": "FeatureCollection", "features": [feature]})


def _area(world: StreetsWorld) -> tuple[set[tuple[str, int]], set[str]]:
    """The movements into the area, and the signals inside."""
    hello = world.hello()
    view = View(at=hello.at, entities={entity.id: entity for entity in hello.entities})
    settings = settings_of(AIR.settings)
    (place,) = places(view, settings)
    found = area(view, place, settings)
    name = {device.urn("TrafficSignal", id): id for id in world.cabinets}
    return {(name[gate.signal], gate.movement) for gate in found.gates}, {name[signal] for signal in found.inside}


def run(job: Job) -> dict[str, float]:
    """The job in a process of its own: libsumo holds one simulation."""
    command = [sys.executable, __file__, "--job", msgspec.json.encode(job).decode()]
    ran = subprocess.run(command, capture_output=True, check=False)
    if ran.returncode != 0:
        raise SystemExit(ran.stderr.decode()[-2000:])
    return msgspec.json.decode(ran.stdout.splitlines()[-1], type=dict[str, float])


def table(found: Mapping[str, list[dict[str, float]]], title: str) -> Table:
    """The measures beside none, with the paired differences."""
    drawn = Table(title=title, caption="Difference from the signals without terms [95 %], paired by seed.")
    drawn.add_column("Figure")
    for name in found:
        drawn.add_column(name, justify="right")
    for figure, words in FIGURES.items():
        before = [row[figure] for row in found[NONE]]
        cells = [f"{sum(before) / len(before):.2f}"]
        for name in list(found)[1:]:
            change = effect(before, [row[figure] for row in found[name]])
            low, high = change.ci95 or (change.mean, change.mean)
            share = "" if change.relative is None else f" ({change.relative:+.1%})"
            cells.append(f"{change.mean:+.2f}{share} [{low:+.2f}, {high:+.2f}]")
        drawn.add_row(words, *cells)
    return drawn


def main() -> None:
    """Run every measure on every seed, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="ingolstadt21")
    parser.add_argument("--place", default="11.396738,48.773437", help="longitude,latitude")
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--measures", default="light,medium,heavy")
    parser.add_argument("--method", default="plan", choices=["plan", "max-pressure"])
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--job", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.job:
        with tempfile.TemporaryDirectory() as folder:
            job = msgspec.json.decode(given.job, type=Job)
            print(msgspec.json.encode(asyncio.run(one(job, Path(folder)))).decode())
        return
    lon, lat = map(float, given.place.split(","))
    console, found = Console(), dict[str, list[dict[str, float]]]()
    seeds = [int(seed) for seed in given.seeds.split(",")]
    for measure in (NONE, *given.measures.split(",")):
        for seed in seeds:
            job = Job(given.scenario, (lon, lat), seed, measure, given.method, given.hours)
            found.setdefault(measure, []).append(run(job))
            print(f"{measure}, seed {seed}: {found[measure][-1]}", file=sys.stderr, flush=True)
    console.print(table(found, f"{given.scenario}, {given.hours:g} h, {given.method}, seeds {given.seeds}"))


if __name__ == "__main__":
    main()
