"""What the signals get: one corridor for each vehicle with right of way."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from madang.model.ahead import written
from madang.model.entity import Entity, observed
from madang.model.service import View
from madang.services.emergency.sense import VEHICLE, Responder
from madang.services.emergency.settings import Settings
from madang.services.emergency.window import Window

CORRIDOR = "EmergencyCorridor"


def corridor(view: View, vehicle: Responder, windows: Sequence[Window], settings: Settings) -> Entity:
    """The entity EmergencyCorridor, for whoever controls the signals.

    - `refVehicle`: the vehicle; `arrivesAt`: when it is at the end of its way if nothing holds it up.
    - `junctions`: JSON, in the order of the way, each {`refSignal`, `movement` (link index), `fromLane`, `distance`
      (m), `arrivalAt`, `greenFrom`, `greenUntil` (ISO 8601, UTC), `crossCost` (vehicle-seconds)}. A junction that the
      vehicle has passed is not among them any more: it recovers.
    - `crossCost`: what those who stand on the other lanes lose at most, vehicle-seconds, over all junctions.
    - `validUntil`, the same as expiresAt: a corridor that is not renewed has ended.
    """
    until = view.at + timedelta(seconds=settings.valid_s)
    values = {
        "refVehicle": vehicle.id,
        "arrivesAt": _after(view, vehicle.way.seconds - vehicle.age_s),
        "junctions": [_junction(view, window) for window in windows],
        "crossCost": round(sum(window.cost for window in windows), 1),
        "validUntil": written(until),
    }
    id = vehicle.id.replace(f":{VEHICLE}:", f":{CORRIDOR}:", 1)
    found = observed(id, CORRIDOR, view.at, values, json=("junctions",))
    return msgspec.structs.replace(found, expires_at=until)


def _junction(view: View, window: Window) -> dict[str, object]:
    ahead = window.ahead
    return {
        "refSignal": ahead.signal,
        "movement": ahead.link,
        "fromLane": ahead.lane,
        "distance": ahead.distance,
        "arrivalAt": _after(view, window.arrival_s),
        "greenFrom": _after(view, window.from_s),
        "greenUntil": _after(view, window.until_s),
        "crossCost": round(window.cost, 1),
    }


def _after(view: View, seconds: float) -> str:
    return written(view.at + timedelta(seconds=max(0.0, seconds)))
