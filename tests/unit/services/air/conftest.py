"""A school between two stations, a signal beside it and one before that, from which vehicles come."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madang.model.entity import Entity, observed, point
from madang.model.service import Decision, View
from madang.services.air import SERVICE

AT = datetime(2026, 11, 2, 8, tzinfo=UTC)
SCHOOL = "urn:ngsi-ld:PointOfInterest:school"
DEGREE_M = 111_195.0

LAYOUTS: Mapping[str, Mapping[str, Any]] = {
    "in": {
        "links": [{"from_lane": "gate_in_0", "to_lane": "in_out_0"}, {"from_lane": "side_0", "to_lane": "in_out_0"}],
        "plan": [{"state": "Gr", "duration_s": 45}, {"state": "rG", "duration_s": 45}],
        "feeders": {
            "gate_in": [
                {"signal": "gate", "link": 0, "distance_m": 400, "time_s": 30, "share": 1.0},
                {"signal": "gate", "link": 1, "distance_m": 400, "time_s": 30, "share": 0.1},
            ],
            "side": [{"signal": "unknown", "link": 0, "distance_m": 400, "time_s": 30, "share": 1.0}],
        },
    },
    "gate": {
        "links": [{"from_lane": "far_0", "to_lane": "gate_in_0"}],
        "plan": [
            {"state": "Gr", "duration_s": 60},
            {"state": "yr", "duration_s": 3},
            {"state": "rG", "duration_s": 27},
        ],
    },
}


def north(metres: float) -> dict[str, Any]:
    """A point so many metres north of the school."""
    return point(11.42, 48.76 + metres / DEGREE_M)


def school(**values: Any) -> Entity:
    given = {"name": "Test school", "category": ["school"], "location": north(0), **values}
    return observed(SCHOOL, "PointOfInterest", None, given)


def station(name: str, at: datetime, *, metres: float = 100, method: str = "", **values: Any) -> Entity:
    given = {"location": north(metres), "method": method, **values}
    return observed(f"urn:ngsi-ld:AirQualityObserved:{name}", "AirQualityObserved", at, given)


def layouts() -> list[Entity]:
    spots = {"in": 50.0, "gate": 450.0}
    return [
        observed(
            f"urn:ngsi-ld:SignalLayout:{name}",
            "SignalLayout",
            None,
            {"layout": layout, "location": north(spots[name])},
            json=("layout",),
        )
        for name, layout in LAYOUTS.items()
    ]


def camera(*, standing: float) -> Entity:
    """What stands before the signal beside the school: so many vehicles on each of its two lanes."""
    queues = {"gate_in_0": standing, "side_0": standing}
    return observed("urn:ngsi-ld:ApproachObserved:in", "ApproachObserved", AT, {"queues": queues}, json=("queues",))


def view(*entities: Entity, at: datetime = AT, **settings: Any) -> View:
    return View(at=at, entities={entity.id: entity for entity in entities}, settings={**SERVICE.settings, **settings})


Minutes = Callable[..., list[Decision]]


@pytest.fixture
def minutes() -> Minutes:
    """Lets minutes pass: each of `values` is the NO2 of that minute at the stations `at` that report it; the
    decisions."""

    def run(
        values: Sequence[float | None],
        *,
        names: Sequence[str] = ("a", "b"),
        others: Callable[[datetime], Sequence[Entity]] = lambda at: (),
        pollutant: str = "no2",
        **settings: Any,
    ) -> list[Decision]:
        decisions: list[Decision] = []
        memory: Mapping[str, Any] = {}
        reports: list[Entity] = []
        for minute, value in enumerate(values):
            at = AT + timedelta(minutes=minute)
            if value is not None:
                reports = [station(name, at, **{pollutant: value}) for name in names]
            seen = view(school(), *layouts(), *reports, *others(at), at=at, **settings)
            decisions.append(SERVICE.decide(seen, memory))
            memory = decisions[-1].memory
        return decisions

    return run


def levels(decisions: Sequence[Decision]) -> list[str]:
    """The level that the school's terms have after each decision; ``-`` where there are none."""
    return [next((each.value("level") for each in decision.published), "-") for decision in decisions]
