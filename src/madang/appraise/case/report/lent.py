"""Who pays for it and who lends: sources and uses, the debt schedule, how far the cash flow covers it."""

from collections.abc import Iterator

from madang.appraise.case.report import plots, public
from madang.appraise.case.report.blocks import Block, Cell, Heading, Key, Span, items, note, paragraph
from madang.appraise.case.report.language import Language
from madang.appraise.finance import Financed, Source


def lent(financed: Financed | None, speak: Language) -> Iterator[Block]:
    """The financing plan, or how to add one."""
    say = speak.say
    yield Heading(3, say("Sources and uses"))
    if financed is None:
        said = say("There is no financing plan. This line in the project adds sources and uses, debt and its cover:")
        yield paragraph(said + " ", Span('finance = "plan.toml"', "code"))
        return
    rows: list[list[Cell]] = [
        [
            one.name,
            speak.name(one.kind),
            one.value,
            speak.percent(one.share),
            speak.percent(one.rate, 2),
            "" if one.grant_element is None else speak.percent(one.grant_element / 100),
        ]
        for one in financed.sources
    ]
    head = (say("source"), say("kind"), financed.currency, say("share"), say("rate"), say("grant element"))
    yield speak.table(head, [*rows, [say("uses"), "", financed.uses, "", "", ""]], words=(0, 1), last=True)
    yield Key(
        (
            (say("least DSCR"), speak.ratio(financed.cover.dscr_min)),
            (say("average DSCR"), speak.ratio(financed.cover.dscr_average)),
            ("LLCR", speak.ratio(financed.cover.llcr)),
            ("PLCR", speak.ratio(financed.cover.plcr)),
            ("WACC", speak.percent(financed.wacc, 2)),
            (say("equity IRR"), speak.rates(financed.equity_irr)),
        )
    )
    if financed.notes:
        yield items(financed.notes)
    yield from _cover(financed, speak)
    for source in financed.sources:
        if source.opening:
            yield from _loan(source, financed, speak)
    yield from public.shortfall(financed, speak)
    yield from _relief(financed, speak)
    yield from public.partnership(financed, speak)


def _cover(financed: Financed, speak: Language) -> Iterator[Block]:
    say = speak.say

    def ratio(value: float | None) -> str:
        return "" if value is None else speak.ratio(value)

    years: list[list[Cell]] = [
        [
            str(one.year),
            one.cfads,
            one.service,
            one.debt,
            ratio(one.dscr),
            ratio(one.llcr),
            ratio(one.plcr),
            one.reserve,
            one.left,
        ]
        for one in financed.years
    ]
    head = (say("year"), "CFADS", say("debt service"), say("open debt"), "DSCR", "LLCR", "PLCR", "DSRA", say("left"))
    yield Heading(3, say("Debt service and its cover"))
    yield speak.table(head, years)
    yield plots.service(
        [(one.year, one.cfads, one.service, ratio(one.dscr)) for one in financed.years],
        written=speak.short,
        label=say("Cash flow available for debt service and debt service by year"),
        caption=say(
            "Cash flow available for debt service (columns, with the DSCR) and debt service (line), {money}.",
            money=financed.currency,
        ),
    )


def _loan(source: Source, financed: Financed, speak: Language) -> Iterator[Block]:
    """A loan by year, in its own currency."""
    say = speak.say
    yield Heading(3, say("Loan: {name}, {money}", name=source.name, money=source.currency))
    listed = zip(
        financed.years,
        source.opening,
        source.drawn,
        source.interest,
        source.interest_paid,
        source.repaid,
        strict=True,
    )
    rows: list[list[Cell]] = [[str(year.year), *amounts] for year, *amounts in listed if any(map(abs, amounts))]
    head = (say("opening"), say("drawn"), say("interest"), say("interest paid"), say("repaid"))
    yield speak.table((say("year"), *head), rows)


def _relief(financed: Financed, speak: Language) -> Iterator[Block]:
    relief, say = financed.relief, speak.say
    if relief is None:
        return
    yield Heading(3, say("What would make the debt bearable"))
    dscr, loan = speak.ratio(relief.dscr), relief.tranche
    if relief.percentile is not None:
        sure = speak.percent(relief.percentile, 0)
        said = say(
            "For a DSCR of {dscr} in every year in {share} of the draws, through {loan}; each on its own.",
            dscr=dscr,
            share=sure,
            loan=loan,
        )
    else:
        share = speak.percent(relief.cfads_share, 0)
        said = say(
            "For a DSCR of {dscr} in every year with {share} of the cash flow, through {loan}; each on its own.",
            dscr=dscr,
            share=share,
            loan=loan,
        )
    yield note(said)
    yield Key(
        (
            (say("least DSCR"), speak.ratio(relief.now)),
            (say("least grant, {money}", money=financed.currency), speak.money(relief.grant)),
            (say("least tariff, {money}", money=financed.currency), speak.ratio(relief.tariff)),
            (say("least tenor"), speak.years(relief.tenor)),
        )
    )
