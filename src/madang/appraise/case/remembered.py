"""What a hub remembers of a project's effect: growing numbers with and without it, as gains an hour.

Time is cut into windows. In each, the gain is how much less the number grew with the project than without it, an hour.
A window in which a number began again is left out. With a twin, both are taken over the same window;
without one, windows after opening are compared with windows before it. Neighbouring windows resemble each other: the
interval, by Student's t over windows, is too narrow rather than too wide, and says so.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from statistics import fmean, variance

import msgspec
from scipy.special import stdtrit  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

FEWEST = 3
"""Windows from which an interval is told."""

FALL = 0.5
"""A growing number that is less than this share of itself has begun again; a mean may fall a little by itself."""

Series = Sequence[tuple[float, float]]
"""Seconds since 1970 and the value, in order."""


class Rate(msgspec.Struct, frozen=True):
    """What a number grew by in a window, an hour; `at` is where the window begins, in seconds since 1970."""

    at: float
    seconds: float
    value: float


class Gained(msgspec.Struct, frozen=True, kw_only=True):
    """The gain an hour in a calendar year: its mean and interval (None: too few windows), and the hours behind it."""

    year: int
    value: float
    interval: tuple[float, float] | None
    windows: int
    hours: float


def total(values: Mapping[str, Series], attribute: str, per: str | None) -> list[tuple[float, float]]:
    """The growing number: the attribute itself, or its mean times the number that it is a mean of at that time."""
    own = values.get(attribute, ())
    if per is None:
        return list(own)
    counts = values.get(per, ())
    times = [at for at, _ in counts]
    found: list[tuple[float, float]] = []
    for at, value in own:
        place = bisect_right(times, at)
        if place:
            found.append((at, value * counts[place - 1][1]))
    return found


def rates(series: Series, window_s: float) -> list[Rate]:
    """The growth in each window that has a sample in its first and its last tenth and in which nothing fell."""
    parts: dict[int, list[tuple[float, float]]] = {}
    for at, value in series:
        parts.setdefault(math.floor(at / window_s), []).append((at, value))
    found: list[Rate] = []
    for number, part in sorted(parts.items()):
        (first, low), (last, high) = part[0], part[-1]
        fell = any(after < FALL * before for (_, before), (_, after) in pairwise(part))
        if fell or last - first < 0.8 * window_s:
            continue
        found.append(Rate(number * window_s, last - first, (high - low) / (last - first) * 3600))
    return found


def beside(
    present: Sequence[Rate], without: Sequence[Rate], factor: float, *, counts_as: int | None = None
) -> list[Gained]:
    """Gains by calendar year (or all as that year) where both are known at the same time."""
    other = {rate.at: rate for rate in without}
    pairs = [(one, other[one.at]) for one in present if one.at in other]
    found: list[Gained] = []
    for year in sorted({counts_as or _year(one.at) for one, _ in pairs}):
        mine = [(one, twin) for one, twin in pairs if year in (counts_as, _year(one.at))]
        gains = [factor * (twin.value - one.value) for one, twin in mine]
        hours = sum(one.seconds for one, _ in mine) / 3600
        found.append(_gained(year, gains, hours, error=_error(gains), freedom=len(gains) - 1))
    return found


def after(
    present: Sequence[Rate], before: tuple[float, float], factor: float, *, counts_as: int | None = None
) -> list[Gained]:
    """Gains by calendar year against the windows of `present` in the time `before` opening (Welch's interval)."""
    start, end = before
    old = [factor * one.value for one in present if start <= one.at < end]
    later = [one for one in present if one.at >= end]
    found: list[Gained] = []
    if not old:
        return found
    for year in sorted({counts_as or _year(one.at) for one in later}):
        mine = [one for one in later if year in (counts_as, _year(one.at))]
        new = [factor * one.value for one in mine]
        parts = [_error(old) ** 2, _error(new) ** 2]
        spread = sum(part**2 / max(1, len(values) - 1) for part, values in zip(parts, (old, new), strict=True))
        freedom = sum(parts) ** 2 / spread if spread else float(len(old) + len(new) - 2)
        gains = [fmean(old) - value for value in new]
        hours = sum(one.seconds for one in mine) / 3600
        fewest = min(len(old), len(new))
        made = _gained(year, gains, hours, error=math.sqrt(sum(parts)), freedom=freedom)
        found.append(made if fewest >= FEWEST else msgspec.structs.replace(made, interval=None))
    return found


def _gained(year: int, gains: Sequence[float], hours: float, *, error: float, freedom: float) -> Gained:
    mean = fmean(gains)
    interval = None
    if len(gains) >= FEWEST:
        half = float(stdtrit(freedom, 0.975)) * error  # pyright: ignore[reportUnknownArgumentType]
        interval = (mean - half, mean + half)
    return Gained(year=year, value=mean, interval=interval, windows=len(gains), hours=hours)


def _error(values: Sequence[float]) -> float:
    return math.sqrt(variance(values) / len(values)) if len(values) > 1 else 0.0


def _year(at: float) -> int:
    return datetime.fromtimestamp(at, UTC).year
