"""What would make the debt bearable: the least grant, tariff or tenor at which a DSCR holds in every year."""

import msgspec

from madang.appraise import shortfall
from madang.appraise.cover import NOTHING
from madang.appraise.funding import Funding, fund
from madang.appraise.plan import Plan, Target, Tranche


class Relief(msgspec.Struct, frozen=True, kw_only=True):
    """Each on its own; None where it cannot do it. `grant` replaces as much of the loan (project's currency); `tenor`
    in years; `now` is the lowest DSCR as it stands, with the target's share of the cash flow."""

    dscr: float
    cfads_share: float
    tranche: str
    now: float | None
    grant: float | None
    tariff: float | None
    tenor: int | None
    percentile: float | None = None


def relief(plan: Plan, target: Target) -> Relief:
    """Solve for each. Grant and tariff are exact: service is linear in the loan, and CFADS in the tariff; at a
    percentile they are what is enough in that share of the draws."""
    funding = fund(plan)
    if target.percentile is not None:
        return _drawn(plan, funding, target)
    return Relief(
        dscr=target.dscr,
        cfads_share=target.cfads_share,
        tranche=target.tranche,
        now=lowest(funding, target.cfads_share),
        grant=_grant(funding, target),
        tariff=_tariff(plan, funding, target),
        tenor=_tenor(plan, target),
    )


def _drawn(plan: Plan, funding: Funding, target: Target) -> Relief:
    flows = shortfall.drawn(plan)
    return Relief(
        dscr=target.dscr,
        cfads_share=1.0,
        percentile=target.percentile,
        tranche=target.tranche,
        now=shortfall.reached(funding, target, flows, plan.project.tariff),
        grant=shortfall.least_grant(funding, target, flows, plan.project.tariff),
        tariff=shortfall.least_tariff(funding, target, flows),
        tenor=shortfall.least_tenor(plan, target, flows),
    )


def lowest(funding: Funding, share: float = 1.0) -> float | None:
    """The lowest DSCR of all years with debt service, with this share of the cash flow; None without debt service."""
    pairs = zip(funding.cfads, funding.service, strict=True)
    return min((share * flow / service for flow, service in pairs if service > NOTHING), default=None)


def _grant(funding: Funding, target: Target) -> float | None:
    loan = next(source for source in funding.sources if source.tranche.name == target.tranche)
    needed = 0.0
    for flow, service, own in zip(funding.cfads, funding.service, loan.service, strict=True):
        over = service - target.cfads_share * flow / target.dscr
        if over <= NOTHING:
            continue
        if own <= NOTHING or over > own * (1 + 1e-12):
            return None
        needed = max(needed, over / own)
    return needed * loan.value


def _tariff(plan: Plan, funding: Funding, target: Target) -> float | None:
    project = plan.project
    needed = 0.0
    for t in range(funding.building, len(funding.cfads)):
        if funding.service[t] <= NOTHING:
            continue
        sold = project.quantity[t - funding.building] if project.quantity else 0.0
        if sold <= 0:
            return None
        rest = funding.cfads[t] - project.tariff * sold
        needed = max(needed, (target.dscr * funding.service[t] / target.cfads_share - rest) / sold)
    return needed


def _tenor(plan: Plan, target: Target) -> int | None:
    loan = next(tranche for tranche in plan.tranches if tranche.name == target.tranche)
    last = min(target.longest_tenor, len(plan.project.capex) + len(plan.project.opex) - 1)
    for tenor in range(loan.grace + 1, last + 1):
        least = lowest(fund(with_tranche(plan, msgspec.structs.replace(loan, tenor=tenor))), target.cfads_share)
        if least is None or least >= target.dscr:
            return tenor
    return None


def with_tranche(plan: Plan, changed: Tranche) -> Plan:
    """The plan with another tranche of that name."""
    tranches = tuple(changed if tranche.name == changed.name else tranche for tranche in plan.tranches)
    return msgspec.structs.replace(plan, tranches=tranches)
