"""The decision: per junction the best first step of its plan that the maximum red allows; a command only on change.

Each junction depends on its own entities, what it is asked (`claims.py`), its own slice of memory, and the slices of
the junctions from which vehicles come: what those said a second ago that they will let go. A command can be computed
again from these, and what one junction lacks costs no other one its control.
"""

import msgspec

from madang.model.entity import Entity
from madang.model.service import Alternative, Command, Decision, Memory, View
from madang.services.signals import arrivals, priority, reason, terms
from madang.services.signals.case import Case, case, others
from madang.services.signals.choice import FORCED, UNITS, Choice
from madang.services.signals.publish import assessment
from madang.services.signals.sense import Missing, Scene, control_of, inputs, targets
from madang.services.signals.settings import Settings, settings_of

MISSING = "no-picture"


def decide(view: View, memory: Memory) -> Decision:
    """Decide on every signal in the view. Pure."""
    settings = settings_of(view.settings)
    commands: list[Command] = []
    kept: dict[str, object] = {}
    published: list[Entity] = []
    around = others(view, memory, settings)
    for target in targets(view):
        try:
            here = case(view, target, memory.get(target), around, settings)
        except Missing as why:
            commands.extend(_give_back(view, target, str(why)))
            continue
        scene, choice, way = here.scene, here.choice(), None
        if choice is not None and _is_change(scene, choice):
            commands.append(_command(here, choice))
            way = (scene.stage, scene.junction.stages[choice.stage].id, scene.at_s)
        if choice is not None and choice.scores and _is_due(scene, settings):
            published.append(assessment(scene, choice))
        kept[target] = here.kept(choice, way)
    return Decision(commands=tuple(commands), memory=kept, published=tuple(published))


def _is_change(scene: Scene, choice: Choice) -> bool:
    """Another stage, or the same one under the service's control instead of the plan's."""
    if not scene.stage:
        return False
    return scene.junction.stages[choice.stage].id != scene.stage or scene.control != "service"


def _is_due(scene: Scene, settings: Settings) -> bool:
    """Whether the junction's assessment is published now: each junction in its own second."""
    every_s = max(1, int(settings.assess_every_s))
    return (int(scene.at_s) + len(scene.junction.target) + scene.junction.size) % every_s == 0


def _command(here: Case, choice: Choice) -> Command:
    scene, settings, effect = here.scene, here.settings, here.effect(choice)
    stages = scene.junction.stages
    wanted = stages[choice.stage]
    seen = msgspec.structs.replace(here.seen, announced=scene.announced) if scene.announced else here.seen
    told = reason.of_change(seen, choice, settings)
    expected = _expected(scene, choice)
    return Command(
        target=scene.junction.target,
        action="stage",
        parameters={"stage": wanted.id},
        rule=effect.rule,
        reason=told + priority.words(here.heard, here.owed, wanted.open, effect.cost) + terms.words(here.air, settings),
        inputs=(*inputs(scene.junction.target), *here.heard.inputs, *here.air.terms.inputs),
        alternatives=tuple(
            Alternative(
                label=f"stage {stages[stage].id}",
                score=choice.scores[stage],
                parameters={"stage": stages[stage].id},
            )
            for stage in choice.ranked()
        ),
        score_unit=UNITS[choice.method],
        expected=expected if effect.cost is None else {**expected, "cross_cost_vehicle_s": effect.cost},
        memory_keys=_neighbours(here),
    )


def _neighbours(here: Case) -> tuple[str, ...]:
    """The other junctions whose memory the decision rests on: those before this one, and those behind it."""
    before = arrivals.feeders(here.scene.junction) if here.settings.look_around else ()
    return tuple(sorted(here.behind.union(before)))


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
