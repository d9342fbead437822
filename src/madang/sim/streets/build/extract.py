"""An extract of OpenStreetMap reduced to what makes streets: ways for vehicles, turn restrictions, signals.

pyosmium reads what the world hands out (.osm, .osm.gz, .osm.bz2, .osm.pbf) as a stream, and refuses XML entities.
"""

import importlib
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from madang.errors import BadRequestData, MissingExtra, ResourceNotFound
from madang.sim.streets.build.tool import Told

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"

NOT_FOR_CARS = frozenset(
    ["footway", "path", "cycleway", "steps", "pedestrian", "bridleway", "corridor", "elevator", "platform", "proposed"]
)
"""Values of `highway` that bring no street: cities have more of them than streets."""

_KEYS = ("highway", "restriction", "addr:country", "ISO3166-1", "ISO3166-1:alpha2")


class Extract(msgspec.Struct, frozen=True, kw_only=True):
    """What the reduced extract holds. `country` is the ISO 3166-1 code that its addresses and borders name most often,
    empty where they name none; `signals` are the nodes that are traffic signals."""

    ways: int
    restrictions: int
    signals: int
    country: str


Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


def reduce(source: Path, target: Path, *, box: Box | None = None, told: Told) -> Extract:
    """Write the streets of the extract to `target` (.osm), of those that reach into the `box` if there is one.

    Raises MissingExtra, ResourceNotFound, BadRequestData.
    """
    if not source.is_file():
        raise ResourceNotFound(f"There is no file {source}.")
    osmium = _load()
    counts: Counter[str] = Counter()
    countries: Counter[str] = Counter()
    kept: set[int] = set()
    try:
        keys = osmium.filter.KeyFilter(*_KEYS)
        with osmium.BackReferenceWriter(str(target), ref_src=str(source), remove_tags=False) as writer:
            things = osmium.FileProcessor(str(source))
            # The places of nodes have to be remembered for their ways: only where they are asked for.
            things = things.with_locations() if box is not None else things
            for thing in things.with_filter(keys):
                if (what := _look(thing, countries)) and (box is None or _reaches(thing, box, kept)):
                    counts[what] += 1
                    if box is not None and what == "way":
                        kept.add(thing.id)
                    if what in ("way", "restriction"):
                        writer.add(thing)
                    if what == "way" and counts[what] % 100_000 == 0:
                        told(f"  {counts[what]:,} streets so far")
    except (RuntimeError, ValueError) as error:
        raise BadRequestData(
            f"{source.name} cannot be read as an OpenStreetMap extract ({error}): it should be .osm, .osm.gz, .osm.bz2 "
            "or .osm.pbf, whole, and called so."
        ) from error
    if not counts["way"]:
        where = "" if box is None else " there (west, south, east, north in degrees)"
        raise BadRequestData(f"{source.name} has no streets{where}: no way with a `highway` that vehicles may use.")
    found = countries.most_common(1)
    return Extract(
        ways=counts["way"],
        restrictions=counts["restriction"],
        signals=counts["signal"],
        country=found[0][0] if found else "",
    )


def _look(thing: Any, countries: Counter[str]) -> str:
    """What it is to us: ``way``, ``restriction``, ``signal`` or nothing."""
    tags = thing.tags
    for key in ("addr:country", "ISO3166-1", "ISO3166-1:alpha2"):
        if len(tags.get(key, "")) == 2:
            countries[tags[key].upper()] += 1
    if thing.is_way():
        return "way" if tags.get("highway", "footway") not in NOT_FOR_CARS else ""
    if thing.is_relation():
        return "restriction" if "restriction" in tags else ""
    return "signal" if tags.get("highway") == "traffic_signals" else ""


def _reaches(thing: Any, box: Box, kept: set[int]) -> bool:
    """Whether it lies in the box, at least in part; a relation does where all its ways are `kept`, which come first."""
    if thing.is_relation():
        return all(member.ref in kept for member in thing.members if member.type == "w")
    west, south, east, north = box
    spots = [node.location for node in thing.nodes] if thing.is_way() else [thing.location]
    return any(at.valid() and west <= at.lon <= east and south <= at.lat <= north for at in spots)


def _load() -> Any:
    try:
        return importlib.import_module("osmium")
    except ImportError as missing:
        raise MissingExtra("streets", "Reading an OpenStreetMap extract") from missing
