"""Neighbours: a queue behind a short street presses before it fits into it, and nobody is let in without room."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from madang.model.entity import Attribute, Entity, Kind
from madang.model.service import View
from madang.services.signals import SERVICE
from madang.services.signals.decide import decide
from madang.services.signals.junction import compiled
from madang.services.signals.neighbours import RED_S, around, coming, neighbours, rooms
from madang.services.signals.sense import Glimpse, Scene
from madang.services.signals.settings import Settings

from .conftest import AT, LAYOUT, TARGET, queue

Make = Callable[..., Scene]
SETTINGS = Settings()

BEFORE: dict[str, Any] = {
    "links": [
        {"index": 0, "from_lane": "far_0", "to_lane": "west_0"},
        {"index": 1, "from_lane": "cross_0", "to_lane": "gone_0"},
    ],
    "foes": [[1], [0]],
    "stages": [{"id": "a", "green": "Gr"}, {"id": "b", "green": "rG"}],
}
SHORT = {**LAYOUT, "lanes": {"west_0": {"length_m": 12.0, "speed_mps": 10.0}}}
LONG = {**LAYOUT, "lanes": {"west_0": {"length_m": 90.0, "speed_mps": 10.0}}}


def before(lamps: str, vehicles: dict[str, Any]) -> Glimpse:
    return Glimpse(junction=compiled("before", BEFORE, SETTINGS), lamps=lamps, vehicles=vehicles)


def arrivals(scene: Scene, lamps: str) -> list[float]:
    known = around([scene, before(lamps, {"far_0": queue(3, 0)})])
    return [arrival for arrival, _, _ in coming(scene, known, SETTINGS).get("west_0", [])]


def test_they_come_one_headway_after_another_while_they_have_green(scene: Make) -> None:
    assert arrivals(scene(layout=LONG), "Gr") == pytest.approx([10.0, 12.0, 14.0])


def test_who_waits_at_red_counts_only_before_a_short_street(scene: Make) -> None:
    assert arrivals(scene(layout=LONG), "rG") == []
    way_s = 12.0 / 9.0
    assert arrivals(scene(layout=SHORT), "rG") == pytest.approx([RED_S + way_s + 2.0 * place for place in range(3)])


def test_a_movement_with_several_exits_shares_its_vehicles(scene: Make) -> None:
    layout = {**BEFORE, "links": [*BEFORE["links"], {"index": 0, "from_lane": "far_0", "to_lane": "else_0"}]}
    seen = before("Gr", {"far_0": queue(2, 0)})
    seen = msgspec.structs.replace(seen, junction=compiled("forked", layout, SETTINGS))
    found = scene(layout=LONG)
    assert [weight for _, _, weight in coming(found, around([found, seen]), SETTINGS)["west_0"]] == [0.5, 0.5]


def test_a_junction_is_not_its_own_neighbour(scene: Make) -> None:
    layout = {**LAYOUT, "links": [*LAYOUT["links"][:3], {**LAYOUT["links"][3], "to_lane": "west_0"}]}
    found = scene({"west_0": queue(2, 3)}, layout=layout)
    known = around([found, before("Gr", {})])
    assert neighbours(found, known) == ("before",)
    assert coming(found, known, SETTINGS) == {}


@pytest.mark.parametrize(("lamps", "room"), [("rG", {0: 1.0}), ("Gr", {})], ids=["next is red", "next is green"])
def test_a_short_street_before_a_red_takes_as_many_as_it_has_room_for(
    scene: Make, lamps: str, room: dict[int, float]
) -> None:
    layout = {**LAYOUT, "links": [{**LAYOUT["links"][0], "to_lane": "far_0"}, *LAYOUT["links"][1:]]}
    layout["lanes"] = {"far_0": {"length_m": 12.0, "speed_mps": 10.0}}
    found = scene(layout=layout)
    known = around([found, before(lamps, {})])
    assert rooms(found, known) == room
    assert neighbours(found, known) == ("before",)
    assert rooms(scene(layout=layout, exits={"far_0": [1, 1, 0.0, 0.5]}), known) == (room and {0: 0.0})


def test_a_command_names_what_it_saw_of_its_neighbour(make: Callable[..., View]) -> None:
    """Two vehicles before the short street are no reason alone; with those behind them they are."""
    view = make({"west_0": queue(1, 3), "south_0": queue(1, 2, speed_mps=8.0, first_m=70.0)}, layout=SHORT)
    assert decide(view, {}).commands == ()
    (command,) = decide(_beside(view, {"far_0": queue(8, 0)}), {}).commands
    assert command.parameters == {"stage": "w"}
    assert ("urn:ngsi-ld:ApproachObserved:before", "vehicles") in command.inputs
    off = msgspec.structs.replace(
        _beside(view, {"far_0": queue(8, 0)}), settings={**SERVICE.settings, "look_around": False}
    )
    assert decide(off, {}).commands == ()


def test_a_neighbour_without_a_picture_costs_only_the_look_there(make: Callable[..., View]) -> None:
    view = _beside(make({"west_0": queue(6, 3)}, layout=SHORT), {"far_0": [["broken"]]})
    (command,) = decide(view, {}).commands
    assert (command.target, command.action) == (TARGET, "stage")
    assert ("urn:ngsi-ld:ApproachObserved:before", "vehicles") not in command.inputs


def _beside(view: View, vehicles: dict[str, Any]) -> View:
    """The view with the junction before, whose first movement is green under its own plan."""
    values = {
        ("SignalLayout", "layout"): BEFORE,
        ("TrafficSignal", "lamps"): "Gr",
        ("ApproachObserved", "vehicles"): vehicles,
    }
    entities = {
        f"urn:ngsi-ld:{kind}:before": Entity(
            id=f"urn:ngsi-ld:{kind}:before",
            types=(kind,),
            attributes={name: (Attribute(kind=Kind.JSON, value=value, observed_at=AT),)},
        )
        for (kind, name), value in values.items()
    }
    return msgspec.structs.replace(view, entities={**view.entities, **entities})
