"""Guards that no decision may cross, and the fallback that is always safe: the driver drives as the timetable says.

The bus's own end checks the same once more (see ``sim/streets/fleet``).
"""

import itertools
from collections.abc import Sequence

import msgspec

from madang.model.service import Command, View
from madang.services.buses import sense
from madang.services.buses.detour import DETOUR, TURN_M, starting
from madang.services.buses.holding import FIRST_S, HOLD
from madang.services.buses.sense import BUS, Bus
from madang.services.buses.settings import LONGEST_HOLD_S, Settings, settings_of

RELEASE = "release"


def known_action(view: View, command: Command) -> str | None:
    """A bus takes a hold, a detour or a release."""
    if command.action in (HOLD, DETOUR, RELEASE):
        return None
    return f"a bus knows the actions {HOLD}, {DETOUR} and {RELEASE}, not {command.action}"


def heard_of(view: View, command: Command) -> str | None:
    """Nobody acts on a bus that is not known, or was not heard of lately."""
    if command.action == RELEASE:
        return None
    bus = _bus(view, command)
    if bus is None:
        return f"{command.target} is no bus that says where it is"
    stale_s = _settings(view).stale_s
    return None if bus.age_s <= stale_s else f"the bus was heard of {bus.age_s:.0f} s ago (at most {stale_s:.0f} s)"


def short_hold(view: View, command: Command) -> str | None:
    """A bus is held only at the stop where it stands, once, and never longer than a city allows, or three minutes."""
    bus = _bus(view, command)
    if command.action != HOLD or bus is None:
        return None
    seconds, longest_s = command.parameters.get("seconds"), min(_settings(view).max_hold_s, LONGEST_HOLD_S)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 1 <= seconds <= longest_s:
        return f"a bus is held for 1 to {longest_s:.0f} s, not {seconds!r}"
    if not bus.way.at or command.parameters.get("stop") != bus.way.at:
        return "a bus is held only at the stop where it stands"
    if bus.way.held:
        return "the bus is held already"
    if bus.way.dwell - bus.age_s < FIRST_S:
        return "the bus is about to leave"
    return None


def drivable_detour(view: View, command: Command) -> str | None:
    """A bus is led only over roads that it may drive, that are open, from where it still can turn, and while it
    drives."""
    bus = _bus(view, command)
    if command.action != DETOUR or bus is None:
        return None
    _, edges = sense.network(view)
    route = _roads(command.parameters.get("route"))
    if not route:
        return "a detour needs the route, a list of roads"
    if wrong := _undrivable(route, edges):
        return wrong
    if route[0] != bus.way.route[0]:
        return "a detour begins on the road where the bus is"
    if bus.way.at:
        return "the bus stands at a stop: it takes a new way when it drives"
    closed = sense.closed(view, _settings(view))
    if shut := next((edge for edge in route[1:] if edge in closed), None):
        return f"road {shut} {closed[shut][1]}"
    first = starting(bus, edges)
    if route[: first + 1] != bus.way.route[: first + 1]:
        return f"the bus is less than {TURN_M:.0f} m from the end of its road: it cannot take another turn there"
    return None


def _roads(value: object) -> tuple[str, ...]:
    try:
        return msgspec.convert(value, tuple[str, ...])
    except msgspec.ValidationError:
        return ()


def _undrivable(route: Sequence[str], edges: sense.Edges) -> str | None:
    if any(edge not in edges for edge in route):
        return "the route has a road that buses do not drive"
    for start, end in itertools.pairwise(route):
        if end not in edges[start][2]:
            return f"no bus can turn from road {start} onto road {end}"
    return None


def fallback(view: View, targets: Sequence[str]) -> tuple[Command, ...]:
    """Every bus goes on as its timetable says; one that is on a detour ends it, for its way back is not known to be
    open."""
    return tuple(
        Command(
            target=target,
            action=RELEASE,
            parameters={},
            rule="fallback",
            reason="The bus goes on as its timetable says.",
            inputs=((target, "itinerary"),),
        )
        for target in targets
    )


def _bus(view: View, command: Command) -> Bus | None:
    entity = view.entities.get(command.target)
    return sense.bus_of(view, entity) if entity is not None and BUS in entity.types else None


def _settings(view: View) -> Settings:
    return settings_of(view.settings)


GUARDS = (known_action, heard_of, short_hold, drivable_detour)
