"""A road that runs through several signals, in one direction: where to look at how greens follow each other."""

import heapq
import itertools
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from madang.errors import BadRequestData
from madang.sim.streets.layout import Layout
from madang.sim.streets.network import Connection, Network

LEAD_M = 250.0
"""How much road before the first stop line belongs to it at most, if there is an edge's start there."""
TURN_M = 300.0
"""A way through given signals goes so far around rather than turn."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A stop line on the arterial: metres from its start, and the links that let it go on."""

    signal: str
    at_m: float
    links: frozenset[int]


class Arterial(msgspec.Struct, frozen=True, kw_only=True):
    """`starts_m` has by edge where it begins; the insides of junctions have no length."""

    name: str
    starts_m: Mapping[str, float]
    length_m: float
    lines: tuple[Line, ...]


def longest(network: Network, layouts: Mapping[str, Layout]) -> Arterial | None:
    """The straight road with the most signals on it, of several the shortest; None where none has two."""
    onward = _straight(network)
    starts = set(onward).difference(onward.values()) or set(onward)
    roads = [_follow(start, onward) for start in sorted(starts)]
    best: Arterial | None = None
    for road in roads:
        found = _arterial(road, network, layouts)
        if found and len(found.lines) > 1 and (best is None or _rank(found) > _rank(best)):
            best = found
    return best


def through(signals: Sequence[str], network: Network, layouts: Mapping[str, Layout]) -> Arterial:
    """The way through these signals in this order, straight on where it can be. Raises BadRequestData."""
    unknown = [signal for signal in signals if signal not in layouts]
    if unknown or len(signals) < 2:
        wrong = ", ".join(unknown or signals)
        raise BadRequestData(f"An arterial is at least two of the signals {', '.join(layouts)}; not {wrong}")
    road = _led_to(_way(signals, network, layouts), network)
    found = _arterial(road, network, layouts) if road else None
    if found is None:
        raise BadRequestData(f"No way leads through the signals {', '.join(signals)} in this order")
    return found


def _rank(found: Arterial) -> tuple[int, float]:
    return len({line.signal for line in found.lines}), -found.length_m


def _edge(lane: str) -> str:
    return lane.rpartition("_")[0]


def _ways(network: Network) -> Iterable[tuple[str, str, Connection]]:
    """(from edge, to edge, connection) of all that cars may drive."""
    for each in network.connections:
        start, end = network.lanes.get(each.from_lane), network.lanes.get(each.to_lane)
        if start and end and start.admits("passenger") and end.admits("passenger"):
            yield start.edge, end.edge, each


def _straight(network: Network) -> dict[str, str]:
    """By edge the one that is straight on, of the same street where both have a name."""
    lanes: dict[str, dict[str, int]] = {}
    for start, end, each in _ways(network):
        one, other = network.edges.get(start, ""), network.edges.get(end, "")
        if each.direction == "s" and (one == other or not one or not other):
            lanes.setdefault(start, {}).setdefault(end, 0)
            lanes[start][end] += 1
    return {start: max(sorted(ends), key=lambda end: ends[end]) for start, ends in lanes.items()}


def _follow(start: str, onward: Mapping[str, str]) -> list[str]:
    road, seen = [start], {start}
    while (end := onward.get(road[-1])) is not None and end not in seen:
        road.append(end)
        seen.add(end)
    return road


def _led_to(road: list[str], network: Network) -> list[str]:
    """The road with what leads straight to it before it."""
    before = {end: start for start, end in _straight(network).items()}
    while road and before.get(road[0], road[0]) not in road:
        road = [before[road[0]], *road]
    return road


def _way(signals: Sequence[str], network: Network, layouts: Mapping[str, Layout]) -> list[str]:
    """The shortest way by edges; a state is an edge and how many of the signals have been passed."""
    onward: dict[str, list[tuple[str, Connection]]] = {}
    for start, end, each in _ways(network):
        onward.setdefault(start, []).append((end, each))
    lengths = {lane.edge: lane.length_m for lane in network.lanes.values()}
    first = {_edge(link.from_lane) for link in layouts[signals[0]].links}
    ahead = [(0.0, 0, edge, [edge]) for edge in sorted(first)]
    heapq.heapify(ahead)
    done: set[tuple[str, int]] = set()
    while ahead:
        cost_m, passed, edge, road = heapq.heappop(ahead)
        if passed == len(signals):
            return road
        if (edge, passed) in done:
            continue
        done.add((edge, passed))
        for end, each in onward.get(edge, ()):
            more = cost_m + lengths.get(end, 0.0) + (0.0 if each.direction == "s" else TURN_M)
            heapq.heappush(ahead, (more, passed + (each.signal == signals[passed]), end, [*road, end]))
    return []


def _arterial(road: Sequence[str], network: Network, layouts: Mapping[str, Layout]) -> Arterial | None:
    """The part of the road from a little before its first stop line to the end of the edge after its last."""
    links: dict[tuple[str, str], tuple[str, set[int]]] = {}
    for start, end, each in _ways(network):
        if each.signal in layouts:
            links.setdefault((start, end), (each.signal, set()))[1].add(each.link)
    stops = [place for place, pair in enumerate(itertools.pairwise(road)) if pair in links]
    if not stops:
        return None
    lengths = {lane.edge: lane.length_m for lane in network.lanes.values()}
    first = stops[0]
    lead_m = lengths[road[first]]
    while first > 0 and lead_m + lengths[road[first - 1]] <= LEAD_M:
        first -= 1
        lead_m += lengths[road[first]]
    edges = road[first : stops[-1] + 2]
    ends = list(itertools.accumulate(lengths[edge] for edge in edges))
    lines = [
        Line(signal=links[pair][0], at_m=at_m, links=frozenset(links[pair][1]))
        for pair, at_m in zip(itertools.pairwise(edges), ends, strict=False)
        if pair in links
    ]
    names = [network.edges.get(edge, "") for edge in edges]
    return Arterial(
        name=max(sorted(set(names)), key=names.count) if any(names) else "",
        starts_m=dict(zip(edges, [0.0, *ends], strict=False)),
        length_m=ends[-1],
        lines=tuple(lines),
    )
