"""The base policy that goes on where a plan ends: a stage is held while somebody comes, then comes the fullest.

Pure functions over arrays, compiled as all of ``kernel.py``'s arithmetic is.
"""

from madang.services.signals.going import room_s, second, switch
from madang.services.signals.machine import compiled
from madang.services.signals.shapes import NEVER_S, PROTECTED, RED, State, Tables, Terms, Traffic


@compiled
def comes(it: Tables, who: Traffic, at: State, by: Terms, stage: int, t: float) -> bool:
    """Whether somebody with protected green is there, or comes within the gap at which a stage ends."""
    for place in range(it.first[stage], it.first[stage + 1]):
        q = it.queues[place]
        k = at.head[q]
        if k < who.start[q + 1] and max(who.arrive_s[k], at.free_s[q]) <= t + by.hold_gap_s:
            link = who.link[k]
            goes = it.lamp[stage, link] == PROTECTED and who.blocked[link] == 0
            if goes and room_s(who, at, link, 0.0) <= t + by.hold_gap_s:
                return True
    return False


@compiled
def served(it: Tables, who: Traffic, at: State, by: Terms, stage: int, t: float) -> float:
    """How many of those who are there the stage would let go."""
    count = 0.0
    for place in range(it.first[stage], it.first[stage + 1]):
        q = it.queues[place]
        here = 0.0
        for k in range(at.head[q], who.start[q + 1]):
            lamp = it.lamp[stage, who.link[k]]
            if lamp == RED or who.blocked[who.link[k]] != 0 or who.arrive_s[k] > t + by.soon_s:
                break
            if room_s(who, at, who.link[k], here) > t + by.room_s:
                break
            here += who.size[k]
            count += who.size[k] if lamp == PROTECTED else by.yielding * who.size[k]
    return count


@compiled
def fullest(it: Tables, who: Traffic, at: State, by: Terms, stage: int, t: float) -> int:
    """The other stage that lets go most of those who are there; -1 where none lets go anybody."""
    best, most = -1, 1e-9
    for other in range(it.usable.shape[0]):
        if other != stage and it.usable[other] != 0:
            count = served(it, who, at, by, other, t)
            if count > most + 1e-9:
                best, most = other, count
    return best


@compiled
def empty(who: Traffic, at: State) -> bool:
    """Whether everybody has gone."""
    left = 0
    for q in range(at.head.shape[0]):
        left += who.start[q + 1] - at.head[q]
    return left == 0


@compiled
def left_over(who: Traffic, at: State, by: Terms) -> float:
    """What those cost who are still there at the horizon."""
    cost = 0.0
    for q in range(at.head.shape[0]):
        for k in range(at.head[q], who.start[q + 1]):
            at.leave_s[k] = NEVER_S
            if who.arrive_s[k] < by.horizon_s:
                cost += who.weight[k] * (by.horizon_s - who.arrive_s[k] + by.left_over) + who.stop[k]
    return cost


@compiled
def waited(who: Traffic, at: State, t: float) -> float:
    """What those who are still there have cost until t."""
    cost = 0.0
    for q in range(at.head.shape[0]):
        for k in range(at.head[q], who.start[q + 1]):
            if who.arrive_s[k] < t:
                cost += who.weight[k] * (t - who.arrive_s[k])
    return cost


@compiled
def onward(
    it: Tables, who: Traffic, at: State, by: Terms, stage: int, t: float, began_s: float, may_end_s: float, bound: float
) -> float:
    """What the base policy costs from t on: a stage, begun at `began_s`, that may end from `may_end_s` on, is held
    while somebody comes; then comes the fullest. Gives up beyond `bound`."""
    cost = 0.0
    look_s = t + by.look_s
    while t < by.horizon_s:
        if t >= look_s:
            if cost + waited(who, at, t) > bound:
                return NEVER_S
            look_s = t + by.look_s
        if t >= may_end_s and (t - began_s >= by.longest_green_s or not comes(it, who, at, by, stage, t)):
            other = fullest(it, who, at, by, stage, t)
            if other >= 0:
                cost += switch(it, who, at, by, stage, other, t)
                began_s = t + it.between_s[stage, other]
                may_end_s = began_s + by.min_green_s
                stage = other
            elif empty(who, at):
                return cost
        cost += second(it, who, at, by, stage, t)
        t += 1.0
    return cost + left_over(who, at, by)
