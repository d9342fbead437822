"""The decision: who asks for priority, who is held, who drives another way, and who has to say yes first.

Each command depends on its own bus, what that bus meets on its way, and two slices of memory: the bus's own, and the
last departure of its line from the stop where it stands.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from madang.model.entity import Entity
from madang.model.service import Command, Decision, Memory, View
from madang.services.buses import detour, holding, lines, priority, sense
from madang.services.buses.holding import Visit
from madang.services.buses.publish import Tally, approved, line_entity, proposal, proposal_id
from madang.services.buses.sense import Bus
from madang.services.buses.settings import Mode, Settings, settings_of

LINES = "lines"
"""Where in memory the lines' counts are: no command depends on them."""
AGAIN_S = 6.0
"""A bus that was given another way is not given one again before it can have reported to be on it."""


class Notes(msgspec.Struct, kw_only=True):
    """What is remembered of a bus: its visit at a stop, when it was last given another way (POSIX seconds), which
    requests it has made, and its hold that waits for a yes."""

    stop: str = ""
    leader: holding.Leader | None = None
    asked: bool = False
    rerouted_s: float = 0.0
    requested: list[str] = []
    proposed: dict[str, Any] | None = None


class Draft:
    """A decision in the making."""

    def __init__(self, view: View, memory: Memory, settings: Settings) -> None:
        self.view = view
        self.memory = memory
        self.settings = settings
        self.commands: list[Command] = []
        self.published: list[Entity] = []
        self.notes: dict[str, Notes] = {}
        self.tallies: dict[str, Tally] = {}
        self.tallies |= msgspec.convert(memory.get(LINES, {}), dict[str, Tally])

    def tally(self, bus: Bus) -> Tally:
        """The counts of the bus's line."""
        return self.tallies.setdefault(bus.line, Tally())

    def offer(self, command: Command, bus: Bus, mode: Mode) -> bool:
        """Give the command, or propose it, as the mode says; whether it was given."""
        if mode == "automatic" or (mode == "approve" and approved(self.view, command, bus)):
            given = command
            if mode == "approve":
                inputs = (*command.inputs, (proposal_id(command, bus), "approval"))
                given = msgspec.structs.replace(command, inputs=inputs)
            self.commands.append(given)
            return True
        if mode != "off":
            self.published.append(proposal(self.view, command, bus, mode))
        return False


def decide(view: View, memory: Memory) -> Decision:
    """Decide on every bus in the view. Pure."""
    settings = settings_of(view.settings)
    draft = Draft(view, memory, settings)
    buses = sense.buses(view, settings)
    for bus in buses:
        draft.notes[bus.id] = _notes(bus, memory)
    ways = lines.remembered(buses, memory)
    busy = _detours(draft, buses)
    draft.published += lines.proposals(view, ways, {bus.line for bus in buses if bus.id in busy}, settings)
    _holds(draft, [bus for bus in buses if bus.id not in busy])
    _requests(draft, buses)
    departures = holding.departures(view, buses, memory)
    if int(view.at.timestamp()) % max(1, int(settings.tell_every_s)) < 1:
        _tell(draft, buses, departures)
    kept: dict[str, Any] = {
        **departures,
        lines.WAYS: ways,
        LINES: {n: msgspec.to_builtins(t) for n, t in sorted(draft.tallies.items())},
    }
    kept |= {id: msgspec.to_builtins(notes) for id, notes in draft.notes.items()}
    return Decision(commands=tuple(draft.commands), memory=kept, published=tuple(draft.published))


def _notes(bus: Bus, memory: Memory) -> Notes:
    known = memory.get(bus.id)
    notes = msgspec.convert(known, Notes) if isinstance(known, Mapping) else Notes()
    visit = holding.visit_of(bus, memory)
    if visit.stop != notes.stop:
        notes.proposed = None
    notes.stop, notes.leader, notes.asked = visit.stop, visit.leader, visit.asked
    return notes


def _detours(draft: Draft, buses: Sequence[Bus]) -> set[str]:
    """Lead the buses around what is blocked; the ids of those concerned."""
    settings, view = draft.settings, draft.view
    found = detour.concerns(view, buses, settings)
    for concern in found:
        bus, notes = concern.bus, draft.notes[concern.bus.id]
        if concern.way is None:
            draft.published.append(proposal(view, detour.hopeless(view, concern), bus, "advise"))
            continue
        mode = settings.diesel if concern.aired else settings.detour
        if view.at.timestamp() - notes.rerouted_s < AGAIN_S or (mode != "advise" and bus.way.at):
            continue
        if draft.offer(detour.command(view, concern), bus, mode):
            notes.rerouted_s = view.at.timestamp()
            draft.tally(bus).detours += 1
    return {concern.bus.id for concern in found}


def _holds(draft: Draft, buses: Sequence[Bus]) -> None:
    settings = draft.settings
    if settings.hold == "off":
        return
    for bus in buses:
        notes = draft.notes[bus.id]
        visit = Visit(stop=notes.stop, leader=notes.leader, asked=notes.asked)
        command = holding.hold(draft.view, bus, visit, settings)
        if command is None:
            continue
        if notes.proposed is not None:
            # What a person says yes to is what was proposed, not what has become of it since.
            command = msgspec.structs.replace(command, parameters=notes.proposed)
        if draft.offer(command, bus, settings.hold):
            notes.asked, notes.proposed = True, None
            draft.tally(bus).holds += 1
        else:
            notes.proposed = dict(command.parameters)
            notes.asked = settings.hold == "advise"


def _requests(draft: Draft, buses: Sequence[Bus]) -> None:
    settings = draft.settings
    if settings.priority == "off":
        return
    for ask in priority.asks(draft.view, buses, settings):
        notes, tally = draft.notes[ask.bus.id], draft.tally(ask.bus)
        first = ask.ahead.signal not in notes.requested
        if first:
            notes.requested = [*notes.requested, ask.ahead.signal]
            tally.requests += not ask.declined
            tally.declined += bool(ask.declined)
        if ask.declined:
            continue
        if settings.priority == "automatic" or _is_welcome(draft, ask):
            draft.published.append(priority.request(draft.view, ask, settings))


def _is_welcome(draft: Draft, ask: priority.Ask) -> bool:
    """Propose to ask for priority for the line; whether a person has approved that."""
    wanted, mode = priority.wish(ask), draft.settings.priority
    draft.published.append(proposal(draft.view, wanted, ask.bus, mode))
    return mode == "approve" and approved(draft.view, wanted, ask.bus)


def _tell(draft: Draft, buses: Sequence[Bus], departures: Mapping[str, Any]) -> None:
    for name in sorted({bus.line for bus in buses} | draft.tallies.keys()):
        headways = [
            each for key, each in departures.items() if key.startswith(f"{name} ") and each["planned_headway_s"] > 0
        ]
        draft.published.append(
            line_entity(
                name,
                draft.view.at,
                buses=[bus for bus in buses if bus.line == name],
                headways=headways,
                tally=draft.tallies.get(name, Tally()),
            )
        )
