"""Buses that tell where they are and how late; every two seconds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from madang.model.entity import Entity, observed, point
from madang.sim.streets.device import urn
from madang.sim.streets.projection import Projection
from madang.sim.streets.traffic import Traffic

EVERY_S = 2
_UNITS = {"speed": "MTS", "heading": "DD", "delay": "SEC"}


class Buses:
    """The entities Vehicle. The demand has no timetable: `delay` is what the bus has lost so far against its own free
    way, and before it set out (timeLoss + departDelay)."""

    def __init__(self, sumo: Any, traffic: Traffic, place: Projection) -> None:
        self._vehicle = sumo.vehicle
        self._traffic = traffic
        self._place = place
        self._late_s: dict[str, float] = {}

    def installed(self, at: datetime) -> list[Entity]:
        """A bus is installed nowhere."""
        return []

    def report(self, now_s: float, at: datetime) -> list[Entity]:
        """Every bus that is on the road."""
        if int(now_s) % EVERY_S:
            return []
        vehicles: Mapping[str, Any] = self._traffic.vehicles
        buses = [id for id, vehicle in vehicles.items() if vehicle.kind == "bus" and vehicle.lane]
        places = self._place([self._vehicle.getPosition(id) for id in buses])
        return [self._entity(id, place, at) for id, place in zip(buses, places, strict=True)]

    def gone(self) -> list[str]:
        """The buses that have arrived."""
        left = [id for id in self._late_s if id not in self._traffic.vehicles]
        for id in left:
            del self._late_s[id]
        return [urn("Vehicle", id) for id in left]

    def _entity(self, id: str, place: list[float], at: datetime) -> Entity:
        vehicle = self._vehicle
        if id not in self._late_s:
            self._late_s[id] = max(0.0, vehicle.getDepartDelay(id))
        values = {
            "vehicleType": "bus",
            "location": point(*place),
            "speed": round(vehicle.getSpeed(id), 1),
            "heading": round(vehicle.getAngle(id), 1),
            "delay": round(vehicle.getTimeLoss(id) + self._late_s[id], 1),
        }
        return observed(urn("Vehicle", id), "Vehicle", at, values, units=_UNITS)
