"""What the service reads: vehicles with right of way under blue light, and the queues at the signals before them."""

from typing import Any, TypeVar

import msgspec

from madang.model.service import Read, View
from madang.services.emergency.settings import Settings

VEHICLE, CAMERA, SIGNAL = "EmergencyVehicle", "ApproachObserved", "TrafficSignal"
READS = (
    Read(type=VEHICLE, attributes=("itinerary",)),
    Read(type=CAMERA, attributes=("queues",)),
)

T = TypeVar("T")


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """A signal ahead: the movement, metres and seconds to its stop line at the speed of the vehicle's own way."""

    signal: str
    link: int
    lane: str
    distance: float
    seconds: float


class Itinerary(msgspec.Struct, frozen=True, kw_only=True):
    """The signals ahead, and seconds to the end of the way."""

    signals: tuple[Ahead, ...]
    seconds: float = 0.0


class Responder(msgspec.Struct, frozen=True, kw_only=True):
    """A vehicle with right of way; `age_s` is how long ago it was heard of."""

    id: str
    way: Itinerary
    age_s: float


def responders(view: View, settings: Settings) -> list[Responder]:
    """The vehicles under way that were heard of lately, by id; one that is malformed costs no other its corridor."""
    found: list[Responder] = []
    for entity in sorted(view.of(VEHICLE), key=lambda entity: entity.id):
        seen, way = entity.attribute("itinerary"), _checked(entity.value("itinerary"), Itinerary)
        if seen is None or seen.observed_at is None or way is None:
            continue
        age_s = (view.at - seen.observed_at).total_seconds()
        if age_s <= settings.stale_s:
            found.append(Responder(id=entity.id, way=way, age_s=age_s))
    return found


def queues(view: View, signal: str) -> dict[str, float]:
    """Halted vehicles by lane before the signal; empty where nobody sees them."""
    entity = view.entities.get(signal.replace(f":{SIGNAL}:", f":{CAMERA}:", 1))
    return _checked(entity.value("queues", {}), dict[str, float]) or {} if entity else {}


def _checked(value: Any, type: type[T]) -> T | None:
    try:
        return msgspec.convert(value, type)
    except msgspec.ValidationError:
        return None
