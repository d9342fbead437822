"""What a city may set: the limits with their sources, the measures, and how careful to be with sensors."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from madang.errors import CityInvalid

HOUR_S, DAY_S = 3600.0, 86400.0
LEAST_INFLOW = 0.5
"""No measure leaves a movement into the area less than this share of its green."""
MOST_STOP_WEIGHT = 5.0
MOST = 1e6
"""Of anything: what is not finite is refused by it, too."""

_Change = Annotated[float, Meta(ge=-1, le=10)]
Share = tuple[_Change, _Change, _Change]
"""A relative change: the low end of its interval, the estimate, the high end. -0.1 is 10 % less."""


class Limit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A concentration in µg/m³, as the mean over `averaging_s`, that is not to be exceeded; `source` says whose."""

    pollutant: str
    ugm3: Annotated[float, Meta(gt=0, le=MOST)]
    averaging_s: Annotated[float, Meta(ge=900, le=DAY_S)]
    source: Annotated[str, Meta(min_length=1)]


class Measure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of severity.

    It is taken from `from_share` of the limit on. A stop inside counts `stop_weight` times in the signals' plans;
    `avoid_diesel`: diesel buses get a way around as a proposal; while the area is full a movement into it gets at most
    `inflow` of the green that its fixed plan gives it. `nox`, `pm` and `delay` are what that is expected to change
    while nobody is metered: the traffic's nitrogen oxides and exhaust particulates in the area, and everybody's delay;
    `metered_*` the same while somebody is (see docs/air.md for where they come from).
    """

    name: str
    from_share: Annotated[float, Meta(ge=0.5, le=100)]
    inflow: Annotated[float, Meta(ge=LEAST_INFLOW, le=1)]
    stop_weight: Annotated[float, Meta(ge=1, le=MOST_STOP_WEIGHT)]
    avoid_diesel: bool = False
    nox: Share = (0.0, 0.0, 0.0)
    pm: Share = (0.0, 0.0, 0.0)
    delay: Share = (0.0, 0.0, 0.0)
    metered_nox: Share = (0.0, 0.0, 0.0)
    metered_pm: Share = (0.0, 0.0, 0.0)
    metered_delay: Share = (0.0, 0.0, 0.0)


LIMITS = (
    Limit(pollutant="no2", ugm3=200.0, averaging_s=HOUR_S, source="Directive 2008/50/EC, annex XI"),
    Limit(pollutant="no2", ugm3=25.0, averaging_s=DAY_S, source="WHO global air quality guidelines 2021"),
    Limit(pollutant="pm25", ugm3=15.0, averaging_s=DAY_S, source="WHO global air quality guidelines 2021"),
)
"""There is none for black carbon: WHO recommends no value, only to measure it and to lower it. A city may set one."""

INSIDE: dict[str, Share] = {
    "nox": (-0.019, 0.001, 0.021),
    "pm": (-0.016, -0.004, 0.008),
    "delay": (-0.015, 0.012, 0.039),
}
METERED: dict[str, Share] = {
    "metered_nox": (-0.029, -0.008, 0.012),
    "metered_pm": (-0.023, -0.007, 0.009),
    "metered_delay": (0.16, 0.35, 0.54),
}
"""What was found, with 95 % intervals: ingolstadt7 and cologne8, an hour each, five seeds in all (docs/air.md). The
metered ones are of metering to 60 % all the time."""

MEASURES = (
    Measure(name="light", from_share=1.0, inflow=1.0, stop_weight=2.0, avoid_diesel=False, **INSIDE),
    Measure(name="medium", from_share=1.2, inflow=0.85, stop_weight=2.0, avoid_diesel=True, **INSIDE, **METERED),
    Measure(name="heavy", from_share=1.5, inflow=0.7, stop_weight=2.0, avoid_diesel=True, **INSIDE, **METERED),
)
"""A stop that counts four times saved nothing more than one that counts twice (docs/air.md)."""

BACKGROUND = {"no2": 15.0, "pm25": 8.0, "bc": 0.5}
"""As docs/air-model.md has it; a city sets its own."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Times in seconds, concentrations in µg/m³.

    - `limits`: what is not to be exceeded; `measures`: what is done, from the lightest to the heaviest.
    - `sensitive`: the categories of a place that is protected.
    - `near_m`: a station no farther from the place speaks for it; `area_m`: the signals no farther from it are inside.
    - `background`: by pollutant the concentration without the street's own traffic, for the expected effect alone.
    - `recent_s`: the present level is the median of the readings of so long; `least_readings`: of at least so many.
    - `stale_s`: an older reading is none; `stuck_s`: a sensor that has said the same for so long is broken.
    - `outlier`: a station that says so many times the median of the city's others never acts alone.
    - `highest`: what is above cannot be.
    - `sources`: how many stations must speak for a place.
    - `off_at`: a measure is given up below this share of what it is taken from.
    - `least_s`, `longest_s`, `rest_s`: how long terms last at least, at most, and how long nothing is done after that.
    - `step_s`: between two steps, up or down.
    - `full`: so many vehicles stand on a lane inside, over two minutes and all lanes, where the area counts as full and
      is metered; below `flowing` it is not any more.
    - `valid_s`: terms that are not renewed end after this.
    """

    limits: tuple[Limit, ...] = LIMITS
    measures: tuple[Measure, ...] = MEASURES
    sensitive: tuple[str, ...] = ("school", "kindergarten", "hospital", "nursing-home")
    near_m: float = 300.0
    area_m: float = 250.0
    background: Mapping[str, float] = msgspec.field(default_factory=lambda: dict(BACKGROUND))
    recent_s: float = 900.0
    least_readings: int = 5
    stale_s: float = 900.0
    stuck_s: float = 7200.0
    outlier: float = 3.0
    highest: float = 2000.0
    sources: int = 1
    off_at: float = 0.9
    least_s: float = 900.0
    longest_s: float = 10800.0
    rest_s: float = 1800.0
    step_s: float = 300.0
    full: float = 0.5
    flowing: float = 0.3
    valid_s: float = 45.0

    @property
    def pollutants(self) -> tuple[str, ...]:
        """Those that have a limit, in the order of the limits."""
        return tuple(dict.fromkeys(limit.pollutant for limit in self.limits))


POLLUTANTS = {"no2": "NO2", "pm25": "PM2.5", "bc": "black carbon"}
"""The attributes of AirQualityObserved that are read, as people call them."""


def settings_of(values: Mapping[str, Any]) -> Settings:
    """The settings, checked. Raises `CityInvalid` naming the setting and what is allowed."""
    try:
        found = msgspec.convert(dict(values), Settings)
    except msgspec.ValidationError as error:
        raise CityInvalid(f"settings of the service air: {error}; see madang/services/air/settings.py") from error
    for wrong in _mistakes(found):
        raise CityInvalid(f"settings of the service air: {wrong}")
    return found


def _mistakes(found: Settings) -> list[str]:
    wrong = [
        f"{name} must be from 0 to {MOST:g}, not {value:g}"
        for name, value in {**msgspec.structs.asdict(found), **found.background}.items()
        if isinstance(value, float | int) and not 0 <= value <= MOST
    ]
    strange = [name for name in found.pollutants if name not in POLLUTANTS]
    if strange:
        wrong.append(f"limits name the pollutant {strange[0]!r}; known are {', '.join(POLLUTANTS)}")
    if not found.measures:
        wrong.append("measures is empty: there is nothing to do")
    if list(found.measures) != sorted(found.measures, key=lambda measure: measure.from_share):
        wrong.append("measures must be in the order of their from_share, the lightest first")
    if not 0.5 <= found.off_at < 1:
        wrong.append(f"off_at must be from 0.5 to below 1, not {found.off_at:g}")
    if found.flowing >= found.full:
        wrong.append(f"flowing must be below full, {found.full:g}, not {found.flowing:g}")
    if found.valid_s < 20:
        wrong.append(f"valid_s must be at least 20 s, two decisions, not {found.valid_s:g}")
    if found.least_readings < 1 or found.sources < 1:
        wrong.append("least_readings and sources must be at least 1")
    return wrong
