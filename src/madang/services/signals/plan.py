"""The plan of one junction: how long to stay and what to show then, weighed in vehicle-seconds over the next minute.

A rolling horizon (as in OPAC, Gartner 1983): every second each way to go on is weighed by letting the traffic that is
seen and expected go under it, and only its first step is taken. ``kernel.py`` has the arithmetic.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from madang.services.signals import kernel, machine, shapes, tables
from madang.services.signals.arrivals import Arrival
from madang.services.signals.junction import Junction, compiled
from madang.services.signals.room import NO_PLACES, Places
from madang.services.signals.settings import Settings

STAYS_S = np.array([*range(7), 8, 10, 12, 15, 19, 24, 30, 40], np.float64)
SECOND_S = np.array([7, 12, 18], np.float64)
"""For how long the next stage is tried to be green before a second one."""
WIDE = 4
"""So many of the best plans are tried with every second stage."""
HOLD_GAP_S = 2.5
LONGEST_GREEN_S = 60.0
YELLOW_USED_S = 0.3


def prepare() -> None:
    """Have the arithmetic compiled, or read from disk where it was compiled before, by planning for a junction with one
    movement."""
    link = {"index": 0, "from_lane": "a_0", "to_lane": "b_0"}
    layout: dict[str, Any] = {
        "links": [link],
        "foes": [[]],
        "stages": [{"id": "s1", "green": "G"}, {"id": "s2", "green": "r"}],
    }
    junction = compiled("", layout, Settings())
    start = Start(stage=0, opens_s={}, ready_s=(0.0, 0.0))
    weighed(junction, start, {"a_0": [Arrival(0.0, 0, 1.0, 1.0)]}, frozenset(), Settings())


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`costs` by stage number: the least cost of beginning it now, for the shown stage of holding on (vehicle-seconds;
    `shapes.NEVER_S` where it cannot begin now). `stay_s` is for how long the best plan holds (below 0: until nobody
    comes), `then` the stage after that. `leaving` by link: when who leaves (s from now), with weight and size. `waits`
    by queue, where asked for: what all of it wait under the best plan until the horizon, everybody counted alike."""

    costs: tuple[float, ...]
    stay_s: float
    then: int
    leaving: Mapping[int, Sequence[tuple[float, float, float]]]
    waits: Mapping[str, float] = {}


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """Where the plan begins: the stage (by number), by link in how many seconds it is open (only where it is not yet),
    by stage number when it may begin (s from now), until when the shown stage cannot end at all, and by link how many
    wait for a gap within the junction."""

    stage: int
    opens_s: Mapping[int, float]
    ready_s: Sequence[float]
    locked_s: float = 0.0
    inside: Mapping[int, float] = {}


def weighed(
    junction: Junction,
    start: Start,
    queues: Mapping[str, Sequence[Arrival]],
    blocked: frozenset[int],
    settings: Settings,
    *,
    places: Places = NO_PLACES,
    account: bool = False,
) -> Plan:
    """The best plan. While the shown stage is locked it is followed by the base policy, and nothing is weighed."""
    machine.load()
    known = tables.of(junction)
    traffic = _traffic(known, queues, blocked, places, settings)
    at = _state(traffic, start, junction.size)
    by = _terms(settings, start.locked_s)
    costs, chosen = np.full(len(junction.stages), shapes.NEVER_S), np.array([-1.0, start.stage, 0.0, -1.0])
    if start.locked_s <= 0 and traffic.arrive_s.size:
        spare, third = _copy(at), _copy(at)
        ready_s, table = np.array(start.ready_s, np.float64), np.empty((STAYS_S.size, costs.size))
        plans = shapes.Weighing(STAYS_S, SECOND_S, ready_s, WIDE, costs, chosen, table)
        kernel.weigh(known.tables, traffic, at, spare, third, by, start.stage, plans)
    else:
        costs[start.stage] = 0.0
    kernel.follow(known.tables, traffic, at, by, start.stage, chosen)
    return Plan(
        costs=tuple(costs.tolist()),
        stay_s=float(chosen[0]),
        then=int(chosen[1]),
        leaving=_leaving(traffic, at, settings),
        waits=_waits(known, traffic, at, settings) if account else {},
    )


def followed(
    junction: Junction,
    start: Start,
    queues: Mapping[str, Sequence[Arrival]],
    blocked: frozenset[int],
    settings: Settings,
    schedule: Sequence[tuple[float, int]],
    *,
    places: Places = NO_PLACES,
    fixed: bool = False,
) -> Mapping[str, float]:
    """By queue, what all of it wait (vehicle-seconds until the horizon, everybody counted alike) where the stages of
    the schedule (s from now, stage number) are begun at their moments. One that is `fixed` is kept to the end; else
    it has one stage or none, and the base policy goes on from there."""
    machine.load()
    known = tables.of(junction)
    traffic = _traffic(known, queues, blocked, places, settings)
    at, by = _state(traffic, start, junction.size), _terms(settings, start.locked_s)
    if fixed:
        moments_s = np.array([moment_s for moment_s, _ in schedule], np.float64)
        stages = np.array([stage for _, stage in schedule], np.int64)
        kernel.scheduled(known.tables, traffic, at, by, start.stage, moments_s, stages)
    else:
        stay_s, then = schedule[0] if schedule else (-1.0, start.stage)
        kernel.follow(known.tables, traffic, at, by, start.stage, np.array([stay_s, then, 0.0, -1.0]))
    return _waits(known, traffic, at, settings)


def _traffic(
    known: tables.Compiled,
    queues: Mapping[str, Sequence[Arrival]],
    blocked: frozenset[int],
    places: Places,
    settings: Settings,
) -> shapes.Traffic:
    rows: list[Arrival] = []
    start = [0]
    width: list[float] = []
    for name, lanes in known.names:
        found = queues.get(name, ())
        rows.extend(found)
        width.extend([lanes] * len(found))
        start.append(len(rows))
    size = known.tables.room.size
    closed, group = np.zeros(size, np.int8), np.full(size, -1, np.int64)
    for link in blocked:
        closed[link] = 1
    for link, number in places.group.items():
        group[link] = number
    return shapes.Traffic(
        start=np.array(start, np.int64),
        arrive_s=np.array([row.at_s for row in rows], np.float64),
        link=np.array([row.link for row in rows], np.int64),
        weight=np.array([row.weight for row in rows], np.float64),
        stop=np.array([settings.stop_cost * row.weight if row.moving else 0.0 for row in rows], np.float64),
        size=np.array([row.size / lanes for row, lanes in zip(rows, width, strict=True)], np.float64),
        blocked=closed,
        group=group,
        first=np.cumsum([0, *map(len, places.free_s)], dtype=np.int64),
        place_s=np.array([free_s for row in places.free_s for free_s in row], np.float64),
    )


def _state(traffic: shapes.Traffic, start: Start, size: int) -> shapes.State:
    open_s, inside = np.zeros(size), np.zeros(size)
    for link, count in start.inside.items():
        inside[link] = count
    for link, opens_s in start.opens_s.items():
        open_s[link] = opens_s
    queues = traffic.start.size - 1
    return shapes.State(
        head=traffic.start[:-1].copy(),
        free_s=np.zeros(queues),
        open_s=open_s,
        inside=inside,
        leave_s=np.full(traffic.arrive_s.size, shapes.NEVER_S),
        entered=np.zeros(traffic.first.size - 1),
    )


def _copy(at: shapes.State) -> shapes.State:
    return shapes.State(*(each.copy() for each in at))


def _terms(settings: Settings, locked_s: float) -> shapes.Terms:
    return shapes.Terms(
        horizon_s=settings.horizon_s,
        headway_s=settings.headway_s,
        permissive_headway_s=settings.permissive_headway_s,
        gap_s=settings.gap_s,
        start_loss_s=settings.start_loss_s,
        yellow_used_s=YELLOW_USED_S,
        hold_gap_s=HOLD_GAP_S,
        switch=settings.switch_cost,
        left_over=settings.left_over_cost,
        min_green_s=settings.min_green_s,
        longest_green_s=LONGEST_GREEN_S,
        locked_s=locked_s,
        crowd=settings.crowd_cost,
        stopped_s=3.0,
        look_s=8.0,
        cleared_s=1.0,
        soon_s=3.0,
        room_s=10.0,
        yielding=0.3,
    )


def _leaving(
    traffic: shapes.Traffic, at: shapes.State, settings: Settings
) -> dict[int, list[tuple[float, float, float]]]:
    found: dict[int, list[tuple[float, float, float]]] = {}
    rows = zip(at.leave_s.tolist(), traffic.link.tolist(), traffic.weight.tolist(), traffic.size.tolist(), strict=True)
    for leave_s, link, weight, size in rows:
        if leave_s < settings.foresight_s:
            found.setdefault(link, []).append((leave_s, weight, size))
    return found


def _waits(known: tables.Compiled, traffic: shapes.Traffic, at: shapes.State, settings: Settings) -> dict[str, float]:
    """By queue, vehicle-seconds until the horizon; those beyond it count nothing."""
    until_s = np.minimum(at.leave_s, settings.horizon_s)
    wait_s = np.maximum(until_s - traffic.arrive_s, 0.0) * traffic.size
    bounds = traffic.start.tolist()
    return {
        name: float(wait_s[first:end].sum()) * lanes
        for (name, lanes), first, end in zip(known.names, bounds[:-1], bounds[1:], strict=True)
    }
