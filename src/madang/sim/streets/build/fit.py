"""How well a demand meets the counts: the vehicles on each counted edge, as drawn and as driven, and their GEH.

GEH = sqrt(2 (m - c)^2 / (m + c)), both in vehicles an hour; 85 % of counts below 5 is what agencies ask of a model
(UK Department for Transport, TAG Unit M3.1, table 2).
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import msgspec

from madang.sim.streets.build import elements, tool
from madang.sim.streets.build.matching import Matched

GOOD = 5.0


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """All counts of an edge in an interval, added up (one a lane, perhaps)."""

    edge: str
    begin_s: float
    end_s: float
    count: float
    distance_m: float
    ambiguous: bool
    lines: tuple[int, ...]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A count and its demand: `drawn` departs in the interval on a route over the edge, `driven` passed the edge in the
    interval in a simulated run under the fixed plans. `geh_drawn` and `geh_driven` compare them with the count."""

    counted: Counted
    drawn: int
    driven: int
    geh_drawn: float
    geh_driven: float


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """The fit of a demand. `drawn_good` and `driven_good` are the shares of counts with a GEH below 5 (0 to 1)."""

    rows: tuple[Row, ...]
    drawn_good: float
    driven_good: float
    unmatched: tuple[str, ...] = ()


def gather(matched: Sequence[Matched]) -> list[Counted]:
    """The counts by edge and interval, in order."""
    found: dict[tuple[float, float, str], list[Matched]] = {}
    for match in matched:
        found.setdefault((match.count.begin_s, match.count.end_s, match.edge), []).append(match)
    return [
        Counted(
            edge=edge,
            begin_s=begin_s,
            end_s=end_s,
            count=sum(match.count.count for match in here),
            distance_m=max(match.distance_m for match in here),
            ambiguous=any(match.ambiguous for match in here),
            lines=tuple(match.count.line for match in here),
        )
        for (begin_s, end_s, edge), here in sorted(found.items())
    ]


def geh(modelled: float, counted: float, *, hours: float) -> float:
    """The GEH of two volumes of an interval of so many hours; 0 where both are 0."""
    m, c = modelled / hours, counted / hours
    return math.sqrt(2 * (m - c) ** 2 / (m + c)) if m + c else 0.0


def fit(counted: Sequence[Counted], *, drawn: Mapping[Counted, int], driven: Mapping[Counted, int]) -> Fit:
    """Put the counts beside the demand, drawn and driven."""
    rows = tuple(_row(count, drawn.get(count, 0), driven.get(count, 0)) for count in counted)
    return Fit(
        rows=rows,
        drawn_good=sum(row.geh_drawn < GOOD for row in rows) / len(rows),
        driven_good=sum(row.geh_driven < GOOD for row in rows) / len(rows),
    )


def _row(count: Counted, drawn: int, driven: int) -> Row:
    hours = (count.end_s - count.begin_s) / 3600
    return Row(
        counted=count,
        drawn=drawn,
        driven=driven,
        geh_drawn=geh(drawn, count.count, hours=hours),
        geh_driven=geh(driven, count.count, hours=hours),
    )


def drawn(demand: Path, counted: Sequence[Counted]) -> dict[Counted, int]:
    """How many of the demand's vehicles depart in each count's interval on a route over its edge."""
    by_edge = _by_edge(counted)
    found = dict.fromkeys(counted, 0)
    depart_s = 0.0

    def started(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal depart_s
        if name == "vehicle":
            depart_s = float(attributes["depart"])
        elif name == "route":
            for edge in set(attributes.get("edges", "").split()) & by_edge.keys():
                for count in by_edge[edge]:
                    found[count] += count.begin_s <= depart_s < count.end_s

    elements.read(demand, started)
    return found


def driven(net: Path, demand: Path, counted: Sequence[Counted], *, told: tool.Told) -> dict[Counted, int]:
    """How many vehicles come to each count's edge in its interval, in a run of the network under its fixed plans.

    Raises StepFailed and MissingExtra.
    """
    folder = demand.parent
    bounds = sorted({(count.begin_s, count.end_s) for count in counted})
    detectors, measured, log = folder / "measure.add.xml", folder / "measured.xml", folder / "step.log"
    data = [
        f'<edgeData id="i{n}" begin="{begin_s:g}" end="{end_s:g}" file={quoteattr(str(measured))} excludeEmpty="true"/>'
        for n, (begin_s, end_s) in enumerate(bounds)
    ]
    detectors.write_text("\n".join(["<additional>", *data, "</additional>"]), encoding="utf-8")
    told("SUMO drives the demand once, under the fixed plans")
    arguments = ["-n", net, "-r", demand, "-a", detectors, "-b", f"{bounds[0][0]:g}", "-e", f"{bounds[-1][1]:g}"]
    arguments += ["--seed", "1", "--time-to-teleport", "300", "--no-step-log", "true", "--no-warnings", "true"]
    advice = "SUMO does not take its own network and demand: please report this."
    tool.program("sumo", arguments, log=log, told=told, advice=advice)
    return _measured(measured, counted)


def _measured(file: Path, counted: Sequence[Counted]) -> dict[Counted, int]:
    by_edge = _by_edge(counted)
    found = dict.fromkeys(counted, 0)
    begin_s = 0.0

    def started(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal begin_s
        if name == "interval":
            begin_s = float(attributes["begin"])
        elif name == "edge":
            for count in by_edge.get(attributes["id"], ()):
                if count.begin_s == begin_s:
                    # Those that set out on the edge itself pass the counter, too, for the most part.
                    found[count] += int(attributes.get("entered", 0)) + int(attributes.get("departed", 0))

    elements.read(file, started)
    return found


def _by_edge(counted: Sequence[Counted]) -> dict[str, list[Counted]]:
    found: dict[str, list[Counted]] = {}
    for count in counted:
        found.setdefault(count.edge, []).append(count)
    return found
