"""Who asks to go first is heard, unless what it says cannot be."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from madang.model.entity import Entity
from madang.model.service import View
from madang.services.signals.claims import LARGEST, MOST, Heard, claims, heard
from madang.services.signals.sense import junction_of
from madang.services.signals.settings import settings_of

from .asking import asked, corridor, request, stop
from .conftest import AT, TARGET

Make = Callable[..., View]


def listen(view: View, *entities: Entity, **settings: Any) -> Heard:
    view = msgspec.structs.replace(asked(view, *entities), settings={**view.settings, **settings})
    given = settings_of(view.settings)
    return claims(heard(view).get(TARGET, ()), view, junction_of(view, TARGET, given), given)


def test_a_bus_and_a_vehicle_under_blue_light_are_heard_the_latter_first(make: Make) -> None:
    found = listen(make(), request(), corridor())
    engine, bus = found.taken
    assert (engine.corridor, engine.link, engine.arrival_s, engine.weight) == (True, 3, 15.0, 100.0)
    assert (bus.corridor, bus.link, bus.arrival_s, bus.weight) == (False, 3, 10.0, 8.0)
    assert (bus.line, bus.lateness_s, bus.distance_m) == ("7", 60.0, 120.0)
    assert found.aside == () and found.corridor
    names = {name for id, name in found.inputs if "Request" in id}
    assert {"weight", "arrivalAt", "validUntil", "movement"} <= names


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"validUntil": -2.0}, "expired 2 s ago"),
        ({"validUntil": 61.0}, "at most 60 s"),
        ({"validUntil": "tomorrow"}, "validUntil is no time"),
        ({"validUntil": None}, "validUntil is no time"),
        ({"arrivalAt": "soon"}, "arrivalAt is no time"),
        ({"arrivalAt": 17}, "malformed"),
        ({"movement": 9}, "no movement 9"),
        ({"movement": -1}, "no movement -1"),
        ({"movement": "left"}, "malformed"),
        ({"weight": 11.0}, "11 cars"),
        ({"weight": 0.0}, "0 cars"),
        ({"weight": float("nan")}, "nan cars"),
        ({"weight": None}, "malformed"),
        ({"distance": -5.0}, "distance is impossible"),
        ({"distance": float("inf")}, "distance is impossible"),
        ({"refVehicle": 7}, "malformed"),
    ],
)
def test_what_cannot_be_is_left_aside_and_stays_among_the_inputs(make: Make, changes: dict[str, Any], why: str) -> None:
    wrong = request("7.2", **changes)
    if "arrivalAt" in changes and changes["arrivalAt"] == 17:
        wrong = _plain(wrong, "arrivalAt", 17)
    found = listen(make(), request(), wrong)
    assert [claim.vehicle[-3:] for claim in found.taken] == ["7.1"], "and costs no other one its own"
    ((id, told),) = found.aside
    assert id == wrong.id and why in told
    assert (wrong.id, "weight") in found.inputs


def _plain(entity: Entity, name: str, value: object) -> Entity:
    (attribute,) = entity.attributes[name]
    changed = {**entity.attributes, name: (msgspec.structs.replace(attribute, value=value),)}
    return msgspec.structs.replace(entity, attributes=changed)


@pytest.mark.parametrize("junctions", ["none", [3], [{"refSignal": 7}], []])
def test_a_malformed_corridor_is_nobodys(make: Make, junctions: Any) -> None:
    assert listen(make(), corridor(junctions=junctions)) == Heard()


def test_a_corridor_that_is_wrong_here_is_left_aside_here(make: Make) -> None:
    found = listen(make(), corridor("112", stop(movement=8)), corridor("113", stop(distance="far")))
    assert not found.taken
    assert [why.split(":")[0] for _, why in found.aside] == [
        "the junction has no movement 8 that it could give green",
        "it is malformed",
    ]


def test_another_signals_requests_are_not_heard(make: Make) -> None:
    other = request(refSignal="urn:ngsi-ld:TrafficSignal:y")
    assert listen(make(), other, request("7.3", refSignal=3)) == Heard()


def test_one_vehicle_asks_once(make: Make) -> None:
    found = listen(make(), request("7.1"), request("7.2", refVehicle="urn:ngsi-ld:Vehicle:7.1"))
    assert len(found.taken) == 1 and found.aside[0][1] == "its vehicle has asked already"


def test_together_they_count_no_more_than_the_city_allows(make: Make) -> None:
    found = listen(make(), *(request(f"7.{number}", weight=10.0) for number in range(8)))
    assert sum(claim.weight for claim in found.taken) == pytest.approx(20.0)
    many = listen(make(), *(request(f"7.{number:03}", weight=10.0) for number in range(100)))
    assert len(many.taken) == MOST and sum(claim.weight for claim in many.taken) == pytest.approx(20.0)
    assert len({id for id, _ in many.inputs}) == LARGEST, "a flood does not swell the record"
    assert (many.aside[-1][1]) == "12 others come before"
    engines = listen(make(), *(corridor(f"11{number}") for number in range(4)))
    assert sum(claim.weight for claim in engines.taken) == pytest.approx(100.0)


def test_who_comes_after_the_horizon_is_no_claim_yet(make: Make) -> None:
    found = listen(make(), request(arrivalAt=70.0))
    assert (found.taken, found.aside) == ((), ()) and found.inputs


def test_a_city_may_switch_either_off(make: Make) -> None:
    found = listen(make(), request(), corridor(), priority=False)
    assert [claim.corridor for claim in found.taken] == [True] and "no priority" in found.aside[0][1]
    found = listen(make(), request(), corridor(), corridors=False)
    assert [claim.corridor for claim in found.taken] == [False] and "no corridors" in found.aside[0][1]


def test_the_age_of_a_request_is_that_of_its_report(make: Make) -> None:
    view = make()
    later = msgspec.structs.replace(view, at=AT + timedelta(seconds=3))
    (claim,) = listen(later, request()).taken
    assert (claim.age_s, claim.arrival_s) == (3.0, 7.0)
