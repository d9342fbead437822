"""What the service remembers of a junction: who has been waiting at red since when, and which movements are blocked.

A *call* is latched when a vehicle halts for a movement at red, and kept until the movement is green or nobody has
halted for it for `WITHDRAWN_S`. A movement that saw no green for `recall_s` gets a call although nobody is seen.
A vehicle that has stood at this red for longer than the call says (it came from another lane) makes the call older.
The memory is plain JSON: `{"call": {link: [since, seen]}, "green": [last by link], "head": {lane: since}, "mark":
{link: until}}`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from madang.services.signals.change import GREEN
from madang.services.signals.sense import Scene
from madang.services.signals.settings import Settings

HALTED_MPS = 1.0
WITHDRAWN_S = 10.0
HEAD_M = 20.0
ROOM_M = 7.5
"""What a standing car takes up, with the gap before it."""
NOBODY: frozenset[int] = frozenset()
LONG_S = 30.0
"""Who has waited for less makes no call older: that is left to the calls themselves, and saves looking."""


class Calls(msgspec.Struct, frozen=True, kw_only=True):
    """Times are POSIX seconds; links are numbers, as the lamps are."""

    call: Mapping[int, tuple[float, float]] = {}
    green: Sequence[float] = ()
    head: Mapping[str, float] = {}
    mark: Mapping[int, float] = {}

    def blocked(self, at_s: float) -> frozenset[int]:
        """The movements that are marked as blocked."""
        return frozenset(link for link, until_s in self.mark.items() if until_s > at_s) if self.mark else NOBODY


def recalled(memory: Any) -> Calls:
    """The memory slice of a target as `Calls`; an empty or unknown one starts anew."""
    if not isinstance(memory, Mapping):
        return Calls()
    slice: Mapping[str, Any] = memory  # pyright: ignore[reportUnknownVariableType]
    return Calls(
        call={int(link): (since, seen) for link, (since, seen) in slice.get("call", {}).items()},
        green=slice.get("green", ()),
        head=slice.get("head", {}),
        mark={int(link): until for link, until in slice.get("mark", {}).items()},
    )


def remembered(calls: Calls) -> dict[str, Any]:
    """The JSON that `recalled` reads."""
    return {
        "call": {str(link): [since, seen] for link, (since, seen) in calls.call.items()},
        "green": list(calls.green),
        "head": dict(calls.head),
        "mark": {str(link): until for link, until in calls.mark.items()},
    }


def updated(calls: Calls, scene: Scene, settings: Settings, *, missed: float = 0.0) -> Calls:
    """The memory after looking at the scene. A camera that misses more than `blind_share` of the vehicles (`missed`)
    may have missed one that stands since the movement's last green: it gets a call as old as that."""
    blind = missed > settings.blind_share
    halted, heads = _halted(scene)
    at_s, before_s = scene.at_s, scene.at_s - WITHDRAWN_S - 1
    green = list(calls.green) if len(calls.green) == scene.junction.size else [at_s] * scene.junction.size
    call: dict[int, tuple[float, float]] = {}
    for link, lamp in enumerate(scene.lamps):
        if lamp in GREEN:
            green[link] = at_s
            continue
        since, seen = calls.call.get(link, (at_s, before_s))
        if link in halted:
            since, seen = min(since, at_s - halted[link]), at_s
        elif at_s - green[link] >= settings.recall_s:
            seen = at_s
        if blind:
            since, seen = min(since, green[link] + 1.0), at_s
        if at_s - seen <= WITHDRAWN_S and scene.junction.stages_of[link]:
            call[link] = (since, seen)
    head = {lane: calls.head.get(lane, at_s) for lane, link in heads.items() if scene.lamps[link] in GREEN}
    return Calls(call=call, green=green, head=head, mark=_marks(calls, scene, settings, head, heads))


def _halted(scene: Scene) -> tuple[Mapping[int, float], Mapping[str, int]]:
    """The movements for which somebody has halted, with the longest wait at this red where it is long (else 0 s), and
    by lane the movement of a halted first vehicle."""
    halted: dict[int, float] = {}
    heads: dict[str, int] = {}
    red_s: Sequence[float] = ()
    for lane, links in scene.junction.lane_links.items():
        rows = scene.vehicles.get(lane, ())
        for distance_m, speed_mps, link, _, waited_s in rows:
            if speed_mps >= HALTED_MPS and waited_s < LONG_S:
                continue
            if waited_s >= LONG_S:
                red_s = red_s or scene.red_s()
            for each in (link,) if link >= 0 else links:
                long_s = min(waited_s, red_s[each]) if waited_s >= LONG_S else 0.0
                halted[each] = max(halted.get(each, 0.0), long_s)
            if distance_m < HEAD_M and lane not in heads and distance_m == rows[0][0] and speed_mps < HALTED_MPS:
                heads[lane] = link if link >= 0 else links[0]
    return halted, heads


def _marks(
    calls: Calls, scene: Scene, settings: Settings, head: Mapping[str, float], heads: Mapping[str, int]
) -> Mapping[int, float]:
    """Mark a movement whose exit is full, or whose lane's head stands under protected green."""
    until_s = scene.at_s + settings.blocked_s
    mark = {link: end for link, end in calls.mark.items() if end > scene.at_s}
    for lane, since_s in head.items():
        if scene.at_s - since_s >= settings.stuck_s and scene.lamps[heads[lane]] == "G":
            mark[heads[lane]] = until_s
    # Where the junction behind tells of its room the plan reckons with that.
    slow_mps, told = settings.blocked_speed_mps, scene.places.lanes
    full = {
        lane: end_s
        for lane, row in scene.exits.items()
        if row[0] and row[2] < slow_mps and lane not in told and (end_s := _full_until(scene, lane, row[3], settings))
    }
    for link, lanes in enumerate(scene.junction.exits if full else ()):
        # A camera does not see who goes where from a movement with several exits: one of them full is enough for
        # somebody to stand in the middle of the junction.
        ends = [full[lane] for lane in lanes if lane in full]
        if ends:
            mark[link] = max(mark.get(link, 0.0), *ends)
    return mark


def _full_until(scene: Scene, lane: str, occupancy: float, settings: Settings) -> float:
    """Until when a lane beyond the junction, where nobody moves, counts as one that takes nobody (POSIX s): it is full,
    or at this moment it has no room for one more vehicle. 0 where there is room."""
    if occupancy > settings.blocked_occupancy:
        return scene.at_s + settings.blocked_s
    length_m = scene.junction.length_m.get(lane)
    return scene.at_s + 1.0 if length_m is not None and length_m * (1 - occupancy) < ROOM_M else 0.0
