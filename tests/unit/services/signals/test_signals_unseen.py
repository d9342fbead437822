"""Who is inferred though no camera shows him: gaps, queues beyond the view, and those since the last green."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from madang.services.signals import calls, unseen
from madang.services.signals.calls import Calls
from madang.services.signals.outlook import Outlook
from madang.services.signals.sense import Scene
from madang.services.signals.settings import Settings
from madang.services.signals.unseen import Unseen

from .conftest import AT, queue

SETTINGS = Settings()
AT_S = AT.timestamp()
WEST = 3
Read = Callable[..., Scene]

own = Outlook(reach_m=50.0, turns={WEST: 10.0})


def kinds(scene: Scene, lane: str = "west_0") -> list[str]:
    return [row[3] for row in scene.vehicles.get(lane, ())]


def test_a_gap_in_a_queue_at_red_is_somebody(scene: Read) -> None:
    rows = [row for place, row in enumerate(queue(4, WEST)) if place != 1]
    found, filled = unseen.filled(Unseen(), scene({"west_0": rows}), own)
    assert kinds(filled) == ["car", "unseen", "car", "car"]
    assert (found.seen, found.gaps) == (2.0, 1.0), "the last in sight proves nothing"


def test_who_stands_first_but_not_at_the_line_has_somebody_before_him(scene: Read) -> None:
    _, filled = unseen.filled(Unseen(), scene({"west_0": queue(2, WEST, first_m=10.0)}), own)
    assert kinds(filled) == ["unseen", "car", "car"]


@pytest.mark.parametrize(
    "rows",
    [
        queue(5, WEST),
        queue(3, WEST, first_m=10.0, speed_mps=4.0),
        queue(3, WEST, first_m=10.0, waited_s=1.0),
        queue(1, WEST, first_m=40.0),
        [[3.0, 0.0, WEST, "bus", 9.0], [18.0, 0.0, WEST, "car", 9.0]],
    ],
    ids=["no gap", "on the move", "closing up", "far off", "behind a bus"],
)
def test_nobody_is_made_up(scene: Read, rows: list[Any]) -> None:
    found, filled = unseen.filled(Unseen(), scene({"west_0": rows}), Outlook(reach_m=200.0))
    assert (found.gaps, set(kinds(filled)) & {"unseen"}) == (0.0, set())


def test_a_queue_at_green_says_nothing_of_gaps(scene: Read) -> None:
    found, _ = unseen.filled(Unseen(), scene({"north_0": queue(2, 0, first_m=10.0)}), own)
    assert (found.seen, found.gaps) == (0.0, 0.0)


def test_a_queue_to_the_end_of_the_view_goes_on_beyond_it(scene: Read) -> None:
    """At the flow of the last minutes, 10 m/s of speeds over 50 m of view, somebody joins it every 5 s."""
    full, memory = scene({"west_0": queue(6, WEST)}), Unseen()
    for _ in range(9):
        memory, _ = unseen.filled(memory, full, own)
    memory, filled = unseen.filled(memory, full, own)
    assert memory.hidden["west_0"] == pytest.approx(2.0)
    assert kinds(filled).count("unseen") == 2
    memory, filled = unseen.filled(memory, scene({"west_0": queue(2, WEST)}), own)
    assert (memory.hidden, kinds(filled).count("unseen")) == ({}, 0)


def test_what_comes_into_view_is_hidden_no_longer(scene: Read) -> None:
    moving = scene({"west_0": queue(6, WEST, speed_mps=5.0)})
    memory, _ = unseen.filled(Unseen(hidden={"west_0": 2.0}), moving, own)
    assert memory.hidden["west_0"] == 1.5


def test_a_camera_is_trusted_as_far_as_its_queues_have_no_gaps(scene: Read) -> None:
    whole, holed = scene({"west_0": queue(8, WEST)}), scene({"west_0": queue(8, WEST, first_m=10.0)})
    good = bad = Unseen()
    for _ in range(200):
        good, _ = unseen.filled(good, whole, own)
        bad, _ = unseen.filled(bad, holed, own)
    assert good.share < SETTINGS.blind_share < 0.08 < bad.share < 0.15


def test_a_short_sighted_camera_is_doubted_until_it_has_shown_more(scene: Read) -> None:
    full = scene({"west_0": queue(2, WEST)})
    short, _ = unseen.filled(Unseen(), full, Outlook(reach_m=50.0))
    far, _ = unseen.filled(Unseen(), full, Outlook(reach_m=150.0))
    assert far.share < SETTINGS.blind_share < short.share
    for _ in range(300):
        short, _ = unseen.filled(short, full, Outlook(reach_m=50.0))
    assert short.share < SETTINGS.blind_share


def test_a_camera_that_misses_some_calls_for_those_since_the_last_green(scene: Read) -> None:
    before = Calls(green=[AT_S, AT_S, AT_S, AT_S - 60.0])
    seen = scene(red_s=60.0)
    assert WEST not in calls.updated(before, seen, SETTINGS, missed=0.01).call
    assert calls.updated(before, seen, SETTINGS, missed=0.1).call[WEST][0] == AT_S - 59.0


def test_more_may_stand_there_the_longer_it_is_red(scene: Read) -> None:
    view, doubted = scene(), Unseen(gaps=1e6, seen=9e6)
    short = unseen.maybe(doubted, view, own, [AT_S, AT_S, AT_S, AT_S - 20.0])
    long = unseen.maybe(doubted, view, own, [AT_S, AT_S, AT_S, AT_S - 90.0])
    assert long[WEST] == pytest.approx(90 * 0.2 / 9, rel=1e-3)
    assert short[WEST] < long[WEST]
    assert set(short) == {1, WEST} - {link for link, lamp in enumerate(view.lamps) if lamp in "Gg"}


def test_a_slice_comes_back_as_it_was() -> None:
    memory = Unseen(seen=12.0, gaps=1.5, hidden={"west_0": 2.25})
    assert unseen.recalled(msgspec.json.decode(msgspec.json.encode(unseen.remembered(memory)))) == memory
    assert unseen.recalled(None) == Unseen()
