"""What a junction should show now: the best first step of its plan that the maximum red allows.

Two methods answer with the same `Choice`: the plan, and the link-level max-pressure that evaluations compare it with.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import msgspec

from madang.services.signals import arrivals, deadline, plan, pressure
from madang.services.signals.calls import Calls
from madang.services.signals.change import GREEN
from madang.services.signals.junction import Junction
from madang.services.signals.outlook import Leaving, Outlook
from madang.services.signals.sense import Scene
from madang.services.signals.settings import Settings
from madang.services.signals.shapes import NEVER_S

PLAN, PRESSURE, FORCED = "plan", "pressure", "maximum-red"
UNITS = {PLAN: "vehicle-seconds", PRESSURE: "vehicles per second"}
SETTLED_S = 2.0
"""A stage is shown for at least so long: whatever ended just before it has been cleared then."""
INSIDE = "link "
"""Among a camera's exits this and a movement's number stands for those who wait for it within the junction."""
MOST_INSIDE = 20.0
NOT_ENTERED_S = 3.0
"""Who has stood at permissive green for so long does so because somebody waits before them."""
WAY_S = 5.0
"""A change that should have ended longer ago than this is no longer under way."""

Queues = Mapping[str, Sequence[arrivals.Arrival]]


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The stage to show, by number, under which rule; `scores` by stage number in the method's unit (less is better in
    vehicle-seconds, more in vehicles per second), those that cannot be begun now left out. `leaving` by link: who
    leaves when (s from now) if all goes as planned."""

    stage: int
    rule: str
    method: str
    scores: Mapping[int, float]
    calls: Mapping[int, float]
    leaving: Mapping[int, Sequence[Leaving]] = {}

    def ranked(self) -> list[int]:
        """The stages with a score, the best first."""
        sign = 1.0 if self.method == PLAN else -1.0
        return sorted(self.scores, key=lambda stage: (sign * self.scores[stage], stage))


def choose(scene: Scene, calls: Calls, queues: Queues, settings: Settings) -> Choice:
    """The stage to show now, a stage being shown."""
    since = {link: call[0] for link, call in calls.call.items()}
    now = scene.junction.number[scene.stage]
    ready_s = ready(scene, settings)
    if settings.method == "max-pressure":
        found = _by_pressure(scene, calls, now, since, ready_s, settings)
    else:
        found = _by_plan(scene, calls, queues, now, since, ready_s, settings)
    if not deadline.urgent(since, scene.at_s, scene.junction, settings):
        return found
    ranked = sorted(found.ranked(), key=lambda stage: stage != found.stage)
    best = next(in_time(scene, since, ranked, now, ready_s, settings), now)
    return found if best == found.stage else msgspec.structs.replace(found, stage=best, rule=FORCED)


def ready(scene: Scene, settings: Settings) -> list[float]:
    """By stage number, in how many seconds it may begin: when every movement that it ends has had its minimum green,
    and whoever walks in the way of those whom it starts has crossed."""
    junction, shown_s = scene.junction, scene.at_s - scene.since_s
    now = junction.number[scene.stage]
    walking = _walking(scene, settings) if any(junction.clear_s) else {}
    if shown_s >= settings.min_green_s:
        least = [0.0] * len(junction.stages)
    else:
        green_s = scene.green_s()
        least_s = max(0.0, SETTLED_S - shown_s)
        least = [
            max([least_s, *(settings.min_green_s - green_s[link] for link in way.ending if scene.lamps[link] in GREEN)])
            for way in junction.ways[now]
        ]
    if not walking:
        return least
    return [max(wait_s, _crossed_s(junction, now, stage, walking)) for stage, wait_s in enumerate(least)]


def _walking(scene: Scene, settings: Settings) -> dict[int, float]:
    """By movement at red that people use, in how many seconds they have all crossed."""
    red_s, clear_s = scene.red_s(), scene.junction.clear_s
    left = {link: need_s - settings.yellow_s - red_s[link] for link, need_s in enumerate(clear_s) if need_s > 0}
    return {link: left_s for link, left_s in left.items() if left_s > 0 and scene.lamps[link] not in GREEN}


def _crossed_s(junction: Junction, now: int, stage: int, walking: Mapping[int, float]) -> float:
    """In how many seconds nobody walks any more in the way of those whom the stage starts."""
    way, starting = junction.ways[now][stage], junction.stages[stage].open - junction.stages[now].open
    return max(
        (
            left_s - (way.length_s if link in way.late else 0.0)
            for foe, left_s in walking.items()
            for link in starting & junction.foes[foe]
        ),
        default=0.0,
    )


def _by_plan(
    scene: Scene,
    calls: Calls,
    queues: Queues,
    now: int,
    since: Mapping[int, float],
    ready_s: Sequence[float],
    settings: Settings,
) -> Choice:
    blocked, places = calls.blocked(scene.at_s), scene.places
    found = plan.weighed(scene.junction, start(scene, calls, ready_s), queues, blocked, settings, places=places)
    scores = {stage: round(cost, 1) for stage, cost in enumerate(found.costs) if cost < NEVER_S}
    best = found.then if found.stay_s == 0 else now
    return Choice(stage=best, rule=PLAN, method=PLAN, scores=scores, calls=since, leaving=found.leaving)


def start(scene: Scene, calls: Calls, ready_s: Sequence[float]) -> plan.Start:
    """Where the plan begins, a stage being shown; `ready_s` are by stage when it may begin."""
    now = scene.junction.number[scene.stage]
    soonest_s = min((wait_s for stage, wait_s in enumerate(ready_s) if stage != now), default=0.0)
    inside = waiting_inside(scene, calls)
    return plan.Start(stage=now, opens_s={}, ready_s=ready_s, locked_s=soonest_s, inside=inside)


def waiting_inside(scene: Scene, calls: Calls) -> dict[int, float]:
    """By movement, how many wait within the junction: those whom its camera shows there, and at least one where a
    lane's first vehicle stands at permissive green, for it would have driven on to the waiting place else."""
    junction = scene.junction
    found: dict[int, float] = {}
    for name, row in scene.exits.items():
        link = name.removeprefix(INSIDE)
        if link != name and link.isdecimal() and int(link) < junction.size and row[0] > 0:
            found[int(link)] = min(MOST_INSIDE, row[0])
    for lane, since_s in calls.head.items():
        rows = scene.vehicles.get(lane, ())
        link = rows[0][2] if rows else -1
        stands = link >= 0 and scene.lamps[link] == "g" and scene.at_s - since_s >= NOT_ENTERED_S
        if stands and junction.inside_m[link] > 0:
            found[link] = max(1.0, found.get(link, 0.0))
    return found


def waits(scene: Scene, calls: Calls, queues: Queues, settings: Settings) -> Mapping[str, float]:
    """By queue, what all of it wait under the best plan (vehicle-seconds until the horizon), a stage being shown."""
    begin = start(scene, calls, ready(scene, settings))
    blocked, places = calls.blocked(scene.at_s), scene.places
    return plan.weighed(scene.junction, begin, queues, blocked, settings, places=places, account=True).waits


def _by_pressure(
    scene: Scene, calls: Calls, now: int, since: Mapping[int, float], ready_s: Sequence[float], settings: Settings
) -> Choice:
    found = pressure.pressures(scene, pressure.approaching(scene, settings), calls.blocked(scene.at_s), settings)
    stages = scene.junction.stages
    able = (each for each in found if each.stage == now or ready_s[each.stage] <= 0)
    rates = {each.stage: round(each.rate, 4) for each in able if stages[each.stage].conflict is None}
    best = max(rates, key=lambda stage: (rates[stage], stage == now), default=now)
    return Choice(stage=best, rule=PRESSURE, method=PRESSURE, scores=rates, calls=since)


def on_the_way(scene: Scene, calls: Calls, queues: Queues, outlook: Outlook, settings: Settings) -> Choice | None:
    """While the cabinet changes to the stage that was ordered there is nothing to choose, but the junctions behind
    learn what it will let go. None where it is not known what it changes to."""
    junction, way = scene.junction, outlook.way
    if way is None or settings.method != "plan" or scene.at_s - way[2] > WAY_S + scene.junction.change_s:
        return None
    if way[0] not in junction.number or way[1] not in junction.number:
        return None
    old, new = junction.number[way[0]], junction.number[way[1]]
    change, gone_s = junction.ways[old][new], scene.at_s - way[2]
    opens_s = {
        link: (change.length_s if link in change.late else 0.0) + settings.start_loss_s - gone_s
        for link in junction.stages[new].open - (junction.stages[old].open - change.ending)
    }
    locked_s = max(1.0, change.length_s + settings.min_green_s - gone_s)
    begin = plan.Start(stage=new, opens_s=opens_s, ready_s=(), locked_s=locked_s)
    blocked = calls.blocked(scene.at_s)
    found = plan.weighed(junction, begin, queues, blocked, settings, places=scene.places)
    return Choice(stage=new, rule=PLAN, method=PLAN, scores={}, calls={}, leaving=found.leaving)


def in_time(
    scene: Scene,
    since: Mapping[int, float],
    ranked: Sequence[int],
    now: int,
    ready_s: Sequence[float],
    settings: Settings,
) -> Iterator[int]:
    """Of the stages, best first, those that leave nobody at red for longer than is fair; then those that keep
    everybody's maximum red; where none does, those that serve the most overdue; and of all these only such as may begin
    now and the guard lets pass, too."""
    junction, at_s = scene.junction, scene.at_s
    waited = deadline.waits(scene)

    def able(stage: int) -> bool:
        return ready_s[stage] <= 0 and _passes(junction, stage, waited, settings)

    best_first = (*ranked, *(each for each in range(len(junction.stages)) if each not in ranked))
    for bound_s, by in product(deadline.bounds_s(settings), (deadline.order, deadline.at_home)):
        for stage in best_first:
            if stage == now:
                if deadline.may_stay(junction, since, at_s, settings, bound_s, by=by):
                    yield stage
            elif able(stage) and deadline.may_start(junction, since, stage, at_s, settings, bound_s, by=by):
                yield stage
    overdue = [stage for stage, _ in deadline.order(junction, since)]
    overdue += deadline.longest_first(junction, waited)
    for stage in overdue:
        if stage == now or able(stage):
            yield stage


def _passes(junction: Junction, stage: int, waited: Mapping[int, float], settings: Settings) -> bool:
    if junction.stages[stage].conflict is not None:
        return False
    return deadline.left_behind(junction, waited, junction.stages[stage].open, settings) is None
