"""What if a junction had shown something else: what is put beside what, and what a moment may look like."""

from datetime import UTC, datetime
from typing import Any

from madang.web.instead import _answer, _asked  # pyright: ignore[reportPrivateUsage]
from madang.web.words import Words


def choice(stage: str, waits: float, north: float) -> dict[str, Any]:
    own = {"action": "stage", "parameters": {"stage": stage}} if stage else {"action": "release", "parameters": {}}
    spread = 0.0 if stage else 10.0
    told = {"waits_vehicle_s": waits, "least_vehicle_s": waits - spread, "most_vehicle_s": waits + spread}
    return {**own, **told, "serves": [], "begins_s": 0.0, "approaches": {"n": north, "s": waits - north}}


def told(**happened: Any) -> dict[str, Any]:
    return {
        "id": "signals-1",
        "at": "2026-05-01T08:00:00Z",
        "horizon_s": 60.0,
        "shown": "s1",
        "chosen": {"action": "stage", "parameters": {"stage": "s2"}},
        "choices": [choice("s1", 80.0, 10.0), choice("s2", 50.0, 30.0), choice("", 95.0, 40.0)],
        "streets": {"n": "North Street", "s": "South Street"},
        "happened": {"signals": None, "fixed": None, **happened},
    }


def test_the_best_other_choice_stands_beside_what_was_done() -> None:
    found = _answer(told(), "")
    assert [(one["key"], one["more"]) for one in found["choices"]] == [("s2", None), ("s1", 30.0), ("fixed-plan", 45.0)]
    assert found["picked"] == "s1"
    assert found["approaches"] == [
        {"street": "North Street", "edge": "n", "was": 30.0, "were": 10.0},
        {"street": "South Street", "edge": "s", "was": 20.0, "were": 70.0},
    ]
    assert found["totals"] == {"was": 50.0, "were": 80.0}


def test_the_twin_is_compared_with_what_happened_and_with_no_estimate() -> None:
    found = _answer(told(signals={"n": 20.0, "s": 15.0}, fixed={"n": 60.0, "s": 1.0}), "without")
    twin = found["choices"][-1]
    assert (twin["key"], twin["waits"], twin["more"]) == ("without", 61.0, 26.0)
    assert found["picked"] == "without"
    assert found["totals"] == {"was": 50.0, "were": 61.0, "happened": 35.0}


def test_a_choice_that_is_not_there_is_no_choice() -> None:
    assert _answer(told(), "s99")["picked"] == "s1"
    assert _answer(None, "s1")["choices"] == []


def test_a_moment_without_a_zone_is_in_the_citys() -> None:
    berlin = Words("en", "Europe/Berlin")
    at = datetime(2026, 5, 1, 8, tzinfo=UTC)
    assert _asked("2026-05-01T10:00:00", berlin) == _asked("2026-05-01T08:00:00+00:00", berlin) == at
    for wrong in ("", "yesterday", "2026-13-01T10:00", "0001-01-01T00:00:00"):
        assert _asked(wrong, berlin) is None
