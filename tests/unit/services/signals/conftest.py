"""A crossing small enough to see through.

Link 0 goes straight on from lane ``north_0``, link 1 turns left from it; link 2 comes the other way (``south_0``); link
3 crosses (``west_0``). Stage ``ns`` lets north and south go, the left turn yielding; ``left`` protects the left turn;
``w`` lets west go.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madang.model.entity import Attribute, Entity, Kind, observed
from madang.model.service import View
from madang.services.signals import SERVICE
from madang.services.signals.sense import Scene, read
from madang.services.signals.settings import settings_of

AT = datetime(2026, 5, 1, 8, tzinfo=UTC)
TARGET = "urn:ngsi-ld:TrafficSignal:x"

LAYOUT: dict[str, Any] = {
    "links": [
        {"index": 0, "from_lane": "north_0", "to_lane": "out_0", "direction": "s", "kind": "car"},
        {"index": 1, "from_lane": "north_0", "to_lane": "side_0", "direction": "l", "kind": "car"},
        {"index": 2, "from_lane": "south_0", "to_lane": "away_0", "direction": "s", "kind": "car"},
        {"index": 3, "from_lane": "west_0", "to_lane": "east_0", "direction": "s", "kind": "car"},
    ],
    "foes": [[3], [2, 3], [1, 3], [0, 1, 2]],
    "stages": [{"id": "ns", "green": "GgGr"}, {"id": "left", "green": "GGrr"}, {"id": "w", "green": "rrrG"}],
}

Make = Callable[..., View]


def queue(count: int, link: int, *, waited_s: float = 20.0, speed_mps: float = 0.0, first_m: float = 3.0) -> list[Any]:
    """Vehicles one behind the other, 7.5 m apart."""
    return [[first_m + 7.5 * place, speed_mps, link, "car", waited_s] for place in range(count)]


def at_red_since(lamps: str, seconds: float) -> list[str | None]:
    since = (AT - timedelta(seconds=seconds)).isoformat()
    return [since if lamp == "r" else None for lamp in lamps]


@pytest.fixture
def make() -> Make:
    """Makes a view of the crossing: `vehicles` by lane, the stage that is shown and for how long."""

    def view(
        vehicles: Mapping[str, Any] | None = None,
        *,
        stage: str = "ns",
        lamps: str | None = None,
        shown_s: float = 20.0,
        red_s: float | None = None,
        control: str = "service",
        exits: Mapping[str, Any] | None = None,
        layout: Any = LAYOUT,
        seen_s: float = 0.0,
        settings: Mapping[str, Any] | None = None,
    ) -> View:
        greens = {each["id"]: each["green"] for each in LAYOUT["stages"]}
        shown = lamps or greens[stage]
        signal = {
            "lamps": shown,
            "stage": stage,
            "since": (AT - timedelta(seconds=shown_s)).isoformat().replace("+00:00", "Z"),
            "control": control,
            "redSince": at_red_since(shown, shown_s if red_s is None else red_s),
        }
        camera = {"vehicles": dict(vehicles or {}), "exits": dict(exits or {})}
        looked = AT - timedelta(seconds=seen_s)
        entities = [
            Entity(
                id="urn:ngsi-ld:SignalLayout:x",
                types=("SignalLayout",),
                attributes={"layout": (Attribute(kind=Kind.JSON, value=layout),)},
            ),
            observed(TARGET, "TrafficSignal", AT, signal, json=("redSince",)),
            observed("urn:ngsi-ld:ApproachObserved:x", "ApproachObserved", looked, camera, json=("vehicles", "exits")),
        ]
        values = {**SERVICE.settings, **(settings or {})}
        return View(at=AT, entities={entity.id: entity for entity in entities}, settings=values)

    return view


@pytest.fixture
def scene(make: Make) -> Callable[..., Scene]:
    """Like `make`, read."""

    def read_scene(*arguments: Any, **named: Any) -> Scene:
        view = make(*arguments, **named)
        return read(view, TARGET, settings_of(view.settings))

    return read_scene


def without(view: View, kind: str) -> View:
    """The view without the entities of that kind."""
    kept = {id: entity for id, entity in view.entities.items() if kind not in entity.types}
    return View(at=view.at, entities=kept, settings=view.settings)
