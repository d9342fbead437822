"""What the service reads: the buses, their stops, the roads that they drive and what stands at the signals before them.

Everything in these entities comes from outside and is checked here once. A bus whose report is missing, stale or
malformed is left alone, and no other one for it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from madang.model.ahead import CAMERA, Ahead, converted
from madang.model.entity import Entity
from madang.model.service import Read, View
from madang.services.buses.air import READ as AIR
from madang.services.buses.settings import Settings

BUS, STOP, NETWORK, SEGMENT = "Vehicle", "PublicTransportStop", "RoadNetwork", "RoadSegment"
PROPOSAL = "BusProposal"
REPORT = ("vehicleType", "fuelType", "line", "lateness", "passengers", "itinerary")
READS = (
    Read(type=BUS, attributes=REPORT),
    Read(type=STOP, attributes=("name", "ridership")),
    Read(type=NETWORK, attributes=("edges",)),
    Read(type=SEGMENT, attributes=("edge", "status", "slowSince")),
    Read(type=CAMERA, attributes=("queues", "exits")),
    Read(type=PROPOSAL, attributes=("approval", "parameters")),
    AIR,
)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A stop to come: `position` metres on its edge, `seconds` until the bus is there, planned times, least dwell."""

    stop: str
    edge: str
    position: float
    seconds: float
    planned: datetime
    departs: datetime
    dwell: float


class Itinerary(msgspec.Struct, frozen=True, kw_only=True):
    """The way of a bus from here on; see ``sim/streets/buses``. `at` is the stop where it stands, or empty."""

    route: tuple[str, ...]
    position: float
    stops: tuple[Call, ...]
    signals: tuple[Ahead, ...] = ()
    at: str = ""
    dwell: float = 0.0
    held: bool = False
    detour: bool = False


class Bus(msgspec.Struct, frozen=True, kw_only=True):
    """A bus as it was heard of last; `age_s` is how long ago that was. `diesel`: it says that it burns diesel."""

    id: str
    line: str
    lateness_s: float
    passengers: float
    way: Itinerary
    age_s: float
    diesel: bool = False

    @property
    def inputs(self) -> tuple[tuple[str, str], ...]:
        """What any decision about it rests on."""
        return tuple((self.id, name) for name in REPORT)


Edges = Mapping[str, tuple[float, float, tuple[str, ...]]]
"""By edge: metres, seconds at the speed limit, the edges onward."""


def buses(view: View, settings: Settings) -> list[Bus]:
    """The buses that can be acted on, by id."""
    found = (bus_of(view, entity) for entity in view.of(BUS))
    known = [bus for bus in found if bus is not None and bus.age_s <= settings.stale_s]
    return sorted(known, key=lambda bus: bus.id)


def bus_of(view: View, entity: Entity) -> Bus | None:
    """The entity as a bus; None where it is no bus, or does not say enough of itself."""
    if entity.value("vehicleType") != "bus":
        return None
    way, seen = converted(entity.value("itinerary"), Itinerary), entity.attribute("itinerary")
    lateness_s, line = entity.value("lateness"), entity.value("line")
    if way is None or seen is None or seen.observed_at is None:
        return None
    if not isinstance(line, str) or not isinstance(lateness_s, int | float):
        return None
    age_s = (view.at - seen.observed_at).total_seconds()
    riders = entity.value("passengers", 0)
    return Bus(
        id=entity.id,
        line=line,
        lateness_s=float(lateness_s),
        passengers=float(riders) if isinstance(riders, int | float) else 0.0,
        way=way,
        age_s=age_s,
        diesel=entity.value("fuelType") == "diesel",
    )


def network(view: View) -> tuple[str, Edges]:
    """The roads and the entity that they are of; empty where there is none."""
    for entity in sorted(view.of(NETWORK), key=lambda entity: entity.id):
        edges = _edges(_Key(entity.value("edges")))
        if edges:
            return entity.id, edges
    return "", {}


class _Key:
    """The roads do not change for years: they are read once, and known again by being the same object."""

    def __init__(self, value: Any) -> None:
        self.value = value


_read: dict[int, tuple[Any, Edges]] = {}


def _edges(key: _Key) -> Edges:
    known = _read.get(id(key.value))
    if known is not None and known[0] is key.value:
        return known[1]
    edges = converted(key.value, dict[str, tuple[float, float, tuple[str, ...]]]) or {}
    _read.clear()
    _read[id(key.value)] = (key.value, edges)
    return edges


def closed(view: View, settings: Settings) -> dict[str, tuple[str, str]]:
    """By edge the entity that says a bus cannot go there, and why."""
    found: dict[str, tuple[str, str]] = {}
    for entity in sorted(view.of(SEGMENT), key=lambda entity: entity.id):
        edge = entity.value("edge")
        if not isinstance(edge, str):
            continue
        if entity.value("status") == "closed":
            found[edge] = (entity.id, "is closed")
        elif (since := _time(entity.value("slowSince"))) is not None:
            stands_s = (view.at - since).total_seconds()
            if stands_s >= settings.jam_s:
                found[edge] = (entity.id, "has been at a standstill for minutes")
    return found


def riders(view: View, stop: str) -> float | None:
    """Those who use the stop in an hour; None where nobody has said."""
    entity = view.entities.get(stop)
    value = entity.value("ridership") if entity else None
    return float(value) if isinstance(value, int | float) and value >= 0 else None


def name(view: View, stop: str) -> str:
    """What the stop is called."""
    entity = view.entities.get(stop)
    value = entity.value("name") if entity else None
    return value if isinstance(value, str) and value else stop.rsplit(":", 1)[-1]


def _time(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) and value else None
    except ValueError:
        return None
