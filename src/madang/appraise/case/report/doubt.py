"""What the result hangs on, what may go wrong, and how sure it is."""

from collections.abc import Iterator

from madang.appraise.case.answer import Answer
from madang.appraise.case.build import Case
from madang.appraise.case.report import plots, staged
from madang.appraise.case.report.blocks import Block, Cell, Heading, Key, note, paragraph
from madang.appraise.case.report.language import Language
from madang.appraise.case.uncertainty import Uncertainty
from madang.appraise.discount import present

WIDEST = 12
"""Bars of a tornado; the table has all."""


def sensitivity(case: Case, found: Answer, speak: Language) -> Iterator[Block]:
    """Scenarios, tornado and switching values."""
    say = speak.say
    yield Heading(2, say("Sensitivity"), "sensitivity")
    yield from _scenarios(found, speak)
    yield from _parts(case, found, speak)
    change = [found.economic.switching.benefit, found.economic.switching.cost]
    benefits, costs = (speak.percent(None if value is None else value / 100) for value in change)
    yield paragraph(
        say(
            "The ENPV is zero if all benefits change by {benefits}, or all costs by {costs}.",
            benefits=benefits,
            costs=costs,
        )
    )
    yield Heading(3, say("At other discount rates"))
    profile: list[list[Cell]] = [[speak.percent(point.rate), point.npv] for point in found.economic.profile]
    yield speak.table((say("rate"), "ENPV"), profile)
    yield Heading(3, say("One input, one stream at a time"))
    if found.inputs:
        yield plots.bars(
            [(bar.name, bar.low, bar.high) for bar in found.inputs[:WIDEST]],
            middle=found.economic.npv,
            written=speak.short,
            label=say("Tornado: the ENPV with each input a fifth lower and higher"),
            caption=say(
                "ENPV with each input a fifth lower (pale) and a fifth higher (full), {money}.",
                money=found.conventions.currency,
            ),
        )
    yield from _bars(found, speak)


def _scenarios(found: Answer, speak: Language) -> Iterator[Block]:
    say = speak.say
    rows: list[list[Cell]] = [
        [
            speak.told(one.name),
            one.enpv,
            "" if one.change is None else speak.percent(one.change / 100),
            speak.rates(one.eirr),
            speak.ratio(one.bcr),
            one.fnpv,
            speak.rates(one.firr),
        ]
        for one in found.scenarios
    ]
    yield speak.table((say("scenario"), "ENPV", say("change"), "EIRR", "BCR", "FNPV", "FIRR"), rows)
    yield note(speak.told(found.conventions.scenario) + ".")


def _parts(case: Case, found: Answer, speak: Language) -> Iterator[Block]:
    """What each kind of amount is worth, and by how much all of it would have to change for an ENPV of zero."""
    say, total = speak.say, found.economic.npv
    factors = case.project.economic.factors(case.project.horizon, timing=case.project.timing)
    names = {"capex": say("capital"), "operation": say("operation"), "benefit": say("benefits"), "other": say("others")}
    rows: list[list[Cell]] = []
    for role, name in names.items():
        worth = present(found.by_role[role], factors)
        if worth:
            rows.append([name, worth, speak.percent(-total / worth)])
    yield speak.table((say("all of it"), say("present value"), say("switching value")), rows)


def _bars(found: Answer, speak: Language) -> Iterator[Block]:
    say = speak.say
    for title, bars in ((say("input"), found.inputs), (say("stream"), found.streams)):
        listed: list[list[Cell]] = [
            [
                bar.name,
                bar.low,
                bar.high,
                speak.percent(None if bar.switching is None else bar.switching / 100),
                speak.ratio(bar.indicator),
            ]
            for bar in bars
        ]
        if listed:
            head = (say("ENPV, a fifth less"), say("a fifth more"), say("switching value"), say("% of ENPV per %"))
            yield speak.table((title, *head), listed)


def uncertainty(found: Answer, speak: Language) -> Iterator[Block]:
    """What was drawn."""
    say, drawn = speak.say, found.uncertainty
    yield Heading(2, say("Uncertainty"), "uncertainty")
    if drawn is None:
        yield paragraph(say("No input of this project is given as uncertain: nothing was drawn."))
        return
    money = found.conventions.currency
    spread = say("{low} to {high}", low=speak.short(_at(drawn, 10)), high=speak.short(_at(drawn, 90)))
    hurdle = say("chance of an EIRR below {hurdle}", hurdle=speak.percent(drawn.hurdle))
    yield Key(
        (
            (say("expected ENPV"), speak.money(drawn.expected)),
            (say("ENPV at the values as written"), speak.money(found.economic.npv)),
            (say("chance of an ENPV below 0"), speak.percent(drawn.p_loss)),
            (hurdle, speak.percent(drawn.p_hurdle)),
            (say("10 % to 90 % of the ENPV"), spread),
        )
    )
    yield from _curves(drawn, money, speak)
    yield plots.fan(
        found.years[0].year,
        drawn.fan,
        written=speak.short,
        label=say("Cumulative discounted net benefit by year"),
        caption=say(
            "Discounted net benefit so far: middle, and from the 10th to the 90th percentile, {money}.", money=money
        ),
    )
    yield from _shares(drawn, money, speak)
    yield from staged.options(drawn, speak)


def _shares(drawn: Uncertainty, money: str, speak: Language) -> Iterator[Block]:
    say = speak.say
    yield Heading(3, say("Where the spread comes from, and what to find out next"))
    rows: list[list[Cell]] = [
        [one.name, speak.percent(one.shapley), one.low, one.high, one.worth] for one in drawn.shares
    ]
    head = (say("input"), say("share of variance"), say("ENPV at its P10"), say("ENPV at its P90"))
    yield speak.table((*head, say("worth of knowing it")), rows)
    yield note(
        say(
            "Shares are Shapley effects; the worth of knowing is the expected value of perfect information on that "
            "input before the decision to build or not. Knowing everything would be worth {worth} {money}.",
            worth=speak.money(drawn.perfect),
            money=money,
        )
    )
    yield note(
        say(
            "{draws} draws ({method}), seed {seed}; {none} of the draws have no EIRR, {several} several.",
            draws=speak.number(drawn.draws),
            method=drawn.method,
            seed=drawn.seed,
            none=speak.percent(drawn.no_rate),
            several=speak.percent(drawn.many_rates),
        )
    )


def _at(drawn: Uncertainty, percentile: int) -> float:
    return drawn.enpv_curve[drawn.percentiles.index(percentile)]


def _curves(drawn: Uncertainty, money: str, speak: Language) -> Iterator[Block]:
    say = speak.say
    shares = [p / 100 for p in drawn.percentiles]

    def whole(share: float) -> str:
        return speak.percent(share, 0)

    yield plots.curve(
        list(zip(drawn.enpv_curve, shares, strict=True)),
        marks=[("0", 0.0), (say("expected"), drawn.expected)],
        written=speak.short,
        shares=whole,
        label=say("S-curve of the ENPV"),
        caption=say("Share of draws with an ENPV below, {money}.", money=money),
    )
    if drawn.eirr_curve:
        yield plots.curve(
            list(zip(drawn.eirr_curve, shares, strict=True)),
            marks=[(say("least"), drawn.hurdle)],
            written=whole,
            shares=whole,
            label=say("S-curve of the EIRR"),
            caption=say("Share of draws with an EIRR below, of those that have one."),
        )
    rows: list[list[Cell]] = [
        [f"{p} %", value, speak.percent(drawn.eirr_curve[n]) if drawn.eirr_curve else say("none")]
        for n, (p, value) in enumerate(zip(drawn.percentiles, drawn.enpv_curve, strict=True))
        if p in (1, 5, 10, 50, 90, 95, 99)
    ]
    yield speak.table((say("percentile"), "ENPV", "EIRR"), rows)
