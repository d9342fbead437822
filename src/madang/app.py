"""The composition root: settings and the city choose the adapters here, and nowhere else."""

import asyncio
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import msgspec

from madang import city as cities
from madang.account import Account
from madang.act.world import WorldActuator
from madang.announce import announce, say
from madang.api import build
from madang.bus.local import LocalBus
from madang.clock import WallClock, WorldClock
from madang.decide import registry
from madang.decide.loop import Loop
from madang.decide.pump import Pump
from madang.decide.replay import Replay
from madang.decide.replay import replay as compute_again
from madang.decide.runner import Runner
from madang.decide.thinking import Inner, Mind, Worker
from madang.errors import BadRequestData
from madang.evaluate import pool, session
from madang.evaluate.comparison import Comparison
from madang.evaluate.run import FIXED, Job, Run
from madang.evaluate.run import run as run_world
from madang.evaluate.session import Plan
from madang.govern import Policy
from madang.hub import Hub
from madang.listen import free_port, listen
from madang.model.city import City, WorldSpec
from madang.model.service import Service
from madang.sense.world import WorldSource
from madang.settings import Settings
from madang.sim.streets import process, scenario
from madang.sim.streets.world import Options, StreetsWorld
from madang.store.memory import MemoryLedger, MemoryStore
from madang.store.sqlite import SqliteLedger, SqliteStore, kept_ledger
from madang.supervise import Part, supervise
from madang.web import routes


def scenarios() -> tuple[str, ...]:
    """The names of the scenarios that a world may give."""
    return tuple(sorted(scenario.ATTRIBUTIONS))


def data(city: City, settings: Settings) -> Path:
    """Where this city's state is kept."""
    return settings.data / city.id


async def up(folder: Path, settings: Settings, *, speed: float | None, seed: int | None, browser: bool) -> int:
    """Run the city in the folder until a signal: its hub and its simulated streets, kept running; the exit code."""
    city = cities.read(folder, scenarios=scenarios())
    settings = msgspec.structs.replace(settings, port=settings.port or free_port(settings.host))
    with tempfile.TemporaryDirectory(prefix="madang-") as private:
        parts = _parts(city, settings, Path(private) / "world.sock", speed=speed, seed=seed)
        telling = asyncio.create_task(announce(city.name["en"], settings, browser=browser))
        try:
            return await supervise(parts, told=say)
        finally:
            telling.cancel()


def _parts(city: City, settings: Settings, socket: Path, *, speed: float | None, seed: int | None) -> list[Part]:
    where = ("--host", settings.host, "--port", str(settings.port), "--data", str(settings.data))
    hub = ("serve", str(city.folder), *where, "--supervised")
    if city.world is None:
        return [Part(name="the hub", arguments=hub)]
    world = ["world", str(city.folder), "--socket", str(socket), "--supervised"]
    if speed is not None:
        world += ["--speed", f"{speed:g}" if speed else "max"]
    if seed is not None:
        world += ["--seed", str(seed)]
    return [
        Part(name="the hub", arguments=(*hub, "--world", str(socket))),
        Part(name="the world", arguments=tuple(world)),
    ]


async def serve(city: City, settings: Settings, *, socket: Path | None) -> None:
    """Run the hub of a city until a signal: store, services, API and page; `socket` is where its world is awaited.

    Raises Unavailable where the data is another process's or the port is taken.
    """
    clock = WorldClock(WallClock().now(), speed=1.0)
    store = SqliteStore(data(city, settings))
    try:
        account = Account(SqliteLedger(store))
        bus = LocalBus()
        hub = Hub(store, Policy(city.datasets), clock, bus)
        minds: list[tuple[Service, Mind]] = [
            (registry.load(name), Worker(name, timeout_s=settings.decide_timeout_s)) for name in city.services
        ]
        loop = _loop(city, hub, account, clock=clock, minds=minds)
        pump = _pump(loop, socket, clock) if socket is not None else None
        api = build(
            hub=hub,
            account=account,
            city=city,
            status=lambda: status(loop, pump),
            world=lambda: loop.hello,
            attribution=_attribution(city),
            page=routes(),
            body_limit=settings.body_limit,
            private_contexts=settings.private_contexts,
        )
        try:
            await listen(api, settings.host, settings.port, beside=pump.run() if pump is not None else None)
        finally:
            hub.close()
            await loop.close()
    finally:
        store.close()


def status(loop: Loop, pump: Pump | None) -> dict[str, Any]:
    """How the parts are, as ``GET /health`` tells it. Ready: the world, if there is to be one, is running."""
    parts: dict[str, Any] = {"store": {"status": "running"}}
    if pump is not None:
        parts["world"] = {**msgspec.to_builtins(pump.pulse), "failures": pump.failures}
    for name, found in loop.statuses().items():
        parts[f"service:{name}"] = found
    return {"ready": pump is None or pump.pulse.status == "running", "parts": parts}


def world(city: City, *, socket: Path, speed: float | None, seed: int | None) -> None:
    """Run the city's simulated streets in this process, until the end of time, and report at `socket`."""
    spec = _world_spec(city)
    given = msgspec.structs.replace(
        spec, speed=spec.speed if speed is None else speed, seed=spec.seed if seed is None else seed
    )
    live = process.Live(
        given, socket=socket, speed=given.speed, seed=given.seed, folder=city.folder, centre=city.centre
    )
    live.run()


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


def replay(decision: str, city: City, settings: Settings) -> Replay:
    """Compute a decision again from its record in the city's data. Raises Unavailable, ResourceNotFound."""
    with kept_ledger(data(city, settings)) as ledger:
        return asyncio.run(compute_again(Account(ledger), decision))


async def _run_job(job: Job, heard: Callable[[float], None]) -> Run:
    city = cities.read(job.city)
    options = Options(hours=job.hours, drain_s=job.drain_s, centre=city.centre)
    start = WallClock().now().replace(microsecond=0)
    streets = StreetsWorld(_world_spec(city), seed=job.seed, start=start, folder=city.folder, options=options)
    try:
        if job.variant == FIXED:
            return await run_world(job, world=streets, city=None, heard=heard)
        account = Account(MemoryLedger())
        loop = _evaluated(city, registry.load(job.variant), account, start)
        found = await run_world(job, world=streets, city=loop, heard=heard)
        return msgspec.structs.replace(found, **await _tally(account))
    finally:
        streets.close()


def _evaluated(city: City, service: Service, account: Account, start: datetime) -> Loop:
    """The city's side of an evaluation: the same loop over a store in memory, the service in the same process."""
    clock = WorldClock(start, speed=0)
    hub = Hub(MemoryStore(), Policy(city.datasets), clock, LocalBus())
    return _loop(city, hub, account, clock=clock, minds=[(service, Inner(service))])


async def _tally(account: Account) -> dict[str, int]:
    """How many commands are on record, how many a guard refused, how many were the fallback's."""
    records = [record for _, record in await account.records(limit=10_000_000)]
    refused = sum(record.refused is not None for record in records)
    fallbacks = sum(record.permission is None for record in records)
    return {"decisions": len(records), "refused": refused, "fallbacks": fallbacks}


def _loop(city: City, hub: Hub, account: Account, *, clock: WorldClock, minds: list[tuple[Service, Mind]]) -> Loop:
    runners = [Runner(service, city=city, account=account, mind=mind) for service, mind in minds]
    return Loop(hub, runners, told=clock.tell)


def _pump(loop: Loop, socket: Path, clock: WorldClock) -> Pump:
    source = WorldSource(socket)
    return Pump(loop, source=source, actuator=WorldActuator(source.send), clock=clock)


def _attribution(city: City) -> str:
    return scenario.resolve(city.world, folder=city.folder).attribution if city.world is not None else ""


def _world_spec(city: City) -> WorldSpec:
    if city.world is None:
        raise BadRequestData(f"{city.folder / 'city.toml'} has no [world]: there is nothing to simulate")
    return city.world
