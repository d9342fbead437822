"""What a junction expects and tells: which of its vehicles leave when under its plan, and how its approaches turn.

It is part of the junction's memory, so the junctions behind it read what was said a second ago, and a record that keeps
these slices computes again. Plain JSON: `{"leaving": {link: [[POSIX s, weight, size], ...]}, "turns": {link: m/s},
"way": [old stage, new stage, POSIX s of the command], "reach": m, "heads": {lane: [[m, link], ...]}, "gone": {link:
[POSIX s, ...]}}`.

The flow of a movement is the distance that its vehicles travel in a stretch of road, over its length and the time
(Edie 1963): the sum of the speeds in sight over the camera's reach. So a camera that cannot tell vehicles apart can
measure it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from madang.services.signals.sense import Scene

FADING = 0.996
"""A second later what was seen counts so much: what counts are the last minutes."""
FOREMOST = 3
"""So many vehicles of a lane can leave in one second, at the very most."""
NEAR_M = 20.0
ON_THE_WAY_S = 45.0
"""Who left longer ago than this is in sight of the next camera, or gone."""
PRIOR = 0.2
"""What every movement counts before anybody was seen, m/s."""

Leaving = tuple[float, float, float]
"""When (POSIX s) a vehicle leaves, what a second of its waiting counts, and how much of a vehicle it is."""


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """`leaving` by link; `turns` by link: the speeds of the vehicles in sight added up, the mean of the last minutes in
    m/s; `way` is the last change that was ordered: stages by id, and when; `reach_m` the farthest that the camera has
    seen; `heads` by lane the foremost vehicles of this second, `gone` by link when vehicles left lately."""

    leaving: Mapping[int, Sequence[Leaving]] = {}
    turns: Mapping[int, float] = {}
    way: tuple[str, str, float] | None = None
    reach_m: float = 0.0
    heads: Mapping[str, Sequence[tuple[float, int]]] = {}
    gone: Mapping[int, Sequence[float]] = {}
    space: Mapping[str, Sequence[float]] = {}
    press: Mapping[int, int] = {}
    told: Mapping[str, float] = {}

    def shares(self, links: Sequence[int]) -> dict[int, float]:
        """How the vehicles of these movements' approach divide, adding up to 1."""
        counts = {link: self.turns.get(link, 0.0) + PRIOR for link in links}
        total = sum(counts.values())
        return {link: count / total for link, count in counts.items()}

    def tells(self, link: int) -> bool:
        """Whether anybody left by this movement lately, will leave, or waits for room there."""
        return link in self.leaving or link in self.gone or link in self.press

    def likeliest(self, links: Sequence[int]) -> int:
        """The movement that most took lately."""
        return max(links, key=lambda link: (self.turns.get(link, 0.0), -link))


def recalled(memory: Any) -> Outlook:
    """The outlook in a target's slice of memory; an empty one where there is none."""
    if not isinstance(memory, Mapping):
        return Outlook()
    slice: Mapping[str, Any] = memory  # pyright: ignore[reportUnknownVariableType]
    way = slice.get("way")
    return Outlook(
        leaving={int(link): rows for link, rows in slice.get("leaving", {}).items()},
        turns={int(link): count for link, count in slice.get("turns", {}).items()},
        way=None if way is None else (way[0], way[1], way[2]),
        reach_m=slice.get("reach", 0.0),
        heads=slice.get("heads", {}),
        gone={int(link): times for link, times in slice.get("gone", {}).items()},
        space=slice.get("space", {}),
        press={int(link): count for link, count in slice.get("press", {}).items()},
        told=slice.get("told", {}),
    )


def remembered(outlook: Outlook) -> dict[str, Any]:
    """The JSON that `recalled` reads."""
    return {
        "leaving": {str(link): rows for link, rows in outlook.leaving.items()},
        "turns": {str(link): count for link, count in outlook.turns.items()},
        "way": outlook.way,
        "reach": outlook.reach_m,
        "heads": outlook.heads,
        "gone": {str(link): times for link, times in outlook.gone.items()},
        "space": outlook.space,
        "press": {str(link): count for link, count in outlook.press.items()},
        "told": outlook.told,
    }


def tellers(before: Mapping[str, Outlook]) -> dict[str, str]:
    """By lane of which somebody has told how much room there is, the target that told."""
    return {lane: target for target, each in before.items() for lane in each.space}


def looked(outlook: Outlook, scene: Scene) -> Outlook:
    """The outlook with what this second shows of the flows."""
    turns = {link: count * FADING for link, count in outlook.turns.items()}
    reach_m, fresh = outlook.reach_m, 1 - FADING
    for rows in scene.vehicles.values():
        for distance_m, speed_mps, link, _, _ in rows:
            if distance_m > reach_m:
                reach_m = distance_m
            if link >= 0:
                turns[link] = turns.get(link, 0.0) + speed_mps * fresh
    turns = {link: round(count, 4) for link, count in turns.items()}
    heads = {lane: [(row[0], row[2]) for row in rows[:FOREMOST]] for lane, rows in scene.vehicles.items() if rows}
    return msgspec.structs.replace(outlook, turns=turns, reach_m=reach_m, heads=heads, gone=_gone(outlook, scene))


def _gone(outlook: Outlook, scene: Scene) -> dict[int, list[float]]:
    """Who has left: who was nearer to the stop line a second ago than the nearest is now; with an empty lane, who was
    near it."""
    since_s = scene.at_s - ON_THE_WAY_S
    gone = {link: kept for link, times in outlook.gone.items() if (kept := [each for each in times if each > since_s])}
    for lane, heads in outlook.heads.items():
        rows = scene.vehicles.get(lane, ())
        nearest_m = rows[0][0] if rows else NEAR_M
        for distance_m, link in heads:
            if link >= 0 and distance_m < nearest_m and scene.lamps[link] not in "rsu":
                gone.setdefault(link, []).append(scene.at_s)
    return gone
