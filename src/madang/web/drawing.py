"""Plots of the pages as numbers for SVG: what a template needs to draw, in a box of WIDTH by as much as there are rows.

Nothing here knows a colour: the style sheet does.
"""

from collections.abc import Callable, Sequence
from math import ceil, floor, isfinite, log10

from madang.web.values import Json
from madang.web.words import Words

WIDTH, ROW = 600.0, 30.0
CURVE_HEIGHT = 220.0


def short(value: float, words: Words) -> str:
    """An amount of money to three figures, in thousands or millions where it is large."""
    for size, unit in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= size:
            scaled = value / size
            return f"{words.number(scaled, 2 if abs(scaled) < 10 else 1 if abs(scaled) < 100 else 0)} {unit}"
    return words.number(value)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from low to high; none where there is no width."""
    width = (high - low) / about
    if not isfinite(width) or width <= 0:
        return []
    power = 10.0 ** floor(log10(width))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= width * 0.999)
    return [n * step for n in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def curve(points: Sequence[tuple[float, float]], words: Words) -> Json:
    """A cumulative curve of (value, per cent): its line, a grid, where zero is and the share below it."""
    values = [value for value, _ in points] + [0.0]
    across = _across(min(values), max(values), 52.0, WIDTH - 20.0)

    def up(per_cent: float) -> float:
        return CURVE_HEIGHT - 30 - (CURVE_HEIGHT - 45) * per_cent / 100

    line = " ".join(f"{across(value):.1f},{up(share):.1f}" for value, share in points)
    return {
        "height": CURVE_HEIGHT,
        "line": line,
        "zero": across(0.0),
        "marks": [{"x": across(at), "text": short(at, words)} for at in ticks(min(values), max(values))],
        "levels": [{"y": up(share), "text": f"{share} %"} for share in (0, 25, 50, 75, 100)],
        "rows": [{"per_cent": share, "value": value} for value, share in points if share in (1, 10, 50, 90, 99)],
    }


def spans(rows: Sequence[tuple[str, float, float]], middle: float, words: Words) -> Json:
    """A bar a row from one value to another, about `middle`."""
    ends = [value for _, *both in rows for value in both] + [middle, 0.0]
    across = _across(min(ends), max(ends), 0.0, WIDTH)
    drawn = [
        {
            "name": name,
            "x": min(across(low), across(high)),
            "width": abs(across(high) - across(low)),
            "low": short(low, words),
            "high": short(high, words),
        }
        for name, low, high in rows
    ]
    return {"rows": drawn, "middle": across(middle), "zero": across(0.0)}


def columns(rows: Sequence[tuple[str, float]], words: Words) -> Json:
    """A bar a row from zero, with its value."""
    values = [value for _, value in rows] + [0.0]
    across = _across(min(values), max(values), 0.0, WIDTH)
    drawn = [
        {
            "name": name,
            "x": min(across(0.0), across(value)),
            "width": abs(across(value) - across(0.0)),
            "loses": value < 0,
            "value": short(value, words),
        }
        for name, value in rows
    ]
    return {"rows": drawn, "zero": across(0.0)}


def _across(low: float, high: float, left: float, right: float) -> Callable[[float], float]:
    width = high - low
    return lambda value: left + (right - left) * ((value - low) / width if width > 0 else 0.5)
