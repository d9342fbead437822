"""The fit of a demand as a page that people look at: one file, with its plot inside, that needs nothing else."""

from collections.abc import Iterator
from html import escape

from madang.sim.streets.build.fit import GOOD, Fit, Row

_SIDE = 420
"""Pixels of the plot's square."""

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24 }
table { border-collapse: collapse; width: 100% } th, td { padding: .2rem .6rem; text-align: right }
th { border-bottom: 2px solid #888 } td { border-bottom: 1px solid #ddd }
th:first-child, td:first-child { text-align: left }
.bad { color: #a40000; font-weight: 600 } svg { max-width: 100%; height: auto }
@media (prefers-color-scheme: dark) { body { background: #14171a; color: #e6e6e6 } .bad { color: #ff8080 } }
"""


def page(fit: Fit, *, title: str) -> str:
    """The page as HTML: the shares, the plot of counted against driven volumes, every count, worst first."""
    rows = sorted(fit.rows, key=lambda row: -row.geh_driven)
    table = "\n".join(_line(row) for row in rows)
    lost = "".join(f"<li>{escape(text)}</li>" for text in fit.unmatched)
    without = f"<h2>Counts without a street</h2><ul>{lost}</ul>" if lost else ""
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(title)}: counts and demand</title><style>{_STYLE}</style></head><body>
<h1>{escape(title)}: counts and demand</h1>
<p><b>{fit.driven_good:.0%}</b> of {len(fit.rows)} counts have a GEH below 5 when the demand is driven under the fixed
plans, <b>{fit.drawn_good:.0%}</b> by its routes alone. 85 % is what agencies ask of a model.</p>
<figure>{plot(fit)}<figcaption>Vehicles an hour: counted (across) and driven (up). Between the dashed lines the GEH
is below 5.</figcaption></figure>
<table><thead><tr><th>Edge</th><th>Seconds</th><th>Counted</th><th>Drawn</th><th>Driven</th><th>GEH drawn</th>
<th>GEH driven</th><th>Away, m</th></tr></thead><tbody>
{table}
</tbody></table>{without}
<p>Drawn: departs in the interval on a route over the edge. Driven: passed the edge in the interval, in one simulated
run. Streets: © OpenStreetMap contributors, ODbL 1.0.</p></body></html>
"""


def plot(fit: Fit) -> str:
    """Counted against driven volumes as SVG, with the bounds of GEH 5."""
    volumes = [(_hourly(row.counted.count, row), _hourly(row.driven, row), row) for row in fit.rows]
    top = max([100.0, *(max(counted, driven) for counted, driven, _ in volumes)]) * 1.05
    dots = "".join(
        f'<circle cx="{_x(counted, top):.1f}" cy="{_y(driven, top):.1f}" r="4" fill="{_colour(row)}">'
        f"<title>{escape(row.counted.edge)}: {counted:.0f} counted, {driven:.0f} driven</title></circle>"
        for counted, driven, row in volumes
    )
    bounds = "".join(_bound(sign, top) for sign in (-1, 1))
    ticks = "".join(_tick(top * part / 4, top) for part in range(5))
    return (
        f'<svg viewBox="0 0 {_SIDE + 80} {_SIDE + 60}" width="{_SIDE + 80}" role="img" '
        f'aria-label="Counted against driven volumes of {len(volumes)} counts" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="currentColor" stroke-width="1">'
        f'<path d="M{_x(0, top)} {_y(0, top)}L{_x(top, top)} {_y(top, top)}" stroke="currentColor"/>'
        f'{bounds}{ticks}{dots}<text x="{_SIDE / 2 + 60}" y="{_SIDE + 50}" text-anchor="middle">counted, veh/h</text>'
        f'<text x="12" y="{_SIDE / 2}" transform="rotate(-90 12 {_SIDE / 2})" text-anchor="middle">driven, veh/h</text>'
        "</svg>"
    )


def _bound(sign: int, top: float) -> str:
    """Where the GEH is 5, above or below the diagonal: (m - c)^2 = h (m + c) with h = 25 / 2, solved for m."""
    half = GOOD**2 / 2
    points = (top * step / 60 for step in range(61))
    line = ((c, c + half / 2 + sign * (2 * c * half + half**2 / 4) ** 0.5) for c in points)
    shown = " ".join(f"{_x(c, top):.1f},{_y(m, top):.1f}" for c, m in line if 0 <= m <= top)
    return f'<polyline points="{shown}" fill="none" stroke="currentColor" stroke-dasharray="4 4" stroke-opacity="0.6"/>'


def _tick(volume: float, top: float) -> str:
    x, y = _x(volume, top), _y(volume, top)
    return (
        f'<text x="{x:.1f}" y="{_SIDE + 30}" text-anchor="middle">{volume:.0f}</text>'
        f'<text x="52" y="{y + 4:.1f}" text-anchor="end">{volume:.0f}</text>'
        f'<path d="M{x:.1f} {_y(0, top)}v5M{_x(0, top) - 5} {y:.1f}h5" stroke="currentColor"/>'
    )


def _line(row: Row) -> str:
    counted = row.counted
    note = " (direction unsure)" if counted.ambiguous else ""
    cells: Iterator[str] = iter(
        (
            escape(counted.edge) + note,
            f"{counted.begin_s:.0f}–{counted.end_s:.0f}",
            f"{counted.count:.0f}",
            f"{row.drawn}",
            f"{row.driven}",
            f"{row.geh_drawn:.1f}",
            f"{row.geh_driven:.1f}",
            f"{counted.distance_m:.0f}",
        )
    )
    mark = "" if row.geh_driven < GOOD else ' class="bad"'
    return f"<tr{mark}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _hourly(volume: float, row: Row) -> float:
    return volume * 3600 / (row.counted.end_s - row.counted.begin_s)


def _colour(row: Row) -> str:
    return "#1a7f37" if row.geh_driven < GOOD else "#cf222e"


def _x(volume: float, top: float) -> float:
    return 60 + _SIDE * volume / top


def _y(volume: float, top: float) -> float:
    return 10 + _SIDE - _SIDE * volume / top
