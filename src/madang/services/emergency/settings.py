"""What a city may set; times in seconds."""

from collections.abc import Mapping
from typing import Any

import msgspec

from madang.errors import CityInvalid

MOST_S = 3600.0


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """- `stale_s`: a vehicle that was heard of longer ago has no corridor.
    - `reach_s`: a junction is told when the vehicle is so far from it or nearer.
    - `headway_s`: between two vehicles that leave the lane before the vehicle; `start_loss_s` before the first.
    - `margin_s`: green this much before the vehicle comes and after it is through.
    - `valid_s`: a corridor that is not renewed ends after this.
    """

    stale_s: float = 4.0
    reach_s: float = 60.0
    headway_s: float = 2.0
    start_loss_s: float = 2.0
    margin_s: float = 4.0
    valid_s: float = 5.0


def settings_of(values: Mapping[str, Any]) -> Settings:
    """The settings, checked. Raises `CityInvalid` naming the setting and what is allowed."""
    try:
        found = msgspec.convert(dict(values), Settings)
    except msgspec.ValidationError as error:
        raise CityInvalid(f"settings of the service emergency: {error}") from error
    for name, value in msgspec.structs.asdict(found).items():
        if not 0 <= value <= MOST_S:
            raise CityInvalid(
                f"settings of the service emergency: {name} must be from 0 to {MOST_S:g} s, not {value:g}"
            )
    return found
