"""One junction at one moment with all that its decision rests on: what is seen, remembered, told by others and asked.

Where somebody asks to go first it is decided twice when a command is given: as it is, and as if nobody had asked. The
difference is what the record says that it changed and cost.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from madang.model.entity import Entity
from madang.model.service import View
from madang.services.signals import arrivals, choice, claims, outlook, priority, terms
from madang.services.signals import calls as red
from madang.services.signals.choice import FORCED, PLAN, Choice
from madang.services.signals.claims import Heard
from madang.services.signals.outlook import Outlook
from madang.services.signals.priority import Owed
from madang.services.signals.sense import Scene, read
from madang.services.signals.settings import Settings

PRIORITY, CORRIDOR = "priority", "corridor"


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What it changed that somebody goes first: the rule under which the stage was chosen, and what those on the other
    lanes wait more by it (vehicle-seconds of the plan's horizon; None where no plan was weighed)."""

    rule: str
    cost: float | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """`scene` has the weights of those who go first; `before` the outlooks of all junctions a second ago,
    `own` this one's with what this second shows, `air` what is kept of an area's terms."""

    scene: Scene
    calls: red.Calls
    own: Outlook
    before: Mapping[str, Outlook]
    heard: Heard
    owed: Owed
    settings: Settings
    air: terms.Kept = terms.NOTHING

    def queues(self, scene: Scene) -> dict[str, list[arrivals.Arrival]]:
        """Who comes, by queue."""
        own, before, settings = self.own, self.before, self.settings
        return arrivals.together(
            arrivals.seen(scene, own, settings),
            arrivals.coming(scene, own, before, settings),
            arrivals.expected(scene, own, before, settings),
            arrivals.announced(scene),
        )

    def choice(self) -> Choice | None:
        """What to show; None while nothing can be chosen: a person controls the signal, or it is on the way nobody
        knows where to."""
        if self.scene.control == "override":
            return None
        if self.scene.stage in self.scene.junction.number:
            return choice.choose(self.scene, self.calls, self.queues(self.scene), self.settings)
        return choice.on_the_way(self.scene, self.calls, self.queues(self.scene), self.own, self.settings)

    def effect(self, chosen: Choice) -> Effect:
        """What the claims changed about the chosen stage."""
        if not self.heard.taken:
            return Effect(rule=chosen.rule)
        alike = priority.alike(self.scene)
        plain = self.queues(alike)
        alone = choice.choose(alike, self.calls, plain, self.settings)
        rule = chosen.rule
        if alone.stage != chosen.stage and rule != FORCED:
            rule = CORRIDOR if self.heard.corridor else PRIORITY
        if chosen.method != PLAN or chosen.rule == FORCED:
            return Effect(rule=rule)
        led, free = (
            choice.waits(scene, self.calls, queues, self.settings)
            for scene, queues in ((self.scene, self.queues(self.scene)), (alike, plain))
        )
        return Effect(rule=rule, cost=priority.cross_cost(self.scene.junction, self.heard, led, free))

    def kept(self, chosen: Choice | None, way: tuple[str, str, float] | None) -> Mapping[str, Any]:
        """The junction's slice of memory; `way` is the change that was just ordered."""
        at_s = self.scene.at_s
        ahead: Mapping[int, Sequence[outlook.Leaving]] = chosen.leaving if chosen else {}
        leaving = {
            link: [(round(at_s + leave_s, 1), weight, size) for leave_s, weight, size in rows]
            for link, rows in ahead.items()
        }
        told = msgspec.structs.replace(self.own, leaving=leaving, way=way or self.own.way)
        owed = {"owed": {str(link): since_s for link, since_s in self.owed.items()}} if self.owed else {}
        return {**red.remembered(self.calls), **outlook.remembered(told), **owed, **terms.remembered(self.air)}


def case(
    view: View,
    target: str,
    slice: Any,
    before: Mapping[str, Outlook],
    asked: Sequence[Entity],
    settings: Settings,
    *,
    aired: Sequence[Entity] = (),
) -> Case:
    """The target's case, from its own `slice` of memory. Raises `Missing` where there is no picture."""
    plain = read(view, target, settings)
    calls = red.updated(red.recalled(slice), plain, settings)
    own = outlook.looked(before.get(target) or outlook.recalled(slice), plain)
    heard = claims.claims(asked, view, plain.junction, settings) if asked else claims.NOTHING
    owed = priority.owing(priority.owed_of(slice), plain, calls, heard)
    scene = priority.favoured(plain, heard, owed, before, settings) if heard.taken or owed else plain
    air = terms.kept(aired, view, plain, heard, slice) if aired else terms.NOTHING
    return Case(
        scene=scene,
        calls=terms.metering(calls, air, plain.at_s),
        own=own,
        before=before,
        heard=heard,
        owed=owed,
        settings=terms.costs(settings, air),
        air=air,
    )
