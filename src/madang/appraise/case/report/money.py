"""The economic and the financial case: conversion, annual statements, what pays for it."""

from collections.abc import Iterator, Mapping, Sequence

from madang.appraise.case.answer import Answer
from madang.appraise.case.report import plots
from madang.appraise.case.report.blocks import Block, Cell, Heading, Key, Table, items, note, paragraph
from madang.appraise.case.report.language import Language
from madang.appraise.cashflow import Appraised


def economic(found: Answer, speak: Language) -> Iterator[Block]:
    """What society gains."""
    say = speak.say
    yield Heading(2, say("Economic analysis"), "economic")
    yield from view(found.economic, speak)
    yield from _conversion(found, speak)
    steps = [(one.name, one.economic) for one in found.conversion if one.economic]
    yield plots.waterfall(
        sorted(steps, key=lambda step: step[1]),
        total=say("sum"),
        written=speak.short,
        label=say("Waterfall of the present values of all streams to the economic net present value"),
        caption=say(
            "Present values of the streams, costs first; their sum is the ENPV ({money}).",
            money=found.conventions.currency,
        ),
    )
    yield Heading(3, say("What the ENPV rests on"))
    names = {
        "cash": say("cash that somebody pays or receives"),
        "resource": say("resources that have a market price"),
        "non_market": say("what no market prices"),
    }
    tiers: list[list[Cell]] = [[names[step.tier], step.adds, step.so_far] for step in found.tiers]
    yield speak.table((say("tier"), say("adds"), say("ENPV so far")), tiers)
    yield from _annual(found, speak)


def _conversion(found: Answer, speak: Language) -> Iterator[Block]:
    say = speak.say
    yield Heading(3, say("From financial to economic values"))
    yield note(say("At the economic rate; a cost is negative. Tax is what the government gains."))
    head = (say("stream"), say("whose"), say("tier"), say("as its owner has it"), say("tax"), say("shadow price"))
    rows: list[list[Cell]] = [
        [
            one.name,
            one.whose,
            speak.name(one.tier),
            one.owner if one.kind != "transfer" else say("transfer"),
            one.tax,
            one.shadow,
            one.economic,
        ]
        for one in found.conversion
    ]
    own = [one for one in found.conversion if one.kind != "transfer"]
    sums = [sum(getattr(one, name) for one in own) for name in ("owner", "tax", "shadow", "economic")]
    total: list[Cell] = [say("sum without transfers"), "", "", *sums]
    yield speak.table((*head, say("economic")), [*rows, total], words=(0, 1, 2), last=True)


def _annual(found: Answer, speak: Language) -> Iterator[Block]:
    """By year, what each kind of amount comes to for society."""
    yield Heading(3, speak.say("Annual statement"))
    yield note(speak.say("Not discounted. The last year holds what is left of assets, as a lower cost."))
    yield _statement(found.by_role, found, speak)


def _statement(parts: Mapping[str, Sequence[float]], found: Answer, speak: Language) -> Table:
    say, roles = speak.say, ("capex", "operation", "benefit", "other")
    rows: list[list[Cell]] = []
    for n, one in enumerate(found.years):
        amounts = [parts[role][n] for role in roles]
        rows.append([str(one.year), *amounts, sum(amounts)])
    sums = [sum(parts[role]) for role in roles]
    head = (say("year"), say("capital"), say("operation"), say("benefits"), say("others"), say("net"))
    return speak.table(head, [*rows, [say("sum"), *sums, sum(sums)]], last=True)


def view(told: Appraised, speak: Language) -> Iterator[Block]:
    """The results of one view and how they were computed."""
    say = speak.say
    yield Key(
        (
            (say("net present value"), speak.money(told.npv)),
            (say("internal rate of return"), speak.rates(told.irr)),
            (say("benefits over costs"), speak.ratio(told.bcr)),
            (say("modified rate of return"), speak.percent(told.mirr)),
            (say("paid back after"), speak.years(told.payback.simple)),
            (say("discounted"), speak.years(told.payback.discounted)),
        )
    )
    if told.notes:
        yield items([speak.told(one) for one in told.notes])
    when = told.conventions
    yield note(
        say(
            "At {rate}; {how}; {count} years from {year}.",
            rate=speak.rate(when.rate),
            how=speak.told(when.npv),
            count=when.rows,
            year=when.first,
        )
    )


def financial(found: Answer, speak: Language) -> Iterator[Block]:
    """What the one who builds it pays and earns."""
    say = speak.say
    yield Heading(2, say("Financial analysis"), "financial")
    yield paragraph(say("The cash of {who}, taxes included, without financing.", who=found.entity))
    yield from view(found.financial, speak)
    yield Heading(3, say("Annual statement, cash of {who}", who=found.entity))
    yield note(say("Not discounted. The last year holds what is left of assets, as a lower cost."))
    yield _statement(found.cash_by_role, found, speak)
    if found.uncertainty is not None:
        spread = found.uncertainty.fnpv
        low, high = (spread.percentiles[found.uncertainty.spread_percentiles.index(p)] for p in (10, 90))
        yield paragraph(
            say(
                "Drawn, the FNPV lies between {low} and {high} in eight of ten draws; it is below 0 in {chance}.",
                low=speak.money(low),
                high=speak.money(high),
                chance=speak.percent(spread.negative),
            )
        )
