"""The traffic at one junction let go for a second under a stage, or over a change of stages, and what that costs.

Pure functions over arrays, compiled as all of ``kernel.py``'s arithmetic is.
"""

from madang.services.signals.machine import compiled, merged
from madang.services.signals.shapes import (
    AT_ONCE,
    CLOSED,
    LATE,
    NEVER_S,
    PERMISSIVE,
    PROTECTED,
    RED,
    State,
    Tables,
    Terms,
    Traffic,
)


@compiled
def room_s(who: Traffic, at: State, link: int, more: float) -> float:
    """When the street behind the link has room for one more vehicle after `more` others."""
    group = who.group[link]
    if group < 0:
        return 0.0
    place = who.first[group] + int(at.entered[group] + more + 0.01)
    return who.place_s[place] if place < who.first[group + 1] else NEVER_S


@compiled
def can_go_s(at: State, who: Traffic, q: int, k: int, t: float) -> float:
    """When the head k of queue q can pass at the earliest, its link being open."""
    ready_s = max(max(who.arrive_s[k], at.free_s[q]), max(at.open_s[who.link[k]], t))
    return max(ready_s, room_s(who, at, who.link[k], 0.0))


@compiled
def gap_is_taken(
    it: Tables, who: Traffic, at: State, by: Terms, stage: int, q: int, link: int, t: float, from_s: float
) -> bool:
    """Whether somebody to whom the link yields, in another queue than q, has just passed or comes before the gap that
    begins at `from_s` is over."""
    for place in range(it.first[stage], it.first[stage + 1]):
        other = it.queues[place]
        if other == q:
            continue
        k = at.head[other]
        if k > who.start[other] and it.rival[stage, link, who.link[k - 1]] != 0:
            passed_s = at.free_s[other] - by.headway_s * who.size[k - 1]
            if passed_s + by.cleared_s > from_s:
                return True
        if k == who.start[other + 1] or who.blocked[who.link[k]] != 0 or it.rival[stage, link, who.link[k]] == 0:
            continue
        if can_go_s(at, who, other, k, t) < from_s + by.gap_s:
            return True
    return False


@compiled
def flow(
    it: Tables, who: Traffic, at: State, by: Terms, stage: int, q: int, t: float, end_s: float, lowest: int
) -> float:
    """Let queue q go until `end_s` under the stage; what they have waited, weighted. `lowest` is the lamp from which on
    they go in this turn: who has protected green goes before those who yield to it."""
    cost = 0.0
    k = at.head[q]
    if lowest == PROTECTED and k < who.start[q + 1] and who.arrive_s[k] <= t:
        link = who.link[k]
        if it.lamp[stage, link] != RED and room_s(who, at, link, 0.0) > t + 1.0:
            cost += by.crowd
    while k < who.start[q + 1]:
        lamp = it.lamp[stage, who.link[k]]
        if lamp < lowest or who.blocked[who.link[k]] != 0:
            break
        leave_s = can_go_s(at, who, q, k, t)
        if leave_s >= end_s:
            break
        headway_s = by.headway_s
        if lamp == PERMISSIVE:
            link = who.link[k]
            headway_s = by.permissive_headway_s
            if at.inside[link] > 0.0 or gap_is_taken(it, who, at, by, stage, q, link, t, leave_s):
                if at.inside[link] + who.size[k] > it.room[link]:
                    break
                at.inside[link] += who.size[k]
                headway_s = by.headway_s
        at.free_s[q] = leave_s + headway_s * who.size[k]
        at.leave_s[k] = leave_s
        if who.group[who.link[k]] >= 0:
            at.entered[who.group[who.link[k]]] += who.size[k]
        wait_s = leave_s - who.arrive_s[k]
        cost += who.weight[k] * wait_s + who.stop[k] * min(1.0, wait_s / by.stopped_s)
        k += 1
        at.head[q] = k
    return cost


@compiled
def inside(it: Tables, who: Traffic, at: State, by: Terms, stage: int, t: float) -> float:
    """A second of those who wait within the junction: they go in the first gap."""
    cost = 0.0
    for link in range(at.inside.shape[0]):
        if at.inside[link] > 0.0:
            if it.lamp[stage, link] == PERMISSIVE and gap_is_taken(it, who, at, by, stage, -1, link, t, t):
                cost += at.inside[link]
            else:
                at.inside[link] = max(0.0, at.inside[link] - 0.5)
    return cost


@merged
def second(it: Tables, who: Traffic, at: State, by: Terms, stage: int, t: float) -> float:
    """The second from t on under a stage; what those who leave have waited, weighted."""
    cost = 0.0
    for place in range(it.first[stage], it.first[stage + 1]):
        cost += flow(it, who, at, by, stage, it.queues[place], t, t + 1.0, PROTECTED)
    if it.yielding[stage] != 0:
        cost += inside(it, who, at, by, stage, t)
        for place in range(it.first[stage], it.first[stage + 1]):
            cost += flow(it, who, at, by, stage, it.queues[place], t, t + 1.0, PERMISSIVE)
    return cost


@compiled
def switch(it: Tables, who: Traffic, at: State, by: Terms, old: int, new: int, t: float) -> float:
    """Begin the change at t: who still passes at yellow goes. What that and the change itself cost."""
    cost = by.switch
    for place in range(it.first[old], it.first[old + 1]):
        q = it.queues[place]
        if at.head[q] < who.start[q + 1] and it.change[old, new, who.link[at.head[q]]] == CLOSED:
            cost += flow(it, who, at, by, old, q, t, t + by.yellow_used_s, PROTECTED)
    for link in range(at.open_s.shape[0]):
        way = it.change[old, new, link]
        if way == CLOSED:
            cost += by.yellow_used_s * at.inside[link]
            at.inside[link] = 0.0
        if way == AT_ONCE:
            at.open_s[link] = t + by.start_loss_s
        elif way == LATE:
            at.open_s[link] = t + it.between_s[old, new] + by.start_loss_s
    return cost
