"""The buses of these streets: each one's timetable and way, and the driver who carries out what the city asks.

A bus is held at a stop for so many seconds more than its own dwell, and goes when they are over, when the city
releases it, or when no word comes from the city for `LEASE_S`. A detour is a new way from where the bus is to its end;
once it is on it, it stays on it. A bus that comes to a closed road stands at its barrier.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from madang.sim.streets.device import urn
from madang.sim.streets.itinerary import Trip, free_s, line_of, name_of, planned
from madang.sim.streets.passings import Passings
from madang.sim.streets.roadmap import Road, connected
from madang.sim.streets.traffic import Traffic

LEASE_S = 5.0
LONGEST_HOLD_S = 180.0
LEAST_DWELL_S = 1.0
"""A bus that is about to drive off does not take an order to stay."""
_INNER = re.compile(r"^:")


class Hold(msgspec.Struct, kw_only=True):
    """A bus is kept at a stop until `until_s`; by itself it would have left at `own_s`."""

    stop: str
    own_s: float
    until_s: float


class Bus(msgspec.Struct, kw_only=True):
    """A bus on the road: its trip, how many calls it has made, where it stands (empty: it drives), its hold."""

    id: str
    trip: Trip
    done: int = 0
    at_stop: str = ""
    hold: Hold | None = None
    held_at: str = ""
    leased_until_s: float = 0.0
    detours: int = 0
    edge: str = ""
    barred: bool = False
    skipped: tuple[str, ...] = ()


class Fleet:
    """All buses under way. Call `update` after each second, `order` and `renew` as words come."""

    def __init__(self, sumo: Any, traffic: Traffic, roads: Mapping[str, Road]) -> None:
        self.buses: dict[str, Bus] = {}
        self.closed: set[str] = set()
        self.passings = Passings()
        self.holds = self.detours = 0
        self.held_s = 0.0
        self._sumo = sumo
        self._vehicle = sumo.vehicle
        self._traffic = traffic
        self._roads = roads
        self._by_target: dict[str, Bus] = {}

    def update(self, now_s: float) -> None:
        """Look at every bus: who is new, who has stopped, who has left, whose hold is over."""
        here = {id for id, seen in self._traffic.vehicles.items() if seen.kind == "bus" and seen.lane}
        for id in here - self.buses.keys():
            self._add(id, now_s)
        for id in [id for id in self.buses if id not in self._traffic.vehicles]:
            self._remove(id, now_s)
        for id in here:
            self._follow(self.buses[id], now_s)
            self._bar(self.buses[id])

    def _bar(self, bus: Bus) -> None:
        edge: str = self._vehicle.getRoadID(bus.id)
        # Who is in it already when it is closed drives out of it.
        barred = edge in self.closed and (bus.barred or edge != bus.edge)
        bus.edge = edge
        if barred != bus.barred:
            bus.barred = barred
            self._vehicle.setSpeed(bus.id, 0.0 if barred else -1.0)

    def knows(self, target: str) -> bool:
        """Whether that entity is a bus on these streets."""
        return target in self._by_target

    def renew(self, target: str, now_s: float) -> None:
        """The city keeps its lease on the bus."""
        bus = self._by_target.get(target)
        if bus is not None:
            bus.leased_until_s = now_s + LEASE_S

    def order(self, target: str, action: str, parameters: Mapping[str, Any], now_s: float) -> str | None:
        """Take an order: ``hold`` {"stop": entity id, "seconds": more than its own dwell}, ``detour`` {"route": edges
        from where it is to its end} or ``release`` {}. Returns why it is refused, or None."""
        bus = self._by_target.get(target)
        if bus is None:
            return f"no bus {target} is on these streets"
        if action == "release":
            self._let_go(bus, now_s)
            return None
        if action == "hold":
            refused = self._hold(bus, parameters.get("stop"), parameters.get("seconds"), now_s)
        elif action == "detour":
            refused = self._detour(bus, parameters.get("route"))
        else:
            return f"unknown action '{action}': a bus takes 'hold', 'detour' and 'release'"
        if refused is None:
            bus.leased_until_s = now_s + LEASE_S
        return refused

    def edge(self, id: str) -> str:
        """The edge that the bus is on; inside a junction the one that it comes to."""
        vehicle = self._vehicle
        edge: str = vehicle.getRoadID(id)
        if not _INNER.match(edge):
            return edge
        route, index = vehicle.getRoute(id), vehicle.getRouteIndex(id)
        return str(route[min(index + 1, len(route) - 1)])

    def ahead(self, id: str) -> tuple[str, ...]:
        """The edges from where the bus is to the end of its way."""
        route = tuple(self._vehicle.getRoute(id))
        here = self.edge(id)
        start = max(0, self._vehicle.getRouteIndex(id))
        return route[route.index(here, start) :] if here in route[start:] else route[start:]

    def dwell_s(self, bus: Bus) -> float:
        """Seconds that the bus still stands at its stop; 0 while it drives."""
        stops: Sequence[Any] = self._vehicle.getStops(bus.id, 1) if bus.at_stop else ()
        return max(0.0, float(stops[0].duration)) if stops else 0.0

    def _add(self, id: str, now_s: float) -> None:
        vehicle = self._vehicle
        depart_s = now_s - max(0.0, vehicle.getDepartDelay(id)) - 1.0
        line = line_of(id, vehicle.getLine(id))
        trip = planned(vehicle.getStops(id), vehicle.getRoute(id), self._roads, line=line, depart_s=depart_s)
        bus = Bus(id=id, trip=trip)
        self.buses[id] = self._by_target[urn("Vehicle", id)] = bus

    def _remove(self, id: str, now_s: float) -> None:
        bus = self.buses.pop(id)
        del self._by_target[urn("Vehicle", id)]
        self.passings.passed(bus.trip.line, "", planned_s=bus.trip.end_s, actual_s=now_s)

    def _follow(self, bus: Bus, now_s: float) -> None:
        stops: Sequence[Any] = self._vehicle.getStops(bus.id, 1) if bus.done < len(bus.trip.calls) else ()
        standing = any(stop.arrival >= 0 for stop in stops) and self._vehicle.isStopped(bus.id)
        stop = name_of(next(iter(stops))) if standing else ""
        if bus.at_stop and stop != bus.at_stop:
            self._left(bus, now_s)
        bus.at_stop = stop
        hold = bus.hold
        if hold is not None:
            if now_s >= hold.own_s:
                self.held_s += 1.0
            if now_s > bus.leased_until_s:
                self._let_go(bus, now_s)

    def _left(self, bus: Bus, now_s: float) -> None:
        calls = bus.trip.calls
        while bus.done < len(calls):
            call = calls[bus.done]
            bus.done += 1
            if call.stop == bus.at_stop:
                self.passings.passed(bus.trip.line, call.stop, planned_s=call.departure_s, actual_s=now_s)
                break
        bus.hold, bus.held_at = None, ""

    def _hold(self, bus: Bus, stop: object, seconds: object, now_s: float) -> str | None:
        if not bus.at_stop or urn("PublicTransportStop", bus.at_stop) != stop:
            return f"the bus does not stand at {stop!r}"
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 1 <= seconds <= LONGEST_HOLD_S:
            return f"a bus is held for 1 to {LONGEST_HOLD_S:.0f} s, not {seconds!r}"
        if bus.held_at == bus.at_stop:
            return "the bus was held at this stop already"
        left_s = self.dwell_s(bus)
        if left_s < LEAST_DWELL_S:
            return "the bus drives off"
        bus.hold = Hold(stop=bus.at_stop, own_s=now_s + left_s, until_s=now_s + left_s + seconds)
        bus.held_at = bus.at_stop
        self._stand(bus, left_s + seconds)
        self.holds += 1
        return None

    def _let_go(self, bus: Bus, now_s: float) -> None:
        hold, bus.hold = bus.hold, None
        if hold is not None and bus.at_stop == hold.stop:
            self._stand(bus, max(1.0, hold.own_s - now_s))

    def _stand(self, bus: Bus, seconds: float) -> None:
        """SUMO changes the stop that a vehicle stands at when it is given the same one again."""
        stop = self._vehicle.getStops(bus.id, 1)[0]
        edge, _, index = stop.lane.rpartition("_")
        if stop.stoppingPlaceID:
            self._vehicle.setBusStop(bus.id, stop.stoppingPlaceID, duration=seconds)
        else:
            self._vehicle.setStop(
                bus.id, edge, pos=stop.endPos, laneIndex=int(index), duration=seconds, startPos=stop.startPos
            )

    def _detour(self, bus: Bus, route: object) -> str | None:
        if not isinstance(route, list | tuple):
            return "a detour needs the route, a list of edges"
        here, wanted = self.edge(bus.id), list[Any](route)  # pyright: ignore[reportUnknownArgumentType]
        if here not in wanted:
            return "the bus has left the way of this detour already"
        wanted = wanted[wanted.index(here) :]
        if not connected(self._roads, wanted):
            return "a bus cannot drive this route from end to end"
        if bus.at_stop:
            return "the bus stands at a stop: it takes a new way when it drives"
        return self._drive(bus, wanted)

    def _drive(self, bus: Bus, route: Sequence[str]) -> str | None:
        # Where the bus is inside a junction SUMO wants the edge that it came from first.
        known, index = self._vehicle.getRoute(bus.id), self._vehicle.getRouteIndex(bus.id)
        whole = list(route) if known[index] == route[0] else [known[index], *route]
        before = [name_of(stop) for stop in self._vehicle.getStops(bus.id)]
        try:
            self._vehicle.setRoute(bus.id, whole)
        except self._sumo.TraCIException as error:
            return f"the bus cannot take this way: {error}"
        after = {name_of(stop) for stop in self._vehicle.getStops(bus.id)}
        bus.skipped = tuple(stop for stop in before if stop not in after)
        bus.detours += 1
        self.detours += 1
        return None

    def lateness_s(self, bus: Bus, now_s: float) -> float:
        """How late the bus will be at its next stop, or at the end of its way, if nothing holds it up from here on
        (negative: early). While it stands at a stop: later than it should leave."""
        calls = [call for call in bus.trip.calls[bus.done :] if call.stop not in bus.skipped]
        if bus.at_stop and calls:
            return max(now_s + self.dwell_s(bus), now_s) - calls[0].departure_s
        route, start_m = self.ahead(bus.id), self.position_m(bus.id)
        if calls:
            end = (calls[0].edge, calls[0].position_m)
            return now_s + free_s(self._roads, route, start_m=start_m, end=end) - calls[0].arrival_s
        return now_s + free_s(self._roads, route, start_m=start_m) - bus.trip.end_s

    def position_m(self, id: str) -> float:
        """Metres from the begin of the edge that the bus is on; 0 inside a junction."""
        return 0.0 if _INNER.match(self._vehicle.getRoadID(id)) else float(self._vehicle.getLanePosition(id))

    def measures(self) -> dict[str, float | None]:
        """What an evaluation asks about the buses so far; see ``passings``."""
        return {
            "bus_lateness_s": self.passings.lateness_s,
            "bus_headway_cv": self.passings.headway_cv,
            "bus_holds": self.holds,
            "bus_held_s": self.held_s,
            "bus_detours": self.detours,
        }
