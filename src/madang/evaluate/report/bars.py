"""Bars with their numbers beside them: each is drawn in per cent of its place, so that a phone shows it as it is."""

from collections.abc import Sequence
from html import escape

import msgspec

from madang.evaluate.comparison import Comparison
from madang.evaluate.distribution import Approach, Journey
from madang.evaluate.report.words import change, folded, mean, short, table
from madang.evaluate.shift import Shift
from madang.evaluate.statistics import Estimate
from madang.evaluate.table import heading, order

MOST_ROWS = 12
FEW = 10
"""Approaches that fewer vehicles a run come by, and ways that have fewer trips, are not drawn."""


class Bar(msgspec.Struct, frozen=True):
    """A length in the plot's unit, its colour (a class), and its interval."""

    length: float
    colour: str
    ci95: tuple[float, float] | None = None


def chart(rows: Sequence[tuple[str, Sequence[Bar], str]], *, label: str) -> str:
    """Rows of (name, bars, what it says), all HTML but the bars. `label` says what is drawn."""
    top = max([max(bar.length, bar.ci95[1] if bar.ci95 else 0.0) for _, bars, _ in rows for bar in bars] + [1e-9])
    lines = "".join(
        f'<tr><th scope="row">{name}</th><td class="plot">{_svg(bars, top)}</td><td class="says">{says}</td></tr>'
        for name, bars, says in rows
    )
    return f'<table class="bars"><caption>{escape(label)}</caption><tbody>{lines}</tbody></table>'


def _svg(bars: Sequence[Bar], top: float) -> str:
    # The numbers stand beside it: a screen reader need not hear the bar.
    drawn = "".join(_bar(bar, 1 + 13 * place, top) for place, bar in enumerate(bars))
    return f'<svg width="100%" height="{13 * len(bars) + 2}" aria-hidden="true">{drawn}</svg>'


def _bar(bar: Bar, y: int, top: float) -> str:
    drawn = f'<rect class="{bar.colour}" y="{y}" width="{100 * max(0.0, bar.length) / top:.2f}%" height="11"/>'
    if bar.ci95 is None:
        return drawn
    low, high = (min(100.0, 100 * max(0.0, bound) / top) for bound in bar.ci95)
    middle = y + 5.5
    return f'{drawn}<line class="ci" x1="{low:.2f}%" x2="{high:.2f}%" y1="{middle}" y2="{middle}"/>'


def _of(found: Estimate, colour: str) -> Bar:
    return Bar(found.mean, colour, found.ci95)


def controls(one: Comparison, service: str, name: str, label: str) -> str:
    """A figure under each control."""
    variants = [variant for variant in order(one, service) if name in one.runs[variant]]
    rows = [
        (
            escape(heading(variant, service)),
            [_of(one.runs[variant][name], "good" if variant == service else "plain")],
            mean(one.runs[variant][name]),
        )
        for variant in variants
    ]
    return chart(rows, label=label)


def approaches(found: Sequence[Approach]) -> str:
    """Delay by approach, the most delayed with the service first; all of them in a table behind."""
    drawn = [each for each in found if each.vehicles >= FEW][:MOST_ROWS]
    rows = [(_approach(each), _pair(each), f"{mean(each.after)} s<br>{change(each.change)}") for each in drawn]
    label = "Mean delay in seconds on the way to a signal: above under the fixed plan, below with the service"
    whole = [
        [
            f"{short(each.signal)}, {escape(each.name)}",
            f"{each.vehicles:,.0f}",
            mean(each.before),
            mean(each.after),
            change(each.change),
            f"{each.longest_before_s:,.0f}",
            f"{each.longest_s:,.0f}",
        ]
        for each in found
    ]
    head = ["Approach", "Vehicles", "Fixed plan", "With it", "Change [95 %]", "Longest, fixed", "Longest, with it"]
    return chart(rows, label=label) + folded(f"All {len(found)} approaches", table(head, whole, caption="Seconds"))


def _approach(each: Approach) -> str:
    return f'{escape(each.name)}<br><span class="dim">{short(each.signal)}</span>'


def _pair(each: Approach | Journey) -> list[Bar]:
    colour = "good" if each.change.mean <= 0 else "bad"
    return [_of(each.before, "plain"), _of(each.after, colour)]


def losing_approaches(found: Sequence[Approach]) -> str:
    """Those that are worse off, the worst first; empty where there is none."""
    worse = sorted((each for each in found if each.change.mean > 0), key=lambda each: -each.change.mean)
    if not worse:
        return "<p>No approach is more delayed than under the fixed plan.</p>"
    surely = sum(each.change.ci95 is not None and each.change.ci95[0] > 0 for each in worse)
    rows = [
        [
            f"{short(each.signal)}, {escape(each.name)}",
            f"{each.vehicles:,.0f}",
            mean(each.before),
            mean(each.after),
            change(each.change),
        ]
        for each in worse[:MOST_ROWS]
    ]
    told = f"{len(worse)} of {len(found)} approaches are more delayed than under the fixed plan"
    sure = f", {surely} of them beyond what chance explains (95 %)" if any(each.change.ci95 for each in worse) else ""
    return f"<p>{told}{sure}.</p>" + table(["Approach", "Vehicles", "Fixed plan", "With it", "Change [95 %]"], rows)


def journeys(found: Sequence[Journey]) -> str:
    """From quarter to quarter: those whose trips lose most in all first, the gains behind."""
    known = [each for each in found if each.vehicles >= FEW]
    losing = [each for each in known if each.change.mean > 0]
    rows = [
        (
            escape(f"{each.start} to {each.end}"),
            _pair(each),
            f"{change(each.change)} s<br>{each.losers:,} of {each.vehicles:,} lose",
        )
        for each in (losing or known[::-1])[:MOST_ROWS]
    ]
    whole = [
        [
            escape(f"{each.start} to {each.end}"),
            f"{each.vehicles:,}",
            mean(each.before),
            mean(each.after),
            change(each.change),
            f"{each.losers:,}",
            f"{each.mean_loss_s:,.0f}",
            f"{each.longest_loss_s:,.0f}",
        ]
        for each in found
    ]
    head = ["From, to", "Trips", "Fixed plan", "With it", "Change [95 %]", "Losers", "Mean loss", "Longest loss"]
    said = (
        f"{len(losing)} of {len(known)} ways with {FEW} trips or more lose on average; these are the worst."
        if losing
        else f"No way with {FEW} trips or more loses on average; these gain least."
    )
    label = "Mean delay in seconds of the trips between two quarters: above fixed plan, below with the service"
    return f"<p>{said}</p>" + chart(rows, label=label) + folded("All ways", table(head, whole, caption="Seconds"))


def shifts(shift: Shift) -> str:
    """How many vehicles gain and lose how much."""
    half = len(shift.counts) // 2
    rows = [
        (
            _bin(shift.edges, place),
            [Bar(float(count), "plain" if place == half else "good" if place < half else "bad")],
            f"{count:,} <span class='dim'>{count / shift.vehicles:.1%}</span>",
        )
        for place, count in enumerate(shift.counts)
    ]
    return chart(rows, label="Trips by how much longer they are delayed than under the fixed plan, in seconds")


def _bin(edges: Sequence[float], place: int) -> str:
    if place == 0:
        return f"{-edges[0]:g} or more less"
    if place == len(edges):
        return f"{edges[-1]:g} or more longer"
    low, high = edges[place - 1], edges[place]
    if low < 0 < high:
        return f"less than {high:g} either way"
    return f"{-high:g} to {-low:g} less" if high <= 0 else f"{low:g} to {high:g} longer"
