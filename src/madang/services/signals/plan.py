"""The plan of one junction: how long to stay and what to show then, weighed in vehicle-seconds over the next minute.

A rolling horizon (as in OPAC, Gartner 1983): every second each way to go on is weighed by letting the traffic that is
seen and expected go under it, and only its first step is taken. ``kernel.py`` has the arithmetic.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from madang.services.signals import machine, packed, shapes, tables
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
    start, queues = Start(stage=0, opens_s={}, ready_s=(0.0, 0.0)), {"a_0": [Arrival(0.0, 0, 1.0, 1.0)]}
    weighed(junction, start, queues, frozenset(), Settings())
    followed(junction, start, queues, frozenset(), Settings(), [])


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
    traffic = _traffic(known, queues, blocked, places, _terms(settings, start.locked_s), settings)
    stages = len(junction.stages)
    found = np.empty(stages + 4 + STAYS_S.size * stages)
    room = traffic.room(3)
    begin = _begin(start, junction.size)
    packed.planned(*traffic.arrays, begin, *room, STAYS_S, SECOND_S, WIDE, start.stage, found)
    leave_s = traffic.leaving_s(room[1])
    numbers = found[: stages + 4].tolist()
    return Plan(
        costs=tuple(numbers[:stages]),
        stay_s=numbers[stages],
        then=int(numbers[stages + 1]),
        leaving=_leaving(traffic, leave_s, settings),
        waits=_waits(known, traffic, leave_s, settings) if account else {},
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
    traffic = _traffic(known, queues, blocked, places, _terms(settings, start.locked_s), settings)
    if fixed:
        moments_s = [moment_s for moment_s, _ in schedule]
    else:
        stay_s, then = schedule[0] if schedule else (-1.0, start.stage)
        moments_s = [stay_s, then, 0.0, -1.0]
    stages = np.array([stage for _, stage in schedule], np.int64)
    room = traffic.room(1)
    begin, when = _begin(start, junction.size), np.array(moments_s, np.float64)
    packed.rolled(*traffic.arrays, begin, *room, when, stages, int(fixed), start.stage)
    return _waits(known, traffic, traffic.leaving_s(room[1]), settings)


class _Traffic(msgspec.Struct, frozen=True):
    """Who comes, in the order of the queues: how many there are up to each queue (`start`), their arrivals, their link
    and size; all of it with the junction and the terms as the arrays that machine code takes."""

    start: Sequence[int]
    rows: Sequence[Arrival]
    size: Sequence[float]
    links: int
    groups: int
    arrays: tuple[Any, Any, Any, Any, Any]

    def room(self, moments: int) -> tuple[Any, Any]:
        """Room for so many moments of a rollout: vehicles that have gone, and times (see `packed.moment`)."""
        queues = len(self.start) - 1
        times = queues + 2 * self.links + len(self.rows) + self.groups
        return np.empty(moments * queues, np.int64), np.empty(moments * times)

    def leaving_s(self, room: Any) -> Any:
        """When each of them leaves, in the first moment that the room is for."""
        first = len(self.start) - 1 + 2 * self.links
        return room[first : first + len(self.rows)]


def _traffic(
    known: tables.Compiled,
    queues: Mapping[str, Sequence[Arrival]],
    blocked: frozenset[int],
    places: Places,
    terms: Sequence[float],
    settings: Settings,
) -> _Traffic:
    rows: list[Arrival] = []
    start = [0]
    size: list[float] = []
    for name, lanes in known.names:
        found = queues.get(name)
        if found:
            rows += found
            size += [row.size / lanes for row in found]
        start.append(len(rows))
    links = known.tables.room.size
    closed, group = [0] * links, [-1] * links
    for link in blocked:
        closed[link] = 1
    for link, number in places.group.items():
        group[link] = number
    first = [0, *itertools.accumulate(map(len, places.free_s))]
    stop_cost = settings.stop_cost
    whole = [len(start) - 1, len(rows), len(first) - 1, *start, *[row.link for row in rows], *closed, *group, *first]
    real = [
        *terms,
        *[row.at_s for row in rows],
        *[row.weight for row in rows],
        *[stop_cost * row.weight if row.moving else 0.0 for row in rows],
        *size,
        *itertools.chain.from_iterable(places.free_s),
    ]
    it = known.packed
    arrays = (it.small, it.whole, it.real, packed.whole(whole), packed.real(real))
    return _Traffic(start, rows, size, links, len(first) - 1, arrays)


def _begin(start: Start, links: int) -> Any:
    """By link when it opens, then who waits within the junction; by stage when it may begin."""
    begin = [0.0] * (2 * links)
    for link, opens_s in start.opens_s.items():
        begin[link] = opens_s
    for link, count in start.inside.items():
        begin[links + link] = count
    return packed.real([*begin, *start.ready_s])


def _terms(settings: Settings, locked_s: float) -> Sequence[float]:
    """In the order of `shapes.Terms`."""
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


def _leaving(traffic: _Traffic, leave_s: Any, settings: Settings) -> dict[int, list[tuple[float, float, float]]]:
    found: dict[int, list[tuple[float, float, float]]] = {}
    until_s = settings.foresight_s
    for left_s, row, size in zip(leave_s.tolist(), traffic.rows, traffic.size, strict=True):
        if left_s < until_s:
            found.setdefault(row.link, []).append((left_s, row.weight, size))
    return found


def _waits(known: tables.Compiled, traffic: _Traffic, leave_s: Any, settings: Settings) -> dict[str, float]:
    """By queue, vehicle-seconds until the horizon; those beyond it count nothing."""
    until_s = np.minimum(leave_s, settings.horizon_s)
    arrive_s = np.array([row.at_s for row in traffic.rows], np.float64)
    wait_s = np.maximum(until_s - arrive_s, 0.0) * np.array(traffic.size, np.float64)
    return {
        name: float(wait_s[first:end].sum()) * lanes
        for (name, lanes), first, end in zip(known.names, traffic.start[:-1], traffic.start[1:], strict=True)
    }
