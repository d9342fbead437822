"""``madang evaluate``: the plan here, each of its runs in a process of its own, where the same loop runs in memory."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO

import msgspec

from madang import city as cities
from madang.account import Account
from madang.app.garbage import look_seldom
from madang.app.scenarios import world_spec
from madang.bus.local import LocalBus
from madang.clock import WallClock, WorldClock
from madang.decide import registry
from madang.decide.loop import Loop
from madang.decide.runner import Runner
from madang.decide.thinking import Inner, Mind
from madang.evaluate import pool, session
from madang.evaluate.comparison import Comparison
from madang.evaluate.disturbance import disturbed, mortal
from madang.evaluate.run import Job, Run, Variant
from madang.evaluate.run import run as run_world
from madang.evaluate.session import Plan
from madang.govern import Policy
from madang.hub import Hub
from madang.model.city import City
from madang.model.service import Service
from madang.sim.streets import device, scenario
from madang.sim.streets.world import Options, StreetsWorld
from madang.store.memory import MemoryLedger, MemoryStore


def evaluate(folder: Path, name: str, plan: Plan) -> Comparison:
    """Measure a service of the city in the folder, each run in a process of its own."""
    city, service = cities.read(folder), registry.load(name)
    # What would stop every run is said once, before the first.
    scenario.resolve(world_spec(city), folder=city.folder)
    return asyncio.run(session.evaluate(plan, city=city, service=service))


def run_job(text: bytes, out: TextIO) -> None:
    """One run of an evaluation, in this process: the job as JSON, answered with lines of JSON."""

    def say(line: pool.Line) -> None:
        out.write(msgspec.json.encode(line).decode() + "\n")
        out.flush()

    look_seldom()
    job = msgspec.json.decode(text, type=Job)
    found = asyncio.run(_run_job(job, lambda simulated_s: say(pool.Line(simulated_s=simulated_s))))
    say(pool.Line(run=found))


async def _run_job(job: Job, heard: Callable[[float], None]) -> Run:
    variant = job.variant
    city = _under(cities.read(job.city), variant)
    services = _services(city, variant.service)
    options = Options(
        hours=job.hours,
        drain_s=job.drain_s,
        centre=city.centre,
        actuated=variant.actuated,
        detail=job.detail,
        arterial=job.arterial,
        devices=device.needed({read.type for service in services for read in service.reads}),
    )
    start = WallClock().now().replace(microsecond=0)
    streets = StreetsWorld(world_spec(city), seed=job.seed, start=start, folder=city.folder, options=options)
    try:
        if not variant.service:
            return await run_world(job, world=streets, city=None, heard=heard)
        account = Account(MemoryLedger())
        loop = _loop(city, services, account, start, mortal(variant.disturbance, start))
        found = await run_world(job, world=streets, city=disturbed(loop, variant.disturbance), heard=heard)
        return msgspec.structs.replace(found, **await _tally(account))
    finally:
        streets.close()


def _under(city: City, variant: Variant) -> City:
    """The city with the variant's settings of its service and the variant's cameras."""
    spec, world, sensing = city.services.get(variant.service), world_spec(city), variant.sensing
    if spec is not None and variant.settings:
        changed = msgspec.structs.replace(spec, settings={**spec.settings, **variant.settings})
        city = msgspec.structs.replace(city, services={**city.services, variant.service: changed})
    if sensing is not None:
        world = msgspec.structs.replace(world, sensor_range_m=sensing.range_m, missed=sensing.missed)
        city = msgspec.structs.replace(city, world=world)
    return city


def _services(city: City, name: str) -> list[Service]:
    """The service and those of the city that it listens to: who publishes what it reads runs beside it, and before."""
    if not name:
        return []
    found = [registry.load(name)]
    offered = set(registry.names())
    others = [registry.load(each) for each in city.services if each != name and each in offered]
    for service in found:
        heard = {read.type for read in service.reads}
        found += [each for each in others if each not in found and heard & set(each.publishes)]
    return found[::-1]


def _loop(
    city: City, services: Sequence[Service], account: Account, start: datetime, mind: Callable[[Mind], Mind]
) -> Loop:
    """The city's side of an evaluation: the loop over a store in memory, the services in the same process.

    The datasets keep no history: nobody asks an evaluation for its past.
    """
    clock = WorldClock(start, speed=0)
    datasets = [msgspec.structs.replace(dataset, history=()) for dataset in city.datasets]
    hub = Hub(MemoryStore(), Policy(datasets), clock, LocalBus())
    runners = [Runner(service, city=city, account=account, mind=mind(Inner(service))) for service in services]
    return Loop(hub, runners, told=clock.tell)


async def _tally(account: Account) -> dict[str, int]:
    """How many commands are on record, how many a guard refused, how many were the fallback's."""
    records = [record for _, record in await account.records(limit=10_000_000)]
    refused = sum(record.refused is not None for record in records)
    fallbacks = sum(record.permission is None for record in records)
    return {"decisions": len(records), "refused": refused, "fallbacks": fallbacks}
