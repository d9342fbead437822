"""Where a bus is on its way: its stops with their timetable, the signals before it, and how late it is."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from madang.sim.streets.roadmap import Road

UNKNOWN_S = -1e8
"""SUMO's times that nobody gave are about -1e9."""
_TRIP = re.compile(r"^(?P<line>.+?)(?:_frequency\d*)?\.\d+$")


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A stop of a bus's trip: `arrival_s` and `departure_s` as planned, in the simulation's seconds, `dwell_s` what it
    takes at least. `position_m` is the stop's end on its edge."""

    stop: str
    lane: str
    position_m: float
    arrival_s: float
    departure_s: float
    dwell_s: float

    @property
    def edge(self) -> str:
        """The edge that the stop is on."""
        return self.lane.rpartition("_")[0]


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    """What was planned for a bus when it set out; `end_s` is when it should be at the end of its way."""

    line: str
    calls: tuple[Call, ...]
    end_s: float


def line_of(id: str, line: str) -> str:
    """The line as the demand says it, else the vehicle's id without its running number (``50R_frequency3.17``)."""
    if line:
        return line
    found = _TRIP.match(id)
    return found["line"] if found else id


def free_s(
    roads: Mapping[str, Road], route: Sequence[str], *, start_m: float, end: tuple[str, float] | None = None
) -> float:
    """Seconds at the speed limit from `start_m` on the first edge to `end` (edge, metres), or to the route's end."""
    total_s = 0.0
    for number, edge in enumerate(route):
        road = roads.get(edge)
        if road is None:
            continue
        begin_m = start_m if number == 0 else 0.0
        here = end is not None and edge == end[0] and end[1] >= begin_m
        stop_m = end[1] if here and end is not None else road.length_m
        total_s += road.time_s * max(0.0, stop_m - begin_m) / max(road.length_m, 1.0)
        if here:
            break
    return total_s


def planned(
    stops: Sequence[Any], route: Sequence[str], roads: Mapping[str, Road], *, line: str, depart_s: float
) -> Trip:
    """The timetable of a trip that is planned to set out at `depart_s`, from SUMO's stops (``vehicle.getStops``).

    Departures are the stops' `until`, arrivals their `arrival`; where the demand has none, what the way takes at the
    speed limits after the stop before, and the dwell.
    """
    calls: list[Call] = []
    at_s, here_m, left = depart_s, 0.0, list(route)
    for stop in stops:
        edge = stop.lane.rpartition("_")[0]
        arrive_s = at_s + free_s(roads, left, start_m=here_m, end=(edge, stop.endPos))
        dwell_s = max(0.0, stop.duration)
        if stop.intendedArrival > UNKNOWN_S:
            arrive_s = stop.intendedArrival
        elif stop.until > UNKNOWN_S:
            arrive_s = stop.until - dwell_s
        at_s = stop.until if stop.until > UNKNOWN_S else arrive_s + dwell_s
        calls.append(
            Call(
                stop=name_of(stop),
                lane=stop.lane,
                position_m=stop.endPos,
                arrival_s=arrive_s,
                departure_s=at_s,
                dwell_s=dwell_s,
            )
        )
        left, here_m = left[left.index(edge) :] if edge in left else left, stop.endPos
    return Trip(line=line, calls=tuple(calls), end_s=at_s + free_s(roads, left, start_m=here_m))


def name_of(stop: Any) -> str:
    """The stopping place's id; a stop at none is called by its lane and metre."""
    return stop.stoppingPlaceID or f"{stop.lane}@{stop.endPos:.0f}"
