"""The answer as lines for a reader at a terminal: the result first, the conventions and what is missing last."""

from collections.abc import Iterator, Sequence

from madang.appraise.case.answer import Answer
from madang.appraise.case.follow import Followed
from madang.appraise.case.scenarios import Outcome
from madang.appraise.case.uncertainty import Uncertainty
from madang.appraise.cashflow import Appraised
from madang.appraise.sensitivity import Bar

WIDEST = 8
"""Bars of the tornado that are shown here; the JSON has all."""


def lines(found: Answer) -> Iterator[str]:
    """The answer."""
    money = found.conventions.currency
    yield f"{found.title}, {found.conventions.prices}, {money}"
    if found.draft:
        yield f"DRAFT: {len(found.draft)} reasons, at the end"
    yield from _view("economic", found.economic, money)
    yield from _view(f"financial ({found.entity})", found.financial, money)
    yield "what the ENPV rests on"
    for step in found.tiers:
        yield f"  {step.tier:<14} {step.adds:>18,.0f}   so far {step.so_far:>18,.0f}"
    yield "who gains and who pays (sums to the ENPV)"
    for group, value in sorted(found.incidence.items(), key=lambda item: -item[1]):
        yield f"  {group:<30} {value:>18,.0f}"
    if found.poverty_impact is not None:
        yield f"  poverty impact ratio {found.poverty_impact:.3f}"
    yield from _scenarios(found.scenarios)
    yield from _bars("inputs, a fifth less and more", found.inputs)
    yield from _bars("streams, a fifth less and more", found.streams)
    yield from _uncertain(found.uncertainty, money)
    yield from _judged(found)
    yield from _rest(found)


def _view(name: str, view: Appraised, money: str) -> Iterator[str]:
    yield f"{name}"
    yield f"  NPV {view.npv:,.0f} {money} at {view.conventions.rate} ({view.conventions.npv})"
    mirr = "none" if view.mirr is None else f"{view.mirr:.2%}"
    bcr = "none" if view.bcr is None else f"{view.bcr:.3f}"
    yield f"  IRR {rates(view.irr)}, MIRR {mirr}, BCR {bcr}"
    simple, discounted = (_years(value) for value in (view.payback.simple, view.payback.discounted))
    yield f"  payback {simple}, discounted {discounted}"
    change = [_percent(value) for value in (view.switching.benefit, view.switching.cost)]
    yield f"  switching value: benefits {change[0]}, costs {change[1]}"
    yield from (f"  note: {note}" for note in view.notes)


def rates(values: Sequence[float]) -> str:
    """All of them, or that there is none."""
    return ", ".join(f"{value:.2%}" for value in values) or "none"


def _years(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} years"


def _percent(value: float | None) -> str:
    return "none" if value is None else f"{value:+.1f} %"


def _scenarios(found: Sequence[Outcome]) -> Iterator[str]:
    yield "scenarios                               ENPV             EIRR      BCR               FNPV"
    for one in found:
        bcr = "    -" if one.bcr is None else f"{one.bcr:5.2f}"
        yield f"  {one.name:<24} {one.enpv:>17,.0f} {rates(one.eirr):>16}    {bcr} {one.fnpv:>18,.0f}"


def _bars(title: str, bars: Sequence[Bar]) -> Iterator[str]:
    if not bars:
        return
    yield f"{title:<34}               ENPV low          ENPV high   switching"
    for bar in bars[:WIDEST]:
        low, high = sorted((bar.low, bar.high))
        yield f"  {bar.name:<36} {low:>18,.0f} {high:>18,.0f} {_percent(bar.switching):>11}"
    if len(bars) > WIDEST:
        yield f"  ... and {len(bars) - WIDEST} more that move less (--json has all)"


def _uncertain(found: Uncertainty | None, money: str) -> Iterator[str]:
    if found is None:
        yield "nothing is uncertain in this file: add uncertain = { shape = ..., numbers = [...] } to its inputs"
        return
    yield f"uncertainty: {found.draws:,} draws, {found.method}, seed {found.seed}"
    low, middle, high = (found.enpv_curve[found.percentiles.index(p)] for p in (10, 50, 90))
    yield f"  expected ENPV {found.expected:,.0f} {money}; P10 {low:,.0f}, P50 {middle:,.0f}, P90 {high:,.0f}"
    yield f"  P(ENPV < 0) {found.p_loss:.1%}, P(EIRR < {found.hurdle:.2%}) {found.p_hurdle:.1%}"
    yield f"  knowing everything before deciding is worth {found.perfect:,.0f} {money}"
    yield "  share of the variance                     ENPV at P10        ENPV at P90   worth knowing"
    for one in found.shares:
        yield f"  {one.name:<30} {one.shapley:>6.1%} {one.low:>18,.0f} {one.high:>18,.0f} {one.worth:>15,.0f}"
    if found.options:
        yield "  deciding in stages                        without               with   worth  taken"
    for one in found.options:
        name = f"{one.name} ({one.act.value} {one.year})"
        yield f"  {name:<40} {one.now:>14,.0f} {one.staged:>14,.0f} {one.value:>12,.0f} {one.chance:>6.1%}"


def _judged(found: Answer) -> Iterator[str]:
    told = found.ahp
    if told is None:
        return
    verdict = "passes" if told.passes else "does not pass"
    yield f"analytic hierarchy process: building scores {told.score:.3f}, least {told.least:.3f}: {verdict}"
    for row in told.rows:
        name = f"{row.of}: {row.name}" if row.of else row.name
        yield f"  {name:<36} weight {row.weight:.3f}, building {row.share:.3f} of it"
    for one in told.consistency:
        ratio = f"consistency ratio {one.ratio:.3f}"
        yield f"  judgements of {one.whose or one.about}: {ratio}{'' if one.fits else ', contradictory'}"


def _rest(found: Answer) -> Iterator[str]:
    told = found.conventions
    for trail in found.evidence:
        yield f"evidence: {trail.figure} of {trail.file}, seeds {', '.join(map(str, trail.seeds))}, {trail.hours:g} h"
    yield f"conventions: {told.preset}"
    yield f"  numeraire: {told.numeraire}"
    yield from (f"  {rate.view} rate {rate.rate} [{rate.mark}] {rate.source}" for rate in told.rates)
    for name in ("views", "incidence", "residual", "scenario"):
        yield f"  {name}: {getattr(told, name)}"
    yield from (f"warning: {warning}" for warning in found.warnings)
    yield from (f"lacking: {lack}" for lack in found.lacking)
    yield from (f"draft: {reason}" for reason in found.draft)


def followed(found: Followed) -> Iterator[str]:
    """Planned against actual."""
    money = found.currency
    yield f"{found.title}: planned and actual, {money}"
    yield f"ENPV as planned {found.enpv_planned:,.0f}, with what is known {found.enpv_followed:,.0f}"
    yield "stream                          year            planned             actual   95 % interval"
    for row in found.rows:
        actual = "none" if row.actual is None else f"{row.actual:,.0f}"
        ends = "" if row.interval is None else f"{row.interval[0]:,.0f} to {row.interval[1]:,.0f}"
        yield f"  {row.stream:<28} {row.year} {row.planned:>18,.0f} {actual:>18}   {ends}"
    for one in found.inputs:
        for gained in one.gained:
            hours = f"{gained.hours:.1f} h in {gained.windows} windows"
            yield f"{one.name}: {gained.value:.6g} {one.unit}, planned {one.planned:.6g}; {hours}, {one.how}"
    yield from (f"not told: {name}: {why}" for name, why in found.unseen)
    yield from (f"note: {one}" for one in found.notes)
