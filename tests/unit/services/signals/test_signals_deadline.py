"""The arithmetic of the maximum red: it is kept whatever the pressures want."""

from collections.abc import Callable
from itertools import cycle, islice

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from madang.services.signals import deadline
from madang.services.signals.junction import Junction, compiled
from madang.services.signals.sense import Scene
from madang.services.signals.settings import Settings

from .conftest import LAYOUT, queue

SETTINGS = Settings()


def star(arms: int) -> Junction:
    """A junction whose arms all cross each other: one stage an arm."""
    return compiled(
        f"star-{arms}",
        {
            "links": [{"index": arm, "from_lane": f"in{arm}_0", "to_lane": f"out{arm}_0"} for arm in range(arms)],
            "foes": [[other for other in range(arms) if other != arm] for arm in range(arms)],
            "stages": [
                {"id": str(arm), "green": "".join("G" if link == arm else "r" for link in range(arms))}
                for arm in range(arms)
            ],
        },
        SETTINGS,
    )


def test_the_most_overdue_comes_first_and_its_stage_serves_others_too() -> None:
    junction = compiled("x", LAYOUT, SETTINGS)
    calls = {3: 50.0, 1: 10.0, 0: 90.0}
    assert [junction.stages[stage].id for stage, _ in deadline.order(junction, calls)] == ["ns", "w"]


def test_young_calls_need_no_arithmetic() -> None:
    junction = compiled("x", LAYOUT, SETTINGS)
    assert not deadline.urgent({3: 80.0}, 100.0, junction, SETTINGS)
    assert deadline.urgent({3: 0.0}, 100.0, junction, SETTINGS)


@hypothesis_settings(deadline=None)
@given(arms=st.integers(2, 8), wishes=st.lists(st.integers(0, 7), min_size=1, max_size=40))
def test_whatever_is_wished_nobody_waits_beyond_the_bound(arms: int, wishes: list[int]) -> None:
    """Everybody calls again as soon as red begins, and every second somebody wishes for any stage at all."""
    junction = star(arms)
    now, changed_s = 0, -100.0
    calls = dict.fromkeys(range(1, arms), 0.0)
    for second, wish in enumerate(islice(cycle(wishes), 400)):
        at_s = float(second)
        if at_s - changed_s >= SETTINGS.intergreen_s + SETTINGS.min_green_s:
            stage = _chosen(junction, calls, wish % arms, now, at_s)
            if stage != now:
                calls[now] = at_s
                now, changed_s = stage, at_s
        if at_s - changed_s >= SETTINGS.intergreen_s:
            calls.pop(now, None)
        assert all(at_s - since_s <= SETTINGS.max_red_s for since_s in calls.values())


def _chosen(junction: Junction, calls: dict[int, float], wish: int, now: int, at_s: float) -> int:
    wishes = [wish, now, *range(len(junction.stages))]
    for stage in wishes:
        if stage == now and deadline.may_stay(junction, calls, at_s, SETTINGS):
            return stage
        if stage != now and deadline.may_start(junction, calls, stage, at_s, SETTINGS):
            return stage
    return deadline.order(junction, calls)[0][0]


def test_waits_count_since_this_red_only(scene: Callable[..., Scene]) -> None:
    found = scene({"west_0": queue(2, 3, waited_s=200.0)}, shown_s=30.0)
    assert deadline.waits(found) == {3: 30.0}


def test_nobody_is_left_behind_for_somebody_who_waited_less() -> None:
    assert deadline.left_behind({0: 110.0, 1: 20.0}, frozenset({1}), SETTINGS) == 110.0
    assert deadline.left_behind({0: 110.0, 1: 20.0}, frozenset({0}), SETTINGS) is None
    assert deadline.left_behind({0: 90.0}, frozenset({1}), SETTINGS) is None
