"""The comparison as a table that a traffic engineer reads: who gains, who loses, and how sure that is."""

from rich.table import Table

from madang.evaluate.comparison import Comparison
from madang.evaluate.kpis import FIGURES, Figure
from madang.evaluate.run import FIXED
from madang.evaluate.statistics import Estimate


def table(comparison: Comparison, service: str) -> Table:
    """One row a figure: fixed plan, service, difference with its 95 % interval, and in per cent."""
    seeds = ", ".join(str(seed) for seed in comparison.seeds)
    drawn = Table(
        title=f"{comparison.city}: {comparison.scenario}, {comparison.hours:g} h, seeds {seeds}",
        caption=f"Means over seeds; intervals are 95 %, paired by seed. {_acts(comparison)} "
        f"Real-time factor with the whole loop: {comparison.real_time_factor:.0f} on one core, "
        f"{comparison.real_time_factor_wall:.0f} by the wall.",
    )
    drawn.add_column("Figure")
    for heading in ("Fixed plan", f"With {service}", "Difference [95 %]", "%"):
        drawn.add_column(heading, justify="right")
    for figure in FIGURES:
        if figure.name in comparison.effect:
            drawn.add_row(*_row(figure, comparison, service))
    return drawn


def _acts(comparison: Comparison) -> str:
    """How much the service did: without it a reader could take doing nothing for no effect."""
    told = comparison.provenance
    decisions, refused, fallbacks = (told.get(key, 0) for key in ("decisions", "refused_by_guards", "fallbacks"))
    return f"{decisions} commands on record, {refused} refused by guards, {fallbacks} by the fallback."


def _row(figure: Figure, comparison: Comparison, service: str) -> tuple[str, ...]:
    before, after = (comparison.runs[variant][figure.name] for variant in (FIXED, service))
    difference = comparison.effect[figure.name]
    title = f"{figure.title} ({figure.unit})" if figure.unit else figure.title
    worse = difference.mean > 0 if figure.less_is_better else difference.mean < 0
    return (
        title,
        _number(before.mean, figure),
        _number(after.mean, figure),
        _difference(difference, figure),
        _percent(difference, worse=worse),
    )


def _number(value: float, figure: Figure) -> str:
    return f"{value:,.{figure.decimals}f}"


def _difference(found: Estimate, figure: Figure) -> str:
    text = f"{found.mean:+,.{figure.decimals}f}"
    if found.ci95 is None:
        return text
    low, high = (f"{bound:+,.{figure.decimals}f}" for bound in found.ci95)
    return f"{text} [{low}, {high}]"


def _percent(found: Estimate, *, worse: bool) -> str:
    if found.relative is None or abs(found.relative) < 0.0005:
        return ""
    colour = "red" if worse else "green"
    return f"[{colour}]{found.relative:+.1%}[/{colour}]"
