"""People on foot: who waits to cross is served, and who crosses gets over. Link 3 is a crossing of 13 m."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from madang.model.service import Command
from madang.services.signals import SERVICE, arrivals, unseen
from madang.services.signals.act import minimum_green
from madang.services.signals.choice import ready
from madang.services.signals.junction import LayoutInvalid, compiled
from madang.services.signals.outlook import Outlook
from madang.services.signals.reason import of_change
from madang.services.signals.sense import Scene
from madang.services.signals.settings import Settings
from madang.services.signals.unseen import Unseen

from .conftest import AT, LAYOUT, TARGET, queue
from .test_signals_reason import WEST, choice

SETTINGS = Settings()
CLEAR_S = 11.0
WALKED: dict[str, Any] = {**LAYOUT, "clear_s": [0, 0, 0, CLEAR_S]}
NS, LEFT = 0, 1

Read = Callable[..., Scene]


def people(count: int, *, waited_s: float = 30.0) -> dict[str, list[Any]]:
    """So many at the crossing."""
    return {"west_0": [[0.0, 0.0, 3, "pedestrian", waited_s]] * count}


def test_the_change_after_a_walk_takes_as_long_as_the_walk() -> None:
    junction = compiled("walk", WALKED, SETTINGS)
    assert junction.ways[WEST][NS].length_s == CLEAR_S == junction.change_s
    assert junction.ways[NS][WEST].length_s == SETTINGS.intergreen_s
    assert compiled("drive", LAYOUT, SETTINGS).change_s == SETTINGS.intergreen_s


@pytest.mark.parametrize("clear_s", [[0, 0, 0], [0, 0, 0, 61], [0, 0, 0, -1]])
def test_an_impossible_walk_is_no_layout(clear_s: list[float]) -> None:
    with pytest.raises(LayoutInvalid, match="clear_s must have 0 to 60 s"):
        compiled("walk", {**LAYOUT, "clear_s": clear_s}, SETTINGS)


def test_who_still_walks_keeps_those_who_cross_waiting(scene: Read) -> None:
    """Stage `left` begins while the walk, at red for 4 s after its 3 s of yellow, needs 4 s more."""
    layout = {**WALKED, "stages": [*LAYOUT["stages"], {"id": "none", "green": "rrrr"}]}
    found = scene(layout=layout, stage="w", lamps="rrrr", shown_s=30.0)
    found = msgspec.structs.replace(found, stage="none", red_since=_since(4.0))
    assert ready(found, SETTINGS)[:2] == [CLEAR_S - 3.0 - 4.0] * 2
    over = msgspec.structs.replace(found, red_since=_since(8.0))
    assert ready(over, SETTINGS)[:2] == [0.0, 0.0]


def _since(seconds: float) -> list[str | None]:
    return [(AT - timedelta(seconds=seconds)).isoformat()] * 4


def test_the_guard_knows_walks_too(make: Callable[..., Any]) -> None:
    """The walk is at red for 4 s and more; north goes on alone, then `ns` shall follow."""
    layout = {**WALKED, "stages": [*LAYOUT["stages"], {"id": "none", "green": "rrrr"}]}
    command = Command(target=TARGET, action="stage", parameters={"stage": "ns"}, rule="", reason="")
    view = make(layout=layout, stage="w", lamps="rrrr", shown_s=30.0, red_s=4.0)
    signal = view.entities[TARGET]
    shown = {**signal.attributes, "stage": (msgspec.structs.replace(signal.attributes["stage"][0], value="none"),)}
    entities = {**view.entities, TARGET: msgspec.structs.replace(signal, attributes=shown)}
    refused = minimum_green(msgspec.structs.replace(view, entities=entities), command)
    assert refused is not None
    assert refused.startswith("4 s more before this stage may begin")


def test_who_waits_to_cross_gets_green(make: Callable[..., Any]) -> None:
    view = make(people(2), layout=WALKED)
    decision = SERVICE.decide(view, {})
    (command,) = decision.commands
    assert command.parameters == {"stage": "w"}
    assert command.reason.startswith("2 people wait to cross; nobody is seen on the other approaches.")


def test_people_cross_side_by_side_and_count_as_the_city_says(scene: Read) -> None:
    found = arrivals.seen(scene(people(3), layout=WALKED), Outlook(), Settings(pedestrian_weight=2.0))
    assert [(each.at_s, each.link, each.weight, each.size) for each in found["west_0"]] == [
        (0.0, 3, 2.0, arrivals.ON_FOOT)
    ] * 3


def test_a_crowd_is_no_queue_with_gaps(scene: Read) -> None:
    seen = scene({"west_0": [[9.0, 0.0, 3, "pedestrian", unseen.SETTLED_S]]}, layout=WALKED)
    found, filled = unseen.filled(Unseen(), seen, Outlook(reach_m=50.0))
    assert (found, filled) == (Unseen(doubted=True), seen)


def test_the_reason_counts_people_apart_from_vehicles(scene: Read) -> None:
    both = {"west_0": [*people(1)["west_0"], *queue(2, 3, waited_s=5.0)]}
    assert of_change(scene(both, layout=WALKED), choice(WEST), SETTINGS) == (
        "2 vehicles wait, up to 5 s, on west; nobody is seen on the other approaches. 1 person waits to cross."
    )
