"""Who comes to the stop lines and when: those whom the camera sees, and those whom the junctions before let go.

A vehicle that the junction's own camera sees has a lane and a movement. One that is still behind another signal
arrives when that signal's own plan lets it go (`outlook.py`) and its way is done; where it then turns is not known, so
it counts for each movement of the approach by the share of vehicles that took it lately.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from madang.services.signals.foretold import belief
from madang.services.signals.junction import Feeder, Junction
from madang.services.signals.outlook import Outlook
from madang.services.signals.sense import Scene, Vehicle
from madang.services.signals.settings import Settings

HALTED_MPS = 1.0
QUEUE_M = 60.0
"""Who stands within this distance is in the queue and goes when those before have gone."""
CREEP = 1.2
"""Who stands farther away takes so many times the free way's time."""
ACCELERATION_MPS2 = 2.0
DISPERSION = 1.05
"""A platoon on its way takes so many times the time at the speed limit."""
STOPPED_S = 3.0
"""What a start from standing costs on the way to the next signal."""
UNKNOWN_MPS = 13.9
MOST_PRESSING = 8
"""So many of those who wait for room in a short street are let know to the junction behind it."""
PEDESTRIAN = "pedestrian"
ON_FOOT = 0.05
"""What somebody on foot takes of a car's headway: they cross side by side."""
FULL_S = 60.0
"""So long after the end of its patience the first of a queue counts as much as it ever does."""
LEAST = 0.08
"""A smaller part of a vehicle is not worth its arithmetic."""


class Arrival(msgspec.Struct, frozen=True, order=True):
    """At the stop line in `at_s` from now at the earliest, for this link; `weight` is what a second of its waiting
    counts, `size` how much of a vehicle it is, `moving` whether it has not stopped yet."""

    at_s: float
    link: int
    weight: float
    size: float
    moving: bool = True


def seen(scene: Scene, outlook: Outlook, settings: Settings) -> dict[str, list[Arrival]]:
    """By queue, nearest first, those whom the junction's camera sees."""
    junction = scene.junction
    found: dict[str, list[Arrival]] = {}
    for name, queue in junction.queues.items():
        rows: Sequence[Vehicle] = scene.vehicles.get(name, ())
        if len(queue.lanes) > 1:
            rows = sorted(row for lane in queue.lanes for row in scene.vehicles.get(lane, ()))
        if not rows:
            continue
        limit_mps = junction.speed_mps.get(name, UNKNOWN_MPS)
        counts = settings.short_weight if name in junction.short else 1.0
        likely = queue.links[0] if len(queue.links) == 1 else -1
        arrivals: list[Arrival] = []
        for row in rows:
            distance_m, speed_mps, link, kind, waited_s = row
            at_s, weight = arrival_s(distance_m, speed_mps, limit_mps), counts * _weight(kind, settings)
            if waited_s > settings.patience_s and not arrivals:
                weight *= 1.0 + settings.impatience * min(1.0, (waited_s - settings.patience_s) / FULL_S)
            if scene.favour and row in scene.favour:
                weight, lead_s = scene.favour[row]
                at_s = max(0.0, at_s - lead_s)
            if at_s >= settings.horizon_s:
                continue
            if link < 0:
                link = likely if likely >= 0 else outlook.likeliest(queue.links)
            size = ON_FOOT if kind == PEDESTRIAN else 1.0
            arrivals.append(Arrival(at_s, link, weight, size, speed_mps >= HALTED_MPS))
        found[name] = arrivals
    return found


def arrival_s(distance_m: float, speed_mps: float, limit_mps: float) -> float:
    """When a vehicle is at the stop line at the earliest (s from now): it accelerates up to the limit."""
    if speed_mps < HALTED_MPS:
        return 0.0 if distance_m < QUEUE_M else CREEP * distance_m / limit_mps
    if speed_mps >= limit_mps:
        return distance_m / speed_mps
    gain_s = (limit_mps - speed_mps) / ACCELERATION_MPS2
    gain_m = (limit_mps + speed_mps) / 2 * gain_s
    if distance_m >= gain_m:
        return gain_s + (distance_m - gain_m) / limit_mps
    return (math.sqrt(speed_mps**2 + 2 * ACCELERATION_MPS2 * distance_m) - speed_mps) / ACCELERATION_MPS2


def _weight(kind: str, settings: Settings) -> float:
    if kind == PEDESTRIAN:
        return settings.pedestrian_weight
    if kind == "bus":
        return settings.bus_weight
    return settings.emergency_weight if kind == "emergency" else 1.0


def feeders(junction: Junction) -> tuple[str, ...]:
    """The targets from whose signals vehicles come here, sorted."""
    found = {each.target for edge in junction.feeders.values() for each in edge}
    return tuple(sorted(found - {junction.target}))


def coming(
    scene: Scene, outlook: Outlook, upstream: Mapping[str, Outlook], settings: Settings
) -> dict[str, list[Arrival]]:
    """By queue, those whom the junctions before will let go, as they said a second ago (`upstream` by target)."""
    junction = scene.junction
    found: dict[str, list[Arrival]] = {}
    for edge, feeding in junction.feeders.items():
        platoon: list[tuple[float, float, float]] = []
        for feeder in feeding:
            before = upstream.get(feeder.target)
            if before is not None and before.tells(feeder.link):
                platoon += _from(feeder, before, scene.at_s, outlook.reach_m, settings)
        if platoon:
            platoon.sort()
            share = belief(outlook, junction, edge)
            shares = outlook.shares(junction.links_from.get(edge, ()))
            _share_out(junction, platoon, {link: share * each for link, each in shares.items()}, found)
    return found


def _from(
    feeder: Feeder, before: Outlook, at_s: float, reach_m: float, settings: Settings
) -> Iterator[tuple[float, float, float]]:
    """Who comes from one movement before: arrival (s from now), weight, size."""
    share, way_s = feeder.share, DISPERSION * feeder.time_s
    for left_s in before.gone.get(feeder.link, ()):
        todo = 1.0 - (at_s - left_s) / (way_s + STOPPED_S)
        if todo * feeder.distance_m > reach_m:
            yield todo * way_s, share, share
    for place in range(min(MOST_PRESSING, before.press.get(feeder.link, 0))):
        yield way_s + STOPPED_S + settings.headway_s * place, settings.press_weight * share, share
    latest_s = at_s + settings.foresight_s - way_s - STOPPED_S
    for leave_s, weight, size in before.leaving.get(feeder.link, ()):
        if at_s <= leave_s < latest_s:
            yield leave_s - at_s + way_s + STOPPED_S, min(weight, size) * share, size * share


def _share_out(
    junction: Junction,
    platoon: Sequence[tuple[float, float, float]],
    shares: Mapping[int, float],
    found: dict[str, list[Arrival]],
) -> None:
    for link, share in shares.items():
        queue = found.setdefault(junction.queue_of[link], [])
        for at_s, weight, size in platoon:
            part = size * share
            if part >= LEAST:
                queue.append(Arrival(at_s, link, weight * share, part))


def expected(
    scene: Scene, outlook: Outlook, upstream: Mapping[str, Outlook], settings: Settings
) -> dict[str, list[Arrival]]:
    """By queue, those whom nobody sees yet: one by one at the rate at which vehicles came lately. They come from beyond
    the camera's reach, or, where the junctions before tell what they do, from beyond that."""
    junction = scene.junction
    found: dict[str, list[Arrival]] = {}
    if settings.expected_weight <= 0 or outlook.reach_m <= 0:
        return found
    for edge, links in junction.links_from.items():
        told = any(each.target in upstream for each in junction.feeders.get(edge, ()))
        for link in links:
            every_s = outlook.reach_m / max(outlook.turns.get(link, 0.0), 1e-6)
            queue = junction.queue_of[link]
            from_s = outlook.reach_m / junction.speed_mps.get(queue, UNKNOWN_MPS)
            at_s = (max(from_s, settings.foresight_s) if told else from_s) + every_s / 2
            while at_s < settings.horizon_s - 5.0:
                found.setdefault(queue, []).append(Arrival(at_s, link, settings.expected_weight, 1.0))
                at_s += every_s
    return found


def announced(scene: Scene) -> dict[str, list[Arrival]]:
    """By queue, those who go first and whom the camera does not see."""
    return {
        name: [Arrival(at_s, link, weight, 1.0) for at_s, link, weight in rows]
        for name, rows in scene.announced.items()
    }


def together(*parts: Mapping[str, list[Arrival]]) -> dict[str, list[Arrival]]:
    """Those in sight, and behind them the others in the order of their arrival, by queue."""
    found = dict(parts[0])
    for name in {name for part in parts[1:] for name in part}:
        far = [arrival for part in parts[1:] for arrival in part.get(name, ())]
        found[name] = [*found.get(name, ()), *sorted(far)]
    return found
