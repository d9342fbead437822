"""The decision: per junction the stage with the highest pressure that the maximum red allows; a command only on change.

Each junction depends on its own entities, a glimpse of the neighbours that lead to it, and its own slice of memory: a
command can be computed again from those, and what one junction lacks costs no other one its control.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from madang.model.entity import Entity
from madang.model.service import Alternative, Command, Decision, Memory, View
from madang.services.signals import calls as red
from madang.services.signals import deadline, neighbours, reason
from madang.services.signals.junction import Junction
from madang.services.signals.pressure import Pressure, approaching, pressures
from madang.services.signals.publish import assessment
from madang.services.signals.sense import Glimpse, Missing, Scene, control_of, glimpse, inputs, read, targets
from madang.services.signals.settings import Settings, settings_of

RULE = "pressure"
FORCED = "maximum-red"
MISSING = "no-picture"
UNIT = "vehicles per second"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What a junction should show: the stage by number, under which rule, and all stages' pressures."""

    stage: int
    rule: str
    pressures: tuple[Pressure, ...]
    calls: Mapping[int, float]


def decide(view: View, memory: Memory) -> Decision:
    """Decide on every signal in the view. Pure."""
    settings = settings_of(view.settings)
    commands: list[Command] = []
    kept: dict[str, object] = {}
    published: list[Entity] = []
    glimpses, missing = _glimpses(view, settings)
    known = neighbours.around(glimpses.values()) if settings.look_around else neighbours.Around()
    for target, seen in glimpses.items():
        try:
            scene = read(view, target, settings, seen)
            calls = red.updated(red.recalled(memory.get(target)), scene, settings)
        except Missing as why:
            missing[target] = str(why)
            continue
        kept[target] = red.remembered(calls)
        if not _may_change(scene, settings):
            continue
        choice = choose(scene, calls, settings, known)
        if choice is None:
            continue
        if _is_change(scene, choice):
            commands.append(_command(scene, choice, settings, known))
        if _is_due(scene, settings):
            published.append(assessment(scene, choice.stage, choice.rule, choice.pressures, choice.calls))
    for target, why in missing.items():
        commands.extend(_give_back(view, target, why))
    return Decision(commands=tuple(commands), memory=kept, published=tuple(published))


def _glimpses(view: View, settings: Settings) -> tuple[dict[str, Glimpse], dict[str, str]]:
    """What is seen of the junctions, and why nothing is seen of the others, by target."""
    found: dict[str, Glimpse] = {}
    missing: dict[str, str] = {}
    for target in targets(view):
        try:
            found[target] = glimpse(view, target, settings)
        except Missing as why:
            missing[target] = str(why)
    return found, missing


def choose(scene: Scene, calls: red.Calls, settings: Settings, known: neighbours.Around) -> Choice | None:
    """The stage to show now; None where the layout has none that may be shown."""
    junction = scene.junction
    since = {link: call[0] for link, call in calls.call.items()}
    queues = approaching(scene, settings, neighbours.coming(scene, known, settings))
    room = neighbours.rooms(scene, known)
    found = tuple(pressures(scene, queues, calls.blocked(scene.at_s), room, settings))
    now = junction.number.get(scene.stage, -1)
    ranked = [each.stage for each in found if junction.stages[each.stage].conflict is None]
    ranked.sort(key=lambda stage: (-found[stage].rate, stage != now))
    if not ranked:
        return None
    best = ranked[0]
    if deadline.urgent(since, scene.at_s, junction, settings):
        best = next((stage for stage in _in_time(scene, since, ranked, now, settings)), now)
    return Choice(stage=best, rule=RULE if best == ranked[0] else FORCED, pressures=found, calls=since)


def _in_time(
    scene: Scene, since: Mapping[int, float], ranked: Sequence[int], now: int, settings: Settings
) -> Iterator[int]:
    """Of the stages, best first, those that keep everybody's maximum red; where none does, those that serve the most
    overdue; and of all these only such as the guard lets pass, too."""
    junction, at_s = scene.junction, scene.at_s
    waited = deadline.waits(scene)
    for stage in ranked:
        if stage == now:
            if deadline.may_stay(junction, since, at_s, settings):
                yield stage
        elif deadline.may_start(junction, since, stage, at_s, settings) and _passes(junction, stage, waited, settings):
            yield stage
    overdue = [stage for stage, _ in deadline.order(junction, since)]
    overdue += deadline.longest_first(junction, waited)
    for stage in overdue:
        if stage == now or _passes(junction, stage, waited, settings):
            yield stage


def _passes(junction: Junction, stage: int, waited: Mapping[int, float], settings: Settings) -> bool:
    return deadline.left_behind(waited, junction.stages[stage].open, settings) is None


def _may_change(scene: Scene, settings: Settings) -> bool:
    """Not during an intergreen, not before the minimum green, not while a person controls the signal."""
    shown = scene.stage in scene.junction.number
    return shown and scene.at_s - scene.since_s >= settings.min_green_s and scene.control != "override"


def _is_change(scene: Scene, choice: Choice) -> bool:
    """Another stage, or the same one under the service's control instead of the plan's."""
    return scene.junction.stages[choice.stage].id != scene.stage or scene.control != "service"


def _is_due(scene: Scene, settings: Settings) -> bool:
    """Whether the junction's assessment is published now: each junction in its own second."""
    every_s = max(1, int(settings.assess_every_s))
    return (int(scene.at_s) + len(scene.junction.target) + scene.junction.size) % every_s == 0


def _command(scene: Scene, choice: Choice, settings: Settings, known: neighbours.Around) -> Command:
    best = choice.pressures[choice.stage]
    stages = scene.junction.stages
    ranked = sorted(choice.pressures, key=lambda each: (-each.rate, each.stage))
    return Command(
        target=scene.junction.target,
        action="stage",
        parameters={"stage": stages[choice.stage].id},
        rule=choice.rule,
        reason=reason.of_change(scene, choice.stage, choice.rule == FORCED, choice.calls, settings),
        inputs=inputs(scene.junction.target, neighbours.neighbours(scene, known)),
        alternatives=tuple(
            Alternative(
                label=f"stage {stages[each.stage].id}",
                score=round(each.rate, 4),
                parameters={"stage": stages[each.stage].id},
            )
            for each in ranked
        ),
        score_unit=UNIT,
        expected={"released_vehicles": round(best.vehicles, 1), "released_within_s": round(best.within_s, 1)},
    )


def _give_back(view: View, target: str, why: str) -> tuple[Command, ...]:
    if control_of(view, target) != "service":
        return ()
    return (
        Command(
            target=target,
            action="release",
            parameters={},
            rule=MISSING,
            reason=f"Back to the fixed plan: {why}.",
            inputs=inputs(target),
        ),
    )
