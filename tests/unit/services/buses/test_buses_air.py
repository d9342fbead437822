"""A diesel bus gets a way around bad air as a proposal; an electric one, or one without a way, drives on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.unit.services.buses.conftest import AT, BUS, MARKET, MILL, SCHOOL, bus, call, roads, segment, stop

from madang.model.entity import Attribute, Entity, observed
from madang.model.service import View
from madang.services.buses.decide import decide

See = Callable[..., View]


def burning(fuel: str = "diesel", **more: Any) -> Entity:
    found = bus(**{"stops": [call(MARKET, "a"), call(SCHOOL, "b"), call(MILL, "c")], **more})
    return msgspec.structs.replace(found, attributes={**found.attributes, "fuelType": (Attribute(value=fuel),)})


def terms(*edges: str, avoid: Any = True, valid_s: float = 45.0, given: Any = None) -> Entity:
    until = (AT + timedelta(seconds=valid_s)).isoformat()
    values = {"roads": list(edges) if given is None else given, "avoidDiesel": avoid, "validUntil": until}
    return observed("urn:ngsi-ld:AirTerms:school", "AirTerms", AT, values, json=("roads",))


def proposals(view: View) -> list[Entity]:
    return [each for each in decide(view, {}).published if each.types == ("BusProposal",)]


def test_a_diesel_bus_is_led_around_as_a_proposal_that_says_what_it_costs(see: See) -> None:
    stops = (stop(SCHOOL, riders=36), stop(MARKET, riders=5), stop(MILL, riders=5))
    view = see(burning(), roads(), terms("b"), *stops, detour="automatic")
    (proposal,) = proposals(view)
    assert decide(view, {}).commands == (), "closed roads may be driven around by themselves; air is a person's choice"
    assert proposal.value("rule") == "around-bad-air" and proposal.value("parameters")["around"] == ["e"]
    assert "air is worse than its limit" in proposal.value("reason")
    assert "School; 36 riders an hour" in proposal.value("reason")


def test_a_city_may_have_it_done(see: See) -> None:
    (command,) = decide(see(burning(), roads(), terms("b"), diesel="automatic"), {}).commands
    assert command.target == BUS and command.parameters["route"] == ["a", "e", "c", "d"]
    assert ("urn:ngsi-ld:AirTerms:school", "roads") in command.inputs and (BUS, "fuelType") in command.inputs


@pytest.mark.parametrize("fuel", ["electric", "", "unknown"])
def test_only_who_says_that_it_burns_diesel_is_led_around(see: See, fuel: str) -> None:
    assert proposals(see(burning(fuel), roads(), terms("b"))) == []


@pytest.mark.parametrize(
    "none",
    [
        terms("b", avoid=False),
        terms("b", avoid="yes"),
        terms("b", valid_s=-1.0),
        terms("b", valid_s=1e6),
        terms(given="b"),
        terms("b", "e"),
        terms("d"),
        terms("a", "b"),
    ],
)
def test_without_terms_or_a_way_to_the_end_it_drives_on(see: See, none: Entity) -> None:
    assert proposals(see(burning(), roads(), none)) == []


def test_a_way_that_takes_too_long_is_none_and_it_can_be_switched_off(see: See) -> None:
    assert proposals(see(burning(), roads(), terms("b"), diesel_extra_s=19.0)) == []
    assert proposals(see(burning(), roads(), terms("b"), diesel="off")) == []


def test_a_closed_road_comes_first(see: See) -> None:
    found = proposals(see(burning(), roads(), terms("c"), segment("b", status="closed")))
    assert [each.value("rule") for each in found] == ["detour"]
