"""Who will come from the junction before: vehicles that a neighbour's camera sees on their way into an approach lane.

A short street between two junctions holds few vehicles: what presses stands behind the junction before it. Without a
look there, each of two neighbours waits for the other one and the street between them stays full.
"""

from collections.abc import Iterable, Mapping, Sequence

from madang.services.signals.junction import GREEN
from madang.services.signals.pressure import Approach, arrival_s
from madang.services.signals.sense import Glimpse, Scene
from madang.services.signals.settings import Settings

SHORT_M = 30.0
"""On a street shorter than this nobody can wait for long: who waits at a red before it counts already."""
RED_S = 8.0
"""When the first of them could come: an intergreen and a start."""
CRUISE = 0.9
"""Of the speed limit, on the way between the junctions."""
UNKNOWN_M = 100.0
UNKNOWN_MPS = 13.9

Feeders = Mapping[str, Sequence[tuple[Glimpse, int]]]
"""By lane: the junctions and their movements that lead into it."""


def feeders(glimpses: Iterable[Glimpse]) -> Feeders:
    """Which movements lead into which lanes, over all junctions that are seen."""
    found: dict[str, list[tuple[Glimpse, int]]] = {}
    for glimpse in glimpses:
        for link, lanes in enumerate(glimpse.junction.exits):
            for lane in lanes:
                found.setdefault(lane, []).append((glimpse, link))
    return found


def neighbours(scene: Scene, known: Feeders) -> tuple[str, ...]:
    """The targets whose cameras and lamps say something about this junction's approaches, sorted."""
    lanes = scene.junction.lane_links
    return tuple(
        sorted({seen.junction.target for lane in lanes for seen, _ in known.get(lane, ())} - {scene.junction.target})
    )


def coming(scene: Scene, known: Feeders, settings: Settings) -> dict[str, list[Approach]]:
    """By queue, who comes from the junctions before within the horizon, the soonest first.

    A vehicle that may take several exits counts for each by its share; which movement it takes next is not known.
    """
    found: dict[str, list[Approach]] = {}
    for name, queue in scene.junction.queues.items():
        link = queue.links[0] if len(queue.links) == 1 else -1
        arrivals: list[Approach] = []
        for lane in queue.lanes:
            for seen, movement in known.get(lane, ()):
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
        free_s = RED_S
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
