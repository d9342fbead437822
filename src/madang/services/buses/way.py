"""Ways around: the quickest path over the roads that are open, and the stops worth going by.

The path through the stops is chosen by dynamic programming over their order: the cost of a way is what everybody aboard
loses on it and what those lose whose stop it leaves out, in rider-seconds.
"""

import heapq
import itertools
from collections.abc import Container, Mapping, Sequence

import msgspec

from madang.services.buses.sense import Edges


class Halt(msgspec.Struct, frozen=True, kw_only=True):
    """A stop to come: on which edge, how many get on or off a bus there."""

    stop: str
    edge: str
    riders: float


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A way from the first edge of `route` to its last: seconds at the speed limits, the stops that it leaves out, what
    it costs in rider-seconds, and whether it ends before the line's end (`short`)."""

    route: tuple[str, ...]
    time_s: float
    skipped: tuple[str, ...]
    cost: float
    short: bool = False


def quickest(edges: Edges, start: str, closed: Container[str]) -> dict[str, tuple[float, str]]:
    """By reachable edge: seconds from the begin of `start` to the begin of it, and the edge before (Dijkstra)."""
    found: dict[str, tuple[float, str]] = {}
    queue: list[tuple[float, str, str]] = [(0.0, start, "")]
    while queue:
        time_s, edge, before = heapq.heappop(queue)
        if edge in found:
            continue
        found[edge] = (time_s, before)
        _, own_s, onward = edges.get(edge, (0.0, 0.0, ()))
        for following in onward:
            if following not in found and following not in closed and following in edges:
                heapq.heappush(queue, (time_s + own_s, following, edge))
    return found


class Search:
    """The ways for one bus. `aboard` are the riders who lose what the way takes longer, `skip_s` is what each loses
    whose stop is left out."""

    def __init__(self, edges: Edges, closed: Container[str], *, aboard: float, skip_s: float) -> None:
        self._edges = edges
        self._closed = closed
        self._aboard = aboard
        self._skip_s = skip_s
        self._paths: dict[str, dict[str, tuple[float, str]]] = {}

    def best(self, start: str, halts: Sequence[Halt], end: str) -> Way | None:
        """The way of least cost from the edge `start` to `end`; where the end cannot be reached, to the best stop that
        can; None where there is no way at all."""
        open_halts = [halt for halt in halts if halt.edge not in self._closed]
        # By halt reached last (-1: none yet): the cost so far and the halts that it went by.
        reached: dict[int, tuple[float, tuple[int, ...]]] = {-1: (0.0, ())}
        for number, halt in enumerate(open_halts):
            options = [
                (cost + self._aboard * leg_s + self._left_out(open_halts, last, number), (*by, number))
                for last, (cost, by) in reached.items()
                if (leg_s := self._leg_s(open_halts[last].edge if last >= 0 else start, halt.edge)) is not None
            ]
            if options:
                reached[number] = min(options)
        ends = [
            (cost + self._aboard * leg_s + self._left_out(open_halts, last, len(open_halts)), by)
            for last, (cost, by) in reached.items()
            if (leg_s := self._leg_s(open_halts[last].edge if last >= 0 else start, end)) is not None
        ]
        if ends and end not in self._closed:
            return self._way([start, *(open_halts[n].edge for n in min(ends)[1]), end], halts)
        turns = [
            (cost + self._left_out(open_halts, last, len(open_halts)), by) for last, (cost, by) in reached.items() if by
        ]
        if not turns:
            return None
        return self._way([start, *(open_halts[n].edge for n in min(turns)[1])], halts, short=True)

    def fastest(self, start: str, halts: Sequence[Halt], end: str) -> Way | None:
        """The quickest way to the end, whatever stops it leaves out."""
        if end in self._closed or self._leg_s(start, end) is None:
            return None
        return self._way([start, end], halts)

    def _left_out(self, halts: Sequence[Halt], last: int, until: int) -> float:
        return self._skip_s * sum(halt.riders for halt in halts[last + 1 : until])

    def _leg_s(self, start: str, end: str) -> float | None:
        found = self._from(start).get(end)
        return None if found is None else found[0]

    def _from(self, start: str) -> Mapping[str, tuple[float, str]]:
        if start not in self._paths:
            self._paths[start] = quickest(self._edges, start, self._closed)
        return self._paths[start]

    def _way(self, through: Sequence[str], halts: Sequence[Halt], *, short: bool = False) -> Way:
        route = [through[0]]
        for start, end in itertools.pairwise(through):
            leg = [end] if end != start else []
            while leg and (before := self._from(start)[leg[0]][1]) != start:
                leg.insert(0, before)
            route += leg
        time_s = sum(self._edges[edge][1] for edge in route)
        skipped = [halt for halt in halts if halt.edge not in route]
        cost = self._aboard * time_s + self._skip_s * sum(halt.riders for halt in skipped)
        if short:
            cost += self._skip_s * self._aboard
        return Way(
            route=tuple(route),
            time_s=time_s,
            skipped=tuple(halt.stop for halt in skipped),
            cost=cost,
            short=short,
        )
