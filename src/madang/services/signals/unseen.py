"""Whom the camera does not show, inferred from those it does: gaps in a standing queue, a queue that reaches the end of
the view, and those who may have come since the last green.

A car that no camera sees leaves a gap among those who stand at red, so the gaps also tell how many a camera misses:
`share` is that of the last quarter of an hour; a camera is trusted until there is something to go by. Part of the
junction's memory, as plain JSON: `{"seen": vehicle-seconds, "gaps": vehicle-seconds, "hidden": {lane: vehicles}}`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from madang.services.signals.change import GREEN
from madang.services.signals.outlook import Outlook
from madang.services.signals.room import CAR_M, LONG_M
from madang.services.signals.sense import Scene, Vehicle

KIND = "unseen"
"""The kind of a vehicle that was inferred."""
HALTED_MPS = 0.5
SETTLED_S = 3.0
"""Who has stood for less may still close up."""
GAP_M = 6.5
WIDEST_M = 24.0
"""Behind a wider gap somebody stands for another reason: a stop, a parked van."""
FADING = 0.999
PRIOR = (99.0, 1.0)
"""What a camera counts for before it has shown anything: seen and missed, vehicle-seconds."""
DOUBTED = (190.0, 10.0)
"""The same of a camera that is short-sighted, for that is seldom its only fault."""
FAR_M = 100.0
"""Who sees less far, and not most of the longest lane either, is short-sighted."""
MOST = 0.75
EDGE_M = 15.0
"""A queue whose last vehicle stands this near to the end of the view goes on beyond it."""
DISCHARGE = 0.5
"""Vehicles a second that come into view when the queue moves."""
LONGEST = 20.0


class Unseen(msgspec.Struct, frozen=True, kw_only=True):
    """`seen` and `gaps`: those who stood in queues and those missing between them, vehicle-seconds, fading; `hidden` by
    lane how many stand beyond the view; `doubted` where the camera is short-sighted (not remembered)."""

    seen: float = 0.0
    gaps: float = 0.0
    hidden: Mapping[str, float] = {}
    doubted: bool = False

    @property
    def share(self) -> float:
        """The share of vehicles that the camera misses, 0 to 1."""
        prior_seen, prior_gaps = DOUBTED if self.doubted else PRIOR
        gaps = self.gaps + prior_gaps
        return gaps / (self.seen + prior_seen + gaps)


def recalled(memory: Any) -> Unseen:
    """What a target's slice of memory says; nothing where there is none."""
    if not isinstance(memory, Mapping):
        return Unseen()
    slice: Mapping[str, Any] = memory  # pyright: ignore[reportUnknownVariableType]
    own: Mapping[str, Any] = slice.get("unseen", {})
    return Unseen(seen=own.get("seen", 0.0), gaps=own.get("gaps", 0.0), hidden=own.get("hidden", {}))


def remembered(unseen: Unseen) -> dict[str, Any]:
    """The JSON that `recalled` reads."""
    hidden = {lane: round(count, 2) for lane, count in unseen.hidden.items()}
    return {"unseen": {"seen": round(unseen.seen, 1), "gaps": round(unseen.gaps, 2), "hidden": hidden}}


def filled(unseen: Unseen, scene: Scene, own: Outlook) -> tuple[Unseen, Scene]:
    """The memory after this second, and the scene with those who were inferred, of the kind `KIND`."""
    vehicles = dict(scene.vehicles)
    hidden: dict[str, float] = {}
    any_added = False
    seen, gaps = unseen.seen * FADING, unseen.gaps * FADING
    for lane, links in scene.junction.lane_links.items():
        rows = scene.vehicles.get(lane, ())
        # Of those on foot nobody stands behind another.
        if not rows or scene.junction.clear_s[links[0]] > 0:
            continue
        added: list[Vehicle] = []
        if not any(scene.lamps[link] in GREEN for link in links):
            standing, added = _gaps(rows, scene.junction.length_m.get(lane, 1e9))
            # The last one in sight tells nothing: if it were missed, no gap would show that.
            seen, gaps = seen + max(0, standing - 1), gaps + len(added)
        count = _hidden(unseen.hidden.get(lane, 0.0), rows[-1], links, own)
        if count > 0:
            hidden[lane] = count
            added += [(rows[-1][0] + CAR_M * (place + 1), rows[-1][1], -1, KIND, 0.0) for place in range(round(count))]
        if added:
            any_added = True
            vehicles[lane] = sorted([*rows, *added])
    found = Unseen(seen=seen, gaps=gaps, hidden=hidden, doubted=_short_sighted(scene, own.reach_m))
    if not any_added:
        return found, scene
    return found, msgspec.structs.replace(scene, vehicles=vehicles)


def _short_sighted(scene: Scene, reach_m: float) -> bool:
    if reach_m >= FAR_M:
        return False
    lengths_m = scene.junction.length_m
    longest_m = max((lengths_m.get(lane, FAR_M) for lane in scene.junction.lane_links), default=FAR_M)
    return reach_m < min(FAR_M, MOST * longest_m)


def _gaps(rows: Sequence[Vehicle], length_m: float) -> tuple[int, list[Vehicle]]:
    """How many stand one behind the other from the stop line on, and who is missing between them."""
    standing, added, free_m = 0, list[Vehicle](), 0.0
    for distance_m, speed_mps, _, kind, waited_s in rows:
        if speed_mps >= HALTED_MPS or waited_s < SETTLED_S or distance_m > length_m:
            break
        gap_m = distance_m - free_m
        if gap_m > WIDEST_M:
            break
        if gap_m >= GAP_M:
            added += [(free_m + CAR_M * place + 1.0, 0.0, -1, KIND, waited_s) for place in range(round(gap_m / CAR_M))]
        standing += 1
        free_m = distance_m + LONG_M.get(kind, CAR_M)
    return standing, added


def _hidden(before: float, last: Vehicle, links: Sequence[int], own: Outlook) -> float:
    """How many stand beyond the view behind the last vehicle in sight."""
    if last[0] < own.reach_m - EDGE_M or own.reach_m <= 0:
        return 0.0
    if last[1] >= 1.0:
        return max(0.0, before - DISCHARGE)
    return min(LONGEST, before + sum(own.turns.get(link, 0.0) for link in links) / own.reach_m)


def maybe(unseen: Unseen, scene: Scene, own: Outlook, green: Sequence[float]) -> dict[int, float]:
    """By movement at red, how many the camera may have missed since its last green (`green`, POSIX s by link)."""
    share = unseen.share
    if own.reach_m <= 0 or len(green) != scene.junction.size:
        return {}
    return {
        link: own.turns.get(link, 0.0) / own.reach_m * share / (1.0 - share) * (scene.at_s - green[link])
        for link, lamp in enumerate(scene.lamps)
        if lamp not in GREEN
    }
