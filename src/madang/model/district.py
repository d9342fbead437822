"""The districts of a city with the people who live there, as its ``districts.geojson`` says."""

from collections.abc import Mapping
from typing import Any

import msgspec
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from madang.model.dataset import Text
from madang.model.geometry import read


class District(msgspec.Struct, frozen=True, kw_only=True):
    """`area` is GeoJSON; `ages` counts the people of each group, by the group's name (``18-34``), and may be left
    out."""

    id: str
    name: Text
    population: int
    area: Mapping[str, Any]
    ages: Mapping[str, int] = {}


class Districts(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, and whose figures they are (`source`), of which day or year."""

    source: str
    districts: tuple[District, ...]

    def at(self, place: tuple[float, float] | None) -> District | None:
        """The one that has the place (longitude, latitude); the first, on a border."""
        if place is None:
            return None
        spot = Point(*place)
        return next((one for one in self.districts if _covers(read(one.area), spot)), None)

    @property
    def ages(self) -> dict[str, int]:
        """People by age group in the whole city; empty where a district does not say."""
        found: dict[str, int] = {}
        for one in self.districts:
            if not one.ages:
                return {}
            for group, count in one.ages.items():
                found[group] = found.get(group, 0) + count
        return found


def _covers(area: BaseGeometry | None, spot: Point) -> bool:
    return area is not None and bool(area.covers(spot))
