"""What the service reads: vehicles with right of way under blue light, and the queues at the signals before them."""

import msgspec

from madang.model.ahead import CAMERA, Ahead, converted
from madang.model.service import Read, View
from madang.services.emergency.settings import Settings

VEHICLE = "EmergencyVehicle"
READS = (
    Read(type=VEHICLE, attributes=("itinerary",)),
    Read(type=CAMERA, attributes=("queues",)),
)


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
        seen, way = entity.attribute("itinerary"), converted(entity.value("itinerary"), Itinerary)
        if seen is None or seen.observed_at is None or way is None:
            continue
        age_s = (view.at - seen.observed_at).total_seconds()
        if age_s <= settings.stale_s:
            found.append(Responder(id=entity.id, way=way, age_s=age_s))
    return found
