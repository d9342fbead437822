"""Why an area gets terms, or loses them, in words that a resident understands."""

from collections.abc import Sequence

from madang.services.air.effect import change, delayed
from madang.services.air.judge import Verdict
from madang.services.air.level import FLOWS, FULL, GOOD, LONGEST, NO_PICTURE, Course
from madang.services.air.sense import Place
from madang.services.air.settings import DAY_S, POLLUTANTS, Measure, Settings


def of_step(
    place: Place, verdicts: Sequence[Verdict], measure: Measure | None, course: Course, rule: str, settings: Settings
) -> str:
    """The reason for taking this measure (None: none) by that rule."""
    if rule in (FULL, FLOWS):
        stand = f"{course.standing:.1f} vehicles stand on a lane inside the area of {place.name}"
        what = "who comes in is metered" if rule == FULL else "nobody is metered any more: it would only add exhaust"
        return f"{stand}: {what}."
    if rule == NO_PICTURE or not verdicts:
        return f"No station near {place.name} can be relied on now, so the terms step down{_to(measure)}."
    worst = verdicts[0]
    seen = _seen(place, worst)
    if rule == LONGEST:
        hours = settings.longest_s / 3600
        return f"{seen} The terms have lasted {hours:g} h, the longest that they may, and step down{_to(measure)}."
    if measure is None:
        return f"{seen} That is {'below' if rule == GOOD else 'at'} the limit again: the terms end."
    return f"{seen} Measure: {measure.name}. {_effect(worst, measure, course, settings)}{_left_out(worst)}"


def standing(
    place: Place, verdicts: Sequence[Verdict], measure: Measure | None, course: Course, settings: Settings
) -> str:
    """The reason that terms in force give."""
    if not verdicts:
        return f"No station near {place.name} can be relied on now."
    what = _effect(verdicts[0], measure, course, settings) if measure else "No terms."
    return f"{_seen(place, verdicts[0])} {what}{_left_out(verdicts[0])}"


def _to(measure: Measure | None) -> str:
    return " and end" if measure is None else f" to {measure.name}"


def _seen(place: Place, verdict: Verdict) -> str:
    limit = verdict.limit
    period = "24 hours" if limit.averaging_s == DAY_S else f"{limit.averaging_s / 3600:g} h"
    mean = "" if verdict.mean is None else f", {verdict.mean:.1f} over {period}"
    count = len(verdict.used)
    by = "one station, no second one near" if count == 1 else f"{count} stations"
    how = "modelled" if verdict.modelled else "measured"
    name = POLLUTANTS[limit.pollutant]
    return (
        f"{name} near {place.name} is {verdict.present:.1f} µg/m³{mean} ({how} by {by}); "
        f"the limit is {limit.ugm3:g} over {period} ({limit.source})."
    )


def _effect(verdict: Verdict, measure: Measure, course: Course, settings: Settings) -> str:
    low, mid, high = change(verdict, measure, settings, metering=course.metering)
    waits = delayed(measure, metering=course.metering)[1]
    cost = f"; everybody's delay {waits:+.0%}" if waits else ""
    unsure = ", which may be nothing" if low <= 0 <= high else ""
    return f"Expected: {mid:+.2f} µg/m³ [{low:+.2f}, {high:+.2f}]{unsure}{cost}."


def _left_out(verdict: Verdict) -> str:
    told = [f"{id.rsplit(':', 1)[-1]} {why}" for id, why in sorted(verdict.left_out.items())]
    return f" Left out: {'; '.join(told)}." if told else ""
