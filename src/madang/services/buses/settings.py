"""What a city may set: times in seconds, when a bus is late, and who carries out which action."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

import msgspec

from madang.errors import CityInvalid

Mode = Literal["off", "advise", "approve", "automatic"]
LONGEST_HOLD_S = 180.0
MOST = 86_400.0
"""A day, for what is seconds; weights and counts are far below it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Times in seconds, weights in cars.

    - `priority`, `hold`, `detour`: who decides: ``off`` (nothing), ``advise`` (a proposal for people to read),
      ``approve`` (carried out once a person has approved the proposal), ``automatic``.
    - `diesel`: the same for the ways of diesel buses around areas with bad air; a way around that takes more than
      `diesel_extra_s` longer is none.
    - `stale_s`: a bus that was heard of longer ago is not acted on.
    - `late_s`: from this lateness on a bus asks for priority; at `very_late_s` with the whole `most_weight`, before
      with less, but never less than `least_weight`.
    - `reach_s`: how long before its arrival a bus asks.
    - `full_queue`: halted vehicles on a lane that make it full; `saturated`: from this share of full lanes on a
      junction gives nobody priority.
    - `request_s`: a request that is not renewed ends after this.
    - `frequent_s`: a line with a bus at least this often is kept at even headways, any other on its timetable.
    - `bunched`: a bus that follows closer than this share of the planned headway is held until it has that share,
      unless it is later than `very_late_s`.
    - `early_s`: a bus of another line that would leave more than this before its time is held until its time.
    - `max_hold_s`: the longest hold at one stop, at most 180; `least_hold_s`: a shorter one is not worth it.
    - `jam_s`: a road at a standstill for so long is driven around.
    - `skip_s`: what a rider loses whose stop is skipped: the walk to the next one and the wait.
    - `unknown_riders`: riders a bus at a stop that nobody has counted.
    - `tell_every_s`: how often each line's figures are published.
    """

    priority: Mode = "automatic"
    hold: Mode = "automatic"
    detour: Mode = "advise"
    diesel: Mode = "advise"
    diesel_extra_s: float = 300.0
    stale_s: float = 6.0
    late_s: float = 30.0
    very_late_s: float = 180.0
    least_weight: float = 3.0
    most_weight: float = 8.0
    reach_s: float = 45.0
    full_queue: float = 8.0
    saturated: float = 0.5
    request_s: float = 6.0
    frequent_s: float = 900.0
    bunched: float = 0.75
    early_s: float = 15.0
    max_hold_s: float = 60.0
    least_hold_s: float = 5.0
    jam_s: float = 240.0
    skip_s: float = 600.0
    unknown_riders: float = 5.0
    tell_every_s: float = 10.0


def settings_of(values: Mapping[str, Any]) -> Settings:
    """The settings, checked. Raises `CityInvalid` naming the setting and what is allowed."""
    return _settings(tuple(sorted(values.items())))


@lru_cache(maxsize=64)
def _settings(items: tuple[tuple[str, Any], ...]) -> Settings:
    try:
        found = msgspec.convert(dict(items), Settings)
    except msgspec.ValidationError as error:
        raise CityInvalid(f"settings of the service buses: {error}; see madang/services/buses/settings.py") from error
    for name, value in msgspec.structs.asdict(found).items():
        if isinstance(value, float) and not 0 <= value <= MOST:
            raise CityInvalid(f"settings of the service buses: {name} must be from 0 to {MOST:g}, not {value:g}")
    for name in ("saturated", "bunched"):
        if getattr(found, name) > 1:
            raise CityInvalid(f"settings of the service buses: {name} is a share, from 0 to 1")
    if found.max_hold_s > LONGEST_HOLD_S:
        raise CityInvalid(f"settings of the service buses: max_hold_s must be at most {LONGEST_HOLD_S:g} s")
    if found.late_s > found.very_late_s:
        raise CityInvalid("settings of the service buses: late_s must not be more than very_late_s")
    if found.least_weight > found.most_weight:
        raise CityInvalid("settings of the service buses: least_weight must not be more than most_weight")
    return found
