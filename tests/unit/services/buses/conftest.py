"""A bus at a stop and before a signal, in a view of five entities."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madang.model.entity import Entity, observed
from madang.model.service import View

AT = datetime(2026, 11, 2, 8, 0, 0, tzinfo=UTC)
BUS = "urn:ngsi-ld:Vehicle:7.1"
SIGNAL = "urn:ngsi-ld:TrafficSignal:x"
CAMERA = "urn:ngsi-ld:ApproachObserved:x"
MARKET, SCHOOL, MILL = (f"urn:ngsi-ld:PublicTransportStop:{name}" for name in ("market", "school", "mill"))

# a -> b -> c -> d, and around b: a -> e -> c, around c: b -> f -> d.
ROADS = {
    "a": [200.0, 20.0, ["b", "e"]],
    "b": [200.0, 20.0, ["c", "f"]],
    "c": [200.0, 20.0, ["d"]],
    "d": [200.0, 20.0, []],
    "e": [400.0, 40.0, ["c"]],
    "f": [300.0, 30.0, ["d"]],
}


def iso(seconds: float) -> str:
    return (AT + timedelta(seconds=seconds)).isoformat()


def call(stop: str, edge: str, *, departs_s: float = 0.0, seconds: float = 30.0) -> dict[str, Any]:
    return {
        "stop": stop,
        "edge": edge,
        "position": 100.0,
        "seconds": seconds,
        "planned": iso(departs_s - 20),
        "departs": iso(departs_s),
        "dwell": 20.0,
    }


def bus(id: str = BUS, *, line: str = "7", lateness: float = 0.0, passengers: int = 0, **way: Any) -> Entity:
    itinerary = {"route": ["a", "b", "c", "d"], "position": 10.0, "stops": [], "signals": [], **way}
    values = {
        "vehicleType": "bus",
        "line": line,
        "lateness": lateness,
        "passengers": passengers,
        "itinerary": itinerary,
    }
    return observed(id, "Vehicle", AT, values, json=("itinerary",))


def signal(*, distance: float = 150.0, seconds: float = 15.0) -> dict[str, Any]:
    return {"signal": SIGNAL, "link": 3, "lane": "a_0", "distance": distance, "seconds": seconds}


def camera(queues: Mapping[str, int], exits: Mapping[str, list[float]] | None = None) -> Entity:
    values = {"queues": dict(queues), "exits": dict(exits or {})}
    return observed(CAMERA, "ApproachObserved", AT, values, json=("queues", "exits"))


def roads() -> Entity:
    return observed("urn:ngsi-ld:RoadNetwork:streets", "RoadNetwork", None, {"edges": ROADS}, json=("edges",))


def segment(edge: str, *, status: str = "open", slow_s: float | None = None) -> Entity:
    since = "" if slow_s is None else iso(-slow_s)
    values = {"edge": edge, "status": status, "slowSince": since}
    return observed(f"urn:ngsi-ld:RoadSegment:{edge}", "RoadSegment", AT, values)


def stop(id: str, *, riders: float | None = None) -> Entity:
    values: dict[str, Any] = {"name": id.rpartition(":")[2].title()}
    return observed(id, "PublicTransportStop", AT, values if riders is None else {**values, "ridership": riders})


@pytest.fixture
def see() -> Callable[..., View]:
    def make(*entities: Entity, at_s: float = 0.0, **settings: Any) -> View:
        found = {entity.id: entity for entity in entities}
        return View(at=AT + timedelta(seconds=at_s), entities=found, settings=settings)

    return make
