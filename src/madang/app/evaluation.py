"""``madang evaluate``: the plan here, each of its runs in a process of its own, where the same loop runs in memory."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TextIO

import msgspec

from madang import city as cities
from madang.account import Account
from madang.app.scenarios import world_spec
from madang.bus.local import LocalBus
from madang.clock import WallClock, WorldClock
from madang.decide import registry
from madang.decide.loop import Loop
from madang.decide.runner import Runner
from madang.decide.thinking import Inner
from madang.evaluate import pool, session
from madang.evaluate.comparison import Comparison
from madang.evaluate.run import FIXED, Job, Run
from madang.evaluate.run import run as run_world
from madang.evaluate.session import Plan
from madang.govern import Policy
from madang.hub import Hub
from madang.model.city import City
from madang.sim.streets import scenario
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

    job = msgspec.json.decode(text, type=Job)
    found = asyncio.run(_run_job(job, lambda simulated_s: say(pool.Line(simulated_s=simulated_s))))
    say(pool.Line(run=found))


async def _run_job(job: Job, heard: Callable[[float], None]) -> Run:
    city = cities.read(job.city)
    options = Options(hours=job.hours, drain_s=job.drain_s, centre=city.centre)
    start = WallClock().now().replace(microsecond=0)
    streets = StreetsWorld(world_spec(city), seed=job.seed, start=start, folder=city.folder, options=options)
    try:
        if job.variant == FIXED:
            return await run_world(job, world=streets, city=None, heard=heard)
        account = Account(MemoryLedger())
        found = await run_world(job, world=streets, city=_loop(city, job.variant, account, start), heard=heard)
        return msgspec.structs.replace(found, **await _tally(account))
    finally:
        streets.close()


def _loop(city: City, name: str, account: Account, start: datetime) -> Loop:
    """The city's side of an evaluation: the loop over a store in memory, the service in the same process.

    The datasets keep no history: nobody asks an evaluation for its past.
    """
    service, clock = registry.load(name), WorldClock(start, speed=0)
    datasets = [msgspec.structs.replace(dataset, history=()) for dataset in city.datasets]
    hub = Hub(MemoryStore(), Policy(datasets), clock, LocalBus())
    return Loop(hub, [Runner(service, city=city, account=account, mind=Inner(service))], told=clock.tell)


async def _tally(account: Account) -> dict[str, int]:
    """How many commands are on record, how many a guard refused, how many were the fallback's."""
    records = [record for _, record in await account.records(limit=10_000_000)]
    refused = sum(record.refused is not None for record in records)
    fallbacks = sum(record.permission is None for record in records)
    return {"decisions": len(records), "refused": refused, "fallbacks": fallbacks}
