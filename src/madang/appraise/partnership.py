"""What the public pays so that a private partner builds and runs it: an availability payment, or a viability gap grant.

*Availability payment*: a fee for each year in which it works, whatever it is used, the same in the first year of
operation and indexed from then on. *Viability gap*: a grant to construction in place of the partner's equity, at most a
share of the cost (India's scheme, Ministry of Finance 2020: 20 % of the project cost from each of two governments; more
for social sectors). Solved for the least with which the partner's equity earns its return and, where one is asked,
every year's DSCR holds; both rise with it, so bisection finds it.

Yescombe, "Public-Private Partnerships" (2007), chapters 8 and 15, on the two forms and on what each leaves to whom.
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Literal

import msgspec

from madang.appraise.cover import years as cover_years
from madang.appraise.funding import fund
from madang.appraise.plan import Partnership, Plan, Tranche
from madang.appraise.relief import lowest
from madang.appraise.roots import rates

GAP = "viability gap"
_STEPS = 200

Binds = Literal["equity return", "dscr", "nothing"]


class Partnered(msgspec.Struct, frozen=True, kw_only=True):
    """`amount`: the first year's payment, or the grant; None: the most that is allowed is not enough, and the figures
    are those with the most. `payments` by year from the first; `public_value` what the public pays, discounted to the
    beginning of the first year (amounts at the end of theirs); `share` of the capital cost; `binds`: what asks for the
    last of it."""

    kind: Literal["availability", "viability_gap"]
    amount: float | None
    payments: tuple[float, ...]
    public_value: float
    share: float
    equity_irr: tuple[float, ...]
    dscr_min: float | None
    binds: Binds
    conventions: str


def partnered(plan: Plan, terms: Partnership) -> Partnered:
    """Solve the plan's partnership: a plan that was read has the partner's equity."""
    earns = _least(plan, terms, lambda changed: _worth(changed, terms.equity_return) >= 0)
    asked = terms.dscr or 0.0
    covers = _least(plan, terms, lambda changed: _cover(changed) >= asked) if asked else 0.0
    enough = earns is not None and covers is not None
    amount = max(earns, covers) if earns is not None and covers is not None else _most(plan, terms)
    binds: Binds = "nothing" if amount == 0 else "dscr" if (covers or 0) > (earns or 0) else "equity return"
    return _told(plan, terms, amount, enough=enough, binds=binds)


def _told(plan: Plan, terms: Partnership, amount: float, *, enough: bool, binds: Binds) -> Partnered:
    changed = _paid(plan, terms, amount)
    paid = _payments(plan, terms, amount)
    worth = sum(value / (1 + terms.public_rate) ** (year + 1) for year, value in enumerate(paid))
    flows = [Fraction(value) for value in owners(changed)]
    indexed = f", indexed at {terms.indexation:g}" if terms.kind == "availability" else ""
    return Partnered(
        kind=terms.kind,
        amount=amount if enough else None,
        payments=tuple(paid),
        public_value=worth,
        share=(amount if terms.kind == "viability_gap" else worth) / sum(plan.project.capex),
        equity_irr=tuple(rate.value for rate in rates(flows)),
        dscr_min=lowest(fund(changed)),
        binds=binds,
        conventions=f"at the end of each year{indexed}; public value at {terms.public_rate:g} a year; equity return "
        f"{terms.equity_return:g}" + (f", DSCR {terms.dscr:g} in every year" if terms.dscr else ""),
    )


def owners(plan: Plan) -> list[float]:
    """By year what the partner's equity gets, less what it brings."""
    funding = fund(plan)
    by_year = cover_years(funding, months=plan.reserve.months if plan.reserve else 0.0)
    own = [sum(s.drawn[t] for s in funding.sources if s.tranche.kind == "equity") for t in range(len(by_year))]
    return [year.left - drawn for year, drawn in zip(by_year, own, strict=True)]


def _worth(plan: Plan, rate: float) -> float:
    return sum(amount / (1 + rate) ** year for year, amount in enumerate(owners(plan)))


def _cover(plan: Plan) -> float:
    least = lowest(fund(plan))
    return math.inf if least is None else least


def _least(plan: Plan, terms: Partnership, holds: Callable[[Plan], bool]) -> float | None:
    """The least amount with which that holds; None where the most does not."""
    low, high = 0.0, _most(plan, terms)
    if holds(_paid(plan, terms, low)):
        return 0.0
    if not holds(_paid(plan, terms, high)):
        return None
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if holds(_paid(plan, terms, middle)) else (middle, high)
    return high


def _most(plan: Plan, terms: Partnership) -> float:
    """For a grant the share of the cost that is allowed, and no more than the equity that it replaces; for a payment
    ten times all that is built, a year: more than any project takes."""
    total = sum(plan.project.capex)
    if terms.kind == "availability":
        return 10 * total
    balance = next(source.value for source in fund(plan).sources if source.tranche.amount == "balance")
    return min(terms.most_share * total, balance)


def _payments(plan: Plan, terms: Partnership, amount: float) -> list[float]:
    project = plan.project
    if terms.kind == "viability_gap":
        total = sum(project.capex)
        return [amount * spent / total for spent in project.capex] + [0.0] * len(project.opex)
    indexed = [amount * (1 + terms.indexation) ** year for year in range(len(project.opex))]
    return [0.0] * len(project.capex) + indexed


def _paid(plan: Plan, terms: Partnership, amount: float) -> Plan:
    """The plan in which the public pays so much."""
    if terms.kind == "viability_gap":
        gap = Tranche(name=GAP, kind="grant", amount=amount)
        return msgspec.structs.replace(plan, tranches=(*plan.tranches, gap))
    project = plan.project
    before: Sequence[float] = project.revenue or [0.0] * len(project.opex)
    fee = _payments(plan, terms, amount)[len(project.capex) :]
    revenue = [one + other for one, other in zip(before, fee, strict=True)]
    return msgspec.structs.replace(plan, project=msgspec.structs.replace(project, revenue=revenue))
