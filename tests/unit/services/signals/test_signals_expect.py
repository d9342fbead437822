"""What if: the model's minute of every stage that may be shown, and of the fixed plan."""

from collections.abc import Mapping
from typing import Any

import pytest

from madang.model.service import Expectation, Expected
from madang.services.signals.expect import expect
from madang.services.signals.sense import Missing

from .conftest import LAYOUT, TARGET, Make, queue

PLAN = [
    {"state": "GgGr", "duration_s": 40.0},
    {"state": "yyyr", "duration_s": 5.0},
    {"state": "rrrG", "duration_s": 15.0},
    {"state": "rrry", "duration_s": 5.0},
]


def asked(make: Make, vehicles: Mapping[str, Any], **given: Any) -> tuple[Expected, dict[str, Expectation]]:
    found = expect(make(vehicles, layout={**LAYOUT, "plan": PLAN}, **given), {}, TARGET)
    return found, {str(each.parameters.get("stage", each.action)): each for each in found.choices}


def test_who_waits_at_red_waits_less_the_sooner_it_is_green(make: Make) -> None:
    found, by = asked(make, {"west_0": queue(4, 3)})
    assert (found.horizon_s, found.shown) == (60.0, "ns")
    assert set(by) == {"ns", "left", "w", "release"}
    # 5 s of intergreen and 2 s to start, then one each 1.9 s.
    assert by["w"].waits_vehicle_s == pytest.approx(4 * 7 + 1.9 * (1 + 2 + 3))
    assert by["w"].approaches["west"] == by["w"].waits_vehicle_s
    assert by["w"].serves == ("west",)
    assert by["left"].waits_vehicle_s > by["w"].waits_vehicle_s
    assert by["release"].least_vehicle_s >= by["w"].waits_vehicle_s
    assert by["release"].least_vehicle_s < by["release"].waits_vehicle_s < by["release"].most_vehicle_s


def test_holding_is_a_choice_too_and_costs_those_who_wait_across(make: Make) -> None:
    few, many = ({"south_0": queue(9, 2, waited_s=1.0), "west_0": queue(count, 3)} for count in (1, 6))
    for vehicles in (few, many):
        _, by = asked(make, vehicles)
        assert by["ns"].approaches["south"] < by["w"].approaches["south"]
        assert by["ns"].approaches["west"] > by["w"].approaches["west"]


def test_a_stage_begins_when_its_minimum_green_allows(make: Make) -> None:
    _, by = asked(make, {"west_0": queue(4, 3)}, shown_s=3.0)
    assert (by["ns"].begins_s, by["w"].begins_s) == (0.0, 4.0)
    assert by["w"].waits_vehicle_s == pytest.approx(4 * 11 + 1.9 * (1 + 2 + 3))


def test_what_would_leave_somebody_at_red_for_too_long_is_no_choice(make: Make) -> None:
    _, by = asked(make, {"west_0": queue(1, 3, waited_s=114.0)}, shown_s=115.0)
    assert "left" not in by and "w" in by


def test_a_fixed_plan_keeps_its_minimum_greens_and_an_unknown_one_is_left_out(make: Make) -> None:
    vehicles = {"west_0": queue(4, 3)}
    odd = [{**phase, "state": "rrrr"} for phase in PLAN]
    for plan in ([], odd, "nonsense", [{"state": 3}]):
        found = expect(make(vehicles, layout={**LAYOUT, "plan": plan}), {}, TARGET)
        assert all(each.action == "stage" for each in found.choices)


def test_while_it_changes_nothing_can_be_said(make: Make) -> None:
    with pytest.raises(Missing, match="changing its stage"):
        asked(make, {}, stage="", lamps="yyyr")
