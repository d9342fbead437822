"""GeoJSON geometries and the relations of the geo-query language (ETSI GS CIM 009 v1.8.1, 4.7 and 4.10; RFC 7946).

Degrees, WGS 84, longitude first. Distances are metres on the sphere of the earth's mean radius (6 371 008.8 m): within
0.6 % of the ellipsoid. Relations between shapes are computed in the plane of longitude and latitude, as GeoJSON means
it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from madang.errors import BadRequestData
from madang.model.entity import Entity
from madang.model.query import GeoFilter, Georel

EARTH_RADIUS_M = 6_371_008.8
"""The earth's mean radius (IUGG), metres."""

_METRES_PER_DEGREE = math.radians(EARTH_RADIUS_M)

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


def test(geo: GeoFilter) -> Callable[[Entity], bool]:
    """A test whether an entity's GeoProperty stands so to the query's geometry. Of several instances one is enough.

    Raises BadRequestData where the query's geometry is none.
    """
    related, name = relation(geo), geo.property
    return lambda entity: any(related(one.value) for one in entity.attributes.get(name, ()))


def relation(geo: GeoFilter) -> Callable[[Any], bool]:
    """A test whether a GeoJSON geometry stands in the query's relation; anything else does not."""
    wanted = parse(geo.geometry)
    if geo.relation is Georel.NEAR:
        return _near(wanted, geo)
    shapely.prepare(wanted)
    compare = _RELATIONS[geo.relation]

    def related(value: Any) -> bool:
        have = read(value)
        return have is not None and compare(have, wanted)

    return related


def parse(geometry: Mapping[str, Any], *, what: str = "geometry") -> BaseGeometry:
    """The shape of a GeoJSON geometry. Raises BadRequestData that says what is wrong."""
    problem = wrong(geometry)
    if problem:
        raise BadRequestData(f"{what}: {problem}")
    return shape(dict(geometry))


def read(value: Any) -> BaseGeometry | None:
    """The shape of a stored value, or None where it is no geometry."""
    if not isinstance(value, Mapping):
        return None
    stored = cast(Mapping[str, Any], value)
    if stored.get("type") == "Point":
        position = stored.get("coordinates")
        return shapely.Point(position[0], position[1]) if position is not None and not _position(position) else None
    return None if wrong(stored) else shape(dict(stored))


def wrong(geometry: Mapping[str, Any]) -> str | None:
    """What is wrong with a GeoJSON geometry (4.7: any but a GeometryCollection), or None."""
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in _DEPTH:
        return f"'{str(kind)[:40]}' is no GeoJSON geometry type; one of {', '.join(_DEPTH)}"
    if not isinstance(coordinates, list | tuple):
        return "its coordinates are missing or no array"
    problem = _nested(cast(Sequence[Any], coordinates), _DEPTH[kind])
    return problem or _LENGTHS.get(kind, _any_length)(cast(Sequence[Any], coordinates))


def box(geometry: Any) -> Box | None:
    """The bounding box of a GeoJSON geometry, or None where it is none."""
    if isinstance(geometry, Mapping) and cast(Mapping[str, Any], geometry).get("type") == "Point":
        position: Any = cast(Mapping[str, Any], geometry).get("coordinates")
        return None if _position(position) else (position[0], position[1], position[0], position[1])
    shape_ = read(geometry)
    return None if shape_ is None or shape_.is_empty else shape_.bounds


def reach(geo: GeoFilter) -> Box | None:
    """A box outside of which nothing matches, or None where there is no such box."""
    west, south, east, north = parse(geo.geometry).bounds
    if geo.relation is Georel.DISJOINT or (geo.relation is Georel.NEAR and geo.max_distance_m is None):
        return None
    if geo.relation is not Georel.NEAR:
        return west, south, east, north
    high = (geo.max_distance_m or 0.0) / _METRES_PER_DEGREE * 1.01 + 1e-9
    north, south = north + high, south - high
    widest = max(abs(north), abs(south))
    if widest >= 89.0:
        return None
    wide = high / math.cos(math.radians(widest))
    # Across the antimeridian a box would have to be two: search everything instead.
    return None if west - wide < -180 or east + wide > 180 else (west - wide, south, east + wide, north)


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance of two (longitude, latitude) positions in metres (haversine)."""
    lat_a, lat_b = math.radians(a[1]), math.radians(b[1])
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b[0] - a[0]) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


def distance_from(origin: Mapping[str, Any]) -> Callable[[Any], float | None]:
    """How many metres a GeoJSON geometry is from the origin, at the nearest; None for anything else.

    Raises BadRequestData where the origin is no geometry.
    """
    wanted = parse(origin, what="orderFrom")
    point = (wanted.x, wanted.y) if isinstance(wanted, shapely.Point) else None

    def apart_m(value: Any) -> float | None:
        have = read(value)
        if have is None:
            return None
        if point and isinstance(have, shapely.Point):
            return distance_m((have.x, have.y), point)
        return _apart_m(have, wanted)

    return apart_m


def _near(wanted: BaseGeometry, geo: GeoFilter) -> Callable[[Any], bool]:
    limit, nearest = geo.max_distance_m, geo.min_distance_m
    point = (wanted.x, wanted.y) if isinstance(wanted, shapely.Point) else None

    def related(value: Any) -> bool:
        have = read(value)
        if have is None:
            return False
        if point and isinstance(have, shapely.Point):
            apart_m = distance_m((have.x, have.y), point)
        else:
            apart_m = _apart_m(have, wanted)
        return (limit is None or apart_m <= limit) and (nearest is None or apart_m >= nearest)

    return related


def _apart_m(a: BaseGeometry, b: BaseGeometry) -> float:
    """The distance of two shapes: between the points that are nearest in the plane scaled to the latitude of `b`."""
    scale = math.cos(math.radians(b.centroid.y)) or 1e-9

    def flat(points: Any) -> Any:
        return points * (scale, 1.0)

    nearest = cast(Any, shapely).shortest_line(shapely.transform(a, flat), shapely.transform(b, flat))
    (ax, ay), (bx, by) = nearest.coords
    return distance_m((ax / scale, ay), (bx / scale, by))


_RELATIONS: dict[Georel, Callable[[BaseGeometry, BaseGeometry], bool]] = {
    Georel.WITHIN: lambda have, wanted: bool(wanted.contains(have)),
    Georel.CONTAINS: lambda have, wanted: bool(have.contains(wanted)),
    Georel.INTERSECTS: lambda have, wanted: bool(wanted.intersects(have)),
    Georel.EQUALS: lambda have, wanted: bool(have.equals(wanted)),
    Georel.DISJOINT: lambda have, wanted: not wanted.intersects(have),
    Georel.OVERLAPS: lambda have, wanted: bool(have.overlaps(wanted)),
}

_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}


def _nested(coordinates: Any, depth: int) -> str | None:
    if depth == 0:
        return _position(coordinates)
    if not isinstance(coordinates, list | tuple):
        return "its coordinates are not nested as its type demands"
    return next(filter(None, (_nested(item, depth - 1) for item in cast(Sequence[Any], coordinates))), None)


def _position(position: Any) -> str | None:
    if not isinstance(position, list | tuple) or len(cast(Sequence[Any], position)) not in (2, 3):
        return "a position is an array of longitude, latitude and perhaps altitude"
    for number in cast(Sequence[Any], position):
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            return f"{str(number)[:40]} is no coordinate; a number is needed"
    lon, lat = cast(Sequence[float], position)[:2]
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        return f"the position {lon}, {lat} is not on the earth; longitude (-180 to 180) comes first, then latitude"
    return None


def _any_length(coordinates: Sequence[Any]) -> str | None:
    return None if coordinates else "its coordinates are empty"


def _line(coordinates: Sequence[Any]) -> str | None:
    return None if len(coordinates) >= 2 else "a line needs two positions or more"


def _polygon(coordinates: Sequence[Any]) -> str | None:
    if not coordinates:
        return "its coordinates are empty"
    closed = all(len(ring) >= 4 and list(ring[0]) == list(ring[-1]) for ring in coordinates)
    return None if closed else "a ring needs four positions or more, and its last is its first"


def _every(check: Callable[[Sequence[Any]], str | None]) -> Callable[[Sequence[Any]], str | None]:
    return lambda coordinates: next(filter(None, map(check, coordinates)), None) if coordinates else _any_length(())


_LENGTHS: dict[str, Callable[[Sequence[Any]], str | None]] = {
    "LineString": _line,
    "MultiLineString": _every(_line),
    "Polygon": _polygon,
    "MultiPolygon": _every(_polygon),
}
