"""Reads a city's ``districts.geojson``: areas with the people who live there, and whose figures these are."""

from collections.abc import Mapping
from pathlib import Path as File
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from madang.city.finding import Finding
from madang.model.dataset import Text
from madang.model.district import District, Districts
from madang.model.geometry import wrong

NAME = "districts.geojson"
_Count = Annotated[int, Meta(ge=0)]


class _Properties(msgspec.Struct, frozen=True, kw_only=True):
    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    name: Text
    population: Annotated[int, Meta(gt=0)]
    ages: Mapping[Annotated[str, Meta(pattern=r"^[0-9]{1,3}(-[0-9]{1,3}|\+)$")], _Count] = {}


class _Feature(msgspec.Struct, frozen=True):
    geometry: dict[str, Any]
    properties: _Properties
    type: Literal["Feature"] = "Feature"


class _Collection(msgspec.Struct, frozen=True):
    source: Annotated[str, Meta(min_length=1)]
    features: Annotated[list[_Feature], Meta(min_length=1, max_length=1000)]
    type: Literal["FeatureCollection"] = "FeatureCollection"


def districts(folder: File) -> Districts | Finding | None:
    """The districts, what is wrong with the file, or None where the city has none."""
    path = folder / NAME
    if not path.exists():
        return None
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Collection)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        hint = "a FeatureCollection with a `source`, and of each feature id, name and population (docs/reports.md)"
        return Finding(file=str(path), line=0, message=str(error), hint=hint)
    message = _mistake(found)
    if message:
        return Finding(file=str(path), line=0, message=message, hint="see docs/reports.md")
    made = (
        District(
            id=one.properties.id,
            name=one.properties.name,
            population=one.properties.population,
            ages=one.properties.ages,
            area=one.geometry,
        )
        for one in found.features
    )
    return Districts(source=found.source, districts=tuple(made))


def _mistake(found: _Collection) -> str:
    seen: set[str] = set()
    for one in found.features:
        own = one.properties
        if own.id in seen:
            return f"there are two districts '{own.id}'"
        seen.add(own.id)
        shape = wrong(one.geometry)
        if shape is not None or one.geometry.get("type") not in ("Polygon", "MultiPolygon"):
            return f"the district '{own.id}' has no area: {shape or 'a Polygon or a MultiPolygon'}"
        if own.ages and sum(own.ages.values()) != own.population:
            return f"the ages of '{own.id}' add up to {sum(own.ages.values())}, its population is {own.population}"
    return ""
