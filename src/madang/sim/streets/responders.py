"""Vehicles with right of way that tell where they go, every second; and how one is sent out.

SUMO's class ``emergency``, faster than the limit. They wait at red and in queues as all others do. The device with
which others make way (https://sumo.dlr.de/docs/Simulation/Emergency.html) is off: with it SUMO 1.28 leaves vehicles
standing within junctions, and ends with a fault when several are on the road.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from madang.model.entity import Entity, observed, point
from madang.sim.streets.device import urn
from madang.sim.streets.itinerary import free_s
from madang.sim.streets.projection import Projection
from madang.sim.streets.surroundings import Surroundings
from madang.sim.streets.traffic import Traffic

TYPE, KIND = "EmergencyVehicle", "emergency"
FAR_M = 1500.0
SPEED_FACTOR = 1.3
VALID_S = 10.0
"""A vehicle that is not heard of any more is gone from the hub, whatever became of its world."""


class Responders:
    """The entities EmergencyVehicle. `itinerary` is JSON: `route` the edges ahead, `seconds` to their end, `signals` as
    a bus tells them (see ``buses``); times are at the speed that the vehicle may drive."""

    def __init__(self, sumo: Any, traffic: Traffic, *, place: Projection, world: Surroundings) -> None:
        self._vehicle = sumo.vehicle
        self._traffic = traffic
        self._place = place
        self._world = world
        self._here: set[str] = set()

    def installed(self, at: datetime) -> list[Entity]:
        """They drive."""
        return []

    def report(self, now_s: float, at: datetime) -> list[Entity]:
        """Every one that is on the road."""
        here = [id for id, seen in self._traffic.vehicles.items() if seen.kind == KIND and seen.lane]
        self._here.update(here)
        places = self._place([self._vehicle.getPosition(id) for id in here])
        return [self._entity(id, place, at) for id, place in zip(here, places, strict=True)]

    def gone(self) -> list[str]:
        """Those that have arrived."""
        left = self._here - self._traffic.vehicles.keys()
        self._here -= left
        return [urn(TYPE, id) for id in sorted(left)]

    def _entity(self, id: str, place: list[float], at: datetime) -> Entity:
        vehicle = self._vehicle
        values = {
            "location": point(*place),
            "speed": round(vehicle.getSpeed(id), 1),
            "heading": round(vehicle.getAngle(id), 1),
            "itinerary": self._itinerary(id),
        }
        units = {"speed": "MTS", "heading": "DD"}
        found = observed(urn(TYPE, id), TYPE, at, values, json=("itinerary",), units=units)
        return msgspec.structs.replace(found, expires_at=at + timedelta(seconds=VALID_S))

    def _itinerary(self, id: str) -> dict[str, Any]:
        vehicle, roads = self._vehicle, self._world.roads
        route = vehicle.getRoute(id)[max(0, vehicle.getRouteIndex(id)) :]
        inside = vehicle.getRoadID(id).startswith(":")
        here_m = 0.0 if inside else vehicle.getLanePosition(id)
        if inside:
            route = route[1:]
        whole_s = free_s(roads, route, start_m=here_m) / max(vehicle.getSpeedFactor(id), 0.1)
        length_m = sum(roads[edge].length_m for edge in route if edge in roads) - here_m
        signals = [
            {
                "signal": urn("TrafficSignal", signal),
                "link": link,
                "lane": self._world.from_lanes.get((signal, link), ""),
                "distance": round(max(0.0, distance_m), 1),
                "seconds": round(whole_s * max(0.0, distance_m) / max(length_m, 1.0), 1),
            }
            for signal, link, distance_m, _ in vehicle.getNextTLS(id)
            if distance_m <= FAR_M
        ]
        return {"route": list(route), "seconds": round(whole_s, 1), "signals": signals}


def dispatch(sumo: Any, id: str, *, start: str, end: str) -> None:
    """Send out an emergency vehicle from one edge to another, in the next second. Raises SUMO's TraCIException where
    there is no way, or no such edge."""
    kind = responder(sumo)
    route = sumo.simulation.findRoute(start, end, kind).edges
    sumo.route.add(f"{id}.way", route or [start, end])
    sumo.vehicle.add(id, f"{id}.way", typeID=kind, departLane="best", departSpeed="max")


def responder(sumo: Any) -> str:
    """The vehicle type of those who are sent out, made where it is not there yet."""
    kind = "madang.emergency"
    if kind not in sumo.vehicletype.getIDList():
        sumo.vehicletype.copy("DEFAULT_VEHTYPE", kind)
        sumo.vehicletype.setVehicleClass(kind, KIND)
        sumo.vehicletype.setSpeedFactor(kind, SPEED_FACTOR)
    return kind
