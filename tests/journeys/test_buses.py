"""A morning of a bus line: late buses ask for green, bunched ones wait, a closed road is driven around after a yes.

The whole loop runs, over a hub in memory and a town in SUMO.
"""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.busline import build
from tests.journeys.town import START, Town

from madang.decide import replay
from madang.govern.caller import SYSTEM, service
from madang.model.entity import Attribute, Entity
from madang.model.query import EntityQuery
from madang.sim.streets.world import Options, StreetsWorld


def without(folder: Path) -> dict[str, Any]:
    """The same morning without the service."""
    world = StreetsWorld(build(folder), seed=2, start=START, folder=folder, options=Options(drain_s=900))
    while not world.finished():
        world.step()
    results = dict(world.results())
    world.close()
    return results


async def test_bunched_buses_are_held_and_late_ones_ask_for_green(tmp_path: Path) -> None:
    before = without(tmp_path)
    town = Town(tmp_path)
    await town.until(lambda: False, at_most_s=600)
    requests = await town.seen("SignalPriorityRequest")
    now = town.clock.now()
    assert requests, "somebody is late by now"
    signals = {f"urn:ngsi-ld:TrafficSignal:{id}": cabinet.layout.size for id, cabinet in town.world.cabinets.items()}
    for request in requests:
        assert request.expires_at is not None and request.expires_at > now
        assert 0 <= request.value("movement") < signals[request.value("refSignal")]
        assert request.value("latenessS") >= 30 and 1 < request.value("weight") <= 8
        assert (datetime.fromisoformat(request.value("arrivalAt")) - now).total_seconds() <= 45
    asked = await town.hub.entities.query(service("signals"), EntityQuery(types=(("SignalPriorityRequest",),)))
    assert len(asked.entities) == len(requests), "the signals may see them"

    await town.until(lambda: False)
    holds = await town.records("hold")
    results = town.world.results()
    town.world.close()
    assert len(holds) >= 5 and not town.refused
    assert results["bus_holds"] == len(holds)
    asked_s = sum(record.parameters["seconds"] for record in holds)
    assert results["bus_held_s"] == pytest.approx(asked_s, abs=2 * len(holds)), "held for as long as was said"
    assert results["bus_headway_cv"] < before["bus_headway_cv"]
    assert results["arrived"] == results["vehicles"] and results["teleports"] == before["teleports"] == 0
    for record in holds:
        assert (await replay.replay(town.account, record.id)).same
    assert await town.seen("SignalPriorityRequest") == [], "nobody asks who is gone"
    assert town.runner.leased == frozenset()


async def test_a_closed_road_is_driven_around_once_a_person_agrees(tmp_path: Path) -> None:
    town = Town(tmp_path, detour="approve", hold="off")
    await town.until(lambda: "1.4" in town.world.fleet.buses)
    town.world.close_road("C1D1")
    for _ in range(10):
        await town.until(lambda: False, at_most_s=1)
        proposals = await town.seen("BusProposal")
        if proposals:
            break
    assert proposals, "within ten seconds"
    proposal = proposals[0]
    assert "riders an hour" in proposal.value("reason") and "Station" in proposal.value("reason")
    assert "urn:ngsi-ld:PublicTransportStop:station" in proposal.value("parameters")["skipped"]
    assert not await town.records("detour"), "nobody has said yes"
    for each in proposals:
        await town.hub.batch.update(SYSTEM, [yes(each)])
    await town.until(lambda: town.world.fleet.detours > 0, at_most_s=60)
    record, *_ = await town.records("detour")
    assert "C1D1" not in record.parameters["route"]
    assert (proposal.id, "approval") in {(given.entity, given.attribute) for given in record.inputs}
    assert (await replay.replay(town.account, record.id)).same
    bus = record.target.rpartition(":")[2]
    edges: list[str] = []
    await town.until(lambda: town.world.fleet.buses.get(bus) is None or drives(town, bus, edges))
    assert "C1D1" not in edges and edges[-1] == "B2A2", "it comes to the end of its line another way"
    town.world.close()


def drives(town: Town, bus: str, edges: list[str]) -> bool:
    """Note where the bus is; never done."""
    here = town.world.fleet.edge(bus)
    if not edges or edges[-1] != here:
        edges.append(here)
    return False


def yes(proposal: Entity) -> Entity:
    """A person's approval."""
    return Entity(id=proposal.id, types=proposal.types, attributes={"approval": (Attribute(value="approved"),)})


async def test_buses_of_a_real_network_ask_only_when_they_are_late(tmp_path: Path) -> None:
    """Ten minutes of ingolstadt7, whose demand has neither stops nor a timetable."""
    town = Town(tmp_path, scenario="ingolstadt7", late_s=20.0)
    heard: dict[str, float] = {}
    on_time: set[str] = set()
    for _ in range(120):
        await town.until(lambda: False, at_most_s=5)
        requests = {request.id: request for request in await town.seen("SignalPriorityRequest")}
        for bus in await town.seen("Vehicle"):
            asks = [request for request in requests.values() if request.value("refVehicle") == bus.id]
            if bus.value("lateness") < 19:  # it was at most 2 s later when it was asked
                on_time.add(bus.id)
                assert not [r for r in asks if r.value("latenessS") < 20]
            heard.update((request.value("refVehicle"), request.value("weight")) for request in asks)
    town.world.close()
    assert len(heard) >= 3 and on_time and all(1 < weight <= 8 for weight in heard.values())


async def test_a_line_whose_end_is_closed_is_to_turn_short_within_ten_seconds(tmp_path: Path) -> None:
    town = Town(tmp_path, detour="advise", hold="off", priority="off")
    await town.until(lambda: "1.0" in town.world.fleet.buses)
    town.world.close_road("B2A2")
    await town.until(lambda: False, at_most_s=10)
    proposals = await town.seen("BusProposal")
    assert proposals, "within ten seconds"
    for proposal in proposals:
        assert proposal.value("rule") == "turn-short" and proposal.value("mode") == "advise"
        assert "Mill" in proposal.value("reason") and "riders not counted" in proposal.value("reason")
        assert proposal.value("parameters")["route"][-1] == "C2B2", "the hall is the last stop that it can serve"
    assert not await town.records("detour"), "advice is carried out by nobody"
    town.world.close()


async def test_the_signals_give_late_buses_their_green_and_say_so(tmp_path: Path) -> None:
    """A quarter of an hour of ingolstadt7 with both services."""
    town = Town(tmp_path, scenario="ingolstadt7", late_s=5.0, very_late_s=60.0, beside={"signals": {}})
    await town.until(lambda: False, at_most_s=900)
    monitor = town.world.monitor
    town.world.close()
    assert monitor.conflicts == monitor.guards_broken == 0 and not town.refused
    told = [record for record in await town.records("stage") if "A bus of line" in record.reason]
    first = [record for record in told if record.rule == "priority"]
    assert first, "stages that were shown for a bus"
    for record in told:
        requests = {given.entity for given in record.inputs if given.type == "SignalPriorityRequest"}
        assert requests and (await replay.replay(town.account, record.id)).same
    for record in first:
        assert "s late" in record.reason and "cross_cost_vehicle_s" in record.expected


async def test_a_silent_city_lets_a_held_bus_go(tmp_path: Path) -> None:
    town = Town(tmp_path, max_hold_s=180.0, bunched=1.0)
    await town.until(lambda: any(bus.hold and bus.hold.until_s - town.world.now_s > 30 for bus in fleet(town)))
    held = next(bus for bus in fleet(town) if bus.hold)
    assert held.hold is not None
    own_s = held.hold.own_s
    for _ in range(int(max(0.0, own_s - town.world.now_s)) + 9):
        town.world.step()  # the hub is dead: no word comes
    assert held.hold is None and not held.at_stop, "it went on by itself"
    town.world.close()
    await asyncio.sleep(0)


def fleet(town: Town) -> list[Any]:
    return list(town.world.fleet.buses.values())
