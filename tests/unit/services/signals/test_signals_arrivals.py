"""Who comes: those in sight, those whom the junctions before let go, those on the way in between, those expected."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from madang.services.signals.arrivals import arrival_s, coming, expected, feeders, seen, together
from madang.services.signals.outlook import Outlook, looked, recalled, remembered
from madang.services.signals.sense import Scene
from madang.services.signals.settings import Settings

from .conftest import AT, LAYOUT, queue

Make = Callable[..., Scene]
SETTINGS = Settings()
FED: dict[str, Any] = {
    **LAYOUT,
    "feeders": {"west": [{"signal": "y", "link": 4, "distance_m": 400.0, "time_s": 20.0, "share": 1.0}]},
}
BEFORE = "urn:ngsi-ld:TrafficSignal:y"
NOW_S = AT.timestamp()


def test_who_stands_near_is_there_and_who_moves_takes_its_time() -> None:
    assert arrival_s(20.0, 0.0, 13.9) == 0.0
    assert arrival_s(139.0, 13.9, 13.9) == pytest.approx(10.0)
    assert arrival_s(139.0, 5.0, 13.9) > 10.0
    assert 0 < arrival_s(3.0, 5.0, 13.9) < 1.0


@pytest.mark.parametrize(("waited_s", "times"), [(0.0, 1.0), (60.0, 1.0), (90.0, 5.0), (120.0, 9.0), (300.0, 9.0)])
def test_the_first_of_a_queue_counts_more_beyond_patience(scene: Make, waited_s: float, times: float) -> None:
    found = scene({"west_0": queue(2, 3, waited_s=waited_s)})
    first, second = seen(found, Outlook(), Settings(patience_s=60.0, impatience=8.0))["west_0"]
    assert first.weight == pytest.approx(times)
    assert second.weight == 1.0


def test_who_is_let_go_before_comes_when_its_way_is_done(scene: Make) -> None:
    found = scene(layout=FED)
    assert feeders(found.junction) == (BEFORE,)
    before = Outlook(leaving={4: [(NOW_S + 5.0, 1.0, 1.0), (NOW_S + 90.0, 1.0, 1.0), (NOW_S - 3.0, 1.0, 1.0)]})
    (arrival,) = coming(found, Outlook(), {BEFORE: before}, SETTINGS)["west_0"]
    assert (arrival.link, arrival.at_s) == (3, pytest.approx(5.0 + 1.05 * 20.0 + 3.0))


def test_who_left_and_is_not_in_sight_yet_is_on_the_way(scene: Make) -> None:
    found = scene(layout=FED)
    before = Outlook(gone={4: [NOW_S - 4.0, NOW_S - 20.0]})
    (arrival,) = coming(found, Outlook(reach_m=200.0), {BEFORE: before}, SETTINGS)["west_0"]
    assert 10.0 < arrival.at_s < 21.0


def test_who_goes_first_there_is_a_vehicle_among_others_here(scene: Make) -> None:
    """Where it turns is not known: its weight would ask every movement for green. Its own request comes here, too."""
    before = Outlook(leaving={4: [(NOW_S + 5.0, 10.0, 1.0), (NOW_S + 7.0, 0.2, 0.5)]})
    bus, half = coming(scene(layout=FED), Outlook(), {BEFORE: before}, SETTINGS)["west_0"]
    assert (bus.weight, bus.size) == (1.0, 1.0)
    assert (half.weight, half.size) == (0.2, 0.5)


def test_the_flow_is_measured_and_expected_beyond_the_camera(scene: Make) -> None:
    outlook = Outlook()
    for _ in range(900):
        # One vehicle at 10 m/s somewhere within 100 m, every second: 0.1 vehicles a second.
        outlook = looked(outlook, scene({"west_0": [[100.0, 10.0, 3, "car", 0.0]]}))
    assert outlook.turns[3] / outlook.reach_m == pytest.approx(0.1, rel=0.05)
    arrivals = expected(scene(), outlook, {}, Settings(expected_weight=0.5))["west_0"]
    assert all(
        later.at_s - sooner.at_s == pytest.approx(10.0, rel=0.05) for sooner, later in itertools.pairwise(arrivals)
    )
    assert arrivals[0].at_s > 100.0 / 13.9
    assert expected(scene(), outlook, {}, SETTINGS) == {}


def test_who_was_nearer_than_anybody_now_has_left(scene: Make) -> None:
    before = looked(Outlook(), scene({"north_0": queue(2, 0, speed_mps=8.0)}))
    after = looked(before, scene({"north_0": [[4.0, 8.0, 0, "car", 0.0]]}))
    assert after.gone == {0: [NOW_S]}
    assert looked(before, scene({"north_0": queue(2, 0)})).gone == {}


def test_those_in_sight_come_before_those_on_their_way(scene: Make) -> None:
    found = scene({"west_0": queue(2, 3)}, layout=FED)
    before = Outlook(leaving={4: [(NOW_S + 1.0, 1.0, 1.0)]})
    near, far = seen(found, Outlook(), SETTINGS), coming(found, Outlook(), {BEFORE: before}, SETTINGS)
    assert [arrival.at_s for arrival in together(near, far)["west_0"]] == [0.0, 0.0, pytest.approx(25.0)]


def test_memory_is_plain_json_that_reads_back() -> None:
    outlook = Outlook(
        leaving={1: [(5.0, 1.0, 1.0)]}, turns={2: 0.5}, way=("a", "b", 9.0), reach_m=50.0, gone={3: [1.0]}
    )
    assert recalled(remembered(outlook)) == outlook
    assert recalled(None) == Outlook()
