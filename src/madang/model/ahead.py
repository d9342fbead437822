"""The signals on a vehicle's way, as the vehicle tells them: what the services for buses and for vehicles with right of
way both read. All of it comes from outside and is checked here."""

from datetime import datetime
from typing import Any, TypeVar

import msgspec

from madang.model.service import View

SIGNAL, CAMERA = "TrafficSignal", "ApproachObserved"

T = TypeVar("T")

Exit = tuple[float, float, float, float]
"""What is on a lane beyond a junction: vehicles, halted vehicles, mean speed in m/s, occupancy from 0 to 1."""


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """A signal ahead: the movement (link index) that the vehicle will take there and the lane at the stop line, metres
    and seconds until it is at that line if nothing holds it up."""

    signal: str
    link: int
    lane: str
    distance: float
    seconds: float


def converted(value: Any, type: type[T]) -> T | None:
    """The value as that type; None where it is malformed."""
    try:
        return msgspec.convert(value, type)
    except msgspec.ValidationError:
        return None


def queues(view: View, signal: str) -> dict[str, float]:
    """Halted vehicles by lane before the signal; empty where nobody sees them."""
    return _seen(view, signal, "queues", dict[str, float]) or {}


def exits(view: View, signal: str) -> dict[str, Exit]:
    """What stands on the lanes beyond the signal; empty where nobody sees them."""
    return _seen(view, signal, "exits", dict[str, Exit]) or {}


def written(at: datetime) -> str:
    """The time to the millisecond, in UTC: what the signals are told. `at` is in UTC."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _seen(view: View, signal: str, attribute: str, type: type[T]) -> T | None:
    entity = view.entities.get(signal.replace(f":{SIGNAL}:", f":{CAMERA}:", 1))
    return None if entity is None else converted(entity.value(attribute), type)
