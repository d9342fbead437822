"""The space-time diagram of an arterial: each line a vehicle, each strip a signal, green where it let the road go.

Signal engineers read progression from it: steep lines that cross the strips in their green are a green wave, level
pieces before a strip are queues.
"""

import itertools
from html import escape
from statistics import fmean

import msgspec

from madang.evaluate.report.words import folded, short, table
from madang.model.recording import Diagram, Stop

WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 34
QUEUE_M = 150.0
"""A vehicle that stands this close before a stop line stands for it."""
STOOD_S, STOOD_MPS = 4.0, 0.6
"""A piece of a path this long and slower than this is a stop."""
FIRST_M, LAST_M = 60.0, 60.0
"""Who was this close to both ends drove the whole arterial."""


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """How one signal let the arterial go: the share of time at green, who passed its stop line, who stopped for it."""

    green: float
    passed: int
    stopped: int


def passage(drawn: Diagram, stop: Stop) -> Passage:
    """Of one signal, from the paths."""
    passed = stopped = 0
    for path in drawn.paths:
        if path[0][1] < stop.at_m <= path[-1][1]:
            passed += 1
            stopped += any(_stood(one, other, stop.at_m) for one, other in itertools.pairwise(path))
    green_s = sum(until - since for since, until in stop.greens)
    return Passage(green=green_s / (drawn.until_s - drawn.from_s), passed=passed, stopped=stopped)


def _stood(one: tuple[float, float], other: tuple[float, float], line_m: float) -> bool:
    lasted_s, moved_m = other[0] - one[0], other[1] - one[1]
    near = line_m - QUEUE_M <= one[1] and other[1] <= line_m + 1
    return near and lasted_s >= STOOD_S and moved_m / lasted_s < STOOD_MPS


def through_s(drawn: Diagram) -> list[float]:
    """How long those took that drove the whole arterial."""
    return [
        path[-1][0] - path[0][0]
        for path in drawn.paths
        if path[0][1] <= FIRST_M and path[-1][1] >= drawn.length_m - LAST_M
    ]


def diagrams(before: Diagram, after: Diagram, *, seed: int) -> str:
    """Without and with the service, one below the other, and the same in numbers."""
    name = before.name or "the straight road with the most signals"
    minutes = f"{before.from_s / 60:g} to {before.until_s / 60:g} min"
    parts = [
        f"<p>{escape(name[:1].upper() + name[1:])}, {before.length_m:,.0f} m, {minutes} of the demand, seed {seed}. "
        "A line is a vehicle, a strip a signal on its way. Steep lines drive; level pieces stand.</p>"
    ]
    for drawn, called in ((before, "Fixed plan"), (after, "With the service")):
        parts.append(_figure(drawn, called))
    head = ["Signal", "Metres", "Green, fixed", "with it", "Passed, fixed", "with it", "Stopped, fixed", "with it"]
    rows = [
        _row(place, one, passage(before, one), passage(after, other))
        for place, (one, other) in enumerate(zip(before.stops, after.stops, strict=True), start=1)
    ]
    parts.append(_summary(before, after))
    return "".join(parts) + folded("The signals of the diagram in numbers", table(head, rows))


def _row(place: int, stop: Stop, before: Passage, after: Passage) -> list[str]:
    shares = [f"{before.green:.0%}", f"{after.green:.0%}"]
    counts = [before.passed, after.passed, before.stopped, after.stopped]
    return [f"{place}: {short(stop.name)}", f"{stop.at_m:,.0f}", *shares, *map(str, counts)]


def _summary(before: Diagram, after: Diagram) -> str:
    said: list[str] = []
    for drawn, name in ((before, "Fixed plan"), (after, "with the service")):
        took = through_s(drawn)
        sums = [passage(drawn, stop) for stop in drawn.stops]
        stops = sum(each.stopped for each in sums) / max(1, sum(each.passed for each in sums))
        time = (
            f"{fmean(took):.0f} s on average over the whole way ({len(took)} vehicles)"
            if took
            else "nobody drove the whole way"
        )
        said.append(f"{name}: {time}, {stops:.0%} of passages with a stop")
    return f"<p>{'; '.join(said)}.</p>"


def _figure(drawn: Diagram, called: str) -> str:
    label = (
        f"Space-time diagram, {called.lower()}: {len(drawn.paths)} vehicles through {len(drawn.stops)} signals; "
        "the numbers are in the table below"
    )
    content = "".join((_strips(drawn), _paths(drawn), _axes(drawn)))
    return (
        f'<figure><figcaption>{escape(called)}</figcaption><div class="wide" tabindex="0" role="region" '
        f'aria-label="{escape(label, quote=True)}"><svg class="diagram" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(label, quote=True)}">{content}</svg></div></figure>'
    )


def _x(drawn: Diagram, second: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (second - drawn.from_s) / (drawn.until_s - drawn.from_s)


def _y(drawn: Diagram, at_m: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * at_m / drawn.length_m


def _strips(drawn: Diagram) -> str:
    parts: list[str] = []
    for stop in drawn.stops:
        y = _y(drawn, stop.at_m)
        parts.append(f'<rect class="red" x="{LEFT}" y="{y - 2.5:.1f}" width="{WIDTH - LEFT - RIGHT}" height="5"/>')
        for since, until in stop.greens:
            x = _x(drawn, since)
            width = _x(drawn, until) - x
            parts.append(f'<rect class="green" x="{x:.1f}" y="{y - 2.5:.1f}" width="{width:.1f}" height="5"/>')
    return "".join(parts)


def _paths(drawn: Diagram) -> str:
    lines = (
        "M" + "L".join(f"{_x(drawn, second):.0f} {_y(drawn, at_m):.0f}" for second, at_m in path)
        for path in drawn.paths
    )
    return f'<path class="path" d="{"".join(lines)}"/>'


def _axes(drawn: Diagram) -> str:
    parts: list[str] = []
    low = HEIGHT
    for place, stop in enumerate(drawn.stops, start=1):
        y = _y(drawn, stop.at_m)
        if low - y >= 14:  # signals that stand together share a line of text
            parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{place}</text>')
            low = y
    step_s = 60.0 if drawn.until_s - drawn.from_s > 150 else 30.0
    second = drawn.from_s
    while second <= drawn.until_s:
        x = _x(drawn, second)
        anchor = "end" if second > drawn.until_s - step_s / 2 else "middle"
        parts.append(f'<text x="{x:.0f}" y="{HEIGHT - 14}" text-anchor="{anchor}">{second / 60:g}</text>')
        second += step_s
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 1}">minutes of the demand</text>')
    middle = HEIGHT / 2
    parts.append(f'<text x="12" y="{middle}" transform="rotate(-90 12 {middle})" text-anchor="middle">signals</text>')
    return "".join(parts)
