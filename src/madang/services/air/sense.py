"""What the service reads: sensitive places, stations that report the air, and the layouts of signals.

Everything in these entities comes from outside and is checked here once. What is malformed is left out, and costs
nothing else.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from madang.model.entity import Entity
from madang.model.service import Read, View
from madang.services.air.series import Reading
from madang.services.air.settings import POLLUTANTS, Settings

PLACE, STATION, LAYOUT, SIGNAL = "PointOfInterest", "AirQualityObserved", "SignalLayout", "TrafficSignal"
CAMERA = "ApproachObserved"
READS = (
    Read(type=PLACE, attributes=("name", "category", "location")),
    Read(type=STATION, attributes=("location", "method", *POLLUTANTS)),
    Read(type=LAYOUT, attributes=("layout", "location")),
    Read(type=CAMERA, attributes=("queues",)),
)
AHEAD_S = 60.0
"""A reading from farther in the future than this has a wrong clock."""
METRES_PER_DEGREE = 111_195.0
"""Of latitude, on a sphere of 6,371 km."""

T = TypeVar("T")
Spot = tuple[float, float]
"""Longitude and latitude in degrees."""


class _Point(msgspec.Struct, frozen=True, tag_field="type", tag="Point"):
    """A GeoJSON point: longitude, latitude, and a height perhaps (RFC 7946, 3.1.1)."""

    coordinates: tuple[float, ...]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A sensitive place."""

    id: str
    name: str
    category: str
    spot: Spot


class Station(msgspec.Struct, frozen=True, kw_only=True):
    """Where the air is measured, or (`modelled`) computed: by pollutant its newest usable reading, and why another is
    none."""

    id: str
    spot: Spot
    modelled: bool
    readings: Mapping[str, Reading]
    refused: Mapping[str, str]


class Feeder(msgspec.Struct, frozen=True):
    """A movement of a signal before: its vehicles' `share` that comes here."""

    signal: str
    link: int
    share: float = 1.0


class Link(msgspec.Struct, frozen=True):
    """One movement over a stop line."""

    from_lane: str
    to_lane: str


class Phase(msgspec.Struct, frozen=True):
    """A phase of the fixed plan."""

    state: str
    duration_s: float


class Layout(msgspec.Struct, frozen=True):
    """The parts of a `SignalLayout` that the service uses."""

    links: list[Link]
    plan: list[Phase] = []
    feeders: dict[str, list[Feeder]] = {}


def places(view: View, settings: Settings) -> list[Place]:
    """The sensitive places, by id."""
    found: list[Place] = []
    for entity in sorted(view.of(PLACE), key=lambda entity: entity.id):
        spot, category = _spot(entity), entity.value("category")
        named = [category] if isinstance(category, str) else _checked(category, list[str]) or []
        sensitive = [each for each in named if each in settings.sensitive]
        if spot is not None and sensitive:
            name = entity.value("name")
            called = name if isinstance(name, str) and name else entity.id.rsplit(":", 1)[-1]
            found.append(Place(id=entity.id, name=called[:120], category=sensitive[0], spot=spot))
    return found


def stations(view: View, settings: Settings) -> list[Station]:
    """The stations that say where they are, by id."""
    found = (_station(entity, view, settings) for entity in view.of(STATION))
    return sorted((each for each in found if each is not None), key=lambda station: station.id)


def _station(entity: Entity, view: View, settings: Settings) -> Station | None:
    spot, method = _spot(entity), entity.value("method", "")
    if spot is None:
        return None
    readings: dict[str, Reading] = {}
    refused: dict[str, str] = {}
    for name in settings.pollutants:
        seen = entity.attribute(name)
        if seen is None:
            continue
        value, at = seen.value, seen.observed_at
        if at is None:
            refused[name] = "does not say when it was read"
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= settings.highest:
            refused[name] = "says what cannot be"
        elif (view.at - at).total_seconds() < -AHEAD_S:
            refused[name] = "has a clock that is ahead"
        else:
            readings[name] = (at.timestamp(), float(value))
    modelled = isinstance(method, str) and "model" in method.lower()
    return Station(id=entity.id, spot=spot, modelled=modelled, readings=readings, refused=refused)


def layouts(view: View) -> list[tuple[str, Spot]]:
    """The signals' own names and where they are, by name."""
    found = ((name_of(entity.id), _spot(entity)) for entity in view.of(LAYOUT))
    return sorted((name, spot) for name, spot in found if spot is not None)


def layout(view: View, signal: str) -> Layout | None:
    """The layout of the signal of that name, or None where it is missing or malformed."""
    entity = view.entities.get(urn(LAYOUT, signal))
    return _checked(entity.value("layout"), Layout) if entity is not None else None


def name_of(entity: str) -> str:
    """The signal's own name: ``urn:ngsi-ld:SignalLayout:360082`` -> ``360082``."""
    return entity.split(":", 3)[-1]


def urn(kind: str, name: str) -> str:
    """The entity id of that kind for a signal."""
    return f"urn:ngsi-ld:{kind}:{name}"


def distance_m(one: Spot, other: Spot) -> float:
    """Between two spots of a city (equirectangular: within 0.1 % over 10 km)."""
    across = math.cos(math.radians((one[1] + other[1]) / 2))
    return METRES_PER_DEGREE * math.hypot((one[0] - other[0]) * across, one[1] - other[1])


def _spot(entity: Entity) -> Spot | None:
    location = _checked(entity.value("location"), _Point)
    if location is None or len(location.coordinates) < 2:
        return None
    lon, lat = location.coordinates[:2]
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


def _checked(value: Any, type: type[T]) -> T | None:
    try:
        return msgspec.convert(value, type)
    except msgspec.ValidationError:
        return None


def station_inputs(ids: Sequence[str], settings: Settings) -> tuple[tuple[str, str], ...]:
    """What a judgement of these stations rests on."""
    names = ("location", "method", *settings.pollutants)
    return tuple((id, name) for id in ids for name in names)
