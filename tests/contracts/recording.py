"""Runs a service in a simulated city and writes down what it saw and decided.

`python recording.py SERVICE SCENARIO SECONDS [SEED]`: a process of its own because libsumo holds global state, and
because a decision that is computed again in another process owes nothing to this one. With a seed the orders are
random, as far as the service's guards let them pass. The scenario `busline` is a town with a bus line, `school` a
junction with a school beside it whose air is worse than its limit. Writes a `Recording` as MessagePack to standard
output.
"""

import importlib
import random
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from madang.decide import registry
from madang.model.city import WorldSpec
from madang.model.entity import Entity
from madang.model.service import Command, Decision, Service, View
from madang.model.world import Order, Orders, Tick
from madang.sim.streets import device
from madang.sim.streets.world import Options, StreetsWorld

# This file runs as a program: what lies beside it is found by its name alone.
sys.path.insert(0, str(Path(__file__).parent))
busline: Any = importlib.import_module("busline")


SCHOOL = """{"type": "FeatureCollection", "features": [{"type": "Feature",
"geometry": {"type": "Point", "coordinates": [LON, LAT]},
"properties": {"id": "school", "name": "School", "category": "school"}}]}"""
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    # The simulated air is good: a limit that it exceeds, and steps that fit into minutes.
    "school": {
        "limits": [{"pollutant": "no2", "ugm3": 15.8, "averaging_s": 3600, "source": "this test"}],
        "least_readings": 1,
        "step_s": 60.0,
        "least_s": 60.0,
        "longest_s": 120.0,
    }
}
"""What a scenario sets otherwise than the service itself."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One decision: the view, the memory before, what came of it, and the guards' refusals of its commands."""

    view: View
    memory: Mapping[str, Any]
    decision: Decision
    refused: tuple[str, ...] = ()


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """`counts` are the monitor's, `answers` the field's refusals."""

    moments: tuple[Moment, ...]
    counts: Mapping[str, Any]
    answers: tuple[str, ...]


def main(name: str, scenario: str, seconds: int, seed: int | None) -> None:
    service = registry.load(name)
    start = datetime(2026, 5, 1, 6, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder:
        world = _world(scenario, start, Path(folder))
        settings = {**service.settings, **SETTINGS.get(scenario, {})}
        found = _record(msgspec.structs.replace(service, settings=settings), world, seconds, seed)
    sys.stdout.buffer.write(msgspec.msgpack.encode(found))


def _world(scenario: str, start: datetime, folder: Path) -> StreetsWorld:
    """A named scenario, the town with a bus line, or the junction with a school."""
    options = Options(devices=device.CONTROL | {device.BUSES, device.TRANSIT})
    if scenario == "school":
        return _school(start, folder)
    if scenario != "busline":
        return StreetsWorld(WorldSpec(scenario=scenario), seed=1, start=start)
    return StreetsWorld(busline.build(folder), seed=1, start=start, folder=folder, options=options)


def _school(start: datetime, folder: Path) -> StreetsWorld:
    (folder / "places.geojson").write_text(SCHOOL.replace("LON", "6.9092").replace("LAT", "50.9279"), encoding="utf-8")
    options = Options(devices=device.CONTROL | {device.AIR})
    spec = WorldSpec(scenario="cologne3", places="places.geojson")
    return StreetsWorld(spec, seed=1, start=start, folder=folder, options=options)


def _record(service: Service, world: StreetsWorld, seconds: int, seed: int | None) -> Recording:
    known = {entity.id: entity for entity in world.hello().entities}
    chance = None if seed is None else random.Random(seed)
    moments: list[Moment] = []
    answers: list[str] = []
    memory: Mapping[str, Any] = {}
    for _ in range(seconds):
        tick = world.step()
        _learn(known, tick)
        answers += [answer.refused for answer in tick.answers if answer.refused]
        view = _view(service, known, tick.at)
        decision = service.decide(view, memory)
        commands = decision.commands if chance is None else _random(service, view, chance)
        passed = [(command, _refusal(service, view, command)) for command in commands]
        if chance is None:
            refused = tuple(why for _, why in passed if why)
            moments.append(Moment(view=view, memory=memory, decision=decision, refused=refused))
        memory = decision.memory
        sent = [command for command, why in passed if why is None and service.field]
        world.order(_orders(tick.at, sent, known))
    counts = world.monitor.counts()
    world.close()
    kept = tuple(moment for number, moment in enumerate(moments) if moment.decision.commands or number % 20 == 0)
    return Recording(moments=kept, counts=counts, answers=tuple(answers))


def _learn(known: dict[str, Entity], tick: Tick) -> None:
    for entity in tick.entities:
        before = known.get(entity.id)
        attributes = {**before.attributes, **entity.attributes} if before else entity.attributes
        known[entity.id] = msgspec.structs.replace(entity, attributes=attributes)
    for id in tick.gone:
        known.pop(id, None)


def _view(service: Service, known: Mapping[str, Entity], at: datetime) -> View:
    reads = {read.type: read.attributes for read in service.reads}
    entities = {
        id: msgspec.structs.replace(
            entity, attributes={n: a for n, a in entity.attributes.items() if n in reads[entity.types[0]]}
        )
        for id, entity in known.items()
        if entity.types[0] in reads
    }
    return View(at=at, entities=entities, settings=service.settings)


def _random(service: Service, view: View, chance: random.Random) -> list[Command]:
    """A random stage for every signal, known or not; a random hold or way for every bus."""
    stages = ["s0", "s1", "s2", "s3", "s4", "s5", "", "GGGG"]
    wanted = [(entity.id, "stage", {"stage": chance.choice(stages)}) for entity in view.of("TrafficSignal")]
    for entity in view.of("Vehicle") if "Vehicle" in service.writes else ():
        way = entity.value("itinerary") or {}
        hold = {"stop": way.get("at"), "seconds": chance.choice([0, 1, 30, 60, 400, "60"])}
        roads = next(iter(view.of("RoadNetwork"))).value("edges")
        route = [way["route"][0]]
        while len(route) < 5 and roads[route[-1]][2]:
            route.append(chance.choice(roads[route[-1]][2]))
        wanted.append((entity.id, *chance.choice([("hold", hold), ("detour", {"route": route}), ("release", {})])))
    return [
        Command(target=target, action=action, parameters=parameters, rule="-", reason="-")
        for target, action, parameters in wanted
    ]


def _refusal(service: Service, view: View, command: Command) -> str | None:
    return next((why for guard in service.guards if (why := guard(view, command)) is not None), None)


def _orders(at: datetime, commands: list[Command], known: Mapping[str, Entity]) -> Orders:
    leased = tuple(id for id in known if ":TrafficSignal:" in id or ":Vehicle:" in id)
    orders = tuple(
        Order(decision=str(number), target=command.target, action=command.action, parameters=command.parameters)
        for number, command in enumerate(commands)
    )
    return Orders(at=at, orders=orders, leased=leased)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else None)
