"""The streets that a bus may drive, as a graph of edges: for routes around a closed road."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from madang.model.entity import Entity, observed
from madang.sim.streets.network import Network

ID = "urn:ngsi-ld:RoadNetwork:streets"
TYPE = "RoadNetwork"


class Road(msgspec.Struct, frozen=True, kw_only=True):
    """An edge: metres, seconds at the speed limit, the edges that a bus may drive onto from its end, sorted."""

    length_m: float
    time_s: float
    onward: tuple[str, ...]


def roadmap(network: Network) -> dict[str, Road]:
    """By id the edges with at least one lane for buses."""
    sizes: dict[str, tuple[float, float]] = {}
    for lane in network.lanes.values():
        if lane.admits("bus"):
            speed_mps = max(lane.speed_mps, sizes.get(lane.edge, (0.0, 0.1))[1])
            sizes[lane.edge] = (lane.length_m, speed_mps)
    onward: dict[str, set[str]] = {edge: set() for edge in sizes}
    for connection in network.connections:
        start, end = network.lanes.get(connection.from_lane), network.lanes.get(connection.to_lane)
        if start and end and start.admits("bus") and end.admits("bus"):
            onward[start.edge].add(end.edge)
    return {
        edge: Road(length_m=length_m, time_s=length_m / speed_mps, onward=tuple(sorted(onward[edge])))
        for edge, (length_m, speed_mps) in sizes.items()
    }


def entity(roads: Mapping[str, Road]) -> Entity:
    """The graph as the entity RoadNetwork: by edge [metres, seconds, [edges onward]]."""
    edges = {id: [round(road.length_m, 1), round(road.time_s, 1), list(road.onward)] for id, road in roads.items()}
    return observed(ID, TYPE, None, {"edges": edges}, json=("edges",))


def connected(roads: Mapping[str, Road], route: Sequence[Any]) -> bool:
    """Whether a bus can drive the edges one after another."""
    if not route or route[0] not in roads:
        return False
    return all(end in roads[start].onward for start, end in itertools.pairwise(route))
