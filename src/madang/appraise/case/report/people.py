"""Who gains and who pays."""

from collections.abc import Iterator

from madang.appraise.case.answer import Answer
from madang.appraise.case.build import Case
from madang.appraise.case.report import plots
from madang.appraise.case.report.blocks import Block, Cell, Heading, paragraph
from madang.appraise.case.report.language import Language


def people(case: Case, found: Answer, speak: Language) -> Iterator[Block]:
    """Incidence and poverty impact."""
    say = speak.say
    yield Heading(2, say("Who gains and who pays"), "people")
    ordered = sorted(found.incidence.items(), key=lambda item: -item[1])
    yield plots.columns(
        ordered,
        written=speak.short,
        label=say("Net gain of each group of stakeholders"),
        caption=say("Net present gain by group, {money}. The bars sum to the ENPV.", money=found.conventions.currency),
    )
    poor = case.project.poor
    rows: list[list[Cell]] = [
        [group, gain, speak.percent(poor[group]) if group in poor else say("not given"), poor.get(group, 0.0) * gain]
        for group, gain in ordered
    ]
    total = sum(found.incidence.values())
    shared = sum(poor.get(group, 0.0) * gain for group, gain in ordered)
    head = (say("group"), say("net gain"), say("share of poor people"), say("gain of the poor"))
    yield speak.table(head, [*rows, [say("sum: ENPV"), total, "", shared]], last=True)
    if poor and found.poverty_impact is not None:
        ratio = speak.number(found.poverty_impact, 3)
        yield paragraph(say("Poverty impact ratio: {ratio} of the ENPV reaches poor people.", ratio=ratio))
