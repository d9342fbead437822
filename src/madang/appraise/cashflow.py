"""What rows of money, one a year as a rule, are worth: NPV, every IRR, MIRR, BCR, payback and switching values, with
the conventions they were computed under.

Sources: Brealey, Myers and Allen, "Principles of Corporate Finance", chapters 5 and 6 (NPV, IRR and its pitfalls, MIRR,
payback); ADB, "Guidelines for the Economic Analysis of Projects" (2017), on sensitivity and switching values.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from madang.appraise import dated
from madang.appraise.conventions import Conventions, conventions
from madang.appraise.discount import OFFSET, Prices, Schedule, Timing, present
from madang.appraise.flows import Flows
from madang.appraise.roots import Rate, rates
from madang.errors import AppraisalInvalid

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


class Inflated(msgspec.Struct, frozen=True, kw_only=True):
    """What was done where amounts and rate are of unlike prices: the rate that discounts, and every IRR as real and as
    nominal rate."""

    inflation: float
    amounts: str
    discounted_at: str
    irr_real: tuple[float, ...]
    irr_nominal: tuple[float, ...]


class Appraised(msgspec.Struct, frozen=True, kw_only=True):
    """The answer; money in the unit of the table, rates as a share a year. `irr_a_period`: for rows by half, quarter
    or month the same rates a period. `equivalent_annual`: of rows by year, the NPV as an equal amount each year."""

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
    equivalent_annual: float | None = None
    irr_a_period: tuple[float, ...] = ()
    inflation: Inflated | None = None


def appraise(
    flows: Flows,
    schedule: Schedule,
    *,
    timing: Timing = "start",
    finance: Schedule | None = None,
    reinvest: Schedule | None = None,
    prices: Prices | None = None,
) -> Appraised:
    """Appraise the flows at these discount rates; `finance` and `reinvest` are the MIRR's, where they are others;
    `prices` where amounts and rates are of unlike prices. Raises AppraisalInvalid for a timing of rows with dates."""
    asked = (schedule, finance or schedule, reinvest or schedule)
    used, lent, put = [prices.like(one) for one in asked] if prices else asked
    times = flows.times
    factors = _factors(flows, used, timing)
    net = [float(amount) for amount in flows.amounts]
    ups, downs = _sides(flows)
    benefits, costs = present(ups, factors), present(downs, factors)
    roots = _rates(flows)
    found = tuple(root.value for root in roots)
    discounted = [amount * factor for amount, factor in zip(net, factors, strict=True)]
    return Appraised(
        npv=present(net, factors),
        irr=found,
        irr_multiplicity=tuple(root.multiplicity for root in roots),
        mirr=mirr(net, finance=lent, reinvest=put, times=times),
        bcr=_ratio(benefits, costs),
        payback=Payback(payback(net, times), payback(discounted, times)),
        switching=Switching(_percent(costs, benefits), _percent(benefits, costs)),
        benefits=benefits,
        costs=costs,
        profile=_profile(flows, found, timing),
        notes=tuple(_notes(flows, found, schedule)),
        conventions=conventions(flows, schedule, timing, rates=asked[1:], prices=prices),
        equivalent_annual=_annual(flows, factors, timing),
        irr_a_period=tuple((1 + rate) ** (1 / flows.per_year) - 1 for rate in found) if flows.per_year > 1 else (),
        inflation=_inflated(prices, used, found) if prices else None,
    )


def mirr(
    amounts: Sequence[float], *, finance: Schedule, reinvest: Schedule, times: Sequence[float] | None = None
) -> float | None:
    """The modified IRR: what went out, discounted to the first row at the finance rate, against what came in, carried
    to the last row at the reinvestment rate. None without money of both signs.

    (FV of inflows / PV of outflows) ** (1 / years) - 1, years from the first row to the last (Lin 1976). `times` are
    years after the first row; without them the rows are a year apart.
    """
    at = range(len(amounts)) if times is None else times
    years = at[-1]
    factors = [reinvest.factor(time) for time in at]
    gained = present([max(amount, 0.0) for amount in amounts], factors)
    spent = present([max(-amount, 0.0) for amount in amounts], [finance.factor(time) for time in at])
    if not gained or not spent or not years:
        return None
    return math.expm1((math.log(gained) - math.log(spent) - math.log(factors[-1])) / years)


def payback(amounts: Sequence[float], times: Sequence[float] | None = None) -> float | None:
    """Years after the first row until the running sum is no longer negative, for the first time; straight between
    rows. 0 where it never is negative, None where it stays so. Without `times` the rows are a year apart."""
    at = range(len(amounts)) if times is None else times
    total = 0.0
    for row, amount in enumerate(amounts):
        before, total = total, total + amount
        if before < 0 <= total:
            return at[row - 1] + (at[row] - at[row - 1]) * -before / amount
    return None if total < 0 else 0.0


def _factors(flows: Flows, schedule: Schedule, timing: Timing) -> list[float]:
    """What 1 in each row is worth now."""
    if not flows.per_year:
        if timing != "start":
            raise AppraisalInvalid(f"rows with dates count from the first one: leave the timing {timing} out")
        return [schedule.factor(time) for time in flows.times]
    return [schedule.factor(time + OFFSET[timing] / flows.per_year) for time in flows.times]


def _rates(flows: Flows) -> list[Rate]:
    """Every IRR as a yearly rate."""
    if not flows.per_year:
        return dated.rates([float(amount) for amount in flows.amounts], flows.times)
    found = rates(flows.amounts)
    if flows.per_year == 1:
        return found
    return [Rate(math.expm1(flows.per_year * math.log1p(rate.value)), rate.multiplicity) for rate in found]


def _annual(flows: Flows, factors: Sequence[float], timing: Timing) -> float | None:
    """The amount that in each row (under `start`: each after the first) would be worth the NPV."""
    worth = math.fsum(factors[1:] if timing == "start" else factors)
    if flows.per_year != 1 or not worth:
        return None
    return present([float(amount) for amount in flows.amounts], factors) / worth


def _inflated(prices: Prices, used: Schedule, found: Sequence[float]) -> Inflated:
    real, nominal = prices.both(found)
    return Inflated(
        inflation=prices.inflation,
        amounts=prices.amounts,
        discounted_at=str(used),
        irr_real=real,
        irr_nominal=nominal,
    )


def _sides(flows: Flows) -> tuple[list[float], list[float]]:
    """Benefits and costs by year: as they are told apart in the table, else by the sign of the year's amount."""
    if flows.benefits is not None and flows.costs is not None:
        return [float(benefit) for benefit in flows.benefits], [float(cost) for cost in flows.costs]
    return [float(max(a, 0)) for a in flows.amounts], [float(max(-a, 0)) for a in flows.amounts]


def _ratio(above: float, below: float) -> float | None:
    return above / below if below > 0 else None


def _percent(wanted: float, now: float) -> float | None:
    return 100 * (wanted - now) / now if now > 0 else None


def _profile(flows: Flows, found: tuple[float, ...], timing: Timing) -> tuple[Point, ...]:
    between = [(low + high) / 2 for low, high in pairwise(found)]
    net = [float(amount) for amount in flows.amounts]
    years = [time + OFFSET[timing] / (flows.per_year or 1) for time in flows.times]
    return tuple(
        Point(rate, present(net, [(1 + rate) ** -year for year in years]))
        for rate in sorted({round(rate, 9) for rate in (*PROFILE, *between)})
    )


def _is_loan(flows: Flows) -> bool:
    """Whether the amounts change sign once, from what comes in to what goes out."""
    signs = [amount > 0 for amount in flows.amounts if amount]
    return bool(signs) and signs == sorted(signs, reverse=True) and signs[0] != signs[-1]


def _notes(flows: Flows, found: tuple[float, ...], schedule: Schedule) -> list[str]:
    notes: list[str] = []
    if not any(flows.amounts):
        notes.append("every amount is 0: each rate is an internal rate of return, so none is given")
    elif not found:
        notes.append("no internal rate of return: the net present value is zero at no rate above -1")
    if len(found) > 1:
        notes.append(f"{len(found)} internal rates of return: none of them ranks the project; judge by NPV or MIRR")
    if _is_loan(flows):
        notes.append(
            "money comes first and is paid back later: a loan, whose rate of return is its cost; "
            "the NPV rises with the rate"
        )
    if any(band.rate >= 1 for band in schedule.bands):
        notes.append("a discount rate of 1 is 100 % a year: for 9 % write 0.09")
    running = [sum(flows.amounts[: year + 1]) for year in range(len(flows.amounts))]
    covered = next((y for y in range(1, len(running)) if running[y - 1] < 0 <= running[y]), None)
    if covered is not None and any(total < 0 for total in running[covered:]):
        notes.append("the running sum is negative again after the payback: later costs are not paid back by then")
    return notes
