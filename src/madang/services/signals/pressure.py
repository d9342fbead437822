"""The pressure of a stage: how many vehicles it can let go per second, counted movement by movement.

Link-level max-pressure (Varaiya 2013, doi:10.1016/j.trc.2013.08.014) in the form of a rate: the vehicles upstream of
each movement press, a movement whose exit is full does not, a lane is first-in first-out (a driver who waits for a red
arrow holds those behind), and the intergreen counts as time in which nobody goes, so that a change of stage must earn
what it costs (the priority index of Lämmer and Helbing 2008, doi:10.1088/1742-5468/2008/04/P04019).
"""

from collections.abc import Mapping, Sequence

import msgspec

from madang.services.signals.junction import Junction, Stage
from madang.services.signals.sense import Favour, Scene, Vehicle
from madang.services.signals.settings import Settings

HORIZON_S = 40.0
"""Arrivals later than this do not count."""
HEADWAY_S = 2.0
SWITCH_S = 2.0
"""What a change of stage costs beyond its intergreen, so that the signal does not flutter."""
HALTED_MPS = 1.0
ROLL_MPS = 7.0
QUEUE_M = 60.0

Approach = tuple[float, int, float]
"""One vehicle that comes: earliest arrival at the stop line (s from now), its movement, what it counts."""

Departure = tuple[float, float]
"""When somebody has left (s from now), and what that counts."""


class Pressure(msgspec.Struct, frozen=True, kw_only=True):
    """`rate` in vehicles per second, reached when `vehicles` have gone within `within_s` from now."""

    stage: int
    rate: float
    vehicles: float
    within_s: float


def approaching(scene: Scene, settings: Settings) -> Mapping[str, Sequence[Approach]]:
    """By queue, nearest first, who arrives within the horizon."""
    found: dict[str, list[Approach]] = {}
    for name, queue in scene.junction.queues.items():
        rows = scene.vehicles.get(name, ())
        if len(queue.lanes) > 1:
            rows = sorted(row for lane in queue.lanes for row in scene.vehicles.get(lane, ()))
        first = scene.announced.get(name, ())
        if rows or first:
            seen = _lane(rows, queue.links, scene.favour, settings)
            found[name] = sorted([*seen, *first], key=lambda each: each[0]) if first else seen
    return found


def _lane(
    rows: Sequence[Vehicle], links: tuple[int, ...], favour: Mapping[Vehicle, Favour], settings: Settings
) -> list[Approach]:
    queue: list[Approach] = []
    for row in rows:
        distance_m, speed_mps, link, kind, _ = row
        comes_s = arrival_s(distance_m, speed_mps)
        if comes_s > HORIZON_S:
            break
        own = settings.bus_weight if kind == "bus" else 1.0
        weight = favour[row][0] if row in favour else own
        if link >= 0 or len(links) == 1:
            queue.append((comes_s, link if link >= 0 else links[0], weight))
        else:
            queue.append((comes_s, -1, weight))
    return queue


def arrival_s(distance_m: float, speed_mps: float) -> float:
    """When a vehicle is at the stop line at the earliest (s from now). Who stands in the queue is there as soon as
    those before have gone."""
    if speed_mps < HALTED_MPS:
        return 0.0 if distance_m < QUEUE_M else distance_m / ROLL_MPS
    return distance_m / max(speed_mps, ROLL_MPS)


def pressures(
    scene: Scene,
    queues: Mapping[str, Sequence[Approach]],
    blocked: frozenset[int],
    settings: Settings,
) -> list[Pressure]:
    """Every stage's pressure, by stage number. While no stage is shown every stage starts after a full intergreen.

    `blocked` movements let nobody go.
    """
    junction = scene.junction
    now = junction.number.get(scene.stage, -1)
    found: list[Pressure] = []
    for number, stage in enumerate(junction.stages):
        if number == now:
            way = Way(junction=junction, stage=stage, shown=stage.open, start_s=0.0, blocked=blocked)
            found.append(_best(number, departures(way, queues, settings), 1.0, 0.0))
            continue
        start_s = junction.ways[now][number].length_s if now >= 0 else settings.intergreen_s
        way = Way(
            junction=junction,
            stage=stage,
            shown=junction.stages[now].open if now >= 0 else frozenset(),
            start_s=start_s + settings.start_loss_s,
            blocked=blocked,
        )
        going = departures(way, queues, settings)
        found.append(_best(number, going, start_s + settings.min_green_s, SWITCH_S))
    return found


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How a stage lets go: movements that are `shown` green already go on, others start at `start_s` from now; the
    `blocked` ones let nobody go."""

    junction: Junction
    stage: Stage
    shown: frozenset[int]
    start_s: float
    blocked: frozenset[int] = frozenset()


def departures(way: Way, queues: Mapping[str, Sequence[Approach]], settings: Settings) -> list[Departure]:
    """When who leaves under the stage, in order of time."""
    gone: dict[str, list[Departure]] = {}
    yielding: list[str] = []
    for name in way.stage.queues:
        queue = queues.get(name)
        if queue:
            gone[name], waits = _flow(way, name, queue, None, settings)
            if waits:
                yielding.append(name)
    for name in yielding:
        # Who has to yield goes in the gaps of those who do not.
        gone[name], _ = _flow(way, name, queues[name], gone, settings)
    going = [each for queue in gone.values() for each in queue]
    going.sort()
    return going


def _flow(
    way: Way,
    name: str,
    queue: Sequence[Approach],
    others: Mapping[str, Sequence[Departure]] | None,
    settings: Settings,
) -> tuple[list[Departure], bool]:
    """One queue's departures, and whether any of them has to yield to another queue. `others` are those queues'
    departures, once they are known."""
    lamps, blocked, shown, start_s = way.stage.lamps, way.blocked, way.shown, way.start_s
    width = len(way.junction.queues[name].lanes)
    protected_s, permissive_s = HEADWAY_S / width, settings.permissive_headway_s / width
    going: list[Departure] = []
    free_s, waits = 0.0, False
    for comes_s, link, weight in queue:
        lamp = lamps[link] if link >= 0 else "G"
        if lamp == "r" or link in blocked:
            break
        begin_s = free_s if link in shown or free_s > start_s else start_s
        leave_s = comes_s if comes_s > begin_s else begin_s
        if lamp == "g":
            waits = True
            if others is not None:
                leave_s = _gap(leave_s, way.stage.rivals.get(link, ()), others, settings.gap_s)
        if leave_s > HORIZON_S:
            break
        free_s = leave_s + (permissive_s if lamp == "g" else protected_s) * (weight if weight < 1.0 else 1.0)
        going.append((free_s, weight))
    return going, waits


def _gap(from_s: float, rivals: Sequence[str], others: Mapping[str, Sequence[Departure]], gap_s: float) -> float:
    """The first moment from `from_s` on with nobody of the rival queues in the next `gap_s` seconds."""
    passing = sorted(moment_s for lane in rivals for moment_s, _ in others.get(lane, ()))
    for moment_s in passing:
        if moment_s >= from_s + gap_s:
            break
        from_s = max(from_s, moment_s)
    return from_s


def _best(stage: int, going: Sequence[tuple[float, float]], least_s: float, extra_s: float) -> Pressure:
    """The highest rate over all moments at which the stage might end, at the earliest after `least_s`."""
    rate = vehicles = 0.0
    found = (0.0, least_s)
    for leave_s, weight in going:
        vehicles += weight
        within_s = leave_s if leave_s > least_s else least_s
        if vehicles / (within_s + extra_s) > rate:
            rate = vehicles / (within_s + extra_s)
            found = (vehicles, within_s)
    return Pressure(stage=stage, rate=rate, vehicles=found[0], within_s=found[1])
