"""How the air at a place stands to its limits, and which stations were asked.

A station that is silent, stuck or says what cannot be is left out; one that is far above all others of the city never
speaks alone. Two stations near a place must both say it, of three or more the median counts.
"""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

import msgspec

from madang.services.air import series
from madang.services.air.sense import Place, Station, distance_m
from madang.services.air.series import Series
from madang.services.air.settings import HOUR_S, Limit, Settings

Histories = Mapping[tuple[str, str], Series]
"""By station and pollutant."""
ENOUGH_OTHERS = 3
"""So many other stations must speak before one can be called an outlier."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One limit at one place, in µg/m³: the `present` level, the `mean` over the averaging period where enough of it is
    known, the mean to be `expected` when the next hour stays as it is now; `share` of the limit that decides (the
    expected mean's, or what the present level is worth where that is lower). `used` are the stations, `modelled`
    whether any of them computes instead of measuring, `left_out` the others near the place and why."""

    limit: Limit
    present: float
    mean: float | None
    expected: float
    share: float
    used: tuple[str, ...]
    modelled: bool
    left_out: Mapping[str, str]


def verdicts(
    place: Place, stations: Sequence[Station], histories: Histories, *, at_s: float, settings: Settings
) -> list[Verdict]:
    """The limits of which enough is known here, the most endangered first."""
    near = [station for station in stations if distance_m(station.spot, place.spot) <= settings.near_m]
    found: list[Verdict] = []
    for limit in settings.limits:
        levels, why = _levels(near, stations, histories, limit.pollutant, at_s=at_s, settings=settings)
        if len(levels) >= settings.sources and levels:
            modelled = any(station.modelled for station in near if station.id in levels)
            means = {id: series.mean(histories[id, limit.pollutant], at_s, limit) for id in levels}
            found.append(_verdict(limit, levels, means, settings, modelled=modelled, left_out=why))
    return sorted(found, key=lambda verdict: -verdict.share)


def _verdict(
    limit: Limit,
    levels: Mapping[str, float],
    means: Mapping[str, float | None],
    settings: Settings,
    *,
    modelled: bool,
    left_out: Mapping[str, str],
) -> Verdict:
    present = together(list(levels.values()))
    known = [mean for mean in means.values() if mean is not None]
    # Means of fewer stations than speak now would not be of the same air.
    mean = together(known) if len(known) == len(levels) else None
    expected = present
    if mean is not None and limit.averaging_s > HOUR_S:
        expected = mean + (present - mean) * HOUR_S / limit.averaging_s
    return Verdict(
        limit=limit,
        present=present,
        mean=mean,
        expected=expected,
        share=min(expected, present / settings.off_at) / limit.ugm3,
        used=tuple(sorted(levels)),
        modelled=modelled,
        left_out=left_out,
    )


def together(values: Sequence[float]) -> float:
    """One value: of two stations the lower, of more their median."""
    return min(values) if len(values) <= 2 else median(values)


def _levels(
    near: Sequence[Station],
    stations: Sequence[Station],
    histories: Histories,
    pollutant: str,
    *,
    at_s: float,
    settings: Settings,
) -> tuple[dict[str, float], dict[str, str]]:
    """The present levels of the usable stations near the place, and why the others are not."""
    levels: dict[str, float] = {}
    why: dict[str, str] = {}

    def level(station: Station) -> float | str:
        return _level(station, histories, pollutant, at_s=at_s, settings=settings)

    for station in near:
        found = level(station)
        if isinstance(found, str):
            why[station.id] = found
        else:
            levels[station.id] = found
    if len(levels) == 1:
        ((alone, value),) = levels.items()
        if is_outlier(value, _others(stations, alone, level), settings):
            return {}, {**why, alone: "is far above all others of the city, and nobody near confirms it"}
    return levels, why


def _others(stations: Sequence[Station], alone: str, level: Callable[[Station], float | str]) -> list[float]:
    return [found for each in stations if each.id != alone and not isinstance(found := level(each), str)]


def _level(station: Station, histories: Histories, pollutant: str, *, at_s: float, settings: Settings) -> float | str:
    """The present level, or why there is none."""
    if pollutant in station.refused:
        return station.refused[pollutant]
    known = histories.get((station.id, pollutant), Series())
    if not known.readings:
        return f"does not report {pollutant}"
    if at_s - known.last_s > settings.stale_s:
        return f"has been silent for {at_s - known.last_s:.0f} s"
    if series.is_stuck(known, settings):
        return f"has said {known.readings[-1][1]:g} all the time: it is stuck"
    found = series.present(known, at_s, settings)
    return "has not said enough yet" if found is None else found


def is_outlier(value: float, others: Sequence[float], settings: Settings) -> bool:
    """Whether the value is far above all others of the city; with too few others nobody can tell."""
    return len(others) >= ENOUGH_OTHERS and value > settings.outlier * median(others) and value > max(others)
