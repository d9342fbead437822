"""What the neighbouring cameras and lamps say: who comes from there, and whether the street to there takes anybody.

A short street between two junctions holds few vehicles. What presses stands behind the junction before it: without a
look there, each of two neighbours waits for the other one. And whoever is let into it while its next signal is red
stands in the junction and blocks everybody else: so nobody is counted as able to go for whom there is no room.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from madang.services.signals.junction import GREEN, SHORT_M
from madang.services.signals.pressure import Approach, arrival_s
from madang.services.signals.sense import Glimpse, Scene
from madang.services.signals.settings import Settings

ROOM_M = 7.0
"""What a standing car takes up, with a small gap."""
RED_S = 8.0
"""When the first of those at a red could come: an intergreen and a start."""
CRUISE = 0.9
"""Of the speed limit, on the way between the junctions."""
UNKNOWN_M = 100.0
UNKNOWN_MPS = 13.9


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """By lane: the movements that lead into it (`before`), and the junction that it leads to (`behind`)."""

    before: Mapping[str, Sequence[tuple[Glimpse, int]]] = {}
    behind: Mapping[str, Glimpse] = {}


def around(glimpses: Iterable[Glimpse]) -> Around:
    """Who is whose neighbour, of all junctions that are seen."""
    behind = {lane: seen for seen in glimpses for lane in seen.junction.lane_links}
    before: dict[str, list[tuple[Glimpse, int]]] = {}
    for seen in glimpses:
        for link, lanes in enumerate(seen.junction.exits):
            for lane in lanes:
                if lane in behind:
                    before.setdefault(lane, []).append((seen, link))
    return Around(before=before, behind=behind)


def neighbours(scene: Scene, known: Around) -> tuple[str, ...]:
    """The targets whose cameras and lamps say something about this junction's approaches and exits, sorted."""
    junction = scene.junction
    found = {seen.junction.target for lane in junction.lane_links for seen, _ in known.before.get(lane, ())}
    found |= {seen.junction.target for _, seen in _short_exits(scene, known)}
    return tuple(sorted(found - {junction.target}))


def rooms(scene: Scene, known: Around) -> dict[int, float]:
    """By movement into a short street whose next signal is red: for how many vehicles there is room.

    Of a movement with several exits it is not known who takes which: the short one gets its share of them.
    """
    free: dict[str, float] = {}
    for lane, seen in _short_exits(scene, known):
        if not any(seen.lamps[link] in GREEN for link in seen.junction.lane_links[lane]):
            occupancy = scene.exits[lane][3] if lane in scene.exits else 0.0
            free[lane] = scene.junction.length_m[lane] * (1.0 - occupancy) // ROOM_M
    found: dict[int, float] = {}
    for link, lanes in enumerate(scene.junction.exits if free else ()):
        closed = [free[lane] * len(lanes) for lane in lanes if lane in free]
        if closed:
            found[link] = min(closed)
    return found


def _short_exits(scene: Scene, known: Around) -> Iterable[tuple[str, Glimpse]]:
    """The short lanes behind the junction, with the junction that each leads to."""
    for lane in scene.junction.short_exits:
        seen = known.behind.get(lane)
        if seen is not None and seen.junction.target != scene.junction.target:
            yield lane, seen


def coming(scene: Scene, known: Around, settings: Settings) -> dict[str, list[Approach]]:
    """By queue, who comes from the junctions before within the horizon, the soonest first.

    A vehicle that may take several exits counts for each by its share; which movement it takes next is not known.
    """
    found: dict[str, list[Approach]] = {}
    for name, queue in scene.junction.queues.items():
        link = queue.links[0] if len(queue.links) == 1 else -1
        arrivals: list[Approach] = []
        for lane in queue.lanes:
            for seen, movement in known.before.get(lane, ()):
                if seen.junction.target != scene.junction.target:
                    arrivals += _from(scene, lane, link, seen, movement, settings)
        if arrivals:
            arrivals.sort()
            found[name] = arrivals
    return found


def _from(scene: Scene, lane: str, link: int, seen: Glimpse, movement: int, settings: Settings) -> Iterable[Approach]:
    """Those whom one movement of the junction before lets into the lane, one headway after another."""
    length_m = scene.junction.length_m.get(lane, UNKNOWN_M)
    if seen.lamps[movement] in GREEN:
        free_s = 0.0
    elif length_m < SHORT_M:
        free_s = RED_S  # nobody can wait on such a street: who waits before it counts already
    else:
        return
    way_s = length_m / (CRUISE * scene.junction.speed_mps.get(lane, UNKNOWN_MPS))
    exits = len(seen.junction.exits[movement])
    # The lanes of one movement let go side by side.
    rows = [
        row for each in seen.junction.lanes_of[movement] for row in seen.vehicles.get(each, ()) if row[2] == movement
    ]
    headway_s = settings.headway_s / len(seen.junction.lanes_of[movement])
    for distance_m, speed_mps, _, kind, _ in sorted(rows):
        leave_s = max(free_s, arrival_s(distance_m, speed_mps))
        free_s = leave_s + headway_s
        if leave_s + way_s > settings.horizon_s:
            return
        weight = settings.bus_weight if kind == "bus" else 1.0
        yield (leave_s + way_s, link, weight / exits)
