"""Detours: when a road on a bus's way is closed or at a standstill, a way that still serves the most riders.

Said with it: the stops that it leaves out, how many riders that concerns, and how much longer it takes.
"""

from collections.abc import Mapping, Sequence

import msgspec

from madang.model.service import Alternative, Command, View
from madang.services.buses import air, sense
from madang.services.buses.sense import Bus, Edges
from madang.services.buses.settings import Settings
from madang.services.buses.way import Halt, Search, Way

DETOUR = "detour"
UNIT = "rider-seconds"
AROUND_AIR = "around-bad-air"
ROAD = ("edge", "status", "slowSince")
TURN_M = 50.0
"""Nearer to the end of its road a bus cannot take another turn any more: it is on the next road already."""


class Concern(msgspec.Struct, frozen=True, kw_only=True):
    """What a blocked road means for a bus: the edges on its way that are `blocked`, all that are `closed` with the
    entity that says so and why, the best way if there is one, how many riders an hour use the stops that it leaves out
    (None: nobody has counted them all). `aired`: nothing is in its way but the air of an area."""

    bus: Bus
    blocked: Sequence[str]
    closed: Mapping[str, tuple[str, str]]
    way: Way | None
    fastest: Way | None = None
    extra_s: float = 0.0
    riders_per_hour: float | None = None
    aired: bool = False


def concerns(view: View, buses: Sequence[Bus], settings: Settings) -> list[Concern]:
    """Every bus whose way is blocked, and every diesel bus on its way through an area with bad air."""
    closed = {} if settings.detour == "off" else sense.closed(view, settings)
    aired = {} if settings.diesel == "off" else air.avoided(view)
    if not closed and not aired:
        return []
    _, edges = sense.network(view)
    found = (
        _concern(view, bus, closed, edges, settings) or _aired(view, bus, {**aired, **closed}, edges, settings)
        for bus in buses
    )
    return [concern for concern in found if concern is not None]


def _aired(
    view: View, bus: Bus, closed: Mapping[str, tuple[str, str]], edges: Edges, settings: Settings
) -> Concern | None:
    """A way around bad air, where there is one to the line's end that does not take too long."""
    found = _concern(view, bus, closed, edges, settings) if bus.diesel and closed else None
    if found is None or found.way is None or found.way.short or found.extra_s > settings.diesel_extra_s:
        return None
    return msgspec.structs.replace(found, aired=True)


def starting(bus: Bus, edges: Edges) -> int:
    """From which edge of its way on the bus can be led elsewhere."""
    route = bus.way.route
    if len(route) < 2 or route[0] not in edges:
        return 0
    return 0 if edges[route[0]][0] - bus.way.position >= TURN_M else 1


def _concern(
    view: View, bus: Bus, closed: Mapping[str, tuple[str, str]], edges: Edges, settings: Settings
) -> Concern | None:
    route = bus.way.route
    first = starting(bus, edges)
    blocked = tuple(edge for edge in route[1:] if edge in closed)
    if not blocked or route[first] in closed or route[first] not in edges:
        return None  # nothing in the way, or the bus is in it already
    halts = [Halt(stop=c.stop, edge=c.edge, riders=_per_bus(view, c.stop, settings)) for c in _to_come(bus, first)]
    aboard = max(1.0, bus.passengers, sum(halt.riders for halt in halts))
    search = Search(edges, frozenset(closed), aboard=aboard, skip_s=settings.skip_s)
    way = search.best(route[first], halts, route[-1])
    if way is None:
        return Concern(bus=bus, blocked=blocked, closed=closed, way=None)
    usual_s = sum(edges[edge][1] for edge in route[first:] if edge in edges)
    counted = [sense.riders(view, stop) for stop in way.skipped]
    return Concern(
        bus=bus,
        blocked=blocked,
        closed=closed,
        way=msgspec.structs.replace(way, route=(*route[:first], *way.route)),
        fastest=search.fastest(route[first], halts, route[-1]),
        extra_s=way.time_s - usual_s,
        riders_per_hour=None if None in counted else sum(each for each in counted if each is not None),
    )


def _to_come(bus: Bus, first: int) -> list[sense.Call]:
    """The stops that are still before the bus where it can be led elsewhere, but for those it will have passed."""
    passed = set(bus.way.route[:first])
    return [
        call
        for call in bus.way.stops
        if call.stop != bus.way.at
        and call.edge not in passed
        and (call.edge != bus.way.route[0] or call.position > bus.way.position)
    ]


def _per_bus(view: View, stop: str, settings: Settings) -> float:
    hourly = sense.riders(view, stop)
    return settings.unknown_riders if hourly is None else hourly * settings.frequent_s / 3600.0


def command(view: View, concern: Concern) -> Command:
    """The command to drive the way; there is one."""
    bus, way = concern.bus, concern.way
    assert way is not None
    network, _ = sense.network(view)
    ways = [("serve the most riders", way), ("the quickest way", concern.fastest)]
    segments = tuple((id, name) for id, _ in concern.closed.values() for name in ROAD if f":{sense.SEGMENT}:" in id)
    terms = dict.fromkeys(id for id, _ in concern.closed.values() if f":{air.TERMS}:" in id)
    stops = tuple((call.stop, name) for call in bus.way.stops for name in ("name", "ridership"))
    return Command(
        target=bus.id,
        action=DETOUR,
        parameters={"route": list(way.route), "skipped": list(way.skipped), "around": around(bus, way)},
        rule=AROUND_AIR if concern.aired else "turn-short" if way.short else "detour",
        reason=reason(view, concern),
        inputs=(*bus.inputs, (network, "edges"), *segments, *((id, name) for id in terms for name in air.KEPT), *stops),
        alternatives=tuple(
            Alternative(
                label=label,
                score=round(each.cost),
                parameters={"route": list(each.route), "skipped": list(each.skipped)},
            )
            for label, each in ways
            if each is not None
        ),
        score_unit=UNIT,
        expected={"extra_s": round(concern.extra_s, 1), "skipped_stops": float(len(way.skipped))},
    )


def around(bus: Bus, way: Way) -> list[str]:
    """The roads of the detour that are not on the bus's own way: what stays the same while it drives towards it."""
    return [edge for edge in way.route if edge not in bus.way.route]


def hopeless(view: View, concern: Concern) -> Command:
    """What is told of a bus that has no way: nothing to carry out."""
    return Command(target=concern.bus.id, action=DETOUR, parameters={}, rule="no-way", reason=reason(view, concern))


def reason(view: View, concern: Concern) -> str:
    """Why the bus goes elsewhere, which stops it leaves out, and whom that concerns."""
    bus, way = concern.bus, concern.way
    edge = concern.blocked[0]
    _, why = concern.closed[edge]
    blocked = f"Road {edge} on the way of line {bus.line} {why}."
    if way is None:
        return f"{blocked} There is no way around: the bus waits."
    if not way.skipped:
        return f"{blocked} {_longer(concern)} and serves every stop."
    names = ", ".join(sense.name(view, stop) for stop in way.skipped)
    count = len(way.skipped)
    stops = f"{count} stop{'s' if count > 1 else ''}"
    hourly = concern.riders_per_hour
    whom = "riders not counted" if hourly is None else f"{hourly:.0f} riders an hour"
    turns = "The bus turns short" if way.short else _longer(concern)
    return f"{blocked} {turns}; it leaves out {stops} ({names}; {whom})."


def _longer(concern: Concern) -> str:
    more = "longer" if concern.extra_s >= 0 else "less"
    return f"The way around takes {abs(concern.extra_s):.0f} s {more}"
