"""The geo-query of four parameters (ETSI GS CIM 009 v1.9.1, 4.10) as a `GeoFilter`: of a request, or a subscription."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from madang.errors import BadRequestData, TooComplexQuery
from madang.model import geometry as geometries
from madang.model.query import GeoFilter, Georel

MOST_POSITIONS = 10_000
"""Of the geometry in a query: it is compared with that of each entity that may match."""

_NEAR = re.compile(r"near;(max|min)Distance==(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)")


def parse_geo(
    georel: str, geometry: str, coordinates: str | list[Any], geoproperty: str, expand: Callable[[str], str]
) -> GeoFilter:
    """The filter that four parameters say; `coordinates` (degrees, longitude first) is JSON text or already a list."""
    reference = {"type": geometry, "coordinates": _coordinates(coordinates)}
    problem = geometries.wrong(reference)
    if problem:
        raise BadRequestData(f"geometry, coordinates: {problem}")
    if _positions(reference["coordinates"]) > MOST_POSITIONS:
        raise TooComplexQuery(f"coordinates: more than {MOST_POSITIONS} positions; simplify the geometry")
    name = expand(geoproperty or "location")
    if georel.startswith("near"):
        return _near(georel, reference, name)
    if georel not in set(Georel):
        raise BadRequestData(f"georel: {georel!r} is not one of {', '.join(Georel)}")
    return GeoFilter(relation=Georel(georel), geometry=reference, property=name)


def _positions(coordinates: Any) -> int:
    """How many positions there are in coordinates that `geometries.wrong` found well formed."""
    if not coordinates or not isinstance(coordinates[0], list | tuple):
        return 1
    return sum(map(_positions, coordinates))


def _near(georel: str, reference: dict[str, Any], name: str) -> GeoFilter:
    found = _NEAR.fullmatch(georel)
    distance_m = float(found.group(2)) if found else 0.0
    if not found or not 0 < distance_m < float("inf"):
        raise BadRequestData(
            f"georel: {georel!r}: write near;maxDistance==2000 or near;minDistance==2000, in metres above 0"
        )
    if found.group(1) == "max":
        return GeoFilter(relation=Georel.NEAR, geometry=reference, property=name, max_distance_m=distance_m)
    return GeoFilter(relation=Georel.NEAR, geometry=reference, property=name, min_distance_m=distance_m)


def _coordinates(given: str | list[Any]) -> Any:
    if not isinstance(given, str):
        return given
    # Older clients write bare numbers: 8,40.
    text = given if given.lstrip().startswith("[") else f"[{given}]"
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRequestData(f"coordinates: {given[:60]!r} is not a JSON array: {error}") from error
