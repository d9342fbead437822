"""The arithmetic of the plan: the traffic at one junction let go, second by second, under every plan that is weighed.

Pure functions over arrays, compiled by numba where it is installed and run as they are where it is not: the same
operations in the same order, so the same numbers. Nothing here knows what an entity is; ``plan.py`` makes the arrays.
"""

from madang.services.signals.machine import compiled
from madang.services.signals.shapes import (
    AT_ONCE,
    CLOSED,
    LATE,
    NEVER_S,
    PERMISSIVE,
    PROTECTED,
    RED,
    Array,
    State,
    Tables,
    Terms,
    Traffic,
    Weighing,
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


@compiled
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


@compiled
def copied(source: State, target: State) -> None:
    """Make the target the same moment."""
    for q in range(source.head.shape[0]):
        target.head[q] = source.head[q]
        target.free_s[q] = source.free_s[q]
    for link in range(source.open_s.shape[0]):
        target.open_s[link] = source.open_s[link]
        target.inside[link] = source.inside[link]
    for group in range(source.entered.shape[0]):
        target.entered[group] = source.entered[group]


@compiled
def through(
    it: Tables, who: Traffic, at: State, by: Terms, old: int, new: int, t: float, green_s: float
) -> tuple[float, float]:
    """Change at t and show the new stage for so long: what that costs, and when it ends."""
    cost = switch(it, who, at, by, old, new, t)
    end_s = t + it.between_s[old, new] + green_s
    while t < end_s and t < by.horizon_s:
        cost += second(it, who, at, by, new, t)
        t += 1.0
    return cost, t


@compiled
def one_stage(it: Tables, who: Traffic, at: State, by: Terms, old: int, new: int, t: float, bound: float) -> float:
    """What it costs to change at t and follow the base policy from then on."""
    began_s = t + it.between_s[old, new]
    cost = switch(it, who, at, by, old, new, t)
    return cost + onward(it, who, at, by, new, t, began_s, began_s + by.min_green_s, bound - cost)


@compiled
def two_stages(
    it: Tables, who: Traffic, at: State, spare: State, by: Terms, old: int, new: int, t: float, for_s: float, cap: float
) -> tuple[float, int]:
    """What it costs to change at t, show the new stage `for_s` and then the best second one, if not beyond `cap`; and
    which that is. Leaves `at` where the second one begins."""
    cost, end_s = through(it, who, at, by, old, new, t, for_s)
    best, which = NEVER_S, -1
    if end_s >= by.horizon_s or cost > cap:
        return best, which
    for other in range(it.usable.shape[0]):
        if other != new and it.usable[other] != 0 and served(it, who, at, by, other, end_s) > 0.0:
            copied(at, spare)
            found = cost + one_stage(it, who, spare, by, new, other, end_s, min(cap, best) - cost)
            if found < best:
                best, which = found, other
    return best, which


@compiled
def weigh(
    it: Tables, who: Traffic, at: State, spare: State, third: State, by: Terms, now: int, plans: Weighing
) -> None:
    """Weigh every plan: stay for some seconds, then a stage (and a second one), then the base policy. `at` is the
    present moment with stage `now`."""
    costs, chosen = plans.costs, plans.chosen
    plans.table[:] = NEVER_S
    costs[:] = NEVER_S
    copied(at, spare)
    best = onward(it, who, spare, by, now, 0.0, 0.0, max(1.0, by.locked_s), NEVER_S)
    costs[now] = best
    chosen[0], chosen[1], chosen[2], chosen[3] = -1.0, now, 0.0, -1.0
    spent, t = 0.0, 0.0
    copied(at, third)
    for moment in range(plans.stays_s.shape[0]):
        while t < plans.stays_s[moment]:
            spent += second(it, who, third, by, now, t)
            t += 1.0
        for new in range(it.usable.shape[0]):
            if new == now or it.usable[new] == 0 or plans.ready_s[new] > t:
                continue
            if t > 0.0 and served(it, who, third, by, new, t + 5.0) <= 0.0:
                continue
            copied(third, spare)
            bound = NEVER_S if t == 0.0 else best * 1.1 + 10.0
            cost = spent + one_stage(it, who, spare, by, now, new, t, bound - spent)
            plans.table[moment, new] = cost
            place = new if t == 0.0 else now
            costs[place] = min(costs[place], cost)
            if cost < best:
                best = cost
                chosen[0], chosen[1], chosen[2], chosen[3] = t, new, 0.0, -1.0
    for _ in range(plans.wide):
        best = deepen(it, who, at, spare, third, by, now, plans, best)


@compiled
def deepen(
    it: Tables, who: Traffic, at: State, spare: State, third: State, by: Terms, now: int, plans: Weighing, best: float
) -> float:
    """Try the best plan of the table with every second stage, and take it off the table; the least cost so far."""
    low, moment, new = NEVER_S, -1, -1
    for m in range(plans.table.shape[0]):
        for s in range(plans.table.shape[1]):
            if plans.table[m, s] < low:
                low, moment, new = plans.table[m, s], m, s
    if moment < 0:
        return best
    plans.table[moment, new] = NEVER_S
    for g in range(plans.greens_s.shape[0]):
        copied(at, third)
        spent, t = 0.0, 0.0
        while t < plans.stays_s[moment]:
            spent += second(it, who, third, by, now, t)
            t += 1.0
        cost, other = two_stages(it, who, third, spare, by, now, new, t, plans.greens_s[g], best - spent)
        cost += spent
        place = new if t == 0.0 else now
        plans.costs[place] = min(plans.costs[place], cost)
        if cost < best:
            best = cost
            chosen = plans.chosen
            chosen[0], chosen[1], chosen[2], chosen[3] = t, new, plans.greens_s[g], other
    return best


@compiled
def follow(it: Tables, who: Traffic, at: State, by: Terms, now: int, chosen: Array) -> None:
    """Roll the chosen plan out: afterwards `at.leave_s` says when everybody leaves under it."""
    t, new = 0.0, int(chosen[1])
    while t < chosen[0]:
        second(it, who, at, by, now, t)
        t += 1.0
    if chosen[0] < 0.0:
        onward(it, who, at, by, now, 0.0, 0.0, max(1.0, by.locked_s), NEVER_S)
    elif chosen[3] < 0.0:
        one_stage(it, who, at, by, now, new, t, NEVER_S)
    else:
        _, end_s = through(it, who, at, by, now, new, t, chosen[2])
        one_stage(it, who, at, by, new, int(chosen[3]), end_s, NEVER_S)


@compiled
def scheduled(it: Tables, who: Traffic, at: State, by: Terms, now: int, moments_s: Array, stages: Array) -> None:
    """Begin each stage at its moment, whoever comes: afterwards `at.leave_s` says when everybody leaves."""
    t, shown, place = 0.0, now, 0
    while t < by.horizon_s:
        while place < moments_s.shape[0] and moments_s[place] <= t:
            if stages[place] != shown:
                switch(it, who, at, by, shown, stages[place], t)
                shown = stages[place]
            place += 1
        second(it, who, at, by, shown, t)
        t += 1.0
    left_over(who, at, by)
