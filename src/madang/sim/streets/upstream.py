"""Who comes from where: the signalised movements upstream of an approach, and how far and how long the way from there
is."""

from collections.abc import Iterable, Mapping

import msgspec

from madang.sim.streets.network import Connection, Network

FAR_M = 800.0
"""Beyond this a platoon has dissolved, and a minute's prediction does not reach."""
MOST = 64
"""Feeders that are kept for one approach, the nearest first."""


class Feeder(msgspec.Struct, frozen=True, kw_only=True):
    """A movement (`signal`, `link`) from which vehicles come: `distance_m` from its stop line to the approach's,
    `time_s` at the speed limits, `share` of its vehicles that come this way where the ways part at junctions without
    signals (each way the same, for want of knowing better)."""

    signal: str
    link: int
    distance_m: float
    time_s: float
    share: float


def feeders(network: Network, edges: Iterable[str]) -> dict[str, tuple[Feeder, ...]]:
    """By edge its feeders, nearest first."""
    into: dict[str, dict[str, list[Connection]]] = {}
    onward: dict[str, set[str]] = {}
    for connection in network.connections:
        start, end = _edge(connection.from_lane), _edge(connection.to_lane)
        into.setdefault(end, {}).setdefault(start, []).append(connection)
        onward.setdefault(connection.from_lane, set()).add(end)
    sizes = _sizes(network)
    return {edge: _of(edge, into, onward, sizes) for edge in edges}


def _sizes(network: Network) -> dict[str, tuple[float, float]]:
    """Length in metres and time in seconds of every edge."""
    return {lane.edge: (lane.length_m, lane.length_m / max(lane.speed_mps, 1.0)) for lane in network.lanes.values()}


def _of(
    edge: str,
    into: Mapping[str, Mapping[str, list[Connection]]],
    onward: Mapping[str, set[str]],
    sizes: Mapping[str, tuple[float, float]],
) -> tuple[Feeder, ...]:
    found: dict[tuple[str, int], Feeder] = {}
    seen = {edge}
    ahead = [(*sizes.get(edge, (0.0, 0.0)), 1.0, edge)]
    while ahead:
        ahead.sort(reverse=True)
        length_m, time_s, share, here = ahead.pop()
        for start, ways in into.get(here, {}).items():
            free = [way for way in ways if not way.signal]
            for way in ways:
                if way.signal and (way.signal, way.link) not in found:
                    found[way.signal, way.link] = Feeder(
                        signal=way.signal, link=way.link, distance_m=length_m, time_s=time_s, share=share
                    )
            if free and start not in seen and start in sizes:
                seen.add(start)
                more_m, more_s = sizes[start]
                parts = max(len(onward[way.from_lane]) for way in free)
                if length_m + more_m <= FAR_M:
                    ahead.append((length_m + more_m, time_s + more_s, share / parts, start))
    return tuple(sorted(found.values(), key=lambda each: (each.distance_m, each.signal, each.link))[:MOST])


def _edge(lane: str) -> str:
    return lane.rpartition("_")[0]
