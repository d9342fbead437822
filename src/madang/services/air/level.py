"""Which measure is in force: up and down by one step at a time, with hysteresis, a shortest and a longest time.

A course of measures begins with the lightest. It steps up while the air asks for a heavier one, steps down while a
lighter one would do, and ends. After the longest time it ends whatever the air says, and rests: who pays for it in
waiting is not the school.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from madang.services.air.settings import Settings

FULL, FLOWS = "area-full", "area-flows"
SMOOTHING = 10.0 / 120.0
"""What stands inside is that of two minutes, at a decision every ten seconds."""
UP, DOWN, GOOD, LONGEST, NO_PICTURE = "limit-in-danger", "less-needed", "air-good", "longest-time", "no-picture"


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """`level` counts the measures from 1, 0 is none; `since_s` is when the course began, `changed_s` when it stepped
    last, `rests_s` until when nothing begins (POSIX s). `standing` are the vehicles that stand on a lane inside, of the
    last minutes, `metering` whether the area is taken to be full, since `metered_s`."""

    level: int = 0
    since_s: float = 0.0
    changed_s: float = 0.0
    rests_s: float = 0.0
    standing: float = 0.0
    metering: bool = False
    metered_s: float = 0.0


def recalled(memory: Any) -> Course:
    """The course in a place's slice of memory; none where there is none."""
    return msgspec.convert(memory, Course) if isinstance(memory, Mapping) else Course()


def wanted(share: float, level: int, settings: Settings) -> int:
    """The level that this share of the limit asks for: what is in force stays until it falls below `off_at` of what it
    is taken from."""
    found = 0
    for number, measure in enumerate(settings.measures, start=1):
        if share > measure.from_share * (settings.off_at if number <= level else 1.0):
            found = number
    return found


def step(course: Course, share: float | None, at_s: float, settings: Settings) -> tuple[Course, str]:
    """The course a moment later, and by which rule it stepped (empty where it did not). `share` is None while nobody
    knows what the air is like: then it steps down."""
    level = min(course.level, len(settings.measures))
    over = level > 0 and at_s - course.since_s >= settings.longest_s
    aim = 0 if over or share is None else wanted(share, level, settings)
    if level == 0:
        if aim == 0 or at_s < course.rests_s:
            return msgspec.structs.replace(course, level=0), ""
        return msgspec.structs.replace(course, level=1, since_s=at_s, changed_s=at_s), UP
    if aim == level or at_s - course.changed_s < settings.step_s:
        return msgspec.structs.replace(course, level=level), ""
    if aim > level:
        return msgspec.structs.replace(course, level=level + 1, changed_s=at_s), UP
    if at_s - course.since_s < settings.least_s and share is not None:
        return msgspec.structs.replace(course, level=level), ""
    rests_s = at_s + settings.rest_s if over and level == 1 else course.rests_s
    rule = LONGEST if over else NO_PICTURE if share is None else GOOD if level == 1 else DOWN
    return msgspec.structs.replace(course, level=level - 1, changed_s=at_s, rests_s=rests_s), rule


def metered(course: Course, standing: float | None, at_s: float, settings: Settings) -> tuple[Course, str]:
    """The course with what stands inside now, and by which rule it began or ended to meter who comes in (empty where it
    did not). Only a full area is metered: in one that flows metering moves the exhaust to the gates and adds to it.
    Where no camera says what stands inside, nobody is metered."""
    may = course.level > 0 and settings.measures[course.level - 1].inflow < 1
    smooth = round(course.standing + SMOOTHING * ((standing or 0.0) - course.standing), 3)
    wanted = smooth >= (settings.flowing if course.metering else settings.full)
    changed = wanted != course.metering and (at_s - course.metered_s >= settings.step_s or not course.metered_s)
    after = msgspec.structs.replace(course, standing=smooth if course.level else 0.0)
    if not may or standing is None:
        return msgspec.structs.replace(after, metering=False), FLOWS if course.metering and course.level else ""
    if not changed:
        return after, ""
    return msgspec.structs.replace(after, metering=wanted, metered_s=at_s), FULL if wanted else FLOWS
