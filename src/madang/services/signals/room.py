"""Room in short streets: a vehicle goes only where it can stand behind the next stop line.

Between close junctions a street takes two or three vehicles. Who lets in more fills the crossing behind it, and two
streets that fill each other's crossings stand for ever. So each junction tells of its short approaches when there is
room for how many more: what is free now, then one place for each vehicle that its own plan lets go. The junction
before reads that a second later and lets nobody go in its plan for whom there is no place (``kernel.room_s``).
"""

import math
from collections.abc import Mapping, Sequence

import msgspec

from madang.services.signals.junction import Junction

CAR_M = 7.5
"""What a standing car takes up, with the gap before it."""
LONG_M = {"bus": 15.0, "tram": 35.0, "truck": 11.0}
SHORT_M = 160.0
"""A longer street is not told of: its room is more than a plan fills."""
SPARE_M = 1.0
"""Left free: who stands with the last metre in the crossing behind blocks it."""
AHEAD_S = 3.5
"""From the stop line over the crossing to the place behind: who goes now needs it then."""
NEAR_M = 60.0
ENOUGH = 12
"""With more free places than this nothing is told."""


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Where several movements lead into the same lanes: `group` by link, and by group when each further place is there
    (s from now, in order); `lanes` are those that somebody told of."""

    group: Mapping[int, int] = {}
    free_s: Sequence[Sequence[float]] = ()
    lanes: frozenset[str] = frozenset()


NO_PLACES = Places()


def told(
    junction: Junction,
    at_s: float,
    vehicles: Mapping[str, Sequence[tuple[float, float, int, str, float]]],
    leaving: Mapping[int, Sequence[tuple[float, float, float]]],
) -> dict[str, list[float]]:
    """By approach lane that is short and nearly full: when each further place is there (POSIX s; 0: now). `vehicles`
    are as the camera reports them, `leaving` as the plan has it: by link when (s from now) who leaves, weight, size."""
    found: dict[str, list[float]] = {}
    for queue in junction.queues.values():
        if not 0 < junction.length_m.get(queue.lanes[0], 0.0) <= SHORT_M:
            continue
        gone = _whole(sorted((leave_s, size) for link in queue.links for leave_s, _, size in leaving.get(link, ())))
        for lane in queue.lanes:
            taken_m = sum(LONG_M.get(row[3], CAR_M) for row in vehicles.get(lane, ()))
            left = (junction.length_m.get(lane, 0.0) - SPARE_M - taken_m) / CAR_M
            if left < ENOUGH:
                after = [round(at_s + leave_s, 1) for leave_s in gone]
                found[lane] = [0.0] * int(left) + after if left > 0 else after[math.ceil(-left) :]
    return found


def _whole(gone: Sequence[tuple[float, float]]) -> list[float]:
    """When each further whole vehicle has gone; some come in parts (see ``arrivals``)."""
    found: list[float] = []
    parts = 0.01
    for leave_s, size in gone:
        parts += size
        while parts >= 1.0:
            parts -= 1.0
            found.append(leave_s)
    return found


def pressing(
    junction: Junction,
    vehicles: Mapping[str, Sequence[tuple[float, float, int, str, float]]],
    group: Mapping[int, int],
    leaving: Mapping[int, Sequence[tuple[float, float, float]]],
) -> dict[int, int]:
    """By movement into a short street, how many stand before it whom the plan does not let go."""
    count: dict[int, int] = {}
    for lane in {lane for lane, links in junction.lane_links.items() if any(link in group for link in links)}:
        for distance_m, _, link, _, _ in vehicles.get(lane, ()):
            if link in group and distance_m <= NEAR_M:
                count[link] = count.get(link, 0) + 1
    left = {link: found - len(leaving.get(link, ())) for link, found in count.items()}
    return {link: left[link] for link in sorted(left) if left[link] > 0}


def places(
    junction: Junction, at_s: float, space: Mapping[str, Sequence[float]], gone: Mapping[int, Sequence[float]]
) -> Places:
    """The room behind the junction's movements. `space` is by lane what the junctions behind have told a second ago,
    `gone` by link when vehicles have left lately (POSIX s)."""
    group: dict[int, int] = {}
    number: dict[tuple[str, ...], int] = {}
    rows: list[list[float]] = []
    for link, lanes in enumerate(junction.exits):
        told = [lane for lane in lanes if lane in space]
        if not told:
            continue
        if lanes not in number:
            number[lanes] = len(rows)
            # Where some go elsewhere every place stands for as many more.
            others = len(lanes) // len(told)
            free_s = sorted(max(0.0, free_s - AHEAD_S - at_s) for lane in told for free_s in space[lane])
            rows.append([0.0] * (others - 1) + [each for each in free_s for _ in range(others)])
        group[link] = number[lanes]
    # Who left this second was not in the next camera's sight when it told.
    for link, times in gone.items():
        if link in group and times and times[-1] >= at_s:
            rows[group[link]] = rows[group[link]][sum(each >= at_s for each in times) :]
    return Places(group=group, free_s=rows, lanes=frozenset(space))
