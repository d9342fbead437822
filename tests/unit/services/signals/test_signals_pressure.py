"""Pressure: who can go under which stage, and when."""

from collections.abc import Callable

import pytest

from madang.services.signals.pressure import HORIZON_S, SWITCH_S, Way, approaching, departures, pressures
from madang.services.signals.sense import Scene
from madang.services.signals.settings import Settings

from .conftest import LAYOUT, queue

Make = Callable[..., Scene]
SETTINGS = Settings()
NOBODY: frozenset[int] = frozenset()


def rates(scene: Scene, blocked: frozenset[int] = NOBODY) -> dict[str, float]:
    found = pressures(scene, approaching(scene, SETTINGS), blocked, SETTINGS)
    return {scene.junction.stages[each.stage].id: each.rate for each in found}


def leaves(scene: Scene, stage: str) -> list[float]:
    wanted = scene.junction.stage(stage)
    assert wanted is not None
    way = Way(junction=scene.junction, stage=wanted, shown=wanted.open, start_s=0.0)
    return [moment for moment, _ in departures(way, approaching(scene, SETTINGS), SETTINGS)]


def test_a_queue_leaves_one_headway_after_another(scene: Make) -> None:
    assert leaves(scene({"south_0": queue(3, 2)}), "ns") == [2.0, 4.0, 6.0]


def test_the_shown_stage_needs_no_intergreen(scene: Make) -> None:
    found = rates(scene({"south_0": queue(3, 2), "west_0": queue(3, 3)}))
    assert found["ns"] == pytest.approx(0.5)
    assert found["w"] == pytest.approx(3 / (5 + 2 + 6 + SWITCH_S))


def test_who_yields_goes_after_the_oncoming_queue(scene: Make) -> None:
    alone = leaves(scene({"north_0": queue(1, 1)}), "ns")
    assert alone == [SETTINGS.permissive_headway_s]
    together = leaves(scene({"north_0": queue(1, 1), "south_0": queue(4, 2)}), "ns")
    assert together[-1] == 8.0 + SETTINGS.permissive_headway_s


def test_a_blocked_movement_does_not_press(scene: Make) -> None:
    assert rates(scene({"west_0": queue(5, 3)}), frozenset({3}))["w"] == 0.0


def test_far_vehicles_do_not_count(scene: Make) -> None:
    far = [[HORIZON_S * 7.0 + 10.0, 7.0, 3, "car", 0.0]]
    assert rates(scene({"west_0": far}))["w"] == 0.0


def test_a_vehicle_of_unknown_movement_counts_on_its_lane(scene: Make) -> None:
    assert rates(scene({"west_0": queue(2, -1)}))["w"] > 0


def test_lanes_that_share_a_lamp_are_one_wider_queue(scene: Make) -> None:
    """The camera cannot say which of the two lanes a vehicle uses: it reports all of them on the first."""
    links = [*LAYOUT["links"], {"index": 2, "from_lane": "south_1", "to_lane": "away_1"}]
    found = scene({"south_0": queue(4, 2)}, layout={**LAYOUT, "links": links})
    assert leaves(found, "ns") == [1.0, 2.0, 3.0, 4.0]
    found = scene({"south_0": queue(2, 2), "south_1": queue(2, 2)}, layout={**LAYOUT, "links": links})
    assert leaves(found, "ns") == [1.0, 2.0, 3.0, 4.0]
