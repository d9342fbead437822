"""The emissions map: every street by how much NOx vehicles let out on a hundred metres of it, without and with."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise

from madang.evaluate.drawings import Drawings, Emissions, Line
from madang.evaluate.report.words import folded, table

SIZE = 400
CLASSES = 5
"""Each twice the one before, down from the highest."""
MOST_ROWS = 15


def maps(found: Drawings) -> str:
    """Two maps on one scale, its key, and the streets that change most."""
    lengths = {edge: sum(math.dist(a, b) for a, b in pairwise(line)) for edge, line in found.streets.items()}
    known = [edge for edge, length_m in lengths.items() if length_m > 1]
    dense = {edge: (_per_100m(found, edge, lengths, 0), _per_100m(found, edge, lengths, 1)) for edge in known}
    if not dense:
        return "<p>No emissions were recorded.</p>"
    top = _top([value for pair in dense.values() for value in pair])
    view = _view(list(found.streets.values()))
    parts = [
        f"<figure><figcaption>{name}</figcaption>{_map(found.streets, dense, side, top, view, name)}</figure>"
        for side, name in enumerate(("Fixed plan", "With the service"))
    ]
    before_g = sum(each.nox_before_g for each in found.emissions.values())
    after_g = sum(each.nox_g for each in found.emissions.values())
    said = (
        f"<p>NOx on the streets, the insides of junctions left out: {before_g:,.0f} g in a run under the fixed plan, "
        f"{after_g:,.0f} g with the service, means over seeds; the intervals of the whole network are in the table of "
        "all figures.</p>"
    )
    return f'{said}<div class="maps">{"".join(parts)}</div>{_key(top)}{_changes(found.emissions)}'


def _per_100m(found: Drawings, edge: str, lengths: Mapping[str, float], side: int) -> float:
    each = found.emissions[edge]
    return 100 * (each.nox_before_g, each.nox_g)[side] / lengths[edge]


def _top(values: Sequence[float]) -> float:
    """The bound of the highest class: two in a hundred are above it, lest one short street set the scale."""
    ordered = sorted(values)
    return max(ordered[int(0.98 * (len(ordered) - 1))], 1e-6)


def _class(value: float, top: float) -> int:
    if value <= 0:
        return 0
    return max(0, min(CLASSES - 1, CLASSES + math.floor(math.log2(value / top))))


def _view(lines: Sequence[Line]) -> tuple[float, float, float]:
    """West, north, and metres a unit of the drawing."""
    xs, ys = [x for line in lines for x, _ in line], [y for line in lines for _, y in line]
    side_m = max(max(xs) - min(xs), max(ys) - min(ys), 1.0) * 1.04
    west = (max(xs) + min(xs) - side_m) / 2
    north = (max(ys) + min(ys) + side_m) / 2
    return west, north, side_m / SIZE


def _map(
    streets: Mapping[str, Line],
    dense: Mapping[str, tuple[float, float]],
    side: int,
    top: float,
    view: tuple[float, float, float],
    name: str,
) -> str:
    west, north, scale = view
    drawn: list[list[str]] = [[] for _ in range(CLASSES)]
    for edge, pair in dense.items():
        points = " ".join(f"{(x - west) / scale:.1f},{(north - y) / scale:.1f}" for x, y in streets[edge])
        drawn[_class(pair[side], top)].append(f'<polyline points="{points}"/>')
    groups = "".join(f'<g class="m{number}">{"".join(lines)}</g>' for number, lines in enumerate(drawn))
    label = f"Map of NOx by street, {name.lower()}; the streets that change most are in the table below"
    said = escape(label, quote=True)
    return f'<svg class="map" viewBox="0 0 {SIZE} {SIZE}" role="img" aria-label="{said}">{groups}</svg>'


def _key(top: float) -> str:
    bounds = [top / 2 ** (CLASSES - 1 - number) for number in range(CLASSES)]
    names = [f"below {bounds[1] / 2:.2g}"] + [f"from {bounds[number] / 2:.2g}" for number in range(1, CLASSES)]
    cells = "".join(
        f'<li><svg width="28" height="10" aria-hidden="true"><g class="m{number}"><line x2="28" y1="5" y2="5"/></g>'
        f"</svg> {name}</li>"
        for number, name in enumerate(names)
    )
    return f'<ul class="key" aria-label="NOx in g on 100 m of street in a run">{cells}<li>g on 100 m</li></ul>'


def _changes(found: Mapping[str, Emissions]) -> str:
    worst = sorted(found.items(), key=lambda item: -abs(item[1].nox_g - item[1].nox_before_g))[:MOST_ROWS]
    rows = [
        [
            escape(f"{each.name} ({edge})" if each.name else edge),
            f"{each.nox_before_g:,.1f}",
            f"{each.nox_g:,.1f}",
            f'<span class="{"bad" if each.nox_g > each.nox_before_g else "good"}">'
            f"{each.nox_g - each.nox_before_g:+,.1f}</span>",
            f"{each.co2_before_kg:,.1f}",
            f"{each.co2_kg:,.1f}",
        ]
        for edge, each in worst
    ]
    head = ["Street", "NOx fixed, g", "NOx with it, g", "Change, g", "CO2 fixed, kg", "CO2 with it, kg"]
    return folded("The streets that change most", table(head, rows))
