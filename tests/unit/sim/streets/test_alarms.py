"""Vehicles under blue light that a seed sends out: the same ones at the same seconds, whatever the signals do."""

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace
from tests.contracts.busline import build

from madang.sim.streets import device
from madang.sim.streets.alarms import FIRST_S
from madang.sim.streets.world import Options, StreetsWorld

from .conftest import START


def test_a_seed_sends_out_the_same_vehicles_and_they_count(world: Callable[..., StreetsWorld]) -> None:
    asked = {"alarms_per_hour": 6, "hours": 1.0, "devices": frozenset((device.RESPONDERS,))}
    other = world("ingolstadt7", seed=2, **asked).alarms.ways
    streets = world("ingolstadt7", seed=1, **asked)
    ways = streets.alarms.ways
    assert len(ways) == 6 and ways == sorted(ways) and ways != other
    begin_s = streets.scenario.begin_s
    assert all(begin_s + FIRST_S <= at_s <= begin_s + 3300 for at_s, _, _ in ways)
    first_s, start, _ = ways[0]
    while streets.now_s < first_s:
        assert not streets.step().entities
    told = [each for _ in range(3) for each in streets.step().entities]
    assert told[0].id == f"urn:ngsi-ld:EmergencyVehicle:alarm.{first_s:.0f}"
    assert told[0].value("itinerary")["route"][0] == start and len(told[0].value("itinerary")["signals"]) >= 2
    results = streets.results()
    assert results["emergency_delay_s"] is not None and results["car_delay_s"] > 0


def test_where_nobody_comes_from_outside_they_set_out_within(tmp_path: Path) -> None:
    """In a grid of netgenerate every street goes on at both ends."""
    spec = replace(build(tmp_path), alarms_per_hour=12)
    options = Options(devices=frozenset((device.RESPONDERS,)))
    streets = StreetsWorld(spec, seed=1, start=START, folder=tmp_path, options=options)
    try:
        first_s, start, end = streets.alarms.ways[0]
        assert len(streets.alarms.ways) == 6 and start != end
        while streets.now_s <= first_s + 1:
            told = streets.step().entities
        assert told[0].id == f"urn:ngsi-ld:EmergencyVehicle:alarm.{first_s:.0f}"
    finally:
        streets.close()


def test_without_a_wish_nobody_sets_out(world: Callable[..., StreetsWorld]) -> None:
    assert world("cologne1").alarms.ways == []
