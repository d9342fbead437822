"""How the traffic of a running world does so far: the live figures of this world, or of its twin."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from madang.model.entity import Entity, observed
from madang.sim.streets.device import Fixed, urn
from madang.sim.streets.traffic import HALTED_MPS, Traffic

EVERY_S = 5
_UNITS = {"meanDelay": "SEC", "co2": "KGM", "nox": "GRM"}


class Figures(Fixed):
    """The entity ``TrafficKpi:<name>``.

    `meanDelay` (s) is over all vehicles that have set out or wait to: timeLoss + departDelay of those that arrived and
    of those under way so far, and the wait so far of those not yet inserted. `co2` (kg) and `nox` (g) are sampled every
    5 s (HBEFA 3). `stops` is a vehicle's mean. All from the begin of the demand on.
    """

    def __init__(self, sumo: Any, traffic: Traffic, name: str, broken: Callable[[], Mapping[str, int]]) -> None:
        """`broken` gives `conflicts` and `guardsBroken`."""
        self._sumo = sumo
        self._traffic = traffic
        self._id = urn("TrafficKpi", name)
        self._broken = broken
        self._lost_s: dict[str, float] = {}
        self._late_s: dict[str, float] = {}
        self._pending_since_s: dict[str, float] = {}
        self._ended_s = self._arrived = self._co2_kg = self._nox_g = 0.0

    def installed(self, at: datetime) -> list[Entity]:
        """Nothing stands on the street for this."""
        return []

    def report(self, now_s: float, at: datetime) -> list[Entity]:
        """Keep account every second; report every five."""
        self._account()
        if int(now_s) % EVERY_S:
            return []
        self._sample()
        pending_s = self._pending(now_s)
        under_way_s = sum(self._lost_s.values()) + sum(self._late_s.values())
        vehicles = self._arrived + len(self._lost_s) + len(self._pending_since_s)
        halted = sum(1 for v in self._traffic.vehicles.values() if v.speed_mps < HALTED_MPS)
        values = {
            "meanDelay": round((self._ended_s + under_way_s + pending_s) / vehicles, 2) if vehicles else 0.0,
            "waiting": halted,
            "running": len(self._traffic.vehicles),
            "arrived": int(self._arrived),
            "co2": round(self._co2_kg, 2),
            "nox": round(self._nox_g, 2),
            "stops": round(self._traffic.stops / vehicles, 3) if vehicles else 0.0,
            **self._broken(),
        }
        return [observed(self._id, "TrafficKpi", at, values, units=_UNITS)]

    def _account(self) -> None:
        vehicle = self._sumo.vehicle
        lost_of = vehicle.getTimeLoss
        vehicles = self._traffic.vehicles
        for id in vehicles:
            if id not in self._lost_s:
                self._late_s[id] = max(0.0, vehicle.getDepartDelay(id))
            self._lost_s[id] = lost_of(id)
        for id in [id for id in self._lost_s if id not in vehicles]:
            self._ended_s += self._lost_s.pop(id) + self._late_s.pop(id)
            self._arrived += 1

    def _sample(self) -> None:
        vehicle = self._sumo.vehicle
        for id in self._traffic.vehicles:
            # Milligrams a second of the last step, taken for the five.
            self._co2_kg += vehicle.getCO2Emission(id) * EVERY_S / 1e6
            self._nox_g += vehicle.getNOxEmission(id) * EVERY_S / 1e3

    def _pending(self, now_s: float) -> float:
        """Seconds waited so far by those who wait to enter the network."""
        waiting = self._sumo.simulation.getPendingVehicles()
        self._pending_since_s = {id: self._pending_since_s.get(id, now_s) for id in waiting}
        return sum(now_s - since_s for since_s in self._pending_since_s.values())
