"""What a controller in the field says of itself, and the entity that the hub keeps of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from madang.model.entity import Attribute, Entity, Kind

TYPE = "TrafficSignal"
_URN = f"urn:ngsi-ld:{TYPE}:"


Text = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^[^\x00-\x1f]*$")]
Lamps = Annotated[str, msgspec.Meta(max_length=500, pattern="^[GgyrusoO]*$")]
Time = Annotated[datetime, msgspec.Meta(tz=True)]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A controller's own word. `control` is ``service`` while it does what the city orders, else ``plan``; `stage` is
    empty on the way to one; `since` says since when the stage shows. `lamps` has one of SUMO's letters a link, empty
    where the controller does not tell; `green_since` and `red_since` one time or None a link."""

    control: Literal["service", "plan"]
    reason: Text
    stage: Text = ""
    since: Time | None = None
    lamps: Lamps = ""
    green_since: tuple[Time | None, ...] = ()
    red_since: tuple[Time | None, ...] = ()


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
