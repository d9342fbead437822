"""Vehicles under blue light in the demand: so many an hour, on ways through the network that are drawn from the seed.

For an evaluation: a seed sends them out at the same seconds on the same ways under every control. What they lose is the
signals' and the traffic's, and more than a real one would (see ``responders``).
"""

import random
from collections.abc import Collection, Mapping
from typing import Any

from madang.sim.streets.responders import dispatch, responder
from madang.sim.streets.roadmap import Road

FIRST_S, LAST_S = 300.0, 300.0
"""None sets out before there is traffic, nor so late that the demand ends before it is there."""
DRAWS = 12
"""So many ways are drawn for each; it takes the one with the most signals."""


class Alarms:
    """Call `send` at the begin of each second. `ways` are (second, first edge, last edge), in the order of time."""

    def __init__(
        self,
        sumo: Any,
        roads: Mapping[str, Road],
        approaches: Collection[str],
        *,
        per_hour: float,
        window: tuple[float, float],
        seed: int,
    ) -> None:
        """`approaches` are the edges before signals, `window` the demand's first and last second."""
        self._sumo = sumo
        self._approaches = approaches
        self._chance = random.Random(f"alarms {seed}")
        first_s, last_s = window[0] + FIRST_S, window[1] - LAST_S
        count = int(per_hour * (window[1] - window[0]) / 3600.0 + 0.5) if last_s > first_s else 0
        every_s = (last_s - first_s) / max(1, count)
        # One in each part of the window: two at once would be a case of its own.
        times = [first_s + every_s * (number + self._chance.random()) for number in range(count)]
        ends = _ends(roads) if count else ((), ())
        found = [(float(int(at_s)), *self._way(*ends)) for at_s in times]
        self.ways = [(at_s, start, end) for at_s, start, end in found if start]
        self._left = list(self.ways)

    def send(self, now_s: float) -> None:
        """Send out those whose time has come."""
        while self._left and self._left[0][0] <= now_s:
            at_s, start, end = self._left.pop(0)
            dispatch(self._sumo, f"alarm.{at_s:.0f}", start=start, end=end)

    def _way(self, starts: tuple[str, ...], ends: tuple[str, ...]) -> tuple[str, str]:
        """Of the ways drawn the one with the most signals; empty where the network has none at all."""
        kind, best, most = responder(self._sumo), ("", ""), 0
        for _ in range(DRAWS if starts and ends else 0):
            start, end = self._chance.choice(starts), self._chance.choice(ends)
            route = self._sumo.simulation.findRoute(start, end, kind).edges
            signals = sum(edge in self._approaches for edge in route)
            if signals > most:
                best, most = (start, end), signals
        return best


def _ends(roads: Mapping[str, Road]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The edges by which one comes into the network, and those by which one leaves it; all of them where one can turn
    at every end, so that nobody comes from outside."""
    entered = {edge for road in roads.values() for edge in road.onward}
    starts = tuple(sorted(edge for edge, road in roads.items() if edge not in entered and road.onward))
    ends = tuple(sorted(edge for edge, road in roads.items() if not road.onward and edge in entered))
    everywhere = tuple(sorted(edge for edge, road in roads.items() if edge in entered and road.onward))
    return starts or everywhere, ends or everywhere
