"""The arithmetic of the maximum red: it is kept whatever the pressures want."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Any

from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from madang.services.signals import deadline
from madang.services.signals.choice import in_time
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


@st.composite
def junctions(draw: st.DrawFn) -> Junction:
    """Any junction whose movements have stages: foes are those that no stage shows together. At most 8 homes."""
    size = draw(st.integers(2, 12))
    some = st.frozensets(st.integers(0, size - 1), min_size=1)
    opened = draw(st.lists(some, min_size=1, max_size=10, unique=True))
    opened += [frozenset([link]) for link in range(size) if not any(link in each for each in opened)]
    together = {(a, b) for each in opened for a in each for b in each}
    layout = {
        "links": [{"index": link, "from_lane": f"in{link}_0", "to_lane": f"out{link}_0"} for link in range(size)],
        "foes": [[b for b in range(size) if b != a and (a, b) not in together] for a in range(size)],
        "stages": [
            {"id": str(number), "green": "".join("G" if link in each else "r" for link in range(size))}
            for number, each in enumerate(opened)
        ],
    }
    found = compiled(f"any-{draw(st.uuids())}", layout, SETTINGS)
    assume(len(set(found.homes)) <= 8)
    return found


@hypothesis_settings(deadline=None, max_examples=60)
@given(
    junction=st.one_of(st.integers(2, 8).map(star), junctions()),
    wishes=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=3), min_size=1, max_size=40),
    comes=st.lists(st.integers(0, 90), min_size=12, max_size=12),
    blind=st.booleans(),
)
def test_whatever_is_wished_nobody_waits_beyond_the_bound(
    junction: Junction, wishes: list[list[int]], comes: list[int], blind: bool
) -> None:
    """Somebody comes for each movement so many seconds after its green (unseen by a blind camera), stays until green,
    and every second somebody wishes for any stages at all; the cabinet keeps intergreen and minimum green."""
    now, changed_s = 0, -100.0
    red = dict.fromkeys(set(range(junction.size)) - junction.stages[0].open, 0.0)
    for second, wish in enumerate(islice(cycle(wishes), 600)):
        at_s = float(second)
        waits = {link: ended_s + comes[link] for link, ended_s in red.items() if at_s >= ended_s + comes[link]}
        calls = {link: ended_s + 1.0 for link, ended_s in red.items() if at_s > ended_s} if blind else waits
        shown_s = at_s - changed_s - SETTINGS.intergreen_s
        if shown_s >= SETTINGS.min_green_s:
            seen = {
                f"in{link}_0": [(2.0, 0.0, link, "car", at_s - since)] for link, since in waits.items() if not blind
            }
            scene = _scene(junction, now, shown_s, red, at_s, seen)
            stage = _chosen(scene, calls, [each % len(junction.stages) for each in wish], now)
            if stage != now:
                ended = junction.stages[now].open - junction.stages[stage].open
                now, changed_s = stage, at_s
                red |= dict.fromkeys(ended, at_s)
        if at_s - changed_s >= SETTINGS.intergreen_s:
            red = {link: ended_s for link, ended_s in red.items() if link not in junction.stages[now].open}
            waits = {link: since for link, since in waits.items() if link in red}
        assert all(at_s - since_s <= SETTINGS.max_red_s for since_s in waits.values())


def _scene(
    junction: Junction, now: int, shown_s: float, red: Mapping[int, float], at_s: float, seen: Mapping[str, Any]
) -> Scene:
    def since(second: float) -> str:
        return datetime.fromtimestamp(second, UTC).isoformat()

    return Scene(
        junction=junction,
        lamps="".join("r" if link in red else "G" for link in range(junction.size)),
        vehicles=seen,
        at_s=at_s,
        stage=junction.stages[now].id,
        since_s=at_s - shown_s,
        red_since=[since(red[link]) if link in red else None for link in range(junction.size)],
        green_since=[],
        control="service",
        exits={},
    )


def _chosen(scene: Scene, calls: Mapping[int, float], wish: list[int], now: int) -> int:
    """As the decision does it: what is wished, unless the maximum red is urgent and forbids it."""
    if not deadline.urgent(calls, scene.at_s, scene.junction, SETTINGS):
        return wish[0]
    ready_s = [0.0] * len(scene.junction.stages)
    return next(in_time(scene, calls, wish, now, ready_s, SETTINGS), now)


def test_few_homes_serve_every_movement() -> None:
    junction = compiled("x", LAYOUT, SETTINGS)
    assert [junction.stages[home].id for home in junction.homes] == ["ns", "ns", "ns", "w"]
    assert star(5).homes == (0, 1, 2, 3, 4)


def test_waits_count_since_this_red_only(scene: Callable[..., Scene]) -> None:
    found = scene({"west_0": queue(2, 3, waited_s=200.0)}, shown_s=30.0)
    assert deadline.waits(found) == {3: 30.0}


def test_nobody_is_left_behind_for_somebody_who_waited_less() -> None:
    assert deadline.left_behind(star(2), {0: 110.0, 1: 20.0}, frozenset({1}), SETTINGS) == 110.0
    assert deadline.left_behind(star(2), {0: 110.0, 1: 20.0}, frozenset({0}), SETTINGS) is None
    assert deadline.left_behind(star(2), {0: 90.0}, frozenset({1}), SETTINGS) is None
