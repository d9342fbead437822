"""The decision: per junction the best first step of its plan that the maximum red allows; a command only on change.

Each junction depends on its own entities, its own slice of memory, and the slices of the junctions from which vehicles
come: what those said a second ago that they will let go. A command can be computed again from these, and what one
junction lacks costs no other one its control.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from madang.model.entity import Entity
from madang.model.service import Alternative, Command, Decision, Memory, View
from madang.services.signals import arrivals, outlook, reason
from madang.services.signals import calls as red
from madang.services.signals.choice import FORCED, UNITS, Choice, choose, on_the_way
from madang.services.signals.outlook import Outlook
from madang.services.signals.publish import assessment
from madang.services.signals.sense import Missing, Scene, control_of, inputs, read, targets
from madang.services.signals.settings import Settings, settings_of

MISSING = "no-picture"


def decide(view: View, memory: Memory) -> Decision:
    """Decide on every signal in the view. Pure."""
    settings = settings_of(view.settings)
    commands: list[Command] = []
    kept: dict[str, object] = {}
    published: list[Entity] = []
    before = {target: outlook.recalled(slice) for target, slice in memory.items()} if settings.look_around else {}
    for target in targets(view):
        try:
            scene = read(view, target, settings)
            calls = red.updated(red.recalled(memory.get(target)), scene, settings)
        except Missing as why:
            commands.extend(_give_back(view, target, str(why)))
            continue
        own = before.get(target) or outlook.recalled(memory.get(target))
        own = outlook.looked(own, scene)
        queues = arrivals.together(
            arrivals.seen(scene, own, settings),
            arrivals.coming(scene, own, before, settings),
            arrivals.expected(scene, own, before, settings),
        )
        choice = _choice(scene, calls, queues, own, settings)
        if choice is not None and _is_change(scene, choice):
            commands.append(_command(scene, choice, settings))
            own = msgspec.structs.replace(own, way=(scene.stage, scene.junction.stages[choice.stage].id, scene.at_s))
        if choice is not None and choice.scores and _is_due(scene, settings):
            published.append(assessment(scene, choice))
        kept[target] = _kept(calls, own, choice, scene.at_s)
    return Decision(commands=tuple(commands), memory=kept, published=tuple(published))


def _choice(
    scene: Scene, calls: red.Calls, queues: Mapping[str, list[arrivals.Arrival]], own: Outlook, settings: Settings
) -> Choice | None:
    """None while nothing can be chosen: a person controls the signal, or it is on the way nobody knows where to."""
    if scene.control == "override":
        return None
    if scene.stage in scene.junction.number:
        return choose(scene, calls, queues, settings)
    return on_the_way(scene, calls, queues, own, settings)


def _kept(calls: red.Calls, own: Outlook, choice: Choice | None, at_s: float) -> Mapping[str, Any]:
    """The target's slice of memory."""
    ahead: Mapping[int, Sequence[outlook.Leaving]] = choice.leaving if choice else {}
    leaving = {
        link: [(round(at_s + leave_s, 1), weight, size) for leave_s, weight, size in rows]
        for link, rows in ahead.items()
    }
    return {**red.remembered(calls), **outlook.remembered(msgspec.structs.replace(own, leaving=leaving))}


def _is_change(scene: Scene, choice: Choice) -> bool:
    """Another stage, or the same one under the service's control instead of the plan's."""
    if not scene.stage:
        return False
    return scene.junction.stages[choice.stage].id != scene.stage or scene.control != "service"


def _is_due(scene: Scene, settings: Settings) -> bool:
    """Whether the junction's assessment is published now: each junction in its own second."""
    every_s = max(1, int(settings.assess_every_s))
    return (int(scene.at_s) + len(scene.junction.target) + scene.junction.size) % every_s == 0


def _command(scene: Scene, choice: Choice, settings: Settings) -> Command:
    stages = scene.junction.stages
    return Command(
        target=scene.junction.target,
        action="stage",
        parameters={"stage": stages[choice.stage].id},
        rule=choice.rule,
        reason=reason.of_change(scene, choice, settings),
        inputs=inputs(scene.junction.target),
        alternatives=tuple(
            Alternative(
                label=f"stage {stages[stage].id}",
                score=choice.scores[stage],
                parameters={"stage": stages[stage].id},
            )
            for stage in choice.ranked()
        ),
        score_unit=UNITS[choice.method],
        expected=_expected(scene, choice),
        memory_keys=arrivals.feeders(scene.junction) if settings.look_around else (),
    )


def _expected(scene: Scene, choice: Choice) -> dict[str, float]:
    """What the change saves against holding on, where both were weighed."""
    held = choice.scores.get(scene.junction.number[scene.stage])
    taken = choice.scores.get(choice.stage)
    if choice.method != "plan" or held is None or taken is None or choice.rule == FORCED:
        return {}
    return {"saved_vehicle_s": round(held - taken, 1)}


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
