"""A camera or radar at a junction: the vehicles that come towards its stop lines, as far as it reaches and sees."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from madang.model.entity import Attribute, Entity, Kind, observed, point
from madang.sim.streets.device import Fixed, urn
from madang.sim.streets.layout import Layout
from madang.sim.streets.network import Connection
from madang.sim.streets.pedestrians import Pedestrians
from madang.sim.streets.traffic import HALTED_MPS, Traffic, Vehicle

SLOW_MPS = 1.0
"""Who is slower than this within a junction waits there."""


def _lane(link: Connection) -> str:
    """Where who waits for the link is reported: each crossing is a lane of its own."""
    return link.to_lane if link.crossing_m else link.from_lane


class Cameras(Fixed):
    """One device a junction. `range_m` is measured along the way to the stop line, over lanes that lead there too.

    A vehicle that a device misses stays missed for the whole trip: the share `missed` (0 to 1) is drawn once a vehicle
    from the seed. The link of a vehicle is known as its turn signal shows it.
    """

    def __init__(
        self,
        sumo: Any,
        traffic: Traffic,
        layouts: Mapping[str, Layout],
        locations: Mapping[str, tuple[float, float]],
        *,
        people: Pedestrians | None = None,
        range_m: float,
        missed: float = 0.0,
        seed: int = 0,
    ) -> None:
        """`locations` are (longitude, latitude) by signal; `people` are those who wait to cross on foot."""
        self._traffic = traffic
        self._people = people
        self._locations = locations
        self._lane: Any = sumo.lane
        self._range_m = range_m
        self._missed = missed
        self._seed = seed
        self._draws: dict[str, bool] = {}
        self._ids = {signal: urn("ApproachObserved", signal) for signal in layouts}
        self._approaches = {
            signal: tuple(dict.fromkeys(_lane(link) for link in layout.links)) for signal, layout in layouts.items()
        }
        self._exits = {
            signal: tuple(dict.fromkeys(link.to_lane for link in layout.links if link.to_lane[0] != ":"))
            for signal, layout in layouts.items()
        }

    def installed(self, at: datetime) -> list[Entity]:
        """Where the devices hang."""
        return [
            observed(id, "ApproachObserved", at, {"location": point(*self._locations[signal])})
            for signal, id in self._ids.items()
        ]

    def report(self, now_s: float, at: datetime) -> list[Entity]:
        """What every device sees now."""
        seen = self._by_lane(self._traffic.vehicles.values())
        inside = self._inside(self._traffic.vehicles.values())
        return [self._entity(signal, seen[signal], inside.get(signal, {}), at) for signal in self._ids]

    def _inside(self, vehicles: Iterable[Vehicle]) -> dict[str, dict[str, list[float]]]:
        """By signal, who stands within the junction: as an exit that bears the name of its movement."""
        found: dict[str, dict[str, list[float]]] = {}
        missed = self._missed
        for vehicle in vehicles:
            way = vehicle.crossing
            if way is not None and vehicle.speed_mps < SLOW_MPS and not (missed and self._misses(vehicle.id)):
                row = found.setdefault(way[0], {}).setdefault(f"link {way[1]}", [0, 0, 0.0, 0.0])
                row[0] += 1
                row[1] += vehicle.speed_mps < HALTED_MPS
        return found

    def _by_lane(self, vehicles: Iterable[Vehicle]) -> dict[str, dict[str, list[list[Any]]]]:
        seen: dict[str, dict[str, list[list[Any]]]] = {
            signal: {lane: [] for lane in lanes} for signal, lanes in self._approaches.items()
        }
        range_m, missed = self._range_m, self._missed
        for vehicle in vehicles:
            lane = vehicle.from_lane
            if lane and vehicle.distance_m <= range_m and not (missed and self._misses(vehicle.id)):
                lanes = seen[vehicle.signal]
                if lane in lanes:
                    row = [round(vehicle.distance_m, 1), round(vehicle.speed_mps, 1), vehicle.link, vehicle.kind]
                    lanes[lane].append([*row, vehicle.halted_s])
        for each in self._people.waiting if self._people else ():
            if not (missed and self._misses(each.id)):
                seen[each.signal][each.lane].append([0.0, 0.0, each.link, "pedestrian", each.waited_s])
        return seen

    def _entity(
        self, signal: str, lanes: dict[str, list[list[Any]]], inside: Mapping[str, list[float]], at: datetime
    ) -> Entity:
        queues = dict.fromkeys(lanes, 0)
        for lane, seen in lanes.items():
            if seen:
                seen.sort()
                queues[lane] = sum([vehicle[1] < HALTED_MPS for vehicle in seen])
        attributes = {
            "vehicles": (Attribute(kind=Kind.JSON, value=lanes, observed_at=at),),
            "queues": (Attribute(kind=Kind.JSON, value=queues, observed_at=at),),
            "exits": (Attribute(kind=Kind.JSON, value={**self._leaving(signal), **inside}, observed_at=at),),
        }
        return Entity(id=self._ids[signal], types=("ApproachObserved",), attributes=attributes)

    def _leaving(self, signal: str) -> dict[str, list[float]]:
        lane = self._lane
        exits: dict[str, list[float]] = {}
        for id in self._exits[signal]:
            count = lane.getLastStepVehicleNumber(id)
            if count:
                halted, speed = lane.getLastStepHaltingNumber(id), lane.getLastStepMeanSpeed(id)
                exits[id] = [count, halted, round(speed, 1), round(lane.getLastStepOccupancy(id), 3)]
            else:
                exits[id] = [0, 0, -1.0, 0.0]
        return exits

    def _misses(self, id: str) -> bool:
        missed = self._draws.get(id)
        if missed is None:
            digest = hashlib.blake2b(f"{self._seed}:{id}".encode(), digest_size=8).digest()
            missed = self._draws[id] = int.from_bytes(digest) / 2**64 < self._missed
        return missed
