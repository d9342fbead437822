"""Who gains and who pays."""

from collections.abc import Iterator

from madang.appraise.case.answer import Answer
from madang.appraise.case.build import Case
from madang.appraise.case.report import plots, words
from madang.appraise.case.report.words import Cell, table


def people(case: Case, found: Answer) -> Iterator[str]:
    """Incidence and poverty impact."""
    yield '<h2 id="people">Who gains and who pays</h2>'
    ordered = sorted(found.incidence.items(), key=lambda item: -item[1])
    yield plots.columns(
        ordered,
        label="Net gain of each group of stakeholders",
        caption=f"Net present gain by group, {found.conventions.currency}. The bars sum to the ENPV.",
    )
    poor = case.project.poor
    rows: list[list[Cell]] = [
        [group, gain, words.percent(poor[group]) if group in poor else "not given", poor.get(group, 0.0) * gain]
        for group, gain in ordered
    ]
    total = sum(found.incidence.values())
    shared = sum(poor.get(group, 0.0) * gain for group, gain in ordered)
    head = ("group", "net gain", "share of poor people", "gain of the poor")
    yield table(head, [*rows, ["sum: ENPV", total, "", shared]], last=True)
    if found.poverty_impact is not None:
        yield f"<p>Poverty impact ratio: {found.poverty_impact:.3f} of the ENPV reaches poor people.</p>"
