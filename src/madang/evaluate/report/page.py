"""The page: a city after the other, plots first. No script, nothing from elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from madang.evaluate.comparison import Comparison
from madang.evaluate.report import bars
from madang.evaluate.report.diagram import diagrams
from madang.evaluate.report.figures import figures, verdicts
from madang.evaluate.report.streets import maps
from madang.evaluate.report.style import STYLE
from madang.evaluate.shift import Shift


def report(comparisons: Sequence[Comparison], service: str, *, failed: Mapping[str, str] | None = None) -> str:
    """The page, as HTML. `failed`: the cities that have no figures, and why."""
    title = f"What {service} does: measured"
    parts = [part for one in comparisons for part in _city(one, service)]
    parts += [
        f'<section><h2>{escape(city)}: not measured</h2><p class="note">{escape(why)}</p></section>'
        for city, why in (failed or {}).items()
    ]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><title>{escape(title)}</title><style>{STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{''.join(parts)}</main></body></html>\n"
    )


def _city(one: Comparison, service: str) -> Iterator[str]:
    seeds = ", ".join(map(str, one.seeds))
    yield f"<section><h2>{escape(one.city)}: {escape(one.scenario)}, {one.hours:g} h, seeds {escape(seeds)}</h2>"
    if len(one.seeds) < 2:
        yield '<p class="note">One seed gives no interval: what is shown may be chance.</p>'
    yield bars.controls(one, service, "delay_s", "Mean delay of a vehicle in seconds; lines are 95 % intervals")
    yield bars.controls(one, service, "delay_p95_s", "Delay that one vehicle in twenty exceeds, in seconds")
    yield bars.controls(one, service, "longest_wait_s", "Longest wait on the way to one signal, in seconds")
    yield f'<p class="note">Conflicting greens: {one.conflicts}; guards broken: {one.guards_broken}.</p>'
    yield verdicts(one)
    if one.approaches:
        yield f"<h3>Delay by approach</h3>{bars.approaches(one.approaches)}"
    if one.shift is not None:
        yield f"<h3>Who gains, who loses</h3><p>{_words(one.shift)}</p>{bars.shifts(one.shift)}"
    if one.approaches:
        yield f"<h4>By approach</h4>{bars.losing_approaches(one.approaches)}"
    if one.journeys:
        yield f"<h4>By where the trip goes</h4>{bars.journeys(one.journeys)}"
    if one.drawings is not None:
        if one.drawings.diagrams is not None:
            before, after = one.drawings.diagrams
            yield f"<h3>Along the arterial</h3>{diagrams(before, after, seed=min(one.seeds))}"
        yield f"<h3>Where exhaust is let out</h3>{maps(one.drawings)}"
    yield f"<h3>All figures</h3>{figures(one, service)}"
    yield f"{_provenance(one)}</section>"


def _words(shift: Shift) -> str:
    return (
        f'Of {shift.vehicles:,} trips, <strong class="good">{shift.better:.0%}</strong> are delayed at least 10 s '
        f"less, "
        f'<strong class="bad">{shift.worse:.0%}</strong> ({shift.losers:,}) at least 10 s longer, '
        f"{shift.much_worse:.1%} a minute longer or more. Those that lose do so by {shift.mean_loss_s:.0f} s on "
        f"average, one in twenty of them by more than {shift.loss_p95_s:.0f} s, at most by "
        f"{shift.longest_loss_s:.0f} s."
    )


def _provenance(one: Comparison) -> str:
    lines = [escape(str(line)) for line in one.provenance.get("conventions", ())]
    for key in ("made_at", "madang", "code_sha256", "scenario_sha256", "packages", "machine", "python"):
        if key in one.provenance:
            lines.append(f"{escape(key)}: {escape(str(one.provenance[key]))}")
    items = "".join(f"<li>{line}</li>" for line in lines)
    return f'<details><summary>How it was measured</summary><ul class="note">{items}</ul></details>'
