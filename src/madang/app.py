"""The composition root: settings and the city choose the adapters here, and nowhere else."""

import asyncio
import contextlib
import sys
import tempfile
import webbrowser
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TextIO

import httpx
import msgspec
import uvicorn
from rich.console import Console

from madang import city as cities
from madang.account import Account
from madang.act.world import WorldActuator
from madang.api import build
from madang.bus.local import LocalBus
from madang.clock import Clock, WallClock, WorldClock
from madang.decide import registry
from madang.decide.loop import Loop
from madang.decide.pump import Pump
from madang.decide.replay import Replay
from madang.decide.replay import replay as compute_again
from madang.decide.runner import Runner
from madang.decide.thinking import Inner, Mind, Worker
from madang.errors import BadRequestData, Unavailable
from madang.evaluate import pool, session
from madang.evaluate.comparison import Comparison
from madang.evaluate.run import FIXED, Job, Run
from madang.evaluate.run import run as run_world
from madang.evaluate.session import Plan
from madang.govern import Policy
from madang.hub import Hub
from madang.model.city import City, WorldSpec
from madang.model.service import Service
from madang.sense.world import WorldSource
from madang.settings import Settings
from madang.sim.streets import scenario
from madang.sim.streets.world import Options, StreetsWorld
from madang.store.memory import MemoryLedger, MemoryStore
from madang.store.sqlite import SqliteLedger, SqliteStore
from madang.supervise import Part, supervise
from madang.web import routes


def scenarios() -> tuple[str, ...]:
    """The names of the scenarios that a world may give."""
    return tuple(sorted(scenario.ATTRIBUTIONS))


# --- an evaluation -----------------------------------------------------------------------------------------------------


def evaluate(folder: Path, name: str, plan: Plan) -> Comparison:
    """Measure a service of the city in the folder, each run in a process of its own."""
    city, service = cities.read(folder), registry.load(name)
    # What would stop every run is said once, before the first.
    scenario.resolve(_world_spec(city), folder=city.folder)
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
    world = StreetsWorld(_world_spec(city), seed=job.seed, start=start, folder=city.folder, options=options)
    try:
        if job.variant == FIXED:
            return await run_world(job, world=world, city=None, heard=heard)
        service, account = registry.load(job.variant), Account(MemoryLedger())
        clock = WorldClock(start, speed=0)
        hub = Hub(MemoryStore(), Policy(city.datasets), clock, LocalBus())
        loop = _loop(city, hub, account, clock=clock, minds=[(service, Inner(service))])
        found = await run_world(job, world=world, city=loop, heard=heard)
        return msgspec.structs.replace(found, **await _tally(account))
    finally:
        world.close()


async def _tally(account: Account) -> dict[str, int]:
    """How many commands are on record, how many a guard refused, how many were the fallback's."""
    records = [record for _, record in await account.records(limit=10_000_000)]
    refused = sum(record.refused is not None for record in records)
    fallbacks = sum(record.permission is None for record in records)
    return {"decisions": len(records), "refused": refused, "fallbacks": fallbacks}


def _loop(city: City, hub: Hub, account: Account, *, clock: WorldClock, minds: list[tuple[Service, Mind]]) -> Loop:
    runners = [Runner(service, city=city, account=account, mind=mind) for service, mind in minds]
    return Loop(hub, runners, city=city, told=clock.tell)


def _world_spec(city: City) -> WorldSpec:
    if city.world is None:
        raise BadRequestData(f"{city.folder / 'city.toml'} has no [world]: there is nothing to simulate")
    return city.world


# --- a replay ----------------------------------------------------------------------------------------------------------


def replay(decision: str, city: City, settings: Settings) -> Replay:
    """Compute a decision again from its record in the city's data. Raises Unavailable, ResourceNotFound."""
    file = _data(city, settings) / STORE
    if not file.exists():
        raise Unavailable(f"no city has run with its data in {file.parent}: say where with --data")
    ledger = SqliteLedger.open(file)
    try:
        return asyncio.run(compute_again(Account(ledger), decision))
    finally:
        ledger.close()
