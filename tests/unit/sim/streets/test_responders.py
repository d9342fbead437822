"""An emergency vehicle that is sent out tells its way until it is there."""

from collections.abc import Callable
from datetime import datetime

import pytest

from madang.errors import BadRequestData
from madang.sim.streets import device
from madang.sim.streets.world import StreetsWorld

START, END = "10425609#0", "-653473569#5"


def test_a_vehicle_that_is_sent_out_tells_its_way_and_arrives(world: Callable[..., StreetsWorld]) -> None:
    streets = world("ingolstadt7", devices=frozenset((device.RESPONDERS,)))
    for _ in range(60):
        assert not streets.step().entities
    streets.dispatch("112-1", start=START, end=END)
    told: list[tuple[datetime, float, list[str]]] = []
    gone: list[str] = []
    while not gone and len(told) < 600:
        tick = streets.step()
        for entity in tick.entities:
            assert entity.types == ("EmergencyVehicle",) and entity.expires_at is not None
            way = entity.value("itinerary")
            assert [s["seconds"] for s in way["signals"]] == sorted(s["seconds"] for s in way["signals"])
            told.append((tick.at, way["seconds"], [s["signal"] for s in way["signals"]]))
        gone = [id for id in tick.gone if "EmergencyVehicle" in id]
    assert gone == ["urn:ngsi-ld:EmergencyVehicle:112-1"]
    assert len(told[0][2]) == 2 and told[-1][2] == [], "the signals that it has passed are behind it"
    assert told[0][1] > told[-1][1]
    assert streets.results()["emergency_delay_s"] > 0


def test_where_there_is_no_way_nobody_is_sent(world: Callable[..., StreetsWorld]) -> None:
    streets = world("ingolstadt7", devices=frozenset((device.RESPONDERS,)), record=False)
    with pytest.raises(BadRequestData, match="no emergency vehicle can drive"):
        streets.dispatch("112-1", start="nowhere", end=END)
