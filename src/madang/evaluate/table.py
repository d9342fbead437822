"""The comparison as a table that a traffic engineer reads: who gains, who loses, and how sure that is."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from madang.evaluate.comparison import Comparison
from madang.evaluate.kpis import FIGURES, Figure
from madang.evaluate.run import FIXED
from madang.evaluate.statistics import Estimate
from madang.evaluate.verdict import MARGIN


def table(comparison: Comparison, service: str) -> Table:
    """One row a figure: every variant, and the service's difference from the fixed plan with its 95 % interval and in
    per cent."""
    seeds = ", ".join(str(seed) for seed in comparison.seeds)
    drawn = Table(
        title=f"{comparison.city}: {comparison.scenario}, {comparison.hours:g} h, seeds {seeds}",
        caption=f"Means over seeds; intervals are 95 %, paired by seed. {_acts(comparison)} "
        f"Real-time factor with the whole loop: {comparison.real_time_factor:.0f} on one core, "
        f"{comparison.real_time_factor_wall:.0f} by the wall.",
    )
    drawn.add_column("Figure")
    variants = order(comparison, service)
    for name in (*(heading(variant, service) for variant in variants), "Difference from fixed [95 %]", "%"):
        drawn.add_column(name, justify="right")
    for figure in FIGURES:
        if figure.name in comparison.effect:
            drawn.add_row(*_row(figure, comparison, variants))
    return drawn


def overview(comparisons: Sequence[Comparison], service: str) -> Table:
    """Mean delay in seconds of several cities, a row each, with its 95 % interval under the service."""
    drawn = Table(title="Mean delay (s)", caption="Means over seeds; [95 %] of the service's own mean.")
    drawn.add_column("City")
    variants = list(dict.fromkeys(variant for one in comparisons for variant in order(one, service)))
    for variant in variants:
        drawn.add_column(heading(variant, service), justify="right")
    drawn.add_column("[95 %]", justify="right")
    for one in comparisons:
        found = [one.runs.get(variant, {}).get("delay_s") for variant in variants]
        interval = one.runs[service]["delay_s"].ci95
        told = "" if interval is None else f"[{interval[0]:.1f}, {interval[1]:.1f}]"
        drawn.add_row(one.city, *(f"{each.mean:.1f}" if each else "" for each in found), told)
    return drawn


def judged(comparison: Comparison) -> Table:
    """The disturbances, a row each seed: delay from there on against the fixed plan, and whether that holds."""
    drawn = Table(
        title=f"{comparison.city}: disturbed",
        box=SIMPLE_HEAD,
        padding=(0, 0, 0, 1),
        caption="Mean delay (s) of the vehicles that set out from the disturbance on; holds: no conflict in the whole "
        f"run, and at most {MARGIN:.0%} more than under the fixed plan of the same seed. Teleports: here and "
        "under the fixed plan.",
    )
    drawn.add_column("Disturbance", no_wrap=True, min_width=15)
    for name in ("Seed", "Fixed", "Disturbed", "%", "Conflicts", "Teleports", "Holds"):
        drawn.add_column(name, justify="right", no_wrap=True)
    for each in comparison.verdicts:
        change = "" if each.change is None else f"{each.change:+.1%}"
        drawn.add_row(
            each.disturbance,
            str(each.seed),
            *("" if value is None else f"{value:.1f}" for value in (each.fixed_s, each.disturbed_s)),
            change,
            str(each.conflicts),
            f"{each.teleports} : {each.teleports_fixed}",
            "[green]yes[/green]" if each.holds else "[red]no[/red]",
        )
    return drawn


def order(comparison: Comparison, service: str) -> list[str]:
    """The variants as they are shown: the fixed plan, the baselines, the service, the service with other sensing. The
    disturbed ones have a table of their own (`judged`)."""
    disturbed = {f"{service}, {each.disturbance}" for each in comparison.verdicts}
    before = [name for name in comparison.runs if name != service and not name.startswith(f"{service},")]
    after = [name for name in comparison.runs if name.startswith(f"{service},") and name not in disturbed]
    return [*before, service, *after]


def heading(variant: str, service: str) -> str:
    """What a variant is called where it is shown."""
    return "Fixed plan" if variant == FIXED.name else f"With {variant}" if variant == service else variant.capitalize()


def _acts(comparison: Comparison) -> str:
    """How much the service did, without which doing nothing could be taken for no effect; and who loses by it."""
    told, shift = comparison.provenance, comparison.shift
    decisions, refused, fallbacks = (told.get(key, 0) for key in ("decisions", "refused_by_guards", "fallbacks"))
    acts = f"{decisions} commands on record, {refused} refused by guards, {fallbacks} by the fallback."
    if shift is None:
        return acts
    return f"{acts} {shift.better:.0%} of trips lose at least 10 s less, {shift.worse:.0%} at least 10 s more."


def _row(figure: Figure, comparison: Comparison, variants: Sequence[str]) -> tuple[str, ...]:
    difference = comparison.effect[figure.name]
    title = f"{figure.title} ({figure.unit})" if figure.unit else figure.title
    worse = difference.mean > 0 if figure.less_is_better else difference.mean < 0
    return (
        title,
        *(_number(comparison.runs[variant][figure.name].mean, figure) for variant in variants),
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
