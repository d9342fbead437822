"""What the junctions before foretell of an approach is believed as far as it came true."""

from collections.abc import Callable
from typing import Any

import pytest

from madang.services.signals import foretold
from madang.services.signals.arrivals import coming
from madang.services.signals.case import case, others
from madang.services.signals.outlook import Outlook, recalled
from madang.services.signals.sense import Scene
from madang.services.signals.settings import Settings

from .conftest import AT, LAYOUT, TARGET, Make

NOW_S = AT.timestamp()
BEFORE = "urn:ngsi-ld:TrafficSignal:y"
FED: dict[str, Any] = {
    **LAYOUT,
    "feeders": {"west": [{"signal": "y", "link": 4, "distance_m": 400.0, "time_s": 20.0, "share": 0.5}]},
}
Read = Callable[..., Scene]


def left(*ago_s: float) -> dict[str, Outlook]:
    return {BEFORE: Outlook(gone={4: [NOW_S - each for each in ago_s]})}


def test_each_who_leaves_is_foretold_once(scene: Read) -> None:
    view, own = scene(layout=FED), Outlook()
    just = foretold.updated(own, view, left(9.0, 1.0))
    assert just == {"west": pytest.approx(0.004 * 0.5)}, "the one of a second ago; half of them come this way"
    assert foretold.updated(own, view, left(9.0)) == {}
    assert foretold.updated(Outlook(told={"west": 0.1}), view, {}) == {"west": pytest.approx(0.0996)}


@pytest.mark.parametrize(
    ("told", "speeds_mps", "share"),
    [(0.2, 20.0, 1.0), (0.2, 40.0, 1.0), (0.2, 2.0, 0.03 / 0.21), (0.2, 0.0, 0.01 / 0.21), (0.0, 0.0, 1.0)],
    ids=["as many came", "more came", "a tenth came", "nobody came", "nothing was foretold"],
)
def test_what_did_not_come_true_is_believed_less(scene: Read, told: float, speeds_mps: float, share: float) -> None:
    view = scene(layout=FED)
    own = Outlook(reach_m=100.0, turns={3: speeds_mps}, told={"west": told} if told else {})
    assert foretold.belief(own, view.junction, "west") == pytest.approx(share)
    sizes = [arrival.size for arrival in coming(view, own, left(3.0), Settings())["west_0"]]
    assert sizes == ([pytest.approx(0.5 * share)] if share > 0.2 else []), "too small a part is left out"


def test_a_street_shorter_than_the_view_is_measured_by_its_own_length(scene: Read) -> None:
    near = {**FED, "feeders": {"west": [{**FED["feeders"]["west"][0], "distance_m": 50.0}]}}
    own = Outlook(reach_m=200.0, turns={3: 10.0}, told={"west": 0.2})
    assert foretold.belief(own, scene(layout=near).junction, "west") == 1.0


def test_what_was_foretold_is_remembered(make: Make) -> None:
    view, settings = make(layout=FED), Settings()
    memory = {BEFORE: {"gone": {"4": [NOW_S - 1.0]}}}
    here = case(view, TARGET, None, others(view, memory, settings), settings)
    assert recalled(here.kept(None, None)).told == {"west": pytest.approx(0.002)}
