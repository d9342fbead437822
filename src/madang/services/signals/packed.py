"""A junction, who comes and the terms as a few flat arrays, and what they mean: to hand an array to machine code costs
as much as the arithmetic of some vehicles, and a plan has some thirty.

What is put into them here is read by the compiled functions below, in the same order.
"""

from array import array
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np

from madang.services.signals.kernel import follow, scheduled, weigh
from madang.services.signals.machine import compiled
from madang.services.signals.shapes import NEVER_S, Array, State, Tables, Terms, Traffic, Weighing

TERMS = len(Terms._fields)
"""How many terms there are."""


class Fixed(msgspec.Struct, frozen=True, kw_only=True):
    """A junction's tables: `small` lamps, changes, rivals and usability, `whole` numbers, `real` times and places."""

    small: Array
    whole: Array
    real: Array


def packed(tables: Tables) -> Fixed:
    """The tables, packed."""
    stages, links = tables.lamp.shape
    head = (stages, links, tables.queues.size)
    return Fixed(
        small=_end_to_end(np.int8, tables.lamp, tables.change, tables.rival, tables.usable),
        whole=_end_to_end(np.int64, np.array(head), tables.queues, tables.first, tables.yielding),
        real=_end_to_end(np.float64, tables.between_s, tables.room),
    )


def _end_to_end(kind: Any, *arrays: Array) -> Array:
    return np.concatenate([each.ravel() for each in arrays]).astype(kind)


def whole(values: Iterable[int]) -> Array:
    """An array of these whole numbers; quicker than numpy's own way from a list."""
    return np.frombuffer(array("q", values), np.int64)


def real(values: Iterable[float]) -> Array:
    """An array of these numbers."""
    return np.frombuffer(array("d", values), np.float64)


@compiled
def tables_of(small: Array, whole: Array, real: Array) -> Tables:
    """The junction's tables."""
    stages, links, rows = whole[0], whole[1], whole[2]
    lamps, changes = stages * links, stages * stages * links
    rivals = lamps + changes + stages * links * links
    first = 3 + rows
    return Tables(
        small[:lamps].reshape((stages, links)),
        small[lamps : lamps + changes].reshape((stages, stages, links)),
        real[: stages * stages].reshape((stages, stages)),
        small[lamps + changes : rivals].reshape((stages, links, links)),
        whole[3:first],
        whole[first : first + stages + 1],
        whole[first + stages + 1 : first + 2 * stages + 1],
        real[stages * stages : stages * stages + links],
        small[rivals : rivals + stages],
    )


@compiled
def traffic_of(links: int, whole: Array, real: Array) -> Traffic:
    """Who comes: `whole` has how many queues, vehicles and groups there are, then `start`, `link`, `blocked`, `group`
    and `first`; `real` has the terms, then `arrive_s`, `weight`, `stop`, `size` and `place_s`."""
    queues, count, groups = whole[0], whole[1], whole[2]
    start = 3
    link = start + queues + 1
    blocked = link + count
    group = blocked + links
    first = group + links
    arrive = TERMS
    return Traffic(
        whole[start:link],
        real[arrive : arrive + count],
        whole[link:blocked],
        real[arrive + count : arrive + 2 * count],
        real[arrive + 2 * count : arrive + 3 * count],
        real[arrive + 3 * count : arrive + 4 * count],
        whole[blocked:group],
        whole[group:first],
        whole[first : first + groups + 1],
        real[arrive + 4 * count :],
    )


@compiled
def terms_of(real: Array) -> Terms:
    """The terms, in the order of their names in `Terms`."""
    return Terms(
        real[0],
        real[1],
        real[2],
        real[3],
        real[4],
        real[5],
        real[6],
        real[7],
        real[8],
        real[9],
        real[10],
        real[11],
        real[12],
        real[13],
        real[14],
        real[15],
        real[16],
        real[17],
        real[18],
    )


@compiled
def moment(who: Traffic, links: int, which: int, heads: Array, room: Array) -> State:
    """The moment number `which` of those that there is room for: nobody has gone, every link is open."""
    queues, count, groups = who.start.shape[0] - 1, who.arrive_s.shape[0], who.first.shape[0] - 1
    size = queues + 2 * links + count + groups
    free = which * size
    opens = free + queues
    inside = opens + links
    leave = inside + links
    entered = leave + count
    return State(
        heads[which * queues : (which + 1) * queues],
        room[free:opens],
        room[opens:inside],
        room[inside:leave],
        room[leave:entered],
        room[entered : entered + groups],
    )


@compiled
def begun(at: State, who: Traffic, start: Array) -> None:
    """Make it the present moment: `start` has by link in how many seconds it opens, then who waits within."""
    links = at.open_s.shape[0]
    for q in range(at.head.shape[0]):
        at.head[q] = who.start[q]
    for link in range(links):
        at.open_s[link], at.inside[link] = start[link], start[links + link]
    at.free_s[:] = 0.0
    at.leave_s[:] = NEVER_S
    at.entered[:] = 0.0


@compiled
def planned(
    small: Array,
    numbers: Array,
    lengths: Array,
    whole: Array,
    real: Array,
    start: Array,
    heads: Array,
    room: Array,
    stays_s: Array,
    greens_s: Array,
    wide: int,
    now: int,
    found: Array,
) -> None:
    """Weigh every plan where the shown stage may end and somebody comes, and roll the best out. `start` goes on by
    stage with when it may begin. Afterwards `found` has the stages' costs, the chosen plan and the table, and `room` of
    the first moment when everybody leaves."""
    it = tables_of(small, numbers, lengths)
    stages, links = it.lamp.shape
    who, by = traffic_of(links, whole, real), terms_of(real)
    at = moment(who, links, 0, heads, room)
    begun(at, who, start)
    costs, chosen = found[:stages], found[stages : stages + 4]
    costs[:] = NEVER_S
    chosen[0], chosen[1], chosen[2], chosen[3] = -1.0, now, 0.0, -1.0
    if by.locked_s <= 0.0 and who.arrive_s.shape[0] > 0:
        table = found[stages + 4 :].reshape((stays_s.shape[0], stages))
        plans = Weighing(stays_s, greens_s, start[2 * links :], wide, costs, chosen, table)
        weigh(it, who, at, moment(who, links, 1, heads, room), moment(who, links, 2, heads, room), by, now, plans)
    else:
        costs[now] = 0.0
    follow(it, who, at, by, now, chosen)


@compiled
def rolled(
    small: Array,
    numbers: Array,
    lengths: Array,
    whole: Array,
    real: Array,
    start: Array,
    heads: Array,
    room: Array,
    moments_s: Array,
    stages: Array,
    fixed: int,
    now: int,
) -> None:
    """Let them go: where it is `fixed`, under the stages begun at these moments, else under the plan that `moments_s`
    is (see `shapes.Weighing.chosen`). Afterwards `room` has when everybody leaves."""
    it = tables_of(small, numbers, lengths)
    links = it.lamp.shape[1]
    who, by = traffic_of(links, whole, real), terms_of(real)
    at = moment(who, links, 0, heads, room)
    begun(at, who, start)
    if fixed != 0:
        scheduled(it, who, at, by, now, moments_s, stages)
    else:
        follow(it, who, at, by, now, moments_s)
