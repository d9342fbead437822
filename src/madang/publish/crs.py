"""Coordinate reference systems of features (OGC API - Features, part 2: CRS by reference 1.0.1, OGC 18-058r1).

What is stored is WGS 84, longitude first. EPSG:4326 is the same with latitude first, as its definition has the axes;
EPSG:3857 is the Mercator of web maps (EPSG Guidance Note 7-2, 3.5.1.2: popular visualisation pseudo-Mercator).
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from madang.errors import BadRequestData

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"
LATITUDE_FIRST: Final = f"{_EPSG}4326"
WEB: Final = f"{_EPSG}3857"
_RADIUS_M: Final = 6_378_137.0
_DIGITS: Final = {CRS84: 9, LATITUDE_FIRST: 9, WEB: 3}

Position = Callable[[float, float], tuple[float, float]]


def _swapped(first: float, second: float) -> tuple[float, float]:
    return second, first


def _same(first: float, second: float) -> tuple[float, float]:
    return first, second


def _to_web(longitude: float, latitude: float) -> tuple[float, float]:
    # The projection ends at 85.06 degrees; the poles are nowhere on it.
    latitude = max(-89.9, min(89.9, latitude))
    north = math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))
    return _RADIUS_M * math.radians(longitude), _RADIUS_M * north


def _from_web(east_m: float, north_m: float) -> tuple[float, float]:
    latitude = 2 * math.atan(math.exp(max(-20.0, min(20.0, north_m / _RADIUS_M)))) - math.pi / 2
    return math.degrees(east_m / _RADIUS_M), math.degrees(latitude)


_TO: Final[Mapping[str, Position]] = {CRS84: _same, LATITUDE_FIRST: _swapped, WEB: _to_web}
_FROM: Final[Mapping[str, Position]] = {CRS84: _same, LATITUDE_FIRST: _swapped, WEB: _from_web}

KNOWN: Final = tuple(_TO)


def named(text: str | None, *, what: str) -> str:
    """The system that a parameter names: its URI, ``EPSG:3857``, or a safe CURIE (``[EPSG:3857]``). Raises
    BadRequestData."""
    if text is None:
        return CRS84
    name = text.strip("[]")
    if name in ("CRS84", "OGC:CRS84"):
        return CRS84
    found = name.replace("EPSG:", _EPSG, 1) if name.startswith("EPSG:") else name
    if found not in KNOWN:
        raise BadRequestData(f"{what}: {text[:80]!r} is not known here; there are {', '.join(KNOWN)}")
    return found


def there(geometry: Any, crs: str) -> Any:
    """A GeoJSON geometry in that system."""
    return geometry if crs == CRS84 else _moved(geometry, _TO[crs], _DIGITS[crs])


def back(geometry: Any, crs: str) -> Any:
    """A geometry of that system in WGS 84, longitude first."""
    return geometry if crs == CRS84 else _moved(geometry, _FROM[crs], 12)


def position(first: float, second: float, crs: str) -> tuple[float, float]:
    """A position of that system as longitude and latitude."""
    return _FROM[crs](first, second)


def _moved(geometry: Any, move: Position, digits: int) -> Any:
    if not isinstance(geometry, dict):
        return geometry
    found = cast(dict[str, Any], geometry)
    if "geometries" in found:
        return {**found, "geometries": [_moved(one, move, digits) for one in found["geometries"]]}
    return {**found, "coordinates": _all(found.get("coordinates"), move, digits)}


def _all(found: Any, move: Position, digits: int) -> Any:
    parts = cast(list[Any], found) if isinstance(found, list | tuple) else []
    if not parts:
        return cast(Any, found)
    if isinstance(parts[0], list | tuple):
        return [_all(one, move, digits) for one in parts]
    if not (len(parts) > 1 and all(isinstance(one, int | float) for one in parts)):
        return parts
    first, second = move(float(parts[0]), float(parts[1]))
    return [round(first, digits), round(second, digits), *parts[2:]]
