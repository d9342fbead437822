"""The city.toml of a city with streets of its own: what is known of it, and what its people have to fill in."""

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec

from madang.city.country import languages, time_zones
from madang.city.read import check
from madang.errors import CityInvalid
from madang.model.city import WorldSpec

NOWHERE = "XX"
"""The jurisdiction of a city that has not said where it is: ISO 3166 leaves the code to its users."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a city is. `jurisdiction` is an ISO 3166 code, `time_zone` an IANA name (empty: as far as the jurisdiction
    tells), `centre` (longitude, latitude) in degrees, None where nobody knows."""

    name: str
    jurisdiction: str = NOWHERE
    time_zone: str = ""
    centre: tuple[float, float] | None = None


def describe(folder: Path, place: Place, world: WorldSpec | None, *, notes: Sequence[str]) -> None:
    """Write the folder's city.toml; `notes` become its first comment. Without `world` it is a hub alone.

    Raises CityInvalid where it is none that runs.
    """
    file = folder / "city.toml"
    file.write_text(
        "\n".join([*(f"# {note}" for note in notes), *_who(place), *(_world(world) if world else ())]) + "\n", "utf-8"
    )
    city, findings = check(folder)
    if city is None:
        shown = "\n".join(f"{finding.message} ({finding.hint})" for finding in findings)
        raise CityInvalid(f"what was given makes no city that runs:\n{shown}", findings=findings)


def _who(place: Place) -> list[str]:
    zones = time_zones(place.jurisdiction)
    zone = place.time_zone or (zones[0] if zones else "Etc/UTC")
    several = f"   # one of {', '.join(zones[:6])}: check it" if len(zones) > 1 and not place.time_zone else ""
    tags = dict.fromkeys([*languages(place.jurisdiction), "en"])
    unknown = place.jurisdiction == NOWHERE
    longitude, latitude = place.centre or (0.0, 0.0)
    return [
        f"name = {{ en = {_text(place.name)} }}",
        f"jurisdiction = {_text(place.jurisdiction)}" + ("   # ISO 3166, such as DE-BY: fill it in" if unknown else ""),
        f"time_zone = {_text(zone)}" + ("   # IANA name: fill it in" if unknown and not place.time_zone else several),
        f"languages = {_list(list(tags))}",
        "population = 1   # fill it in",
        f"centre = [{longitude:.6f}, {latitude:.6f}]"
        + ("" if place.centre else "   # the network has no projection: fill in longitude, latitude"),
        "",
    ]


def _world(world: WorldSpec) -> list[str]:
    additional = [f"additional = {_list(world.additional)}"] if world.additional else []
    return [
        "[world]",
        f"kind = {_text(world.kind)}",
        f"net = {_text(world.net)}",
        f"routes = {_list(world.routes)}",
        *additional,
        f"attribution = {_text(world.attribution)}",
        f"begin_s = {world.begin_s}                  # the seconds of the demand",
        f"end_s = {world.end_s}",
        f"seed = {world.seed}",
        f"speed = {world.speed}                         # simulated seconds per second; 0 is as fast as it goes",
        f"sensor_range_m = {world.sensor_range_m}              # how far a camera or radar sees along a lane",
        f"missed = {world.missed}                        # the share of vehicles that it does not see, 0 to 1",
    ]


def _text(text: str) -> str:
    # What JSON writes between quotes TOML reads alike; the one control character that JSON leaves alone is no text.
    return json.dumps(text.replace("\x7f", ""), ensure_ascii=False)


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"
