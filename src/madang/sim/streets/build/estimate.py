"""The demand of a network: estimated from counts, or assumed where there are none; by SUMO's own scripts.

randomTrips makes routes that people might take, routeSampler draws from them until the counts are met
(https://sumo.dlr.de/docs/Tools/Turns.html#routesamplerpy).
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import msgspec

from madang.errors import BadRequestData
from madang.sim.streets.build import tool
from madang.sim.streets.build.fit import Counted
from madang.sim.streets.network import Network

DEFAULT_DENSITY = 50.0
"""Vehicles an hour for each kilometre of street and direction, where there are no counts: a guess, and said to be one.
(RESCO's calibrated hours: Ingolstadt 61, Cologne 139 to 504, whose extracts are a few arterials each.)"""

DEMAND = "demand.rou.xml"

_CANDIDATES_PER_EDGE, _FEWEST, _MOST = 25, 2_000, 60_000
_LARGEST_PROGRAM = 20_000_000
"""Edges times routes beyond which the linear program is left out: it works on a full matrix of them."""

_CHANGED_BY = "5"
"""By so much the linear program may change how often a route was drawn. Left free (``full``) it meets the counts with
as few routes as there are counters, each passing one, and twice the vehicles: no traffic that anybody has seen."""

ADVICE = "Are the streets connected, with ways in and out? Look at the network with sumo-gui or netedit."


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """The demand's seconds."""

    begin_s: float
    end_s: float

    @property
    def hours(self) -> float:
        """Its length."""
        return (self.end_s - self.begin_s) / 3600


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """Where the work is done: the network, read and as a file; the folder for what is made on the way; who is told."""

    streets: Network
    net: Path
    folder: Path
    told: tool.Told

    @property
    def log(self) -> Path:
        """The log of the step that runs."""
        return self.folder / "step.log"


def kilometres(streets: Network) -> float:
    """The length of all edges that cars may use."""
    lengths = {lane.edge: lane.length_m for lane in streets.lanes.values() if lane.admits("passenger")}
    return sum(lengths.values()) / 1000


def assumed(bench: Bench, window: Window, *, density: float = DEFAULT_DENSITY) -> Path:
    """A demand without counts: `density` vehicles an hour and kilometre, between random places, rather from and to the
    network's rim. Raises StepFailed and MissingExtra."""
    vehicles = max(1, round(density * kilometres(bench.streets) * window.hours))
    bench.told(f"randomTrips makes {vehicles:,} trips: a demand that nobody counted")
    target = bench.folder / DEMAND
    _trips(bench, target, window, vehicles)
    return target


def estimated(bench: Bench, window: Window, counted: Sequence[Counted]) -> Path:
    """A demand that meets the counts as well as routes can. Raises BadRequestData where no count is above 0,
    StepFailed and MissingExtra."""
    if not any(count.count > 0 for count in counted):
        raise BadRequestData("All counts that lie on the network are 0: there is no demand to estimate.")
    number = min(_MOST, max(_FEWEST, _CANDIDATES_PER_EDGE * len(bench.streets.edges)))
    bench.told(f"randomTrips makes {number:,} routes to choose from")
    candidates, data = bench.folder / "candidates.rou.xml", bench.folder / "counts.xml"
    _trips(bench, candidates, Window(begin_s=0, end_s=number), number)
    data.write_text(_edge_data(counted), encoding="utf-8")
    bench.told(f"routeSampler chooses routes that meet {len(counted):,} counts")
    edges = len({count.edge for count in counted})
    target = bench.folder / DEMAND
    length_s = counted[0].end_s - counted[0].begin_s
    arguments = ["-r", candidates, "-d", data, "-o", target, "--seed", "1", "--prefix", "v", "--precision", "1"]
    arguments += ["-b", f"{window.begin_s:g}", "-e", f"{window.end_s:g}", "-i", f"{length_s:g}"]
    arguments += ["--attributes", 'departLane="best" departSpeed="max"', "--edgedata-attribute", "count"]
    if edges * number <= _LARGEST_PROGRAM:
        arguments += ["--optimize", _CHANGED_BY]
    tool.script("routeSampler.py", arguments, log=bench.log, told=bench.told, advice=ADVICE)
    return target


def _trips(bench: Bench, target: Path, window: Window, vehicles: int) -> None:
    xs = [x for lane in bench.streets.lanes.values() for x, _ in lane.shape]
    ys = [y for lane in bench.streets.lanes.values() for _, y in lane.shape]
    across_m = math.hypot(max(xs) - min(xs), max(ys) - min(ys))
    arguments: list[str | Path] = ["-n", bench.net, "-o", bench.folder / "trips.xml", "-r", target, "--seed", "1"]
    arguments += ["-b", f"{window.begin_s:g}", "-e", f"{window.end_s:g}", "--validate", "--remove-loops"]
    arguments += ["-p", f"{(window.end_s - window.begin_s) / vehicles:.6f}", "--vclass", "passenger"]
    arguments += ["--fringe-factor", "5", "--lanes", "--min-distance", f"{min(500.0, across_m / 4):.0f}"]
    # By length an edge at the rim counts as the longest within: where none lies within, nothing would have a weight.
    arguments += ["--length"] * _has_inner_edges(bench.streets)
    arguments += ["--random-routing-factor", "1.5", "--trip-attributes", 'departLane="best" departSpeed="max"']
    tool.script("randomTrips.py", arguments, log=bench.log, told=bench.told, advice=ADVICE)


def _has_inner_edges(streets: Network) -> bool:
    """Whether vehicles come to an edge from others and leave it to others, but for turning around."""
    ways = [way for way in streets.connections if way.direction != "t"]
    left = {way.from_lane.rpartition("_")[0] for way in ways}
    return any(way.to_lane.rpartition("_")[0] in left for way in ways)


def _edge_data(counted: Sequence[Counted]) -> str:
    """The counts as SUMO's edge data."""
    intervals: dict[tuple[float, float], list[Counted]] = {}
    for count in counted:
        intervals.setdefault((count.begin_s, count.end_s), []).append(count)
    lines = [line for bounds in sorted(intervals) for line in _interval(bounds, intervals)]
    return "\n".join(["<data>", *lines, "</data>"])


def _interval(bounds: tuple[float, float], all: Mapping[tuple[float, float], Sequence[Counted]]) -> list[str]:
    edges = [f'<edge id={quoteattr(count.edge)} count="{round(count.count)}"/>' for count in all[bounds]]
    return [f'<interval id="counts" begin="{bounds[0]:g}" end="{bounds[1]:g}">', *edges, "</interval>"]
