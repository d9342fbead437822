"""Plots as SVG, without script: bars about a middle, curves, a fan, a waterfall, columns with a line."""

from collections.abc import Callable, Sequence
from html import escape
from itertools import pairwise
from math import ceil, floor, log10

from madang.appraise.case.report.words import percent, short

WIDTH, LEFT, RIGHT = 860, 240, 30
ROW = 26
TALL, BELOW = 300, 34

Scale = Callable[[float], float]


def ticks(low: float, high: float, about: int = 6) -> list[float]:
    """Round numbers from low to high."""
    width = (high - low) / about or 1.0
    power = 10 ** floor(log10(width))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= width * 0.999)
    return [n * step for n in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def figure(svg: str, caption: str, *, height: float, label: str) -> str:
    """The drawing with its caption."""
    head = f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(label)}">'
    return f"<figure>{head}{svg}</svg><figcaption>{escape(caption)}</figcaption></figure>"


def bars(rows: Sequence[tuple[str, float, float]], *, middle: float, label: str, caption: str) -> str:
    """A bar a row: pale from the middle to where less of it leads, full to where more does."""
    ends = [value for _, *both in rows for value in both] + [middle, 0.0]
    across = _across(min(ends), max(ends))
    height = ROW * len(rows) + 40
    parts = [_grid_x(across, min(ends), max(ends), height - 30, short)]
    for n, (name, low, high) in enumerate(rows):
        y = 8 + ROW * n
        parts.append(_text(LEFT - 8, y + 13, _cut(name), "end"))
        for one, other, colour in ((low, middle, "soft"), (middle, high, "plain")):
            start, end = sorted((across(one), across(other)))
            parts.append(
                f'<rect x="{start:.1f}" y="{y}" width="{end - start:.1f}" height="17" fill="var(--{colour})"/>'
            )
    parts.append(_rule(across(middle), 2, height - 30))
    return figure("".join(parts), caption, height=height, label=label)


def columns(rows: Sequence[tuple[str, float]], *, label: str, caption: str) -> str:
    """One bar a row from zero, with its value."""
    values = [value for _, value in rows] + [0.0]
    across = _across(min(values), max(values))
    height = ROW * len(rows) + 40
    parts = [_grid_x(across, min(values), max(values), height - 30, short)]
    for n, (name, value) in enumerate(rows):
        y = 8 + ROW * n
        start, end = sorted((across(0), across(value)))
        colour = "good" if value >= 0 else "bad"
        parts.append(_text(LEFT - 8, y + 13, _cut(name), "end"))
        parts.append(f'<rect x="{start:.1f}" y="{y}" width="{end - start:.1f}" height="17" fill="var(--{colour})"/>')
    parts.append(_rule(across(0), 2, height - 30))
    return figure("".join(parts), caption, height=height, label=label)


def waterfall(steps: Sequence[tuple[str, float]], *, label: str, caption: str) -> str:
    """What each step adds, from zero to the sum of all, which is the last bar."""
    so_far, spans = 0.0, list[tuple[str, float, float]]()
    for name, adds in steps:
        spans.append((name, so_far, so_far + adds))
        so_far += adds
    spans.append(("sum", 0.0, so_far))
    ends = [value for _, *both in spans for value in both]
    across = _across(min(ends), max(ends))
    height = ROW * len(spans) + 40
    parts = [_grid_x(across, min(ends), max(ends), height - 30, short)]
    for n, (name, before, after) in enumerate(spans):
        y, (start, end) = 8 + ROW * n, sorted((across(before), across(after)))
        colour = "plain" if n == len(spans) - 1 else "good" if after >= before else "bad"
        parts.append(_text(LEFT - 8, y + 13, _cut(name), "end"))
        parts.append(f'<rect x="{start:.1f}" y="{y}" width="{end - start:.1f}" height="17" fill="var(--{colour})"/>')
        if n < len(spans) - 1:
            parts.append(_rule(across(after), y + 17, y + ROW, dim=True))
    parts.append(_rule(across(0), 2, height - 30))
    return figure("".join(parts), caption, height=height, label=label)


def curve(
    points: Sequence[tuple[float, float]],
    *,
    marks: Sequence[tuple[str, float]],
    as_rate: bool,
    label: str,
    caption: str,
) -> str:
    """An S-curve: value against the share of draws below it (0 to 1); `marks` are upright lines."""
    values = [value for value, _ in points] + [value for _, value in marks]
    across, up = _across(min(values), max(values), left=60), _up(0.0, 1.0)
    written = _whole if as_rate else short
    parts = [_grid_x(across, min(values), max(values), TALL, written), _grid_y(up, 0.0, 1.0, _whole)]
    line = " ".join(f"{across(value):.1f},{up(share):.1f}" for value, share in points)
    parts.append(f'<polyline points="{line}" fill="none" stroke="var(--plain)" stroke-width="2.5"/>')
    for n, (name, value) in enumerate(marks):
        parts.append(_rule(across(value), 8, TALL))
        parts.append(_text(across(value) + 5, 22 + 16 * n, name, "start"))
    return figure("".join(parts), caption, height=TALL + BELOW, label=label)


def fan(first_year: int, rows: Sequence[Sequence[float]], *, label: str, caption: str) -> str:
    """A low, a middle and a high line by year, the room between low and high filled."""
    low, middle, high = rows
    ends = [*low, *high, 0.0]
    across, up = _across(first_year, first_year + len(low) - 1, left=70), _up(min(ends), max(ends))
    parts = [_grid_y(up, min(ends), max(ends), short)]
    parts.append(_grid_x(across, first_year, first_year + len(low) - 1, TALL, lambda year: f"{year:.0f}"))

    def line(values: Sequence[float]) -> str:
        return " ".join(f"{across(first_year + n):.1f},{up(value):.1f}" for n, value in enumerate(values))

    room = f"{line(high)} {' '.join(reversed(line(low).split()))}"
    parts.append(f'<polygon points="{room}" fill="var(--soft)" opacity="0.7"/>')
    parts.append(f'<polyline points="{line(middle)}" fill="none" stroke="var(--plain)" stroke-width="2.5"/>')
    parts.append(_rule_y(up(0.0)))
    return figure("".join(parts), caption, height=TALL + BELOW, label=label)


def service(years: Sequence[tuple[int, float, float]], *, label: str, caption: str) -> str:
    """Cash flow as columns and debt service as a line by year."""
    ends = [value for _, *both in years for value in both] + [0.0]
    first, last = years[0][0], years[-1][0]
    across, up = _across(first - 0.5, last + 0.5, left=70), _up(min(ends), max(ends))
    width = (across(first + 1) - across(first)) * 0.7
    parts = [_grid_y(up, min(ends), max(ends), short)]
    parts.append(_grid_x(across, first, last, TALL, lambda year: f"{year:.0f}"))
    for year, cash, _ in years:
        top, bottom = sorted((up(cash), up(0.0)))
        x = across(year) - width / 2
        size = f'width="{width:.1f}" height="{bottom - top:.1f}"'
        parts.append(f'<rect x="{x:.1f}" y="{top:.1f}" {size} fill="var(--soft)"/>')
    for (year, _, due), (after, _, next_due) in pairwise(years):
        ends_at = f'x1="{across(year):.1f}" y1="{up(due):.1f}" x2="{across(after):.1f}" y2="{up(next_due):.1f}"'
        parts.append(f'<line {ends_at} stroke="var(--bad)" stroke-width="2.5"/>')
    return figure("".join(parts), caption, height=TALL + BELOW, label=label)


def _across(low: float, high: float, *, left: float = LEFT) -> Scale:
    width = high - low or 1.0
    return lambda value: left + (WIDTH - left - RIGHT) * (value - low) / width


def _up(low: float, high: float) -> Scale:
    height = high - low or 1.0
    return lambda value: TALL - (TALL - 12) * (value - low) / height


def _grid_x(across: Scale, low: float, high: float, bottom: float, written: Callable[[float], str]) -> str:
    parts: list[str] = []
    for tick in ticks(low, high):
        parts.append(_rule(across(tick), 2, bottom, dim=True))
        parts.append(_text(across(tick), bottom + 18, written(tick), "middle", dim=True))
    return "".join(parts)


def _grid_y(up: Scale, low: float, high: float, written: Callable[[float], str]) -> str:
    parts: list[str] = []
    for tick in ticks(low, high, 5):
        y = up(tick)
        parts.append(f'<line x1="60" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="var(--line)"/>')
        parts.append(_text(54, y + 4, written(tick), "end", dim=True))
    return "".join(parts)


def _rule(x: float, top: float, bottom: float, *, dim: bool = False) -> str:
    colour = "line" if dim else "ink"
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}" stroke="var(--{colour})"/>'


def _rule_y(y: float) -> str:
    return f'<line x1="60" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="var(--ink)"/>'


def _text(x: float, y: float, content: str, anchor: str, *, dim: bool = False) -> str:
    kind = ' class="dim"' if dim else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(content)}</text>'


def _whole(share: float) -> str:
    return percent(share, 0)


def _cut(name: str) -> str:
    return name if len(name) <= 34 else name[:33] + "…"
