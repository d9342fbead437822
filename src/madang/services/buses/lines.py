"""The ways of the lines, as their buses were seen to go: a line without a bus on the road is blocked all the same.

Nothing is commanded for it; people hear of it at once, and not when its next bus sets out.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Any

import msgspec

from madang.model.entity import Entity
from madang.model.service import Memory, View
from madang.services.buses import detour
from madang.services.buses.publish import LINE, proposal, tame
from madang.services.buses.sense import Bus, Itinerary
from madang.services.buses.settings import Settings

WAYS = "ways"
"""Where in memory the ways are, by line and last road."""


def remembered(buses: Sequence[Bus], memory: Memory) -> dict[str, Any]:
    """By line and last road the longest way that a bus was seen at the begin of; a detour is not the line's way."""
    ways: dict[str, Any] = dict(memory.get(WAYS, {}))
    for bus in buses:
        route = bus.way.route
        if not route or bus.way.detour:
            continue
        key = f"{bus.line} {route[-1]}"
        if key not in ways or len(ways[key]["route"]) < len(route):
            ways[key] = {"line": bus.line, "route": list(route), "stops": msgspec.to_builtins(bus.way.stops)}
    return ways


def proposals(view: View, ways: Mapping[str, Any], busy: Container[str], settings: Settings) -> list[Entity]:
    """What is proposed for the blocked lines that have no bus for which it is proposed already (`busy`)."""
    waiting = [_next(way) for _, way in sorted(ways.items()) if way["line"] not in busy]
    found: list[Entity] = []
    for concern in detour.concerns(view, waiting, settings):
        wanted = detour.hopeless(view, concern) if concern.way is None else detour.command(view, concern)
        mode = "approve" if settings.detour == "approve" else "advise"
        found.append(proposal(view, wanted, concern.bus, mode))
    return found


def _next(way: Mapping[str, Any]) -> Bus:
    """The next bus of the line, which has not set out yet."""
    stops = way["stops"]
    itinerary = msgspec.convert({"route": way["route"], "position": 0.0, "stops": stops}, Itinerary)
    line = way["line"]
    return Bus(
        id=f"urn:ngsi-ld:{LINE}:{tame(line)}", line=line, lateness_s=0.0, passengers=0.0, way=itinerary, age_s=0.0
    )
