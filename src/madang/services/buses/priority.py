"""Conditional signal priority: a late bus that comes to a signal asks it for green, unless the junction is full.

Conditional on lateness and load, as NTCIP 1211 and the field trials have it: a bus that is on time gains its riders
nothing, and at a saturated junction every second taken from the others costs more than it gives.
"""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from madang.model.ahead import Ahead, Exit, exits, queues, written
from madang.model.entity import Entity, observed
from madang.model.service import Command, View
from madang.services.buses.sense import Bus
from madang.services.buses.settings import Settings

REQUEST = "SignalPriorityRequest"
BLOCKED_OCCUPANCY, BLOCKED_MPS = 0.75, 1.0


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A bus before a signal: the `weight` that it asks for, `load` the share of full lanes, or why it is `declined`."""

    bus: Bus
    ahead: Ahead
    weight: float = 0.0
    load: float = 0.0
    declined: str = ""


def asks(view: View, buses: Sequence[Bus], settings: Settings) -> list[Ask]:
    """Every late bus with the signals that it comes to."""
    return [
        _ask(view, bus, ahead, settings)
        for bus in buses
        if bus.lateness_s >= settings.late_s and not bus.way.held
        for ahead in bus.way.signals
        if ahead.seconds - bus.age_s <= settings.reach_s
    ]


def weight(lateness_s: float, settings: Settings) -> float:
    """What a bus that is so late counts in cars: from the least at `late_s` to the most at `very_late_s`."""
    span_s = settings.very_late_s - settings.late_s
    share = 1.0 if span_s <= 0 else min(1.0, max(0.0, (lateness_s - settings.late_s) / span_s))
    return settings.least_weight + share * (settings.most_weight - settings.least_weight)


def _ask(view: View, bus: Bus, ahead: Ahead, settings: Settings) -> Ask:
    load = share_full(queues(view, ahead.signal), ahead.lane, settings)
    if load >= settings.saturated:
        return Ask(bus=bus, ahead=ahead, load=load, declined="the junction is saturated")
    if _is_blocked(bus, exits(view, ahead.signal)):
        return Ask(bus=bus, ahead=ahead, load=load, declined="the way out of the junction is full")
    return Ask(bus=bus, ahead=ahead, load=load, weight=round(weight(bus.lateness_s, settings) * (1.0 - load), 2))


def share_full(standing: dict[str, float], own: str, settings: Settings) -> float:
    """The share of the junction's other lanes whose queue is full; 0 where nobody sees them."""
    others = [queue for lane, queue in standing.items() if lane != own]
    return sum(queue >= settings.full_queue for queue in others) / len(others) if others else 0.0


def _is_blocked(bus: Bus, beyond: dict[str, Exit]) -> bool:
    """Whether every lane onto which the bus leaves the junction is full and stands."""
    ours = [state for lane, state in beyond.items() if lane.rpartition("_")[0] in bus.way.route[1:]]
    return bool(ours) and all(0 <= speed < BLOCKED_MPS and full > BLOCKED_OCCUPANCY for _, _, speed, full in ours)


def wish(ask: Ask) -> Command:
    """That the line's late buses ask for priority, as a proposal to people who decide on it."""
    line = ask.bus.line
    reason = f"Line {line} has a bus that is {ask.bus.lateness_s:.0f} s late: its late buses would ask for green."
    return Command(target=ask.bus.id, action="priority", parameters={"line": line}, rule="lateness", reason=reason)


def request(view: View, ask: Ask, settings: Settings) -> Entity:
    """The entity SignalPriorityRequest, for whoever controls the signal.

    - `refVehicle`, `refSignal`: entity ids; `line`.
    - `movement`: the signal's link index that the bus will take (-1 unknown); `fromLane`: the lane at the stop line.
    - `arrivalAt`: when it is at the stop line if nothing holds it up (ISO 8601, UTC); `distance` in metres now.
    - `latenessS`: seconds behind its timetable; `weight`: what the bus counts in cars, load and lateness included.
    - The entity expires (expiresAt) when the bus no longer renews it: a request that has expired is none. The same time
      is in `validUntil`, for a service, which is given attributes only.
    """
    bus, ahead = ask.bus, ask.ahead
    arrival = view.at + timedelta(seconds=max(0.0, ahead.seconds - bus.age_s))
    until = view.at + timedelta(seconds=settings.request_s)
    values = {
        "refVehicle": bus.id,
        "line": bus.line,
        "refSignal": ahead.signal,
        "movement": ahead.link,
        "fromLane": ahead.lane,
        "arrivalAt": written(arrival),
        "distance": ahead.distance,
        "latenessS": bus.lateness_s,
        "weight": ask.weight,
        "validUntil": written(until),
    }
    units = {"latenessS": "SEC", "distance": "MTR"}
    found = observed(request_id(bus.id, ahead.signal), REQUEST, view.at, values, units=units)
    return msgspec.structs.replace(found, expires_at=until)


def request_id(bus: str, signal: str) -> str:
    """One request for each bus and signal: renewing it replaces it."""
    return f"urn:ngsi-ld:{REQUEST}:{bus.split(':', 3)[-1]}:{signal.split(':', 3)[-1]}"
