"""The plan: who leaves when, what a change costs, and that machine code and plain code agree."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.services.signals import going, kernel, machine, packed, plan, policy
from madang.services.signals.arrivals import Arrival
from madang.services.signals.junction import Junction, compiled
from madang.services.signals.plan import Start, weighed
from madang.services.signals.settings import Settings

from .conftest import LAYOUT

SETTINGS = Settings()
NS, LEFT, WEST = 0, 1, 2


def junction(**changes: Any) -> Junction:
    return compiled("plan", {**LAYOUT, **changes}, SETTINGS)


def start(stage: int = NS, *, locked_s: float = 0.0) -> Start:
    return Start(stage=stage, opens_s={}, ready_s=(0.0, 0.0, 0.0), locked_s=locked_s)


def waiting(count: int, link: int) -> list[Arrival]:
    return [Arrival(0.0, link, 1.0, 1.0, False)] * count


def planned(queues: Mapping[str, Sequence[Arrival]], **named: Any) -> plan.Plan:
    blocked: frozenset[int] = named.pop("blocked", frozenset())
    return weighed(junction(), named.pop("start", start()), queues, blocked, SETTINGS)


def left_s(found: plan.Plan, link: int) -> list[float]:
    return [leave_s for leave_s, _, _ in found.leaving.get(link, ())]


def test_a_queue_at_green_leaves_one_headway_after_another() -> None:
    found = planned({"south_0": waiting(3, 2)})
    assert left_s(found, 2) == [0.0, 1.9, 3.8]
    assert found.stay_s != 0


def test_a_queue_at_red_gets_green_at_once_where_nobody_else_is() -> None:
    found = planned({"west_0": waiting(3, 3)})
    assert (found.stay_s, found.then) == (0.0, WEST)
    assert left_s(found, 3)[0] == 5.0 + SETTINGS.start_loss_s
    assert found.costs[WEST] < found.costs[NS]


def test_a_locked_stage_is_followed_and_not_left() -> None:
    found = planned({"west_0": waiting(3, 3)}, start=start(locked_s=6.0))
    assert left_s(found, 3)[0] == 6.0 + 5.0 + SETTINGS.start_loss_s


def test_holding_means_holding_for_a_second_at_least() -> None:
    """Else "hold until nobody comes" would cost what changing now costs, and nothing would ever change."""
    found = planned({"west_0": waiting(3, 3)})
    assert found.costs[NS] >= found.costs[WEST] + 3.0


def test_who_yields_waits_for_the_oncoming_queue() -> None:
    alone = planned({"north_0": waiting(1, 1)})
    assert left_s(alone, 1) == [0.0]
    both = planned({"north_0": waiting(1, 1), "south_0": waiting(4, 2)}, start=start(locked_s=30.0))
    assert left_s(both, 1)[0] >= left_s(both, 2)[-1]


def test_who_can_wait_within_the_junction_lets_those_behind_pass() -> None:
    links = [{**link, "inside_m": 9.0} if link["index"] == 1 else link for link in LAYOUT["links"]]
    queues = {"north_0": [*waiting(1, 1), *waiting(1, 0)], "south_0": waiting(8, 2)}
    roomy = weighed(junction(links=links), start(locked_s=40.0), queues, frozenset(), SETTINGS)
    tight = planned(queues, start=start(locked_s=40.0))
    assert left_s(roomy, 0)[0] < 5.0 < left_s(tight, 0)[0]


def test_who_finds_the_waiting_place_taken_stays_and_holds_up_those_behind() -> None:
    links = [{**link, "inside_m": 9.0} if link["index"] == 1 else link for link in LAYOUT["links"]]
    queues = {"north_0": [*waiting(1, 1), *waiting(1, 0)], "south_0": waiting(8, 2)}
    begin = msgspec.structs.replace(start(locked_s=40.0), inside={1: 1.0})
    taken = weighed(junction(links=links), begin, queues, frozenset(), SETTINGS)
    free = weighed(junction(links=links), start(locked_s=40.0), queues, frozenset(), SETTINGS)
    assert left_s(free, 0)[0] < left_s(free, 2)[-1] < left_s(taken, 0)[0]


def test_a_blocked_movement_is_not_given_green() -> None:
    found = planned({"west_0": waiting(5, 3)}, blocked=frozenset({3}))
    assert found.stay_s != 0
    assert left_s(found, 3) == []


def test_nobody_to_be_seen_is_held() -> None:
    assert planned({}).costs[NS] == 0.0


arrival = st.builds(
    Arrival, st.floats(0, 50), st.integers(0, 3), st.sampled_from([0.5, 1.0, 5.0]), st.just(1.0), st.booleans()
)
LANES = {0: "north_0", 1: "north_0", 2: "south_0", 3: "west_0"}


@given(st.lists(arrival, max_size=12), st.integers(0, 2))
@settings(max_examples=25, deadline=None)
def test_compiled_and_plain_code_find_the_same(coming: list[Arrival], stage: int) -> None:
    queues: dict[str, list[Arrival]] = {}
    for each in sorted(coming):
        queues.setdefault(LANES[each.link], []).append(each)
    quick = weighed(junction(), start(stage), queues, frozenset(), SETTINGS)
    with pytest.MonkeyPatch.context() as patch:
        for function in machine.functions:
            assert isinstance(function, FunctionType)
            for module in (kernel, policy, going, packed):
                if hasattr(module, function.__name__):
                    patch.setattr(module, function.__name__, function)
        plain = weighed(junction(), start(stage), queues, frozenset(), SETTINGS)
    assert quick == plain


@given(st.lists(arrival, max_size=12), st.integers(0, 2))
@settings(max_examples=50, deadline=None)
def test_nobody_leaves_before_arriving_and_no_lane_lets_two_go_at_once(coming: list[Arrival], stage: int) -> None:
    queues: dict[str, list[Arrival]] = {}
    for each in sorted(coming):
        queues.setdefault(LANES[each.link], []).append(each)
    found = weighed(junction(), start(stage), queues, frozenset(), SETTINGS)
    for lane, rows in queues.items():
        links = {link for link, name in LANES.items() if name == lane}
        gone = sorted(leave_s for link in links for leave_s in left_s(found, link))
        assert all(leave_s + 0.1 >= row.at_s for leave_s, row in zip(gone, rows, strict=False))
        assert all(after - before >= SETTINGS.headway_s - 0.11 for before, after in itertools.pairwise(gone))
    assert np.isfinite(found.costs).all()


def test_the_first_decision_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    loaded: Callable[[], None] = machine.load
    monkeypatch.setattr(machine, "load", lambda: (called.append("load"), loaded()))
    plan.prepare()
    assert called
