"""Timetables from SUMO's stops, and the time that a way takes."""

from types import SimpleNamespace
from typing import Any

import pytest

from madang.sim.streets.itinerary import free_s, line_of, planned
from madang.sim.streets.roadmap import Road

ROADS = {
    "a": Road(length_m=100.0, time_s=10.0, onward=("b",)),
    "b": Road(length_m=200.0, time_s=10.0, onward=("c",)),
    "c": Road(length_m=100.0, time_s=20.0, onward=()),
}
NEVER = -1073741824.0


def stop(lane: str, end_m: float, **given: float) -> Any:
    times = {"duration": 0.0, "until": NEVER, "intendedArrival": NEVER, **given}
    return SimpleNamespace(stoppingPlaceID=lane, lane=f"{lane}_0", endPos=end_m, startPos=0.0, **times)


def test_a_way_takes_its_share_of_the_first_and_last_edge() -> None:
    assert free_s(ROADS, ("a", "b", "c"), start_m=50.0) == pytest.approx(5 + 10 + 20)
    assert free_s(ROADS, ("a", "b", "c"), start_m=50.0, end=("b", 100.0)) == pytest.approx(5 + 5)
    assert free_s(ROADS, ("a",), start_m=20.0, end=("a", 70.0)) == pytest.approx(5)


def test_a_ring_meets_its_first_edge_again() -> None:
    assert free_s(ROADS, ("a", "b", "a"), start_m=50.0, end=("a", 20.0)) == pytest.approx(5 + 10 + 2)


def test_a_timetable_is_what_the_demand_says_and_else_the_free_way() -> None:
    stops = [stop("a", 50.0, duration=20.0), stop("b", 100.0, duration=20.0, until=90.0), stop("c", 50.0, duration=5.0)]
    trip = planned(stops, ("a", "b", "c"), ROADS, line="7", depart_s=30.0)
    assert [(call.arrival_s, call.departure_s) for call in trip.calls] == [(35.0, 55.0), (70.0, 90.0), (105.0, 110.0)]
    assert trip.end_s == pytest.approx(120.0)
    (call,) = planned([stop("b", 0.0, intendedArrival=77.0)], ("a", "b"), ROADS, line="7", depart_s=0.0).calls
    assert call.arrival_s == call.departure_s == 77.0


def test_a_trip_without_stops_is_planned_to_its_end() -> None:
    assert planned([], ("a", "b", "c"), ROADS, line="7", depart_s=100.0).end_s == pytest.approx(140.0)


@pytest.mark.parametrize(
    ("id", "line", "said"),
    [
        ("60R.41", "", "60R"),
        ("50R_frequency3.17", "", "50R"),
        ("x", "", "x"),
        ("bus.1.2", "", "bus.1"),
        ("a.1", "9", "9"),
    ],
)
def test_the_line_is_the_demands_or_read_from_the_id(id: str, line: str, said: str) -> None:
    assert line_of(id, line) == said
