"""Loops in the road: on every approach lane, one count a minute, as SUMO's own induction loops make it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import quoteattr

from madang.model.entity import Entity, observed, point
from madang.sim.streets.device import Fixed, urn
from madang.sim.streets.layout import Layout
from madang.sim.streets.network import Network
from madang.sim.streets.projection import Projection

PERIOD_S = 60
BEFORE_STOP_M = 30.0
"""Upstream of the stop line; in the middle of a shorter lane."""

_UNITS = {"intensity": "H10", "occupancy": "C62", "averageVehicleSpeed": "KMH"}
"""UN/CEFACT Recommendation 20: reciprocal hour, one, kilometre an hour."""


def lanes(layouts: Mapping[str, Layout], network: Network) -> tuple[str, ...]:
    """The lanes that have a loop: those that cars approach a signal on."""
    found = (link.from_lane for layout in layouts.values() for link in layout.links)
    return tuple(dict.fromkeys(lane for lane in found if lane in network.lanes))


def additional(layouts: Mapping[str, Layout], network: Network) -> str:
    """The SUMO additional file that puts the loops into the road."""
    loops = "".join(
        f'<inductionLoop id={quoteattr(lane)} lane={quoteattr(lane)} pos="{_position(network, lane):.2f}" '
        f'period="{PERIOD_S}" file="NUL"/>'
        for lane in lanes(layouts, network)
    )
    return f"<additional>{loops}</additional>"


def _position(network: Network, lane: str) -> float:
    length_m = network.lanes[lane].length_m
    return max(length_m - BEFORE_STOP_M, length_m / 2)


class Loops(Fixed):
    """The entities TrafficFlowObserved: vehicles an hour, share of time occupied (0 to 1), mean speed in km/h (none
    where nobody came). The loops report one after another in the seconds after their minute, not all at once."""

    def __init__(
        self, sumo: Any, layouts: Mapping[str, Layout], network: Network, place: Projection, *, begin_s: float
    ) -> None:
        """`begin_s` is the simulation's first second: SUMO's minutes start there."""
        self._begin_s = begin_s
        self._loop = sumo.inductionloop
        self._lanes = lanes(layouts, network)
        self._ids = {lane: urn("TrafficFlowObserved", lane) for lane in self._lanes}
        ends = [network.lanes[lane].shape[-1] for lane in self._lanes]
        self._locations = dict(zip(self._lanes, place(ends), strict=True))

    def installed(self, at: datetime) -> list[Entity]:
        """Where the loops lie."""
        return [
            observed(self._ids[lane], "TrafficFlowObserved", at, {"location": point(*self._locations[lane])})
            for lane in self._lanes
        ]

    def report(self, now_s: float, at: datetime) -> list[Entity]:
        """The last full minute's counts of the loops whose second it is."""
        minute, second = divmod(int(now_s - self._begin_s), PERIOD_S)
        share = len(self._lanes) // (PERIOD_S - 1) + 1
        # In second 0 SUMO closes the minute: its counts are read from the next one on.
        if minute == 0 or second == 0:
            return []
        return [self._count(lane, at) for lane in self._lanes[(second - 1) * share : second * share]]

    def _count(self, lane: str, at: datetime) -> Entity:
        loop = self._loop
        count = loop.getLastIntervalVehicleNumber(lane)
        values: dict[str, Any] = {
            "intensity": round(count * 3600 / PERIOD_S),
            # SUMO splits a vehicle that stands over the minute's end between minutes, and may come out just beyond.
            "occupancy": round(min(1.0, max(0.0, loop.getLastIntervalOccupancy(lane) / 100)), 3),
        }
        if count > 0:
            values["averageVehicleSpeed"] = round(loop.getLastIntervalMeanSpeed(lane) * 3.6, 1)
        return observed(self._ids[lane], "TrafficFlowObserved", at, values, units=_UNITS)
