"""Writes down of a run what sums do not tell: delay by approach, who went where, emissions by street, an arterial.

It looks at each vehicle once a second, and asks SUMO for its own sums by edge; it changes nothing in the run.
"""

import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from madang.model.recording import Delayed, Diagram, Emitted, Recording, Stop
from madang.sim.streets.approach import QUARTERS, called
from madang.sim.streets.arterial import Arterial
from madang.sim.streets.network import Network, Point
from madang.sim.streets.stages import GREEN
from madang.sim.streets.traffic import Traffic

DIAGRAM_S = 600.0
"""The arterial is written down for so long, in the middle of the demand."""
BEND_M = 4.0
"""A point of a path that lies this close to the line between its neighbours is left out."""
MIDDLE = 0.15
"""The share of the network's radius that is its middle."""
EMISSIONS = "emissions.xml"

_Spot = tuple[float, float]


def additional() -> str:
    """The SUMO additional file that has the emissions summed by edge, into `EMISSIONS` beside that file."""
    return f'<additional><edgeData id="e" type="emissions" file="{EMISSIONS}" excludeEmpty="true"/></additional>'


class Recorder:
    """Call `update` after every step, `recording` once at the end."""

    def __init__(
        self, sumo: Any, traffic: Traffic, network: Network, arterial: Arterial | None, window: tuple[float, float]
    ) -> None:
        """`window` is the demand's, in the simulation's seconds."""
        self._sumo = sumo
        self._traffic = traffic
        self._network = network
        self._arterial = arterial
        self._begin_s, end_s = window
        length_s = min(DIAGRAM_S, end_s - self._begin_s)
        self._from_s = self._begin_s + round((end_s - self._begin_s - length_s) / 2)
        self._until_s = self._from_s + length_s
        self._lost_s: dict[str, float] = {}
        self._by_approach: dict[tuple[str, str], dict[str, float]] = {}
        self._journeys: dict[str, tuple[str, str]] = {}
        self._paths: dict[str, list[_Spot]] = {}
        self._greens: list[list[list[float]]] = [[] for _ in (arterial.lines if arterial else ())]
        self._centre, self._radius_m = _extent(network)

    def update(self, now_s: float, lamps: Mapping[str, str]) -> None:
        """Take down the second that ends now; `lamps` are those that showed in it, by signal."""
        lost_of, lost_s = self._sumo.vehicle.getTimeLoss, self._lost_s
        now: dict[str, float] = {}
        for id, vehicle in self._traffic.vehicles.items():
            lost = now[id] = lost_of(id)
            before = lost_s.get(id)
            if before is None:
                before = 0.0
                self._journeys[id] = self._journey(self._sumo.vehicle.getRoute(id))
            key = (vehicle.signal, vehicle.from_lane.rpartition("_")[0])
            spent = self._by_approach.get(key)
            if spent is None:
                spent = self._by_approach[key] = {}
            spent[id] = spent.get(id, 0.0) + lost - before
        self._lost_s = now
        if self._arterial is not None and self._from_s <= now_s <= self._until_s:
            self._draw(self._arterial, now_s, lamps)

    def _draw(self, arterial: Arterial, now_s: float, lamps: Mapping[str, str]) -> None:
        position_of, starts_m = self._sumo.vehicle.getLanePosition, arterial.starts_m
        second = now_s - self._begin_s
        for id, vehicle in self._traffic.vehicles.items():
            start_m = starts_m.get(vehicle.lane.rpartition("_")[0])
            if start_m is not None:
                spot = (second, round(start_m + position_of(id), 1))
                self._paths.setdefault(id, []).append(spot)
            elif vehicle.lane[:1] == ":" and (path := self._paths.get(id)) and path[-1][0] == second - 1:
                # Inside a junction, where it may wait for oncoming traffic: it stands at the end of its street.
                path.append((second, path[-1][1]))
        for line, greens in zip(arterial.lines, self._greens, strict=True):
            shown = lamps.get(line.signal, "")
            if any(shown[link] in GREEN for link in line.links if link < len(shown)):
                if greens and greens[-1][1] == second - 1:
                    greens[-1][1] = second
                else:
                    greens.append([second - 1, second])

    def _journey(self, route: Sequence[str]) -> tuple[str, str]:
        if not route:
            return "", ""
        first, last = (self._network.lanes.get(f"{edge}_0") for edge in (route[0], route[-1]))
        return (self._quarter(first.shape[0]) if first else "", self._quarter(last.shape[-1]) if last else "")

    def _quarter(self, at: Point) -> str:
        if math.dist(at, self._centre) < MIDDLE * self._radius_m:
            return "middle"
        clockwise = math.degrees(math.atan2(at[0] - self._centre[0], at[1] - self._centre[1])) % 360
        return QUARTERS[round(clockwise / 45) % 8]

    def recording(self, folder: Path) -> Recording:
        """What was written down; `folder` is where SUMO has left `EMISSIONS` when it closed."""
        emissions = tuple(_emissions(folder / EMISSIONS))
        lanes = {edge: self._network.lanes.get(f"{edge}_0") for edge in (each.edge for each in emissions)}
        approaches = tuple(self._delayed(*key, spent) for key, spent in sorted(self._by_approach.items()))
        return Recording(
            approaches=approaches,
            journeys=self._journeys,
            emissions=emissions,
            streets={edge: _rounded(lane.shape) for edge, lane in lanes.items() if lane},
            names={edge: self._network.edges.get(edge, "") for edge in lanes},
            diagram=self._diagram(),
        )

    def _delayed(self, signal: str, edge: str, spent: Mapping[str, float]) -> Delayed:
        lost_s = sorted(spent.values())
        return Delayed(
            signal=signal,
            edge=edge,
            name=called(f"{edge}_0", self._network) if edge else "",
            vehicles=len(lost_s),
            total_s=round(sum(lost_s), 1),
            p95_s=round(lost_s[min(len(lost_s) - 1, int(0.95 * len(lost_s)))], 1),
            longest_s=round(lost_s[-1], 1),
        )

    def _diagram(self) -> Diagram | None:
        arterial = self._arterial
        if arterial is None:
            return None
        stops = [
            Stop(signal=line.signal, name=line.signal, at_m=line.at_m, greens=tuple((a, b) for a, b in greens))
            for line, greens in zip(arterial.lines, self._greens, strict=True)
        ]
        return Diagram(
            name=arterial.name,
            length_m=arterial.length_m,
            from_s=self._from_s - self._begin_s,
            until_s=self._until_s - self._begin_s,
            stops=tuple(stops),
            paths=tuple(tuple(path) for spots in self._paths.values() for path in _pieces(spots)),
        )


def _extent(network: Network) -> tuple[Point, float]:
    """The middle of the network and half of its longer side."""
    points = [point for lane in network.lanes.values() for point in lane.shape]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    centre = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    return centre, max(max(xs) - min(xs), max(ys) - min(ys)) / 2


def _emissions(file: Path) -> list[Emitted]:
    found: list[Emitted] = []
    with file.open("rb") as stream:
        for _, element in ElementTree.iterparse(stream):
            if element.tag == "edge":
                co2_mg, nox_mg = (float(element.get(name, "0")) for name in ("CO2_abs", "NOx_abs"))
                found.append(Emitted(element.attrib["id"], round(co2_mg / 1e6, 4), round(nox_mg / 1e3, 4)))
    return found


def _rounded(shape: Sequence[Point]) -> tuple[Point, ...]:
    return tuple((round(x, 1), round(y, 1)) for x, y in shape)


def _pieces(spots: Sequence[_Spot]) -> list[list[_Spot]]:
    """A vehicle that left the arterial and came back is two paths."""
    pieces: list[list[_Spot]] = [[]]
    for spot in spots:
        if pieces[-1] and (spot[0] - pieces[-1][-1][0] > 15 or spot[1] < pieces[-1][-1][1] - BEND_M):
            pieces.append([])
        pieces[-1].append(spot)
    return [_thinned(piece) for piece in pieces if len(piece) > 1]


def _thinned(spots: list[_Spot]) -> list[_Spot]:
    """Without the points that are close to the line between those that stay (Douglas and Peucker, in metres)."""
    (from_s, from_m), (until_s, until_m) = spots[0], spots[-1]
    pace = (until_m - from_m) / (until_s - from_s)
    off = [abs(at_m - from_m - pace * (at_s - from_s)) for at_s, at_m in spots]
    worst = max(range(len(spots)), key=off.__getitem__)
    if off[worst] <= BEND_M:
        return [spots[0], spots[-1]]
    return [*_thinned(spots[: worst + 1])[:-1], *_thinned(spots[worst:])]
