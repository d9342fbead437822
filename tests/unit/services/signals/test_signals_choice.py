"""Who waits within the junction: as the camera tells, or as those behind let know."""

from collections.abc import Callable
from typing import Any

import pytest

from madang.services.signals.calls import Calls
from madang.services.signals.choice import MOST_INSIDE, NOT_ENTERED_S, waiting_inside
from madang.services.signals.sense import Scene

from .conftest import AT, LAYOUT, queue

Make = Callable[..., Scene]
WITH_A_PLACE: dict[str, Any] = {
    **LAYOUT,
    "links": [{**link, "inside_m": 9.0} if link["index"] == 1 else link for link in LAYOUT["links"]],
}


def test_the_camera_shows_who_waits_within_the_junction(scene: Make) -> None:
    exits = {"link 1": [2, 2, 0.0, 0.0], "side_0": [4, 4, 0.0, 0.3]}
    assert waiting_inside(scene(exits=exits), Calls()) == {1: 2.0}


@pytest.mark.parametrize("name", ["link 4", "link -1", "link one", "link ", "link ²", "1", "side_0"])
def test_what_is_no_movement_of_the_junction_is_left_aside(scene: Make, name: str) -> None:
    assert waiting_inside(scene(exits={name: [1, 1, 0.0, 0.0]}), Calls()) == {}


def test_a_count_that_cannot_be_is_bounded(scene: Make) -> None:
    exits = {"link 1": [1e300, 0, 0.0, 0.0], "link 0": [-3, 0, 0.0, 0.0]}
    assert waiting_inside(scene(exits=exits), Calls()) == {1: MOST_INSIDE}


@pytest.mark.parametrize(
    ("layout", "stood_s", "found"),
    [
        (WITH_A_PLACE, NOT_ENTERED_S, {1: 1.0}),
        (WITH_A_PLACE, NOT_ENTERED_S - 1.0, {}),
        (LAYOUT, 30.0, {}),
    ],
)
def test_who_stands_at_permissive_green_tells_of_somebody_before(
    scene: Make, layout: Any, stood_s: float, found: dict[int, float]
) -> None:
    calls = Calls(head={"north_0": AT.timestamp() - stood_s})
    assert waiting_inside(scene({"north_0": queue(1, 1)}, layout=layout), calls) == found


def test_who_stands_at_protected_green_tells_of_nobody(scene: Make) -> None:
    calls = Calls(head={"north_0": AT.timestamp() - 30.0})
    assert waiting_inside(scene({"north_0": queue(1, 1)}, stage="left", layout=WITH_A_PLACE), calls) == {}
