"""What is known of the roads that buses drive: closed, or at a standstill since when."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from madang.model.entity import Entity, observed
from madang.sim.streets import roadmap
from madang.sim.streets.device import Fixed, urn
from madang.sim.streets.fleet import Fleet
from madang.sim.streets.network import Network
from madang.sim.streets.roadmap import Road

EVERY_S = 2
TYPE = "RoadSegment"
SLOW_MPS = 1.0
SLOW_OCCUPANCY = 0.2
SLOW_S = 60.0
"""A queue at a red light is no jam: below this a standstill is not told."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """`slow_s` is since when (simulation's seconds) nothing moves, None where it does or has done a minute ago."""

    closed: bool = False
    slow_s: float | None = None


class Roads(Fixed):
    """The entity RoadNetwork, and a RoadSegment for each edge on a bus's way that is, or was, not as it should be:
    `status` ``open`` or ``closed`` (no lane admits a bus), `slowSince` ISO 8601 or empty."""

    def __init__(
        self, sumo: Any, network: Network, fleet: Fleet, *, roads: Mapping[str, Road], iso: Callable[[float], str]
    ) -> None:
        self._sumo = sumo
        self._network = network
        self._fleet = fleet
        self._roads = roads
        self._iso = iso
        self._slow: dict[str, float] = {}
        self._told: dict[str, State] = {}
        self._lanes: dict[str, list[str]] = {}
        for lane in network.lanes.values():
            self._lanes.setdefault(lane.edge, []).append(lane.id)

    def installed(self, at: datetime) -> list[Entity]:
        """The graph of the roads."""
        return [roadmap.entity(self._roads)]

    def report(self, now_s: float, at: datetime) -> list[Entity]:
        """The segments whose state has changed."""
        if int(now_s) % EVERY_S:
            return []
        # Those that were told to be closed are looked at until they are open, whoever still drives there.
        ways = {edge for id in self._fleet.buses for edge in self._fleet.ahead(id)}
        for bus in self._fleet.buses.values():
            ways.update(call.edge for call in bus.trip.calls)
        told = {edge for edge, state in self._told.items() if state != State()}
        found: list[Entity] = []
        for edge in sorted((ways | told) & self._lanes.keys()):
            state = self._state(edge, now_s)
            if state != self._told.get(edge, State()):
                self._told[edge] = state
                found.append(self._entity(edge, state, at))
        return found

    def _state(self, edge: str, now_s: float) -> State:
        closed = edge in self._fleet.closed or not any(
            "bus" in self._sumo.lane.getAllowed(lane) for lane in self._lanes[edge]
        )
        known = self._sumo.edge
        stands = known.getLastStepMeanSpeed(edge) < SLOW_MPS and known.getLastStepOccupancy(edge) > SLOW_OCCUPANCY
        if not stands:
            self._slow.pop(edge, None)
            return State(closed=closed)
        since_s = self._slow.setdefault(edge, now_s)
        return State(closed=closed, slow_s=since_s if now_s - since_s >= SLOW_S else None)

    def _entity(self, edge: str, state: State, at: datetime) -> Entity:
        values = {
            "edge": edge,
            "name": self._network.edges.get(edge, ""),
            "status": "closed" if state.closed else "open",
            "slowSince": "" if state.slow_s is None else self._iso(state.slow_s),
        }
        return observed(urn(TYPE, edge), TYPE, at, values)
