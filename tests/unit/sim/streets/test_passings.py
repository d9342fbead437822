"""Lateness and headways from departures."""

import pytest

from madang.sim.streets.passings import Passings


def seen(*times: tuple[float, float]) -> Passings:
    found = Passings()
    for planned_s, actual_s in times:
        found.passed("7", "market", planned_s=planned_s, actual_s=actual_s)
    return found


def test_nothing_seen_is_no_figure() -> None:
    assert Passings().lateness_s is None and Passings().headway_cv is None
    assert seen((0, 5)).headway_cv is None


def test_a_line_that_is_evenly_late_has_even_headways() -> None:
    found = seen((600, 660), (0, 60), (300, 360))
    assert found.lateness_s == 60.0 and found.headway_cv == 0.0


def test_bunching_shows() -> None:
    # Headways of 500 and 100 s instead of 300: 200 s off each.
    assert seen((0, 0), (300, 500), (600, 600)).headway_cv == pytest.approx(200 / 300)


def test_lines_and_places_are_apart() -> None:
    found = seen((0, 0))
    found.passed("8", "market", planned_s=300, actual_s=900)
    found.passed("7", "school", planned_s=300, actual_s=900)
    assert found.headway_cv is None
