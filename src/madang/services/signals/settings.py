"""The service's settings with their units and meaning; a city overrides them in `services.toml`.

The first four are regulated constraints and may only be made stricter.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from madang.errors import CityInvalid

REGULATED = {"min_green_s": 7.0, "yellow_s": 3.0, "all_red_s": 2.0}
MAX_RED_S = 120.0

Seconds = Annotated[float, Meta(ge=0, le=3600)]
Ahead = Annotated[float, Meta(ge=1, le=600)]
"""Seconds that a plan looks ahead: it costs as much time to make as it is long."""
Gap = Annotated[float, Meta(ge=0.5, le=20)]
Weight = Annotated[float, Meta(ge=0, le=1000)]
"""What something counts, in vehicles or in vehicle-seconds: beyond it there is nothing to weigh, only to forbid."""
Share = Annotated[float, Meta(ge=0, le=1)]
Speed = Annotated[float, Meta(ge=0, le=50)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Times in seconds, weights without unit; what each may be at most, and at least, is its type's to say.

    - `min_green_s`, `yellow_s`, `all_red_s`: what the cabinet keeps; at least 7, 3 and 2 s.
    - `max_red_s`: no movement with halted demand stays red longer; at most 120 s.
    - `fair_red_s`: nor longer than this, where that can be; from `max_red_s` on it is no bound of its own.
    - `stale_s`: a camera's picture older than this is no picture.
    - `recall_s`: a movement that saw no green for so long gets a call although nobody is seen (cameras miss vehicles).
    - `method`: ``plan``, or ``max-pressure`` as a baseline to compare with.
    - `added_stages`: whether stages that no program of the junction has may be shown.
    - `horizon_s`: how far the plan looks ahead; `foresight_s`: how far what the junctions before will do counts.
    - `headway_s`, `permissive_headway_s`: between two vehicles that leave a lane under protected and permissive green.
    - `gap_s`: the gap in oncoming traffic that who has to yield accepts.
    - `start_loss_s`: from the lamp to the first wheel.
    - `switch_cost`, `left_over_cost`, `stop_cost`: what a change of stage, a vehicle still there at the horizon, and
      bringing a moving vehicle to a stop cost in the plan, in vehicle-seconds.
    - `crowd_cost`: what a second of green costs for a queue whose street behind is full; `press_weight`: what those who
      wait before a full short street count at the junction behind it; `short_weight`: what those count who stand in
      a street from another signal that holds two or three cars, for they stand in others' way.
    - `infer`: whether vehicles are inferred that no camera shows (gaps in queues, queues beyond the view);
      `unseen_least`: so many that may have come unseen since the last green weigh in the plan; `blind_share`: a camera
      that misses more than this share has every movement served within its maximum red.
    - `patience_s`, `impatience`: the first of a queue who has stood for longer than this counts more, a minute later
      1 + `impatience` times as much as anybody, and no more after that.
    - `expected_weight`: what a vehicle counts that nobody sees yet but that the flow of the last minutes lets expect.
    - `blocked_occupancy`, `blocked_speed_mps`: an exit fuller and slower than this takes nobody; `blocked_s` is how
      long a movement stays marked; `stuck_s` is how long a lane's head may stand under green before it is marked.
    - `pedestrian_weight`, `bus_weight`, `emergency_weight`: what somebody who waits to cross on foot, a bus, and a
      vehicle with right of way, count in cars.
    - `priority`, `corridors`: whether the requests of buses, and vehicles under blue light, go first.
    - `air`: whether an area's terms for its air are kept.
    - `heaviest_request`: a bus that asks to count for more cars is left aside; `most_priority`: what all buses that ask
      at a junction count together; `corridor_weight`: the same for vehicles under blue light.
    - `recovery_weight`: what those count who were kept waiting for a corridor, once it has ended.
    - `look_around`: whether those count whom the junctions before will let go.
    - `assess_every_s`: how often each junction's assessment is published.
    """

    min_green_s: Seconds = 7.0
    yellow_s: Seconds = 3.0
    all_red_s: Seconds = 2.0
    max_red_s: Seconds = 120.0
    fair_red_s: Seconds = 100.0
    stale_s: Seconds = 5.0
    recall_s: Seconds = 180.0
    method: Literal["plan", "max-pressure"] = "plan"
    added_stages: bool = True
    horizon_s: Ahead = 60.0
    foresight_s: Ahead = 40.0
    headway_s: Gap = 1.9
    permissive_headway_s: Gap = 3.5
    gap_s: Gap = 2.5
    start_loss_s: Seconds = 2.0
    switch_cost: Weight = 6.0
    left_over_cost: Weight = 4.0
    stop_cost: Weight = 2.0
    crowd_cost: Weight = 3.0
    press_weight: Weight = 0.5
    short_weight: Weight = 3.0
    infer: bool = True
    unseen_least: Weight = 0.1
    blind_share: Share = 0.03
    expected_weight: Weight = 0.0
    patience_s: Seconds = 60.0
    impatience: Weight = 4.0
    blocked_occupancy: Share = 0.75
    blocked_speed_mps: Speed = 1.0
    blocked_s: Seconds = 10.0
    stuck_s: Seconds = 9.0
    pedestrian_weight: Weight = 3.0
    bus_weight: Weight = 1.0
    emergency_weight: Weight = 20.0
    priority: bool = True
    air: bool = True
    corridors: bool = True
    heaviest_request: Weight = 10.0
    most_priority: Weight = 20.0
    corridor_weight: Weight = 100.0
    recovery_weight: Weight = 3.0
    look_around: bool = True
    assess_every_s: Seconds = 5.0

    @property
    def intergreen_s(self) -> float:
        """From the last green of one movement to the first green of a conflicting one."""
        return self.yellow_s + self.all_red_s


def settings_of(values: Mapping[str, Any]) -> Settings:
    """The settings, checked. Raises `CityInvalid` naming the setting and what is allowed."""
    return _settings(tuple(sorted(values.items())))


@lru_cache(maxsize=64)
def _settings(items: tuple[tuple[str, Any], ...]) -> Settings:
    try:
        found = msgspec.convert(dict(items), Settings)
    except msgspec.ValidationError as error:
        raise CityInvalid(
            f"settings of the service signals: {error}; see madang/services/signals/settings.py"
        ) from error
    for name, least in REGULATED.items():
        if getattr(found, name) < least:
            raise CityInvalid(f"settings of the service signals: {name} is regulated and must be at least {least:g} s")
    least_s = 2 * (found.min_green_s + found.intergreen_s)
    if found.max_red_s < least_s:
        raise CityInvalid(
            f"settings of the service signals: max_red_s is {found.max_red_s:g} s, but two stages in turn take "
            f"{least_s:g} s with this min_green_s, yellow_s and all_red_s: nobody could be served in time"
        )
    if found.max_red_s > MAX_RED_S:
        raise CityInvalid(
            f"settings of the service signals: max_red_s is regulated and must be at most {MAX_RED_S:g} s"
        )
    return found
