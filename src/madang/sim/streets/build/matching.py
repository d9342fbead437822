"""Counts brought to the edges of the network: the nearest edge within a limit, in the direction that was counted."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec
from shapely import LineString, STRtree  # pyright: ignore[reportMissingTypeStubs]
from shapely.geometry import Point as Spot  # pyright: ignore[reportMissingTypeStubs]

from madang.errors import BadRequestData
from madang.sim.streets.build.counts import Count
from madang.sim.streets.network import Network, Point
from madang.sim.streets.projection import to_plane

LIMIT_M = 30.0
WIDEST_DEGREES = 45.0
"""So much an edge may turn away from the bearing that was counted."""


class Matched(msgspec.Struct, frozen=True, kw_only=True):
    """A count and its edge; `distance_m` is 0 where the count names the edge itself. `ambiguous` where the other
    direction of the street lies about as near and the count does not say which was counted."""

    count: Count
    edge: str
    distance_m: float = 0.0
    ambiguous: bool = False


class Unmatched(msgspec.Struct, frozen=True, kw_only=True):
    """A count without an edge, and why."""

    count: Count
    why: str


class Edges:
    """The edges that cars may use, by place."""

    def __init__(self, streets: Network) -> None:
        self._known = streets.edges
        lanes = [lane for lane in streets.lanes.values() if lane.admits("passenger") and len(lane.shape) > 1]
        self._lanes = lanes
        self._lines = [LineString(lane.shape) for lane in lanes]
        self._tree = STRtree(self._lines)
        self._plane = to_plane(streets) if streets.projection else None

    def match(self, counts: Sequence[Count], *, limit_m: float = LIMIT_M) -> tuple[list[Matched], list[Unmatched]]:
        """Each count with its edge, or why it has none. Raises BadRequestData where a count has a place and the network
        none."""
        placed = [count.place for count in counts if count.place is not None]
        if placed and self._plane is None:
            raise BadRequestData("The network has no projection: name the edge of each count instead of lon and lat.")
        spots = iter(self._plane(placed) if self._plane is not None else ())
        found = [
            self._named(count) if count.place is None else self._near(count, next(spots), limit_m) for count in counts
        ]
        return [m for m in found if isinstance(m, Matched)], [m for m in found if isinstance(m, Unmatched)]

    def _named(self, count: Count) -> Matched | Unmatched:
        if count.edge in self._known:
            return Matched(count=count, edge=count.edge)
        return Unmatched(count=count, why=f"the network has no edge '{count.edge}'")

    def _near(self, count: Count, spot: Point, limit_m: float) -> Matched | Unmatched:
        here = Spot(spot)
        nearest: dict[str, tuple[float, float]] = {}
        indices: Any = self._tree.query(here.buffer(limit_m))
        for index in map(int, indices):
            line, edge = self._lines[index], self._lanes[index].edge
            distance_m: float = line.distance(here)
            if distance_m <= limit_m and distance_m < nearest.get(edge, (math.inf, 0.0))[0]:
                nearest[edge] = (distance_m, _bearing(line, here))
        fitting = {
            edge: (distance_m, bearing)
            for edge, (distance_m, bearing) in nearest.items()
            if count.bearing is None or _turn(bearing, count.bearing) <= WIDEST_DEGREES
        }
        if not fitting:
            why = f"no street for cars within {limit_m:g} m"
            return Unmatched(count=count, why=f"{why} in the direction {count.bearing:g}°" if nearest else why)
        edge = min(fitting, key=lambda edge: fitting[edge][0])
        distance_m, bearing = fitting[edge]
        rivals = [d for other, (d, b) in fitting.items() if other != edge and _turn(b, bearing) > 90]
        ambiguous = count.bearing is None and bool(rivals) and min(rivals) - distance_m < 2 * self._lanes[0].width_m
        return Matched(count=count, edge=edge, distance_m=distance_m, ambiguous=ambiguous)


def _bearing(line: LineString, here: Spot) -> float:
    """The direction of travel where the line is nearest, in degrees clockwise from the grid's north."""
    along = line.project(here)
    before, after = line.interpolate(max(0.0, along - 5)), line.interpolate(min(line.length, along + 5))
    return math.degrees(math.atan2(after.x - before.x, after.y - before.y)) % 360


def _turn(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)
