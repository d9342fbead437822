"""Every figure under every control with its interval, and the disturbances."""

from collections.abc import Sequence
from html import escape

from madang.evaluate.comparison import Comparison
from madang.evaluate.kpis import FIGURES, Figure
from madang.evaluate.report.words import change, mean, table
from madang.evaluate.table import heading, order
from madang.evaluate.verdict import MARGIN


def figures(one: Comparison, service: str) -> str:
    """The table of all figures: means over seeds with the half width of their 95 % interval."""
    variants = order(one, service)
    head = ["Figure", *(escape(heading(variant, service)) for variant in variants), "Difference [95 %]", "%"]
    rows = [_row(figure, one, variants) for figure in FIGURES if figure.name in one.effect]
    return table(head, rows, caption="Means over seeds ± half of the 95 % interval; the difference is paired by seed")


def _row(figure: Figure, one: Comparison, variants: Sequence[str]) -> list[str]:
    found = one.effect[figure.name]
    title = f"{figure.title} ({figure.unit})" if figure.unit else figure.title
    runs = [one.runs[variant].get(figure.name) for variant in variants]
    cells = [mean(each, figure.decimals) if each else "" for each in runs]
    worse = found.mean > 0 if figure.less_is_better else found.mean < 0
    share = "" if found.relative is None or abs(found.relative) < 0.0005 else f"{found.relative:+.1%}"
    coloured = f'<span class="{"bad" if worse else "good"}">{share}</span>' if share else ""
    difference = change(found, figure.decimals) if figure.less_is_better else _plain(found.mean, figure)
    return [escape(title), *cells, difference, coloured]


def _plain(value: float, figure: Figure) -> str:
    return f"{value:+,.{figure.decimals}f}"


def verdicts(one: Comparison) -> str:
    """What became of the disturbances; empty where there were none."""
    if not one.verdicts:
        return ""
    head = [
        "Disturbance",
        "Seed",
        "Vehicles",
        "Fixed plan, s",
        "Disturbed, s",
        "Change",
        "Conflicts",
        "Guards",
        "Holds",
    ]
    rows = [
        [
            escape(each.disturbance),
            str(each.seed),
            f"{each.vehicles:,}",
            *("" if value is None else f"{value:.1f}" for value in (each.fixed_s, each.disturbed_s)),
            "" if each.change is None else f"{each.change:+.1%}",
            str(each.conflicts),
            str(each.guards_broken),
            '<span class="good">yes</span>' if each.holds else '<span class="bad">no</span>',
        ]
        for each in one.verdicts
    ]
    return (
        "<h3>When something fails for good</h3><p>Mean delay of the vehicles that set out from there on, beside the "
        f"fixed plan of the same seed. It holds with no conflict in the whole run and at most {MARGIN:.0%} "
        "more delay.</p>"
    ) + table(head, rows)
