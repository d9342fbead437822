"""Air near the road, from the simulated emissions by a stated simple model: not a measurement (docs/air-model.md)."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from madang.model.entity import Entity, observed, point
from madang.sim.streets.device import Fixed, urn
from madang.sim.streets.layout import Layout, centre
from madang.sim.streets.network import Lane, Network, Point
from madang.sim.streets.projection import Projection

STATIONS = 6
APART_M = 200.0
RADIUS_M = 50.0
HEIGHT_M = 10.0
WIND_MPS = 1.5
NO2_SHARE = 0.3
BACKGROUND_NO2 = 15.0
BACKGROUND_PM25 = 8.0
"""µg/m³, as an urban background station of southern Germany has over a year."""
SAMPLE_S = 5
REPORT_S = 60

METHOD = (
    "model: box of 100 m x 100 m x 10 m around the station, wind 1.5 m/s, HBEFA 3 exhaust of the simulated vehicles, "
    "NO2 = 0.3 NOx, constant background; not a measurement"
)


def settled(before: float, emission_mgps: float, seconds: float) -> float:
    """The concentration in the box (µg/m³ above the background) after `seconds` of a constant emission (mg/s).

    The box of width W = 2 r and height H is flushed by wind u: V dC/dt = Q - u W H C, with V = W² H; so C tends to
    Q / (u W H) with the time constant W / u (Seinfeld & Pandis, Atmospheric Chemistry and Physics, box models).
    """
    width_m = 2 * RADIUS_M
    ends_at = emission_mgps * 1000 / (WIND_MPS * width_m * HEIGHT_M)
    return ends_at + (before - ends_at) * math.exp(-seconds * WIND_MPS / width_m)


class Air(Fixed):
    """The entities AirQualityObserved, at the largest junctions; `no2` and `pm25` in µg/m³, once a minute."""

    def __init__(self, sumo: Any, layouts: Mapping[str, Layout], network: Network, place: Projection) -> None:
        self._lane = sumo.lane
        self._layouts = {layout.id: layout for layout in stations(layouts, network)}
        centres = {id: centre(layout, network) for id, layout in self._layouts.items()}
        lanes = [*network.lanes.values(), *network.inner.values()]
        self._near = {id: _near(at, lanes) for id, at in centres.items()}
        self._places = dict(zip(centres, place(list(centres.values())), strict=True))
        self._nox = dict.fromkeys(centres, 0.0)
        self._pm = dict.fromkeys(centres, 0.0)

    def installed(self, at: datetime) -> list[Entity]:
        """Where the stations stand."""
        return [
            observed(
                urn("AirQualityObserved", id),
                "AirQualityObserved",
                at,
                {"name": self._layouts[id].name, "location": point(*self._places[id]), "method": METHOD},
            )
            for id in self._layouts
        ]

    def report(self, now_s: float, at: datetime) -> list[Entity]:
        """Take in the emissions every 5 s; report once a minute."""
        second = int(now_s)
        if second % SAMPLE_S == 0:
            for id, near in self._near.items():
                nox = sum(share * self._lane.getNOxEmission(lane) for lane, share in near)
                pm = sum(share * self._lane.getPMxEmission(lane) for lane, share in near)
                self._nox[id] = settled(self._nox[id], nox, SAMPLE_S)
                self._pm[id] = settled(self._pm[id], pm, SAMPLE_S)
        return [self._entity(id, at) for id in self._layouts] if second % REPORT_S == 0 else []

    def _entity(self, id: str, at: datetime) -> Entity:
        values = {
            "no2": round(BACKGROUND_NO2 + NO2_SHARE * self._nox[id], 1),
            "pm25": round(BACKGROUND_PM25 + self._pm[id], 2),
            "method": METHOD,
        }
        units = {"no2": "GQ", "pm25": "GQ"}
        return observed(urn("AirQualityObserved", id), "AirQualityObserved", at, values, units=units)


def stations(layouts: Mapping[str, Layout], network: Network) -> list[Layout]:
    """The junctions with the most approach lanes, at least `APART_M` from each other."""
    chosen: list[Layout] = []
    for layout in sorted(layouts.values(), key=lambda layout: (-len({k.from_lane for k in layout.links}), layout.id)):
        apart = all(math.dist(centre(layout, network), centre(other, network)) >= APART_M for other in chosen)
        if apart and len(chosen) < STATIONS:
            chosen.append(layout)
    return chosen


def _near(at: Point, lanes: Sequence[Lane]) -> list[tuple[str, float]]:
    """The lanes within the radius and the share of their length that is."""
    found = ((lane.id, _share(at, lane.shape)) for lane in lanes)
    return [(lane, share) for lane, share in found if share > 0]


def _share(at: Point, shape: Sequence[Point], step_m: float = 5.0) -> float:
    inside = total = 0
    for (x1, y1), (x2, y2) in pairwise(shape):
        steps = max(1, int(math.hypot(x2 - x1, y2 - y1) / step_m))
        for step in range(steps):
            along = (step + 0.5) / steps
            total += 1
            inside += math.dist(at, (x1 + along * (x2 - x1), y1 + along * (y2 - y1))) <= RADIUS_M
    return inside / total if total else 0.0
