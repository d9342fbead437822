"""The arithmetic of the plan: the traffic at one junction let go, second by second, under every plan that is weighed.

Pure functions over arrays, compiled by numba where it is installed and run as they are where it is not: the same
operations in the same order, so the same numbers. Nothing here knows what an entity is; ``plan.py`` makes the arrays.
``going.py`` has a second under a stage, ``policy.py`` what comes after a plan.
"""

from madang.services.signals.going import second, switch
from madang.services.signals.machine import compiled
from madang.services.signals.policy import left_over, onward, served
from madang.services.signals.shapes import NEVER_S, Array, State, Tables, Terms, Traffic, Weighing


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
