"""What a controller in the field says of itself, and the entity that the hub keeps of it."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from madang.model.entity import Attribute, Entity, Kind

TYPE = "TrafficSignal"
_URN = f"urn:ngsi-ld:{TYPE}:"


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A controller's own word. `control` is ``service`` while it does what the city orders, else ``plan``; `stage` is
    empty on the way to one; `since` says since when the stage shows. `lamps` has one of SUMO's letters a link, empty
    where the controller does not tell; `green_since` and `red_since` one time or None a link."""

    control: str
    reason: str
    stage: str = ""
    since: datetime | None = None
    lamps: str = ""
    green_since: tuple[datetime | None, ...] = ()
    red_since: tuple[datetime | None, ...] = ()


def target(id: str) -> str:
    """The entity id of the signal that a controller has."""
    return f"{_URN}{id}"


def entity(id: str, reading: Reading, at: datetime) -> Entity:
    """The signal's entity TrafficSignal, as the simulated streets report it."""
    values: dict[str, object] = {
        "stage": reading.stage,
        "control": reading.control,
        "controlReason": reading.reason,
    }
    if reading.since is not None:
        values["since"] = _text(reading.since)
    if reading.lamps:
        values["lamps"] = reading.lamps
    attributes = {name: (Attribute(value=value, observed_at=at),) for name, value in values.items()}
    for name, times in (("greenSince", reading.green_since), ("redSince", reading.red_since)):
        if times:
            attributes[name] = (Attribute(kind=Kind.JSON, value=_texts(times), observed_at=at),)
    return Entity(id=target(id), types=(TYPE,), attributes=attributes)


def _texts(times: Sequence[datetime | None]) -> list[str | None]:
    return [None if time is None else _text(time) for time in times]


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
