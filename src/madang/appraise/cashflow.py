"""What a row of money a year is worth: NPV, every IRR, MIRR, BCR, payback and switching values, with the conventions
they were computed under.

Sources: Brealey, Myers and Allen, "Principles of Corporate Finance", chapters 5 and 6 (NPV, IRR and its pitfalls, MIRR,
payback); ADB, "Guidelines for the Economic Analysis of Projects" (2017), on sensitivity and switching values.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from madang.appraise.discount import OFFSET, Schedule, Timing, present
from madang.appraise.flows import Flows
from madang.appraise.roots import rates

PROFILE = (0.0, 0.025, 0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.5)
"""Rates at which the NPV profile is given, beside those between neighbouring IRRs."""


class Payback(msgspec.Struct, frozen=True):
    """Years after the first row until the sum of what came in covers what went out, straight within a year; None where
    it never does."""

    simple: float | None
    discounted: float | None


class Switching(msgspec.Struct, frozen=True):
    """Per cent by which all benefits (costs) would have to change for an NPV of zero: 100 * (v* - v0) / v0; None where
    there are none."""

    benefit: float | None
    cost: float | None


class Point(msgspec.Struct, frozen=True):
    """One point of the NPV profile."""

    rate: float
    npv: float


class Conventions(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader has to know to compute the same."""

    rate: str
    timing: Timing
    first_row_years: float
    first_year: int
    years: int
    npv: str
    irr: str
    mirr: str
    bcr: str
    payback: str
    switching: str
    prices: str = "as the file has them: one currency, real with a real rate or nominal with a nominal one"


class Appraised(msgspec.Struct, frozen=True, kw_only=True):
    """The answer; money in the unit of the table, rates as a share a year."""

    npv: float
    irr: tuple[float, ...]
    irr_multiplicity: tuple[int, ...]
    mirr: float | None
    bcr: float | None
    payback: Payback
    switching: Switching
    benefits: float
    costs: float
    profile: tuple[Point, ...]
    notes: tuple[str, ...]
    conventions: Conventions


def appraise(
    flows: Flows,
    schedule: Schedule,
    *,
    timing: Timing = "start",
    finance: Schedule | None = None,
    reinvest: Schedule | None = None,
) -> Appraised:
    """Appraise the flows at these discount rates; `finance` and `reinvest` are the MIRR's, where they are others."""
    factors = schedule.factors(len(flows.amounts), timing=timing)
    net = [float(amount) for amount in flows.amounts]
    ups, downs = _sides(flows)
    benefits, costs = present(ups, factors), present(downs, factors)
    roots = rates(flows.amounts)
    found = tuple(root.value for root in roots)
    discounted = [amount * factor for amount, factor in zip(net, factors, strict=True)]
    return Appraised(
        npv=present(net, factors),
        irr=found,
        irr_multiplicity=tuple(root.multiplicity for root in roots),
        mirr=mirr(net, finance=finance or schedule, reinvest=reinvest or schedule),
        bcr=_ratio(benefits, costs),
        payback=Payback(payback(net), payback(discounted)),
        switching=Switching(_percent(costs, benefits), _percent(benefits, costs)),
        benefits=benefits,
        costs=costs,
        profile=_profile(net, found, timing),
        notes=tuple(_notes(flows, found, schedule)),
        conventions=_conventions(flows, schedule, timing, rates=(finance or schedule, reinvest or schedule)),
    )


def mirr(amounts: Sequence[float], *, finance: Schedule, reinvest: Schedule) -> float | None:
    """The modified IRR: what went out, discounted to the first row at the finance rate, against what came in, carried
    to the last row at the reinvestment rate. None without money of both signs.

    (FV of inflows / PV of outflows) ** (1 / years) - 1, years from the first row to the last (Lin 1976).
    """
    years = len(amounts) - 1
    factors = reinvest.factors(len(amounts))
    gained = present([max(amount, 0.0) for amount in amounts], factors)
    spent = present([max(-amount, 0.0) for amount in amounts], finance.factors(len(amounts)))
    if not gained or not spent or not years:
        return None
    return math.expm1((math.log(gained) - math.log(spent) - math.log(factors[-1])) / years)


def payback(amounts: Sequence[float]) -> float | None:
    """Years after the first row until the running sum is no longer negative, for the first time; straight within a
    year. 0 where it never is negative, None where it stays so."""
    total = 0.0
    for year, amount in enumerate(amounts):
        before, total = total, total + amount
        if before < 0 <= total:
            return year - 1 + -before / amount
    return None if total < 0 else 0.0


def _sides(flows: Flows) -> tuple[list[float], list[float]]:
    """Benefits and costs by year: as they are told apart in the table, else by the sign of the year's amount."""
    if flows.benefits is not None and flows.costs is not None:
        return [float(benefit) for benefit in flows.benefits], [float(cost) for cost in flows.costs]
    return [float(max(a, 0)) for a in flows.amounts], [float(max(-a, 0)) for a in flows.amounts]


def _ratio(above: float, below: float) -> float | None:
    return above / below if below > 0 else None


def _percent(wanted: float, now: float) -> float | None:
    return 100 * (wanted - now) / now if now > 0 else None


def _profile(net: list[float], found: tuple[float, ...], timing: Timing) -> tuple[Point, ...]:
    between = [(low + high) / 2 for low, high in pairwise(found)]
    years = [year + OFFSET[timing] for year in range(len(net))]
    return tuple(
        Point(rate, present(net, [(1 + rate) ** -year for year in years]))
        for rate in sorted({round(rate, 9) for rate in (*PROFILE, *between)})
    )


def _notes(flows: Flows, found: tuple[float, ...], schedule: Schedule) -> list[str]:
    notes: list[str] = []
    if not any(flows.amounts):
        notes.append("every amount is 0: each rate is an internal rate of return, so none is given")
    elif not found:
        notes.append("no internal rate of return: the net present value is zero at no rate above -1")
    if len(found) > 1:
        notes.append(f"{len(found)} internal rates of return: none of them ranks the project; judge by NPV or MIRR")
    if any(band.rate >= 1 for band in schedule.bands):
        notes.append("a discount rate of 1 is 100 % a year: for 9 % write 0.09")
    running = [sum(flows.amounts[: year + 1]) for year in range(len(flows.amounts))]
    covered = next((y for y in range(1, len(running)) if running[y - 1] < 0 <= running[y]), None)
    if covered is not None and any(total < 0 for total in running[covered:]):
        notes.append("the running sum is negative again after the payback: later costs are not paid back by then")
    return notes


def _conventions(flows: Flows, schedule: Schedule, timing: Timing, *, rates: tuple[Schedule, Schedule]) -> Conventions:
    when = {
        "start": "the first row is at time 0 and not discounted",
        "end": "the first row is discounted one year",
        "mid": "the first row is discounted half a year",
    }
    parts = (
        "benefits over costs as the table has them"
        if flows.costs is not None
        else ("the positive amounts over the negative ones, benefits and costs of a year netted")
    )
    return Conventions(
        rate=str(schedule),
        timing=timing,
        first_row_years=OFFSET[timing],
        first_year=flows.first_year,
        years=len(flows.amounts),
        npv=f"discounted yearly; {when[timing]}",
        irr="every real rate above -1 at which the NPV is zero, whenever the first row falls due",
        mirr=f"financed at {rates[0]}, reinvested at {rates[1]}, from the first row to the last",
        bcr=f"present values: {parts}",
        payback="years after the first row, the first time, straight within a year",
        switching="per cent change of all benefits (of all costs) at which the NPV is zero",
    )
