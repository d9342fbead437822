"""The maximum red as a schedule: no movement with halted demand stays red for longer than `max_red_s`.

Every call has a deadline, `max_red_s - MARGIN_S` after it was latched. The stages that the open calls need are put in
the order of their deadlines; each costs at most a change (an intergreen of 5 s, or more where people cross) and a
minimum green (7 s). An action is allowed only if such an order still meets every deadline after it. When a single
action remains, it is forced.

There are two such orders. In the first (`order`) a stage that serves more of the calls is preferred: it is the shorter
one, and it decides as long as any action keeps it. A new call, whose deadline is later than all others', seldom changes
what comes before it, but it can: it may make another stage the better one. Then the second decides (`at_home`), in
which each movement has a home, one of the few stages that together serve all (`Junction.homes`): another call adds at
most another home, at the end. With n homes the last one is green at the latest n x (7 + 5) s after the action that was
allowed last (12 s) has ended: n = 8 gives 108 s, within 120 s - 4 s. What is not proved is the step from one order to
the other; the property test looks for a case and has found none. A junction that needs more than 8 stages to serve all
its movements cannot promise 120 s to all of them at once; it then serves the most overdue first.

Both are tried with a shorter bound first (`fair_red_s`), for as long as any action keeps that. What is allowed then is
allowed by the maximum red, too: the shorter bound only chooses among actions that keep the longer one.
"""

from collections.abc import Callable, Iterable, Mapping

from madang.services.signals.junction import Junction
from madang.services.signals.sense import Scene
from madang.services.signals.settings import Settings

MARGIN_S = 4.0
"""One second to decide, one to send, one to act, one because a driver halts between two looks."""


Order = Callable[[Junction, Mapping[int, float]], list[tuple[int, float]]]


def order(junction: Junction, calls: Mapping[int, float]) -> list[tuple[int, float]]:
    """The stages (by number) that serve the calls (link -> since, s), the most overdue first, each with the oldest call
    that it is there for. A stage that serves more of the calls is preferred."""
    waiting = sorted((link for link in calls if junction.stages_of[link]), key=lambda link: (calls[link], link))
    found: list[tuple[int, float]] = []
    while waiting:
        first, left = waiting[0], frozenset(waiting)
        serves = {stage: len(left & junction.stages[stage].open) for stage in junction.stages_of[first]}
        stage = max(serves, key=lambda number: (serves[number], -number))
        found.append((stage, calls[first]))
        served = junction.stages[stage].open
        waiting = [link for link in waiting if link not in served]
    return found


def at_home(junction: Junction, calls: Mapping[int, float]) -> list[tuple[int, float]]:
    """The calls' homes (by stage number), the most overdue first, each with its oldest call."""
    found: dict[int, float] = {}
    for link, since_s in calls.items():
        home = junction.homes[link]
        if home >= 0:
            found[home] = min(since_s, found.get(home, since_s))
    return sorted(found.items(), key=lambda each: (each[1], each[0]))


def bounds_s(settings: Settings) -> tuple[float, ...]:
    """How long nobody should stay at red, and how long nobody may, where that is longer (s)."""
    return tuple(dict.fromkeys((min(settings.fair_red_s, settings.max_red_s), settings.max_red_s)))


def kept(
    schedule: Iterable[tuple[int, float]], start_s: float, junction: Junction, settings: Settings, bound_s: float
) -> bool:
    """Whether nobody stays at red for longer than `bound_s` if the first stage of the order is green at `start_s`
    (POSIX) at the latest."""
    round_s, until_s = junction.change_s + settings.min_green_s, bound_s - MARGIN_S
    return all(start_s + place * round_s <= since_s + until_s for place, (_, since_s) in enumerate(schedule))


def urgent(calls: Mapping[int, float], at_s: float, junction: Junction, settings: Settings) -> bool:
    """Whether any call is old enough that the order matters; sparing the arithmetic when none is."""
    round_s = junction.change_s + settings.min_green_s
    spare_s = bounds_s(settings)[0] - MARGIN_S - (min(len(calls), len(junction.stages)) + 1) * round_s
    return any(at_s - since_s >= spare_s for since_s in calls.values())


def may_stay(
    junction: Junction,
    calls: Mapping[int, float],
    at_s: float,
    settings: Settings,
    bound_s: float,
    *,
    by: Order = order,
) -> bool:
    """Whether the stage that is shown may be held for one more second. `calls` are those at red."""
    return kept(by(junction, calls), at_s + 1.0 + junction.change_s, junction, settings, bound_s)


def may_start(
    junction: Junction,
    calls: Mapping[int, float],
    stage: int,
    at_s: float,
    settings: Settings,
    bound_s: float,
    *,
    by: Order = order,
) -> bool:
    """Whether the stage may be started now: the calls that it does not serve are still green in time after it."""
    opened = junction.stages[stage].open
    rest = {link: since_s for link, since_s in calls.items() if link not in opened}
    next_s = at_s + 2 * junction.change_s + settings.min_green_s + 1.0
    return kept(by(junction, rest), next_s, junction, settings, bound_s)


def waits(scene: Scene) -> dict[int, float]:
    """By movement at red, how long the view alone shows that somebody has stood at this red (s), at the most."""
    found: dict[int, float] = {}
    red_s = scene.red_s()
    for lane, links in scene.junction.lane_links.items():
        for _, _, link, _, waited_s in scene.vehicles.get(lane, ()):
            for each in (link,) if link >= 0 else links:
                if red_s[each] > 0 and scene.junction.stages_of[each]:
                    found[each] = max(found.get(each, 0.0), min(waited_s, red_s[each]))
    return found


def longest_first(junction: Junction, waited: Mapping[int, float]) -> list[int]:
    """The stages (by number) that serve these movements, those who have waited longest first."""
    links = sorted(waited, key=lambda link: (-waited[link], link))
    return [stage for link in links for stage in junction.stages_of[link]]


def left_behind(
    junction: Junction, waited: Mapping[int, float], opened: frozenset[int], settings: Settings
) -> float | None:
    """The longest wait (s) of those whom a stage that opens these movements would leave beyond the bound; None where it
    leaves nobody, or serves somebody who has waited at least as long."""
    served_s = max((wait_s for link, wait_s in waited.items() if link in opened), default=0.0)
    left_s = max((wait_s for link, wait_s in waited.items() if link not in opened), default=0.0)
    round_s = 2 * junction.change_s + settings.min_green_s
    return left_s if left_s > served_s and left_s + round_s > settings.max_red_s else None
