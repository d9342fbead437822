"""How far the cash flow covers the debt: DSCR, LLCR, PLCR, the reserve account, what is left for the owners.

Definitions as in E. R. Yescombe, "Principles of Project Finance" (2nd edition, 2014), chapter 12: DSCR is the year's
CFADS over the year's debt service; LLCR the present value of CFADS until the loans are repaid, over the debt at the
start of the year; PLCR the same until the project ends. Both are discounted at the loans' weighted interest rate.
"""

import msgspec

from madang.appraise.funding import Funding

NOTHING = 1e-9
"""Money below which nothing is owed or paid."""


class Year(msgspec.Struct, frozen=True, kw_only=True):
    """One year; a ratio is None where nothing is owed or paid. `reserve` is what the account holds at the end,
    `missing` what it should hold besides, `left` what the owners get (negative: what they have to
    bring, interest during construction that is paid among it)."""

    year: int
    capex: float
    cfads: float
    service: float
    debt: float
    dscr: float | None
    llcr: float | None
    plcr: float | None
    reserve: float
    missing: float
    left: float


def years(funding: Funding, *, months: float = 0.0) -> list[Year]:
    """The ratios by year, with a reserve of so many months of the next year's service, filled from what is left after
    service, first of all, and released as service falls. It bears no interest."""
    found: list[Year] = []
    held = 0.0
    due = [*funding.service[1:], 0.0]
    for t, (flow, service) in enumerate(zip(funding.cfads, funding.service, strict=True)):
        wanted = months / 12 * due[t]
        free = flow - service
        before, held = held, min(wanted, max(held + free, 0.0))
        found.append(
            Year(
                year=funding.first_year + t,
                capex=funding.capex[t],
                cfads=flow,
                service=service,
                debt=funding.debt[t],
                dscr=flow / service if service > NOTHING else None,
                llcr=_cover(funding, t, _last(funding)),
                plcr=_cover(funding, t, len(funding.cfads)),
                reserve=held,
                missing=max(wanted - held, 0.0) if t >= funding.building else 0.0,
                left=free - (held - before) - funding.early[t],
            )
        )
    return found


def _last(funding: Funding) -> int:
    """The year after the last one with debt service."""
    return max((t + 1 for t, service in enumerate(funding.service) if service > NOTHING), default=0)


def _cover(funding: Funding, start: int, end: int) -> float | None:
    if start < funding.building or funding.debt[start] <= NOTHING:
        return None
    worth, factor, rate = 0.0, 1.0, 0.0
    for t in range(start, end):
        rate = funding.rate[t] if funding.debt[t] > NOTHING else rate
        factor /= 1 + rate
        worth += funding.cfads[t] * factor
    return worth / funding.debt[start]
