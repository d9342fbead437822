"""What the junction decides, and when it holds its tongue."""

from collections.abc import Callable

import msgspec
import pytest

from madang.errors import CityInvalid
from madang.model.entity import Attribute, Kind
from madang.model.service import Command, View
from madang.services.signals.choice import FORCED, PLAN, PRESSURE
from madang.services.signals.decide import MISSING, decide

from .conftest import AT, LAYOUT, TARGET, queue, without

Make = Callable[..., View]


def only(view: View, memory: dict[str, object] | None = None) -> Command | None:
    found = decide(view, memory or {}).commands
    assert len(found) <= 1
    return found[0] if found else None


def called(**since: float) -> dict[str, object]:
    """Memory in which links have been called for so many seconds."""
    at_s = AT.timestamp()
    call = {link[1:]: [at_s - seconds, at_s] for link, seconds in since.items()}
    return {TARGET: {"call": call, "green": [at_s] * 4, "head": {}, "mark": {}}}


def test_a_queue_becomes_green(make: Make) -> None:
    command = only(make({"west_0": queue(6, 3)}))
    assert command is not None
    assert (command.target, command.action, command.parameters) == (TARGET, "stage", {"stage": "w"})
    assert command.rule == PLAN
    assert command.alternatives[0].label == "stage w"
    assert {each.label for each in command.alternatives} == {"stage w", "stage ns", "stage left"}
    scores = [each.score for each in command.alternatives]
    assert scores == sorted(scores), "vehicle-seconds: less is better"
    assert command.score_unit == "vehicle-seconds"
    held = next(each.score for each in command.alternatives if each.label == "stage ns")
    assert command.expected["saved_vehicle_s"] == pytest.approx(held - scores[0])


def test_max_pressure_is_there_to_compare_with(make: Make) -> None:
    command = only(make({"west_0": queue(6, 3)}, settings={"method": "max-pressure"}))
    assert command is not None
    assert (command.parameters, command.rule) == ({"stage": "w"}, PRESSURE)
    assert command.score_unit == "vehicles per second"
    assert command.alternatives[0].label == "stage w"


def test_stages_that_no_program_has_can_be_switched_off(make: Make) -> None:
    stages = [{"id": "ns", "green": "GgGr"}, {"id": "w", "green": "rrrG", "added": True}]
    view = make({"west_0": queue(6, 3)}, layout={**LAYOUT, "stages": stages})
    assert only(view) is not None
    off = {**view.settings, "added_stages": False}
    assert only(msgspec.structs.replace(view, settings=off)) is None


def test_a_bus_and_an_ambulance_count_more(make: Make) -> None:
    """The stage goes to who counts most, although more cars wait elsewhere."""
    cars = [[45.0 + 45.0 * place, 13.0, 0, "car", 0.0] for place in range(4)]
    bus = [[3.0, 0.0, 3, "bus", 9.0]]
    assert only(make({"north_0": cars, "west_0": bus})) is None
    assert only(make({"north_0": cars, "west_0": bus}, settings={"bus_weight": 20.0})) is not None
    ambulance = [[3.0, 0.0, 3, "emergency", 9.0]]
    assert only(make({"north_0": cars, "west_0": ambulance})) is not None


def test_a_flowing_queue_keeps_its_green(make: Make) -> None:
    vehicles = {"north_0": queue(8, 0, speed_mps=8.0), "south_0": queue(8, 2, speed_mps=8.0), "west_0": queue(3, 3)}
    assert only(make(vehicles)) is None


def test_nothing_happens_where_nobody_is(make: Make) -> None:
    assert only(make()) is None


@pytest.mark.parametrize("state", [{"shown_s": 6.0}, {"stage": "", "lamps": "yyyr"}, {"control": "override"}])
def test_no_command_before_minimum_green_in_an_intergreen_or_against_a_person(
    make: Make, state: dict[str, object]
) -> None:
    assert only(make({"west_0": queue(6, 3)}, **state)) is None


def test_the_service_takes_over_from_the_plan(make: Make) -> None:
    command = only(make({"north_0": queue(3, 0)}, control="plan"))
    assert command is not None
    assert command.parameters == {"stage": "ns"}
    assert "takes over" in command.reason


@pytest.mark.parametrize(
    ("view", "why"),
    [
        (lambda make: make(seen_s=6.0), "6 s old"),
        (lambda make: without(make(), "ApproachObserved"), "camera does not report"),
        (lambda make: without(make(), "SignalLayout"), "layout of the junction does not report"),
        (lambda make: make(layout={"links": 3}), "not usable"),
        (lambda make: make(lamps="Gr", stage="ns"), "lamps report 2 links"),
        (lambda make: make({"west_0": [[1.0, "fast", 3, "car", 0.0]]}), "malformed"),
        (lambda make: make({"west_0": [[1.0]]}), "malformed"),
        (lambda make: make({"west_0": queue(1, 9)}), "link 9"),
        (lambda make: _since("yesterday", make({"west_0": queue(1, 3, waited_s=60.0)})), "no time as since"),
    ],
)
def test_without_a_picture_the_junction_goes_back_to_its_plan(
    make: Make, view: Callable[[Make], View], why: str
) -> None:
    command = only(view(make))
    assert command is not None
    assert (command.action, command.rule) == ("release", MISSING)
    assert why in command.reason


def _since(red: str, view: View) -> View:
    """The view with that in place of the time since when each link is red."""
    signal = view.entities[TARGET]
    values = {"redSince": (Attribute(kind=Kind.JSON, value=[red] * 4),)}
    turned = msgspec.structs.replace(signal, attributes={**signal.attributes, **values})
    return msgspec.structs.replace(view, entities={**view.entities, TARGET: turned})


def test_a_junction_on_its_plan_is_not_released_again(make: Make) -> None:
    assert only(make(seen_s=60.0, control="plan")) is None


def test_the_maximum_red_forces_a_stage_against_the_pressure(make: Make) -> None:
    vehicles = {"north_0": queue(12, 0, speed_mps=8.0), "south_0": queue(12, 2, speed_mps=8.0), "west_0": queue(1, 3)}
    assert only(make(vehicles, shown_s=100.0), called(_3=70.0)) is None
    for waited_s, settings, bound_s in ((92, {}, 100), (112, {}, 120), (112, {"fair_red_s": 120.0}, 120)):
        command = only(make(vehicles, shown_s=100.0, settings=settings), called(_3=waited_s))
        assert command is not None
        assert (command.parameters, command.rule) == ({"stage": "w"}, FORCED)
        assert f"red for {waited_s} s" in command.reason
        assert f"than {bound_s} s" in command.reason
    assert only(make(vehicles, shown_s=100.0, settings={"fair_red_s": 120.0}), called(_3=92.0)) is None


def test_a_full_exit_takes_nobody(make: Make) -> None:
    vehicles = {"west_0": queue(6, 3), "north_0": queue(1, 0, speed_mps=9.0, first_m=150.0)}
    assert only(make(vehicles)) is not None
    assert only(make(vehicles, exits={"east_0": [5, 5, 0.0, 0.9]})) is None


def test_a_driver_who_waits_for_a_red_arrow_holds_those_behind(make: Make) -> None:
    """On the shared lane the first vehicle turns left: straight-on vehicles behind it cannot use their green."""
    layout = {
        "links": [
            {"index": 0, "from_lane": "north_0", "to_lane": "out_0"},
            {"index": 1, "from_lane": "north_0", "to_lane": "side_0"},
            {"index": 2, "from_lane": "south_0", "to_lane": "away_0"},
            {"index": 3, "from_lane": "west_0", "to_lane": "east_0"},
        ],
        "foes": [[3], [2, 3], [1, 3], [0, 1, 2]],
        "stages": [{"id": "ns", "green": "GrGr"}, {"id": "left", "green": "GGrr"}, {"id": "w", "green": "rrrG"}],
    }
    vehicles = {"north_0": [*queue(1, 1), *queue(5, 0, first_m=10.5)]}
    command = only(make(vehicles, lamps="rrrG", stage="w", layout=layout))
    assert command is not None
    assert command.parameters == {"stage": "left"}


def test_the_reason_says_who_waits_where(make: Make) -> None:
    coming = queue(1, 0, speed_mps=9.0, first_m=150.0)
    command = only(make({"west_0": queue(6, 3, waited_s=48.0), "north_0": coming}))
    assert command is not None
    told = "6 vehicles wait, up to 48 s, on west; 1 vehicle comes on the other approaches."
    assert command.reason.startswith(f"{told} Stage w now costs ")
    assert command.reason.endswith(" vehicle-seconds less than holding ns.")


def test_a_wrong_setting_is_named(make: Make) -> None:
    with pytest.raises(CityInvalid, match="min_green_s is regulated"):
        decide(make(settings={"min_green_s": 3.0}), {})
    with pytest.raises(CityInvalid, match="max_red_s is regulated"):
        decide(make(settings={"max_red_s": 300.0}), {})
    with pytest.raises(CityInvalid, match="colour"):
        decide(make(settings={"colour": "blue"}), {})


def test_each_junction_publishes_its_assessment_every_few_seconds(make: Make) -> None:
    view = make({"west_0": queue(2, 3)}, settings={"assess_every_s": 1.0})
    (entity,) = decide(view, {}).published
    assert entity.id == "urn:ngsi-ld:SignalAssessment:x"
    assert entity.value("refSignal") == TARGET
    assert set(entity.value("scores")) == {"ns", "left", "w"}
