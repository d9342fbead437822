"""What the junctions before foretell of an approach, held against what came.

Of those whom another signal lets go, a share comes this way. Where the ways part at junctions without signals nobody
counts, the layout gives each way the same share, which can be wrong by a factor of ten: a main road and the drive of a
car park are ways alike. So each junction keeps by approach how many were foretold in the last minutes, and where fewer
came than that it believes the next ones as much less.
"""

from collections.abc import Mapping

from madang.services.signals.junction import Junction
from madang.services.signals.outlook import FADING, Outlook
from madang.services.signals.sense import Scene

PRIOR = 0.01
"""Vehicles a second that every approach counts as foretold, and as come, before anything was seen."""
JUST_S = 1.0
"""Who left longer ago than this was counted before."""


def updated(own: Outlook, scene: Scene, upstream: Mapping[str, Outlook]) -> dict[str, float]:
    """By approach edge, vehicles a second that were foretold: the mean of the last minutes. `upstream` are by target
    the outlooks of a second ago."""
    found: dict[str, float] = {}
    for edge, feeding in scene.junction.feeders.items():
        told = FADING * own.told.get(edge, 0.0)
        for feeder in feeding:
            before = upstream.get(feeder.target)
            times = before.gone.get(feeder.link) if before is not None else None
            if times and scene.at_s - times[-1] <= JUST_S:
                told += (1 - FADING) * feeder.share * sum(scene.at_s - each <= JUST_S for each in times)
        if told > 0:
            found[edge] = round(told, 6)
    return found


def belief(own: Outlook, junction: Junction, edge: str) -> float:
    """How much of a vehicle each one that is foretold for the edge is taken for, more than 0 to 1."""
    told = own.told.get(edge, 0.0)
    if told <= 0 or own.reach_m <= 0:
        return 1.0
    # Nobody is seen beyond the stop line of the junction before.
    seen_m = min([own.reach_m, *(each.distance_m for each in junction.feeders[edge] if each.distance_m > 0)])
    came = sum(own.turns.get(link, 0.0) for link in junction.links_from.get(edge, ())) / seen_m
    return min(1.0, (came + PRIOR) / (told + PRIOR))
