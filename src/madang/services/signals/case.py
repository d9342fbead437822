"""One junction at one moment with all that its decision rests on: what is seen, remembered, told by others and asked.

Where somebody asks to go first it is decided twice when a command is given: as it is, and as if nobody had asked. The
difference is what the record says that it changed and cost.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from madang.model.entity import Entity
from madang.model.service import Memory, View
from madang.services.signals import arrivals, choice, claims, foretold, outlook, priority, room, terms, unseen
from madang.services.signals import calls as red
from madang.services.signals.choice import FORCED, PLAN, Choice
from madang.services.signals.claims import Heard
from madang.services.signals.outlook import Outlook
from madang.services.signals.priority import Owed
from madang.services.signals.sense import Scene, read
from madang.services.signals.settings import Settings
from madang.services.signals.unseen import Unseen

PRIORITY, CORRIDOR = "priority", "corridor"


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What it changed that somebody goes first: the rule under which the stage was chosen, and what those on the other
    lanes wait more by it (vehicle-seconds of the plan's horizon; None where no plan was weighed)."""

    rule: str
    cost: float | None = None


class Others(msgspec.Struct, frozen=True, kw_only=True):
    """What a junction hears: `before` the outlooks of all junctions a second ago, `tellers` by lane who told of its
    room; by target who asks to go first (`asked`) and the terms of areas (`aired`)."""

    before: Mapping[str, Outlook]
    tellers: Mapping[str, str]
    asked: Mapping[str, Sequence[Entity]]
    aired: Mapping[str, Sequence[Entity]]


def others(view: View, memory: Memory, settings: Settings) -> Others:
    """What there is to hear for all junctions."""
    before = {target: outlook.recalled(slice) for target, slice in memory.items()} if settings.look_around else {}
    aired = terms.heard(view) if settings.air else {}
    return Others(before=before, tellers=outlook.tellers(before), asked=claims.heard(view), aired=aired)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """`scene` has the weights of those who go first, and `seen` is without those who were only inferred; `own` is this
    junction's outlook with what this second shows, `air` what is kept of an area's terms, `behind` names the junctions
    that told of the room behind this one, `missing` says whom the camera does not show."""

    seen: Scene
    scene: Scene
    calls: red.Calls
    own: Outlook
    before: Mapping[str, Outlook]
    heard: Heard
    owed: Owed
    behind: frozenset[str]
    missing: Unseen
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
            self._maybe(),
        )

    def _maybe(self) -> dict[str, list[arrivals.Arrival]]:
        """By queue, those who may stand there without being seen."""
        found: dict[str, list[arrivals.Arrival]] = {}
        if not self.settings.infer:
            return found
        for link, count in unseen.maybe(self.missing, self.seen, self.own, self.calls.green).items():
            if count >= self.settings.unseen_least:
                row = arrivals.Arrival(0.0, link, min(1.0, count), min(1.0, count), False)
                found.setdefault(self.seen.junction.queue_of[link], []).append(row)
        return found

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
        if chosen is not None and chosen.method == PLAN:
            space, press = self._room(ahead)
        else:
            space, press = {}, {}
        told = msgspec.structs.replace(self.own, leaving=leaving, way=way or self.own.way, space=space, press=press)
        owed = {"owed": {str(link): since_s for link, since_s in self.owed.items()}} if self.owed else {}
        return {
            **red.remembered(self.calls),
            **outlook.remembered(told),
            **unseen.remembered(self.missing),
            **owed,
            **terms.remembered(self.air),
        }

    def _room(self, ahead: Mapping[int, Sequence[outlook.Leaving]]) -> tuple[dict[str, list[float]], dict[int, int]]:
        """What is told of the short streets before and behind this junction (`room.py`)."""
        junction, vehicles, group = self.scene.junction, self.scene.vehicles, self.scene.places.group
        press = room.pressing(junction, vehicles, group, ahead) if group else {}
        return room.told(junction, self.scene.at_s, vehicles, ahead), press


def case(view: View, target: str, slice: Any, others: Others, settings: Settings) -> Case:
    """The target's case, from its own `slice` of memory. Raises `Missing` where there is no picture."""
    seen = read(view, target, settings)
    own = outlook.looked(others.before.get(target) or outlook.recalled(slice), seen)
    own = msgspec.structs.replace(own, told=foretold.updated(own, seen, others.before))
    missing, plain = unseen.recalled(slice), seen
    if settings.infer:
        missing, plain = unseen.filled(missing, seen, own)
    tellers = {lane: others.tellers[lane] for lane in plain.junction.lanes_behind if lane in others.tellers}
    if tellers:
        space = {lane: others.before[teller].space[lane] for lane, teller in tellers.items()}
        found = room.places(plain.junction, plain.at_s, space, own.gone)
        plain = msgspec.structs.replace(plain, places=found)
    calls = red.updated(red.recalled(slice), plain, settings, missed=missing.share if settings.infer else 0.0)
    asked, aired = others.asked.get(target, ()), others.aired.get(target, ())
    heard = claims.claims(asked, view, plain.junction, settings) if asked else claims.NOTHING
    owed = priority.owing(priority.owed_of(slice), plain, calls, heard)
    scene = priority.favoured(plain, heard, owed, others.before, settings) if heard.taken or owed else plain
    air = terms.kept(aired, view, plain, heard, slice) if aired else terms.NOTHING
    return Case(
        seen=seen,
        scene=scene,
        calls=terms.metering(calls, air, plain.at_s),
        own=own,
        before=others.before,
        heard=heard,
        owed=owed,
        behind=frozenset(tellers.values()) - {target},
        missing=missing,
        settings=terms.costs(settings, air),
        air=air,
    )
