"""Where the network's plane lies on the globe: metres to longitude and latitude (degrees, WGS 84)."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from madang.sim.streets.network import Network, Point

_METRES_PER_DEGREE = 111_320.0
"""Of latitude, on a sphere of the Earth's mean radius."""

Projection = Callable[[Sequence[Point]], list[list[float]]]
"""Points of the network's plane to [longitude, latitude] pairs, rounded to 6 decimals (0.1 m)."""


def projection(network: Network, *, centre: tuple[float, float] = (0.0, 0.0)) -> Projection:
    """The network's own projection, or, where it has none, a plane laid around `centre` (longitude, latitude)."""
    return _projected(network) if network.projection else _laid(network, centre)


def _projected(network: Network) -> Projection:
    from pyproj import Proj  # noqa: PLC0415 — part of the extra `streets`: the city runs without it

    to_globe: Any = Proj(network.projection)
    x0, y0 = network.offset

    def place(points: Sequence[Point]) -> list[list[float]]:
        if not points:
            return []
        lons, lats = to_globe([x - x0 for x, _ in points], [y - y0 for _, y in points], inverse=True)
        return [[round(lon, 6), round(lat, 6)] for lon, lat in zip(lons, lats, strict=True)]

    return place


def to_plane(network: Network) -> Callable[[Sequence[tuple[float, float]]], list[Point]]:
    """(longitude, latitude) pairs in degrees to points of the network's plane; the network has a projection."""
    from pyproj import Proj  # noqa: PLC0415 — part of the extra `streets`

    from_globe: Any = Proj(network.projection)
    x0, y0 = network.offset

    def lay(places: Sequence[tuple[float, float]]) -> list[Point]:
        if not places:
            return []
        xs, ys = from_globe([lon for lon, _ in places], [lat for _, lat in places])
        return [(x + x0, y + y0) for x, y in zip(xs, ys, strict=True)]

    return lay


def _laid(network: Network, centre: tuple[float, float]) -> Projection:
    xs = [x for lane in network.lanes.values() for x, _ in lane.shape] or [0.0]
    ys = [y for lane in network.lanes.values() for _, y in lane.shape] or [0.0]
    x0, y0 = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    lon0, lat0 = centre
    shrink = max(0.01, math.cos(math.radians(lat0)))

    def place(points: Sequence[Point]) -> list[list[float]]:
        return [
            [
                round(lon0 + (x - x0) / (_METRES_PER_DEGREE * shrink), 6),
                round(lat0 + (y - y0) / _METRES_PER_DEGREE, 6),
            ]
            for x, y in points
        ]

    return place
