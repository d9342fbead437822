"""Who goes first: what it does to the junction, what it costs the others, and what is owed to them after."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from madang.model.service import Command, View
from madang.services.signals.case import CORRIDOR, PRIORITY
from madang.services.signals.choice import FORCED
from madang.services.signals.claims import Claim, Heard
from madang.services.signals.decide import decide
from madang.services.signals.priority import favoured
from madang.services.signals.sense import Scene
from madang.services.signals.settings import Settings

from .asking import asked, corridor, request, stop
from .conftest import AT, LAYOUT, TARGET, queue

Make = Callable[..., View]
NORTH: dict[str, Any] = {"north_0": [[45.0 + 45.0 * place, 13.0, 0, "car", 0.0] for place in range(4)]}
"""Four cars that come on the street that has green."""


def only(view: View, memory: dict[str, Any] | None = None) -> Command | None:
    found = decide(view, memory or {}).commands
    assert len(found) <= 1
    return found[0] if found else None


def test_a_late_bus_that_asks_gets_the_green_that_it_would_not_get(make: Make) -> None:
    view = make({**NORTH, "west_0": [[30.0, 9.0, 3, "bus", 0.0]]})
    assert only(view) is None
    command = only(asked(view, request(distance=30.0, arrivalAt=3.0, weight=10.0)))
    assert command is not None and command.parameters == {"stage": "w"}
    assert command.rule == PRIORITY
    assert "A bus of line 7, 60 s late, comes in 3 s and counts as 10 cars." in command.reason
    cost = command.expected["cross_cost_vehicle_s"]
    assert cost > 0 and f"The others wait {cost:.0f} vehicle-seconds more than without." in command.reason
    assert ("urn:ngsi-ld:SignalPriorityRequest:7.1:x", "weight") in command.inputs


def test_a_bus_that_no_camera_sees_yet_counts_when_it_comes(make: Make) -> None:
    far = make({"north_0": [[45.0, 13.0, 0, "car", 0.0]]})
    assert only(far) is None
    soon = asked(far, request(distance=400.0, arrivalAt=6.0, weight=10.0))
    command = only(soon)
    assert command is not None and command.rule == PRIORITY
    assert "Nobody is seen yet" in command.reason and "unseen is forgotten" not in command.reason


def test_a_bus_that_has_passed_holds_nobody_up(make: Make) -> None:
    """Its last request is still valid, and says that it is at the line now."""
    view = make(NORTH)
    late = msgspec.structs.replace(asked(view, request(distance=2.0, arrivalAt=0.0, weight=10.0)), at=AT)
    assert only(late) is not None, "just told: it stands there, the camera misses it"
    old = request(distance=2.0, arrivalAt=-4.0, weight=10.0)
    old = msgspec.structs.replace(
        old,
        attributes={
            name: (msgspec.structs.replace(attribute, observed_at=AT - timedelta(seconds=4)),)
            for name, (attribute,) in old.attributes.items()
        },
    )
    assert only(asked(view, old)) is None


@pytest.mark.parametrize(
    ("link", "changes", "counts"),
    [
        (3, {"arrival_s": 0.0, "distance_m": 8.0, "age_s": 1.0}, True),
        (3, {"arrival_s": 0.0, "distance_m": 8.0, "age_s": 4.0}, False),
        (0, {"arrival_s": 0.0, "distance_m": 8.0, "age_s": 1.0}, False),
        (0, {"arrival_s": 1.0, "distance_m": 8.0, "age_s": 1.0}, True),
    ],
    ids=["stands at red", "was told of long ago", "had green when its time came", "its time has not come"],
)
def test_who_follows_a_bus_that_has_passed_does_not_inherit_its_weight(
    scene: Callable[..., Scene], link: int, changes: dict[str, Any], counts: bool
) -> None:
    view = scene({"north_0" if link == 0 else "west_0": [[12.0, 8.0, link, "car", 0.0]]})
    found = favoured(view, Heard(taken=(claim(link=link, **changes),)), {}, {}, Settings())
    assert bool(found.favour) is counts
    assert not found.announced


def test_a_bus_behind_another_signal_counts_once_that_one_lets_it_go(make: Make) -> None:
    feeder = {"signal": "y", "link": 0, "distance_m": 150.0, "time_s": 4.0}
    view = make({"north_0": [[45.0, 13.0, 0, "car", 0.0]]}, layout={**LAYOUT, "feeders": {"west": [feeder]}})
    far = asked(view, request(distance=190.0, arrivalAt=6.0, weight=10.0))
    before: dict[str, Any] = {"leaving": {"0": []}}
    stands = decide(far, {"urn:ngsi-ld:TrafficSignal:y": before})
    assert stands.commands == (), "it stands at a red that nobody knows the end of"
    before["leaving"]["0"] = [[AT.timestamp() + 2.0, 10.0, 1.0]]
    (command,) = decide(far, {"urn:ngsi-ld:TrafficSignal:y": before}).commands
    assert command.rule == PRIORITY and "urn:ngsi-ld:TrafficSignal:y" in command.memory_keys
    passed = asked(view, request(distance=140.0, arrivalAt=6.0, weight=10.0))
    assert decide(passed, {"urn:ngsi-ld:TrafficSignal:y": {"leaving": {}}}).commands, "it is on its way here"


def test_what_was_left_aside_is_said(make: Make) -> None:
    view = make({"west_0": queue(6, 3)})
    command = only(asked(view, request(weight=99.0)))
    assert command is not None and command.rule == "plan"
    assert "Left aside: 7.1:x (it asks to count as 99 cars" in command.reason
    assert ("urn:ngsi-ld:SignalPriorityRequest:7.1:x", "weight") in command.inputs
    assert "cross_cost_vehicle_s" not in command.expected


def test_a_reason_names_no_vehicle_under_blue_light(make: Make) -> None:
    command = only(asked(make({"west_0": queue(6, 3)}), corridor("engine-7", stop(movement=9)), corridor("engine-8")))
    assert command is not None and "engine" not in command.reason
    assert "Left aside: a corridor (the junction has no movement 9" in command.reason


def test_a_corridor_clears_the_queue_before_the_vehicle(make: Make) -> None:
    """It is 20 s away: too early for the vehicle alone, but not with eight cars before it."""
    busy = {"north_0": queue(9, 0, speed_mps=8.0), "south_0": queue(9, 2, speed_mps=8.0)}
    engine = corridor("112", stop(distance=250.0, arrivalAt=20.0))
    assert only(asked(make(busy), engine)) is None
    command = only(asked(make({**busy, "west_0": queue(8, 3, waited_s=5.0)}), engine))
    assert command is not None and command.parameters == {"stage": "w"} and command.rule == CORRIDOR
    assert "A vehicle under blue light comes in 20 s." in command.reason
    assert command.expected["cross_cost_vehicle_s"] > 0


def test_a_vehicle_that_has_green_keeps_it_until_it_is_through(make: Make) -> None:
    """It is 40 m away, and somebody waits on the other street."""
    near: dict[str, Any] = {"north_0": [[40.0, 9.0, 0, "emergency", 0.0]], "west_0": queue(6, 3, waited_s=15.0)}
    engine = corridor("112", stop(movement=0, distance=40.0, arrivalAt=3.0))
    assert only(asked(make(near), engine)) is None
    assert only(make({"west_0": queue(6, 3, waited_s=15.0)})) is not None


def test_guards_of_time_hold_for_a_corridor_too(make: Make) -> None:
    engine = corridor("112", stop(distance=20.0, arrivalAt=1.0))
    assert only(asked(make(shown_s=6.0), engine)) is None, "minimum green"
    assert only(asked(make(stage="", lamps="yyyr"), engine)) is None, "intergreen"
    assert only(asked(make(control="override"), engine)) is None, "a person controls the signal"


def test_the_maximum_red_wins_over_a_corridor(make: Make) -> None:
    at_s = AT.timestamp()
    memory = {TARGET: {"call": {"3": [at_s - 112.0, at_s]}, "green": [at_s] * 4, "head": {}, "mark": {}}}
    view = make({"west_0": queue(1, 3)}, shown_s=100.0)
    engine = corridor("112", stop(movement=0, distance=100.0, arrivalAt=6.0))
    command = only(asked(view, engine), memory)
    assert command is not None and (command.rule, command.parameters) == (FORCED, {"stage": "w"})


def test_who_waited_for_a_corridor_goes_first_after_it(make: Make) -> None:
    standing = {"west_0": queue(3, 3, waited_s=9.0), "north_0": [[30.0, 13.0, 0, "car", 0.0]]}
    engine = corridor("112", stop(movement=0, distance=120.0, arrivalAt=9.0))
    during = decide(asked(make(standing), engine), {})
    assert during.commands == () and during.memory[TARGET]["owed"] == {"3": AT.timestamp()}
    stream = {"north_0": [[20.0 + 20.0 * place, 13.0, 0, "car", 0.0] for place in range(5)], "west_0": queue(5, 3)}
    after = make(stream)
    assert only(after) is None
    command = only(after, dict(during.memory))
    assert command is not None and command.parameters == {"stage": "w"}
    assert "Some here were kept waiting for a vehicle under blue light." in command.reason


def test_what_is_owed_ends_with_the_green_or_after_a_while(make: Make) -> None:
    at_s = AT.timestamp()
    slice = {"call": {"3": [at_s - 20.0, at_s]}, "green": [at_s] * 4, "head": {}, "mark": {}}
    still = decide(make({"west_0": queue(1, 3)}), {TARGET: {**slice, "owed": {"3": at_s - 80.0}}})
    assert still.memory[TARGET]["owed"] == {"3": at_s - 80.0}
    old = decide(make({"west_0": queue(1, 3)}), {TARGET: {**slice, "owed": {"3": at_s - 91.0}}})
    assert "owed" not in old.memory[TARGET]
    green = decide(make({"west_0": queue(1, 3)}, stage="w"), {TARGET: {**slice, "owed": {"3": at_s - 5.0}}})
    assert "owed" not in green.memory[TARGET]


@pytest.mark.parametrize("method", ["plan", "max-pressure"])
def test_priority_counts_under_both_methods(make: Make, method: str) -> None:
    settings = {"method": method}
    cars = {"north_0": queue(4, 0, first_m=10.0), "west_0": [[3.0, 0.0, 3, "bus", 0.0]]}
    command = only(asked(make(cars, settings=settings), request(distance=3.0, arrivalAt=0.0, weight=10.0)))
    assert command is not None and command.parameters == {"stage": "w"}
    assert ("cross_cost_vehicle_s" in command.expected) == (method == "plan")


def test_an_unseen_bus_counts_under_max_pressure_too(make: Make) -> None:
    view = make({"north_0": queue(1, 0, first_m=10.0)}, settings={"method": "max-pressure"})
    assert only(view) is None
    command = only(asked(view, request(distance=300.0, arrivalAt=2.0, weight=10.0)))
    assert command is not None and (command.parameters, command.rule) == ({"stage": "w"}, PRIORITY)


def claim(**changes: Any) -> Claim:
    values = {"vehicle": "b", "link": 3, "arrival_s": 5.0, "distance_m": 50.0, "age_s": 0.0, "weight": 8.0, **changes}
    return Claim(**values)


@pytest.mark.parametrize(
    ("rows", "favourite"),
    [
        ([[20.0, 9.0, 3, "car", 0.0], [48.0, 9.0, 3, "bus", 0.0]], 48.0),
        ([[20.0, 9.0, 3, "bus", 0.0], [49.0, 9.0, 3, "car", 0.0]], 20.0),
        ([[49.0, 9.0, 3, "truck", 0.0]], 49.0),
        ([[90.0, 9.0, 3, "bus", 0.0]], None),
        ([[48.0, 9.0, 2, "bus", 0.0]], None),
    ],
    ids=["its place and kind", "nearer than it said", "kind mistaken", "behind it", "another movement"],
)
def test_the_vehicle_is_found_among_those_that_the_camera_sees(
    scene: Callable[..., Scene], rows: list[Any], favourite: float | None
) -> None:
    found = favoured(scene({"west_0": rows}), Heard(taken=(claim(),)), {}, {}, Settings())
    assert [row[0] for row in found.favour] == ([] if favourite is None else [favourite])
    assert list(found.announced) == (["west_0"] if favourite is None else [])
