"""The economic and the financial case: conversion, annual statements, what pays for it."""

from collections.abc import Iterator

from madang.appraise.case.answer import Answer
from madang.appraise.case.report import plots, words
from madang.appraise.case.report.words import Cell, table
from madang.appraise.cashflow import Appraised
from madang.appraise.finance import Financed

TIERS = {
    "cash": "cash that somebody pays or receives",
    "resource": "resources that have a market price",
    "non_market": "what no market prices",
}


def economic(found: Answer) -> Iterator[str]:
    """What society gains."""
    yield '<h2 id="economic">Economic analysis</h2>'
    yield from _view(found.economic)
    yield "<h3>From financial to economic values</h3>"
    yield '<p class="note">At the economic rate; a cost is negative. Tax is what the government gains.</p>'
    head = ("stream", "whose", "tier", "as its owner has it", "tax", "shadow price", "economic")
    rows: list[list[Cell]] = [
        [
            one.name,
            one.whose,
            one.tier,
            one.owner if one.kind != "transfer" else "transfer",
            one.tax,
            one.shadow,
            one.economic,
        ]
        for one in found.conversion
    ]
    own = [one for one in found.conversion if one.kind != "transfer"]
    sums = [sum(getattr(one, name) for one in own) for name in ("owner", "tax", "shadow", "economic")]
    yield table(head, [*rows, ["sum without transfers", "", "", *sums]], words=(0, 1, 2), last=True)
    steps = [(one.name, one.economic) for one in found.conversion if one.economic]
    yield plots.waterfall(
        sorted(steps, key=lambda step: step[1]),
        label="Waterfall of the present values of all streams to the economic net present value",
        caption=f"Present values of the streams, costs first; their sum is the ENPV ({found.conventions.currency}).",
    )
    yield "<h3>What the ENPV rests on</h3>"
    tiers: list[list[Cell]] = [[TIERS[step.tier], step.adds, step.so_far] for step in found.tiers]
    yield table(("tier", "adds", "ENPV so far"), tiers)
    yield "<h3>Annual statement</h3>"
    yield '<p class="note">Not discounted. The last year holds what is left of assets, as a lower cost.</p>'
    annual: list[list[Cell]] = [
        [str(one.year), one.economic_benefit, one.economic_cost, one.economic_net, one.financial_net]
        for one in found.years
    ]
    yield table(("year", "benefits", "costs", "net, economic", f"net, cash of {found.entity}"), annual)


def _view(told: Appraised) -> Iterator[str]:
    yield words.key(
        [
            ("net present value", words.money(told.npv)),
            ("internal rate of return", words.rates(told.irr)),
            ("benefits over costs", words.ratio(told.bcr)),
            ("modified rate of return", words.percent(told.mirr)),
            ("paid back after", words.years(told.payback.simple)),
            ("discounted", words.years(told.payback.discounted)),
        ]
    )
    yield words.items(told.notes) if told.notes else ""
    when = told.conventions
    yield f'<p class="note">At {words.text(when.rate)}; {words.text(when.npv)}; '
    yield f"{when.years} years from {when.first_year}.</p>"


def financial(found: Answer, financed: Financed | None) -> Iterator[str]:
    """What the one who builds it pays and earns, and who lends."""
    yield '<h2 id="financial">Financial analysis</h2>'
    yield f"<p>The cash of {words.text(found.entity)}, taxes included, without financing.</p>"
    yield from _view(found.financial)
    if financed is None:
        yield '<p class="note">No financing plan: <code>finance = "plan.toml"</code> in the project adds sources and '
        yield "uses, the debt schedule and its cover.</p>"
        return
    yield "<h3>Sources and uses</h3>"
    rows: list[list[Cell]] = [
        [one.name, one.kind.replace("_", " "), one.value, words.percent(one.share), words.percent(one.rate, 2)]
        for one in financed.sources
    ]
    head = ("source", "kind", financed.currency, "share", "rate")
    yield table(head, [*rows, ["uses", "", financed.uses, "", ""]], words=(0, 1), last=True)
    yield words.key(
        [
            ("least DSCR", words.ratio(financed.cover.dscr_min)),
            ("average DSCR", words.ratio(financed.cover.dscr_average)),
            ("LLCR", words.ratio(financed.cover.llcr)),
            ("PLCR", words.ratio(financed.cover.plcr)),
            ("WACC", words.percent(financed.wacc, 2)),
            ("equity IRR", words.rates(financed.equity_irr)),
        ]
    )
    years: list[list[Cell]] = [
        [str(one.year), one.cfads, one.service, one.debt, words.ratio(one.dscr), one.left] for one in financed.years
    ]
    yield table(("year", "CFADS", "debt service", "open debt", "DSCR", "left"), years)
    yield plots.service(
        [(one.year, one.cfads, one.service) for one in financed.years],
        label="Cash flow available for debt service and debt service by year",
        caption=f"Cash flow available for debt service (columns) and debt service (line), {financed.currency}.",
    )
