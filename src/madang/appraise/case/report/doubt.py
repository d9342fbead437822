"""What the result hangs on, what may go wrong, and how sure it is."""

from collections.abc import Iterator

from madang.appraise.case.answer import Answer
from madang.appraise.case.report import plots, words
from madang.appraise.case.report.words import Cell, table
from madang.appraise.case.uncertainty import Uncertainty

WIDEST = 12
"""Bars of a tornado; the table has all."""


def sensitivity(found: Answer) -> Iterator[str]:
    """Scenarios, tornado and switching values."""
    money = found.conventions.currency
    yield '<h2 id="sensitivity">Sensitivity</h2>'
    rows: list[list[Cell]] = [
        [
            one.name,
            one.enpv,
            "" if one.change is None else words.percent(one.change / 100),
            words.rates(one.eirr),
            words.ratio(one.bcr),
            one.fnpv,
            words.rates(one.firr),
        ]
        for one in found.scenarios
    ]
    yield table(("scenario", "ENPV", "change", "EIRR", "BCR", "FNPV", "FIRR"), rows)
    yield f'<p class="note">{words.text(found.conventions.scenario)}.</p>'
    change = [found.economic.switching.benefit, found.economic.switching.cost]
    said = ["none" if value is None else words.percent(value / 100) for value in change]
    yield f"<p>The ENPV is zero if all benefits change by {said[0]}, or all costs by {said[1]}.</p>"
    yield "<h3>At other discount rates</h3>"
    profile: list[list[Cell]] = [[words.percent(point.rate), point.npv] for point in found.economic.profile]
    yield table(("rate", "ENPV"), profile)
    yield "<h3>One input, one stream at a time</h3>"
    if found.inputs:
        yield plots.bars(
            [(bar.name, bar.low, bar.high) for bar in found.inputs[:WIDEST]],
            middle=found.economic.npv,
            label="Tornado: the ENPV with each input a fifth lower and higher",
            caption=f"ENPV with each input a fifth lower (pale) and a fifth higher (full), {money}.",
        )
    for title, bars in (("input", found.inputs), ("stream", found.streams)):
        listed: list[list[Cell]] = [
            [
                bar.name,
                bar.low,
                bar.high,
                "none" if bar.switching is None else words.percent(bar.switching / 100),
                words.ratio(bar.indicator),
            ]
            for bar in bars
        ]
        if listed:
            head = (title, "ENPV, a fifth less", "a fifth more", "switching value", "% of ENPV per %")
            yield table(head, listed)


def uncertainty(found: Answer) -> Iterator[str]:
    """What was drawn."""
    yield '<h2 id="uncertainty">Uncertainty</h2>'
    drawn = found.uncertainty
    if drawn is None:
        yield "<p>No input of this project is given as uncertain: nothing was drawn.</p>"
        return
    money = found.conventions.currency
    yield words.key(
        [
            ("expected ENPV", words.money(drawn.expected)),
            ("ENPV at the values as written", words.money(found.economic.npv)),
            ("chance of an ENPV below 0", words.percent(drawn.p_loss)),
            (f"chance of an EIRR below {words.percent(drawn.hurdle)}", words.percent(drawn.p_hurdle)),
            ("10 % to 90 % of the ENPV", f"{words.short(_at(drawn, 10))} to {words.short(_at(drawn, 90))}"),
        ]
    )
    yield from _curves(drawn, money)
    yield plots.fan(
        found.years[0].year,
        drawn.fan,
        label="Cumulative discounted net benefit by year",
        caption=f"Discounted net benefit so far: middle, and from the 10th to the 90th percentile, {money}.",
    )
    yield "<h3>Where the spread comes from, and what to find out next</h3>"
    rows: list[list[Cell]] = [
        [one.name, words.percent(one.shapley), one.low, one.high, one.worth] for one in drawn.shares
    ]
    yield table(("input", "share of variance", "ENPV at its P10", "ENPV at its P90", "worth of knowing it"), rows)
    yield '<p class="note">Shares are Shapley effects; the worth of knowing is the expected value of perfect '
    yield "information on that input before the decision to build or not. Knowing everything would be worth "
    yield f"{words.money(drawn.perfect)} {words.text(money)}.</p>"
    rest = f"{words.percent(drawn.no_rate)} of the draws have no EIRR, {words.percent(drawn.many_rates)} several"
    yield f'<p class="note">{drawn.draws:,} draws ({drawn.method}), seed {drawn.seed}; {rest}.</p>'


def _at(drawn: Uncertainty, percentile: int) -> float:
    return drawn.enpv_curve[drawn.percentiles.index(percentile)]


def _curves(drawn: Uncertainty, money: str) -> Iterator[str]:
    shares = [p / 100 for p in drawn.percentiles]
    yield plots.curve(
        list(zip(drawn.enpv_curve, shares, strict=True)),
        marks=[("0", 0.0), ("expected", drawn.expected)],
        as_rate=False,
        label="S-curve of the ENPV",
        caption=f"Share of draws with an ENPV below, {money}.",
    )
    if drawn.eirr_curve:
        yield plots.curve(
            list(zip(drawn.eirr_curve, shares, strict=True)),
            marks=[("least", drawn.hurdle)],
            as_rate=True,
            label="S-curve of the EIRR",
            caption="Share of draws with an EIRR below, of those that have one.",
        )
    rows: list[list[Cell]] = [
        [f"{p} %", value, words.percent(drawn.eirr_curve[n]) if drawn.eirr_curve else "none"]
        for n, (p, value) in enumerate(zip(drawn.percentiles, drawn.enpv_curve, strict=True))
        if p in (1, 5, 10, 50, 90, 95, 99)
    ]
    yield table(("percentile", "ENPV", "EIRR"), rows)
