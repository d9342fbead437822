"""What is remembered of a junction: calls, blind recall, blocked movements."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from madang.services.signals.calls import Calls, recalled, remembered, updated
from madang.services.signals.sense import Scene
from madang.services.signals.settings import Settings

from .conftest import AT, LAYOUT, queue

Make = Callable[..., Scene]
SETTINGS = Settings()
NOW_S = AT.timestamp()


def after(scene: Scene, seconds: float, calls: Calls) -> Calls:
    """The same scene some seconds later."""
    return updated(calls, msgspec.structs.replace(scene, at_s=NOW_S + seconds), SETTINGS)


def test_a_call_is_latched_until_green_or_withdrawn(scene: Make) -> None:
    waiting, empty = scene({"west_0": queue(1, 3, waited_s=1.0)}), scene()
    calls = after(waiting, 0, Calls())
    assert calls.call == {3: (NOW_S, NOW_S)}
    calls = after(empty, 8, calls)
    assert calls.call[3][0] == NOW_S
    assert 3 not in after(empty, 12, calls).call
    assert 3 not in after(scene({"west_0": queue(1, 3)}, stage="w"), 9, calls).call


def test_a_long_wait_at_this_red_makes_the_call_older(scene: Make) -> None:
    calls = after(scene({"west_0": queue(1, 3, waited_s=80.0)}, shown_s=60.0), 0, Calls())
    assert calls.call[3][0] == NOW_S - 60.0


def test_a_movement_without_green_for_long_is_recalled_although_nobody_is_seen(scene: Make) -> None:
    calls = after(scene(), 0, Calls())
    assert calls.call == {}
    calls = after(scene(), SETTINGS.recall_s - 1, calls)
    assert calls.call == {}
    assert set(after(scene(), SETTINGS.recall_s, calls).call) == {3}


def test_a_head_that_stands_under_green_marks_its_movement(scene: Make) -> None:
    stuck = scene({"south_0": queue(3, 2)})
    calls = after(stuck, 0, Calls())
    assert calls.blocked(NOW_S) == frozenset()
    calls = after(stuck, SETTINGS.stuck_s, calls)
    assert calls.blocked(NOW_S + SETTINGS.stuck_s) == {2}
    calls = after(scene(), SETTINGS.stuck_s + SETTINGS.blocked_s + 1, calls)
    assert calls.mark == {}


def test_a_full_exit_marks_the_movements_into_it(scene: Make) -> None:
    calls = after(scene(exits={"east_0": [6, 6, 0.2, 0.8], "out_0": [6, 0, 9.0, 0.8]}), 0, Calls())
    assert calls.blocked(NOW_S) == {3}


def test_a_short_exit_is_full_with_one_standing_car(scene: Make) -> None:
    layout = {**LAYOUT, "lanes": {"east_0": {"length_m": 12.0}}}
    assert after(scene(exits={"east_0": [1, 1, 0.0, 0.4]}, layout=layout), 0, Calls()).blocked(NOW_S) == {3}
    assert after(scene(exits={"east_0": [1, 0, 5.0, 0.4]}, layout=layout), 0, Calls()).mark == {}
    assert after(scene(exits={"east_0": [1, 1, 0.0, 0.4]}), 0, Calls()).mark == {}


def test_memory_is_plain_json(scene: Make) -> None:
    calls = after(scene({"west_0": queue(2, 3), "south_0": queue(1, 2)}), 0, Calls())
    again: Mapping[str, Any] = msgspec.json.decode(msgspec.json.encode(remembered(calls)))
    assert remembered(recalled(again)) == again
    assert recalled(None) == Calls()
