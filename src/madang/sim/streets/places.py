"""Places beside the streets that need clean air, as the city's own file names them, and what is emitted near them.

The file is GeoJSON (RFC 7946): a FeatureCollection of points with the properties `id`, `name` and `category`.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import msgspec

from madang.errors import BadRequestData, ResourceNotFound
from madang.model.entity import Entity, observed, point
from madang.sim.streets.device import Fixed, urn
from madang.sim.streets.network import Lane
from madang.sim.streets.projection import Projection

TYPE = "PointOfInterest"
RADIUS_M = 150.0
"""What is emitted no farther away counts as near."""
SAMPLE_S = 5
METRES_PER_DEGREE = 111_195.0


class _Point(msgspec.Struct, frozen=True, tag_field="type", tag="Point"):
    coordinates: tuple[float, float]


class _Properties(msgspec.Struct, frozen=True):
    id: str
    name: str
    category: str


class _Feature(msgspec.Struct, frozen=True):
    geometry: _Point
    properties: _Properties
    type: Literal["Feature"] = "Feature"


class _Collection(msgspec.Struct, frozen=True):
    features: list[_Feature]
    type: Literal["FeatureCollection"] = "FeatureCollection"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place at (longitude, latitude) in degrees."""

    id: str
    name: str
    category: str
    spot: tuple[float, float]


def read(name: str, folder: Path | None) -> tuple[Place, ...]:
    """The places of the city's file; none where it names no file.

    Raises ResourceNotFound where the file is not there, and BadRequestData where it lies outside of the city's folder,
    or is no such collection: the message names the feature and the member.
    """
    if not name:
        return ()
    root = (folder or Path()).resolve()
    file = (root / name).resolve()
    if not file.is_relative_to(root):
        raise BadRequestData(f"The world's file {name} lies outside of the city's folder: copy it there.")
    if not file.is_file():
        raise ResourceNotFound(f"The world's file {name} is not there: expected it at {file}.")
    try:
        found = msgspec.json.decode(file.read_bytes(), type=_Collection)
    except msgspec.MsgspecError as error:
        hint = "a GeoJSON FeatureCollection of points with the properties id, name and category"
        raise BadRequestData(f"{name} is not {hint}: {error}") from error
    return tuple(_place(feature) for feature in found.features)


def _place(feature: _Feature) -> Place:
    given = feature.properties
    return Place(id=given.id, name=given.name, category=given.category, spot=feature.geometry.coordinates)


class Places(Fixed):
    """The entities PointOfInterest; they report nothing. `nox_mg` and `pmx_mg` are the exhaust emitted near any of them
    so far, in samples of 5 s."""

    def __init__(self, sumo: Any, places: Sequence[Place], lanes: Sequence[Lane], place: Projection) -> None:
        self.nox_mg = self.pmx_mg = 0.0
        self._lane = sumo.lane
        self._places = places
        self._near = near(places, lanes, place)

    def installed(self, at: datetime) -> list[Entity]:
        """Where they are."""
        return [
            observed(
                urn(TYPE, each.id),
                TYPE,
                None,
                {"name": each.name, "category": [each.category], "location": point(*each.spot)},
            )
            for each in self._places
        ]

    def report(self, now_s: float, at: datetime) -> list[Entity]:
        """Take in the emissions every 5 s; there is nothing to report."""
        if int(now_s) % SAMPLE_S == 0:
            for lane, share in self._near.items():
                self.nox_mg += SAMPLE_S * share * self._lane.getNOxEmission(lane)
                self.pmx_mg += SAMPLE_S * share * self._lane.getPMxEmission(lane)
        return []

    def measures(self) -> dict[str, float | None]:
        """What an evaluation asks: grams emitted near the places; None where there is no place."""
        if not self._places:
            return {}
        return {"place_nox_g": self.nox_mg / 1000, "place_pmx_g": self.pmx_mg / 1000}


def near(places: Sequence[Place], lanes: Sequence[Lane], place: Projection) -> Mapping[str, float]:
    """By lane the share of its length that is near any place; those with none are left out."""
    found: dict[str, float] = {}
    for lane in lanes if places else ():
        shape = place(list(lane.shape))
        share = max(_share(each.spot, shape) for each in places)
        if share > 0:
            found[lane.id] = share
    return found


def _share(spot: tuple[float, float], shape: Sequence[Sequence[float]], step_m: float = 10.0) -> float:
    across = METRES_PER_DEGREE * math.cos(math.radians(spot[1]))
    flat = [((lon - spot[0]) * across, (lat - spot[1]) * METRES_PER_DEGREE) for lon, lat in shape]
    inside = total = 0
    for (x1, y1), (x2, y2) in pairwise(flat):
        steps = max(1, int(math.hypot(x2 - x1, y2 - y1) / step_m))
        for step in range(steps):
            along = (step + 0.5) / steps
            total += 1
            inside += math.hypot(x1 + along * (x2 - x1), y1 + along * (y2 - y1)) <= RADIUS_M
    return inside / total if total else 0.0
