"""A blocked road is driven around, by the way that costs the riders least."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.services.buses.conftest import MARKET, MILL, SCHOOL, bus, call, roads, segment, stop

from madang.model.entity import Entity, observed
from madang.model.service import Command, View
from madang.services.buses.decide import decide

See = Callable[..., View]


def riding(**more: Any) -> Entity:
    calls = [call(MARKET, "a"), call(SCHOOL, "b"), call(MILL, "c")]
    return bus(**{"stops": calls, **more})


def detour(view: View) -> Command | None:
    return next((command for command in decide(view, {}).commands if command.action == "detour"), None)


def test_a_closed_road_is_driven_around_and_the_cost_is_said(see: See) -> None:
    stops = (stop(MARKET, riders=10), stop(SCHOOL, riders=36), stop(MILL, riders=50))
    command = detour(see(riding(), roads(), segment("b", status="closed"), *stops, detour="automatic"))
    assert command is not None and command.parameters["route"] == ["a", "e", "c", "d"]
    assert command.parameters["skipped"] == [SCHOOL]
    assert "School; 36 riders an hour" in command.reason and "20 s longer" in command.reason
    assert command.expected == {"extra_s": 20.0, "skipped_stops": 1.0}


def test_uncounted_riders_are_said_to_be_uncounted(see: See) -> None:
    command = detour(see(riding(), roads(), segment("b", status="closed"), detour="automatic"))
    assert command is not None and "riders not counted" in command.reason


def test_it_is_advice_unless_the_city_says_else(see: See) -> None:
    decided = decide(see(riding(), roads(), segment("b", status="closed")), {})
    assert not decided.commands
    (proposal,) = [each for each in decided.published if each.types == ("BusProposal",)]
    assert proposal.value("mode") == "advise" and proposal.value("parameters")["around"] == ["e"]


def test_a_standstill_counts_as_closed_only_after_minutes(see: See) -> None:
    assert detour(see(riding(), roads(), segment("c", slow_s=239.0), detour="automatic")) is None
    command = detour(see(riding(), roads(), segment("c", slow_s=240.0), detour="automatic"))
    assert command is not None and command.parameters["route"] == ["a", "b", "f", "d"]


def test_where_the_end_cannot_be_reached_the_bus_turns_short(see: See) -> None:
    command = detour(see(riding(), roads(), segment("d", status="closed"), detour="automatic"))
    assert command is not None and command.rule == "turn-short"
    assert command.parameters["route"] == ["a", "b", "c"] and command.parameters["skipped"] == []


def test_where_there_is_no_way_at_all_it_says_so(see: See) -> None:
    shut = [segment(edge, status="closed") for edge in "be"]
    decided = decide(see(bus(), roads(), *shut, detour="automatic"), {})
    assert not decided.commands
    assert any("no way around" in each.value("reason") for each in decided.published if "BusProposal" in each.types)


@pytest.mark.parametrize("near", [{"position": 180.0}, {"at": MARKET, "dwell": 9.0}])
def test_a_bus_that_cannot_turn_any_more_is_not_told_to(see: See, near: dict[str, Any]) -> None:
    assert detour(see(riding(**near), roads(), segment("b", status="closed"), detour="automatic")) is None


def test_a_bus_near_the_end_of_its_road_is_led_around_from_the_next(see: See) -> None:
    command = detour(see(riding(position=180.0), roads(), segment("c", status="closed"), detour="automatic"))
    assert command is not None and command.parameters["route"] == ["a", "b", "f", "d"]


def test_a_stop_with_many_riders_is_worth_the_way_and_one_with_few_is_not(see: See) -> None:
    """From a the mill on f is reached over b only, which is slow; e goes past it."""
    edges = {
        "a": [200.0, 20.0, ["b", "e", "x"]],
        "x": [10.0, 1.0, ["d"]],
        "b": [200.0, 120.0, ["f"]],
        "e": [100.0, 10.0, ["d"]],
        "f": [100.0, 10.0, ["d"]],
        "d": [100.0, 10.0, []],
    }
    network = observed("urn:ngsi-ld:RoadNetwork:streets", "RoadNetwork", None, {"edges": edges}, json=("edges",))
    way = {"route": ["a", "x", "d"], "stops": [call(MILL, "f")], "passengers": 20}
    for riders, route in ((400, ["a", "b", "f", "d"]), (4, ["a", "e", "d"])):
        view = see(bus(**way), network, segment("x", status="closed"), stop(MILL, riders=riders), detour="automatic")
        command = detour(view)
        assert command is not None and command.parameters["route"] == route


def test_a_line_without_a_bus_on_the_road_is_told_of_too(see: See) -> None:
    seen = decide(see(riding()), {}).memory
    assert not decide(see(roads()), seen).published
    decided = decide(see(roads(), segment("b", status="closed"), detour="approve"), seen)
    assert not decided.commands
    (proposal,) = decided.published
    assert proposal.value("refVehicle") == "urn:ngsi-ld:BusLine:7" and proposal.value("mode") == "approve"
    assert proposal.value("parameters")["route"] == ["a", "e", "c", "d"]
    with_bus = decide(see(riding(), roads(), segment("b", status="closed"), detour="approve"), seen)
    same = [each.id for each in with_bus.published if each.types == ("BusProposal",)]
    assert same == [proposal.id], "the next bus needs no other yes"
