"""Buses that tell where they are, where they go next and how late they are: every two seconds, and when they stop, are
held or take another way."""

from datetime import datetime
from typing import Any

from madang.model.entity import Entity, observed, point
from madang.sim.streets.device import urn
from madang.sim.streets.fleet import Bus, Fleet
from madang.sim.streets.itinerary import free_s
from madang.sim.streets.projection import Projection
from madang.sim.streets.surroundings import Surroundings
from madang.sim.streets.traffic import Traffic

EVERY_S = 2
FAR_M = 1000.0
"""Signals farther ahead are not told."""
_UNITS = {"speed": "MTS", "heading": "DD", "delay": "SEC", "lateness": "SEC", "passengers": "IE"}


class Buses:
    """The entities Vehicle.

    `fuelType` is ``diesel`` or ``electric``. `delay` is what the bus has lost so far against its own free way, and
    before it set out (timeLoss + departDelay).
    `lateness` is against the timetable (see ``Fleet.lateness_s``). `itinerary` is JSON: `route` the edges from here to
    the end, `position` metres on the first; `stops` those to come, each {stop, edge, position, seconds (until it is
    there, at the speed limits, with the dwells before), planned (arrival), departs (planned, both ISO 8601), dwell};
    `at` the stop where it stands or empty, `dwell` seconds that it still stands; `signals` those ahead, each {signal,
    link, lane, distance (m), seconds}; `held` whether the city keeps or kept it at this stop, `detour` whether it is on
    one.
    """

    def __init__(self, sumo: Any, traffic: Traffic, fleet: Fleet, *, place: Projection, world: Surroundings) -> None:
        self._vehicle = sumo.vehicle
        self._traffic = traffic
        self._fleet = fleet
        self._place = place
        self._world = world
        self._late_s: dict[str, float] = {}
        self._told: dict[str, tuple[object, ...]] = {}

    def installed(self, at: datetime) -> list[Entity]:
        """A bus is installed nowhere."""
        return []

    def report(self, now_s: float, at: datetime) -> list[Entity]:
        """Every bus that is on the road and due, or has something new to tell."""
        due = not int(now_s) % EVERY_S
        here = [bus for bus in self._fleet.buses.values() if self._traffic.vehicles[bus.id].lane]
        buses = [bus for bus in here if due or self._told.get(bus.id) != _state(bus)]
        self._told.update((bus.id, _state(bus)) for bus in buses)
        places = self._place([self._vehicle.getPosition(bus.id) for bus in buses])
        return [self._entity(bus, place, now_s, at) for bus, place in zip(buses, places, strict=True)]

    def gone(self) -> list[str]:
        """The buses that have arrived."""
        left = [id for id in self._late_s if id not in self._traffic.vehicles]
        for id in left:
            del self._late_s[id]
            self._told.pop(id, None)
        return [urn("Vehicle", id) for id in left]

    def _entity(self, bus: Bus, place: list[float], now_s: float, at: datetime) -> Entity:
        vehicle, id = self._vehicle, bus.id
        if id not in self._late_s:
            self._late_s[id] = max(0.0, vehicle.getDepartDelay(id))
        values = {
            "vehicleType": "bus",
            "fuelType": fuel(vehicle.getEmissionClass(id)),
            "location": point(*place),
            "speed": round(vehicle.getSpeed(id), 1),
            "heading": round(vehicle.getAngle(id), 1),
            "delay": round(vehicle.getTimeLoss(id) + self._late_s[id], 1),
            "line": bus.trip.line,
            "lateness": round(self._fleet.lateness_s(bus, now_s), 1),
            "passengers": vehicle.getPersonNumber(id),
            "itinerary": self._itinerary(bus),
        }
        return observed(urn("Vehicle", id), "Vehicle", at, values, json=("itinerary",), units=_UNITS)

    def _itinerary(self, bus: Bus) -> dict[str, Any]:
        fleet = self._fleet
        route, here_m, dwell_s = fleet.ahead(bus.id), fleet.position_m(bus.id), fleet.dwell_s(bus)
        stops = self._stops(bus, route, here_m, dwell_s)
        return {
            "route": list(route),
            "position": round(here_m, 1),
            "at": urn("PublicTransportStop", bus.at_stop) if bus.at_stop else "",
            "dwell": round(dwell_s, 1),
            "held": bus.held_at != "",
            "detour": bus.detours > 0,
            "stops": stops,
            "signals": self._signals(bus, route, here_m, [(each["seconds"], each["dwell"]) for each in stops]),
        }

    def _stops(self, bus: Bus, route: tuple[str, ...], here_m: float, dwell_s: float) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        waits_s = dwell_s
        for call in bus.trip.calls[bus.done :]:
            if call.stop in bus.skipped:
                continue
            here = call.stop == bus.at_stop
            end = (call.edge, call.position_m)
            way_s = 0.0 if here else free_s(self._world.roads, route, start_m=here_m, end=end)
            found.append(
                {
                    "stop": urn("PublicTransportStop", call.stop),
                    "edge": call.edge,
                    "position": round(call.position_m, 1),
                    "seconds": round(0.0 if here else way_s + waits_s, 1),
                    "planned": self._world.iso(call.arrival_s),
                    "departs": self._world.iso(call.departure_s),
                    "dwell": round(call.dwell_s, 1),
                }
            )
            waits_s += 0.0 if here else call.dwell_s
        return found

    def _signals(
        self, bus: Bus, route: tuple[str, ...], here_m: float, stops: list[tuple[float, float]]
    ) -> list[dict[str, Any]]:
        """The way to a signal takes its share of the time that the whole way takes, and the dwells before it."""
        length_m = sum(self._world.roads[edge].length_m for edge in route if edge in self._world.roads) - here_m
        whole_s = free_s(self._world.roads, route, start_m=here_m)
        dwell_s = self._fleet.dwell_s(bus)
        found: list[dict[str, Any]] = []
        for signal, link, distance_m, _ in self._vehicle.getNextTLS(bus.id):
            if distance_m > FAR_M:
                break
            seconds = dwell_s + whole_s * max(0.0, distance_m) / max(length_m, 1.0)
            for arrives_s, stands_s in stops:
                if 0.0 < arrives_s <= seconds:
                    seconds += stands_s
            lane = self._world.from_lanes.get((signal, link), "")
            found.append(
                {
                    "signal": urn("TrafficSignal", signal),
                    "link": link,
                    "lane": lane,
                    "distance": round(max(0.0, distance_m), 1),
                    "seconds": round(seconds, 1),
                }
            )
        return found


def fuel(emissions: str) -> str:
    """``electric`` or ``diesel``, by SUMO's emission class: ``Energy/…``, ``Zero/…``, ``MMPEVEM`` and HBEFA 4's own
    electric ones; every other class of a bus burns diesel."""
    name = emissions.lower()
    electric = name.startswith(("energy", "zero", "mmpevem")) or "_ele" in name or "_bev" in name
    return "electric" if electric else "diesel"


def _state(bus: Bus) -> tuple[object, ...]:
    """What a bus tells at once when it changes."""
    return (bus.at_stop, bus.held_at, bus.skipped, bus.detours)
