"""What is remembered of a sensor: the readings of the last quarter of an hour, and a median of each quarter before.

A median, so that one wild reading counts for nothing. Plain JSON, by pollutant: `{"readings": [[POSIX s, µg/m³], ...],
"quarters": [[POSIX s of its begin, median], ...], "same": [value, POSIX s since when]}`.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean, median
from typing import Any

import msgspec

from madang.services.air.settings import Limit, Settings

QUARTER_S = 900.0
COVERED = 0.75
"""A mean over an averaging period needs so much of it (Directive 2008/50/EC, annex XI, criteria for validity)."""
MOST_READINGS = 60

Reading = tuple[float, float]
"""POSIX seconds, µg/m³."""


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """The readings of one pollutant at one station; `same` is the last value and since when it has not changed."""

    readings: tuple[Reading, ...] = ()
    quarters: tuple[Reading, ...] = ()
    same: Reading | None = None

    @property
    def last_s(self) -> float:
        """When it was read last; 0 where it never was."""
        return self.readings[-1][0] if self.readings else 0.0


def recalled(memory: Any, pollutant: str) -> Series:
    """The series in a station's slice of memory; an empty one where there is none or it is unknown."""
    if not isinstance(memory, Mapping):
        return Series()
    slice: Mapping[str, Any] = memory  # pyright: ignore[reportUnknownVariableType]
    return msgspec.convert(slice.get(pollutant, {}), Series)


def read(series: Series, reading: Reading | None, *, settings: Settings, keep: bool) -> Series:
    """The series with a reading more (none, one that is known already, or one of many a minute changes nothing).
    `keep`: the quarters before are kept, for as long as the longest averaging period."""
    # A sensor that reads every second fills the present level with readings of all of `recent_s`, not of a minute.
    apart_s = settings.recent_s / MOST_READINGS
    if reading is None or reading[0] - series.last_s < max(apart_s, 1e-3):
        return series
    at_s, value = reading
    start_s = at_s // QUARTER_S * QUARTER_S
    quarters = series.quarters
    if series.readings and series.last_s < start_s:
        quarters = (*quarters, *_closed(series)) if keep else ()
    longest_s = max((limit.averaging_s for limit in settings.limits), default=0.0)
    since_s = min(at_s - settings.recent_s, start_s)
    same = series.same if series.same is not None and series.same[0] == value else (value, at_s)
    return Series(
        readings=(*(each for each in series.readings if each[0] > since_s), reading)[-MOST_READINGS:],
        quarters=tuple(each for each in quarters if each[0] >= at_s - longest_s),
        same=same,
    )


def _closed(series: Series) -> list[Reading]:
    """The quarter of the last reading, which has ended."""
    start_s = series.last_s // QUARTER_S * QUARTER_S
    values = [value for at_s, value in series.readings if at_s >= start_s]
    return [(start_s, round(median(values), 2))]


def present(series: Series, at_s: float, settings: Settings) -> float | None:
    """The median of the last readings, or None where they are too few."""
    values = [value for read_s, value in series.readings if read_s > at_s - settings.recent_s]
    return median(values) if len(values) >= settings.least_readings else None


def mean(series: Series, at_s: float, limit: Limit) -> float | None:
    """The mean over the limit's averaging period that ends now; None where too little of it is known.

    An hour counts in a day when any quarter of it is known, a quarter in anything shorter.
    """
    slot_s = 3600.0 if limit.averaging_s > 4 * 3600.0 else QUARTER_S
    slots: dict[int, list[float]] = {}
    for start_s, value in (*series.quarters, *_open(series, at_s)):
        if start_s > at_s - limit.averaging_s:
            slots.setdefault(int((at_s - start_s) // slot_s), []).append(value)
    known = [fmean(values) for values in slots.values()]
    return fmean(known) if len(known) >= COVERED * limit.averaging_s / slot_s else None


def _open(series: Series, at_s: float) -> Sequence[Reading]:
    """The quarter that has not ended yet."""
    return _closed(series) if series.readings and series.last_s > at_s - QUARTER_S else ()


def is_stuck(series: Series, settings: Settings) -> bool:
    """Whether the sensor has said the very same for too long."""
    return series.same is not None and series.last_s - series.same[1] >= settings.stuck_s
