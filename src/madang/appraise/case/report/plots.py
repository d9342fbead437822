"""Plots without script: bars about a middle, curves, a fan, a waterfall, columns with a line.

Shapes are SVG elements, words stand beside them: HTML and PDF set words in their own way. Colours are variables of the
page's style.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import ceil, floor, log10

from madang.appraise.case.report.blocks import Figure, Label

WIDTH, LEFT, RIGHT = 860, 240, 30
ROW = 26
TALL, BELOW = 300, 34

Scale = Callable[[float], float]
Written = Callable[[float], str]


def ticks(low: float, high: float, about: int = 6) -> list[float]:
    """Round numbers from low to high."""
    width = (high - low) / about or 1.0
    power = 10 ** floor(log10(width))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= width * 0.999)
    return [n * step for n in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


class _Sheet:
    """What is drawn so far."""

    def __init__(self, written: Written) -> None:
        self.shapes: list[str] = []
        self.labels: list[Label] = []
        self.written = written

    def done(self, height: float, *, label: str, caption: str) -> Figure:
        return Figure("".join(self.shapes), tuple(self.labels), WIDTH, height, label, caption)

    def word(self, x: float, y: float, text: str) -> None:
        self.labels.append(Label(x, y, text))

    def name(self, y: float, text: str) -> None:
        cut = text if len(text) <= 34 else text[:33] + "…"
        self.labels.append(Label(LEFT - 8, y, cut, "end"))

    def rect(self, x: float, y: float, width: float, height: float, *, colour: str) -> None:
        size = f'width="{width:.1f}" height="{height:.1f}"'
        self.shapes.append(f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="var(--{colour})"/>')

    def bar(self, row: int, one: float, other: float, colour: str) -> None:
        start, end = sorted((one, other))
        self.rect(start, 8 + ROW * row, end - start, 17, colour=colour)

    def upright(self, x: float, top: float, bottom: float, *, dim: bool = False) -> None:
        ends = f'x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}"'
        self.shapes.append(f'<line {ends} stroke="var(--{"line" if dim else "ink"})"/>')

    def level(self, y: float, *, dim: bool = False) -> None:
        ends = f'x1="60" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"'
        self.shapes.append(f'<line {ends} stroke="var(--{"line" if dim else "ink"})"/>')

    def line(self, points: Sequence[tuple[float, float]], *, colour: str = "plain") -> None:
        told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        style = f'fill="none" stroke="var(--{colour})" stroke-width="2.5"'
        self.shapes.append(f'<polyline points="{told}" {style}/>')

    def room(self, points: Sequence[tuple[float, float]]) -> None:
        told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.shapes.append(f'<polygon points="{told}" fill="var(--soft)" fill-opacity="0.7"/>')

    def across(self, scale: Scale, low: float, high: float, bottom: float, written: Written | None = None) -> None:
        for tick in ticks(low, high):
            self.upright(scale(tick), 2, bottom, dim=True)
            self.labels.append(Label(scale(tick), bottom + 18, (written or self.written)(tick), "middle", dim=True))

    def up(self, scale: Scale, low: float, high: float, written: Written | None = None) -> None:
        for tick in ticks(low, high, 5):
            self.level(scale(tick), dim=True)
            self.labels.append(Label(54, scale(tick) + 4, (written or self.written)(tick), "end", dim=True))


def bars(
    rows: Sequence[tuple[str, float, float]], *, middle: float, written: Written, label: str, caption: str
) -> Figure:
    """A bar a row: pale from the middle to where less of it leads, full to where more does."""
    ends = [value for _, *both in rows for value in both] + [middle, 0.0]
    across, height, sheet = _across(min(ends), max(ends)), ROW * len(rows) + 40, _Sheet(written)
    sheet.across(across, min(ends), max(ends), height - 30)
    for n, (name, low, high) in enumerate(rows):
        sheet.name(21 + ROW * n, name)
        sheet.bar(n, across(low), across(middle), "soft")
        sheet.bar(n, across(middle), across(high), "plain")
    sheet.upright(across(middle), 2, height - 30)
    return sheet.done(height, label=label, caption=caption)


def columns(rows: Sequence[tuple[str, float]], *, written: Written, label: str, caption: str) -> Figure:
    """One bar a row from zero."""
    values = [value for _, value in rows] + [0.0]
    across, height, sheet = _across(min(values), max(values)), ROW * len(rows) + 40, _Sheet(written)
    sheet.across(across, min(values), max(values), height - 30)
    for n, (name, value) in enumerate(rows):
        sheet.name(21 + ROW * n, name)
        sheet.bar(n, across(0), across(value), "good" if value >= 0 else "bad")
    sheet.upright(across(0), 2, height - 30)
    return sheet.done(height, label=label, caption=caption)


def waterfall(steps: Sequence[tuple[str, float]], *, total: str, written: Written, label: str, caption: str) -> Figure:
    """What each step adds, from zero to the sum of all, which is the last bar and is called `total`."""
    so_far, spans = 0.0, list[tuple[str, float, float]]()
    for name, adds in steps:
        spans.append((name, so_far, so_far + adds))
        so_far += adds
    spans.append((total, 0.0, so_far))
    ends = [value for _, *both in spans for value in both]
    across, height, sheet = _across(min(ends), max(ends)), ROW * len(spans) + 40, _Sheet(written)
    sheet.across(across, min(ends), max(ends), height - 30)
    for n, (name, before, after) in enumerate(spans):
        last = n == len(spans) - 1
        sheet.name(21 + ROW * n, name)
        sheet.bar(n, across(before), across(after), "plain" if last else "good" if after >= before else "bad")
        if not last:
            sheet.upright(across(after), 25 + ROW * n, 8 + ROW * (n + 1), dim=True)
    sheet.upright(across(0), 2, height - 30)
    return sheet.done(height, label=label, caption=caption)


def curve(
    points: Sequence[tuple[float, float]],
    *,
    marks: Sequence[tuple[str, float]],
    written: Written,
    shares: Written,
    label: str,
    caption: str,
) -> Figure:
    """An S-curve: value against the share of draws below it (0 to 1); `marks` are upright lines."""
    values = [value for value, _ in points] + [value for _, value in marks]
    across, up, sheet = _across(min(values), max(values), left=60), _up(0.0, 1.0), _Sheet(written)
    sheet.across(across, min(values), max(values), TALL)
    sheet.up(up, 0.0, 1.0, shares)
    sheet.line([(across(value), up(share)) for value, share in points])
    for n, (name, value) in enumerate(marks):
        sheet.upright(across(value), 8, TALL)
        sheet.word(across(value) + 5, 22 + 16 * n, name)
    return sheet.done(TALL + BELOW, label=label, caption=caption)


def fan(first_year: int, rows: Sequence[Sequence[float]], *, written: Written, label: str, caption: str) -> Figure:
    """A low, a middle and a high line by year, the room between low and high filled."""
    low, middle, high = rows
    ends, last = [*low, *high, 0.0], first_year + len(low) - 1
    across, up, sheet = _across(first_year, last, left=70), _up(min(ends), max(ends)), _Sheet(written)
    sheet.up(up, min(ends), max(ends))
    sheet.across(across, first_year, last, TALL, _year)

    def points(values: Sequence[float]) -> list[tuple[float, float]]:
        return [(across(first_year + n), up(value)) for n, value in enumerate(values)]

    sheet.room([*points(high), *reversed(points(low))])
    sheet.line(points(middle))
    sheet.level(up(0.0))
    return sheet.done(TALL + BELOW, label=label, caption=caption)


def service(years: Sequence[tuple[int, float, float, str]], *, written: Written, label: str, caption: str) -> Figure:
    """Cash flow as columns, debt service as a line, and what stands over each column, by year."""
    ends = [value for _, cash, due, _ in years for value in (cash, due)] + [0.0]
    first, last = years[0][0], years[-1][0]
    across, up, sheet = _across(first - 0.5, last + 0.5, left=70), _up(min(ends), max(ends)), _Sheet(written)
    width = (across(first + 1) - across(first)) * 0.7
    sheet.up(up, min(ends), max(ends))
    sheet.across(across, first, last, TALL, _year)
    for year, cash, _, said in years:
        top, bottom = sorted((up(cash), up(0.0)))
        sheet.rect(across(year) - width / 2, top, width, bottom - top, colour="soft")
        if said and len(years) <= 24:
            sheet.labels.append(Label(across(year), top + 14, said, "middle", dim=True))
    for (year, _, due, _), (after, _, next_due, _) in pairwise(years):
        sheet.line([(across(year), up(due)), (across(after), up(next_due))], colour="bad")
    return sheet.done(TALL + BELOW, label=label, caption=caption)


def _year(year: float) -> str:
    return f"{year:.0f}"


def _across(low: float, high: float, *, left: float = LEFT) -> Scale:
    width = high - low or 1.0
    return lambda value: left + (WIDTH - left - RIGHT) * (value - low) / width


def _up(low: float, high: float) -> Scale:
    height = high - low or 1.0
    return lambda value: TALL - (TALL - 12) * (value - low) / height
