"""How sure it is that the debt is served: the DSCR over draws of what the plan says is uncertain.

A DSCR of P90 is the one that is reached or passed in 90 % of the draws. The lowest of all years of a draw is what
counts: a target that is held "at P90" is held in every year together in nine draws of ten, which is stricter than nine
in ten for each year by itself. What the loans ask is what the plan as it stands asks: a schedule is not drawn anew.
"""

import msgspec
import numpy as np

from madang.appraise.cover import NOTHING
from madang.appraise.distribution import Distribution, Floats
from madang.appraise.funding import Funding, fund
from madang.appraise.plan import Doubt, Plan, Project, Target, Tranche
from madang.appraise.sample import factors

LEVELS = (0.5, 0.9, 0.95, 0.99)
SEED = 1


class Shortfall(msgspec.Struct, frozen=True, kw_only=True):
    """The lowest DSCR of all years by `levels` (reached or passed in that share of draws); by year with debt service
    the DSCR at P50 and P90; `p_short`: the share of draws in which some year does not cover its service."""

    draws: int
    levels: tuple[float, ...]
    dscr_min: tuple[float, ...]
    years: tuple[int, ...]
    dscr_p50: tuple[float, ...]
    dscr_p90: tuple[float, ...]
    p_short: float


class Flows(msgspec.Struct, frozen=True):
    """By draw and year from the first: units `sold` times the factor on the tariff, and the `rest` of the CFADS that
    has nothing to do with the tariff."""

    sold: Floats
    rest: Floats

    def cfads(self, tariff: float) -> Floats:
        """[draw, year]."""
        return tariff * self.sold + self.rest


def shortfall(plan: Plan, funding: Funding) -> Shortfall | None:
    """What the draws say; None where nothing is uncertain or nothing is owed."""
    service = np.array(funding.service)
    owed = service > NOTHING
    if not plan.uncertain or not owed.any():
        return None
    ratios = drawn(plan).cfads(plan.project.tariff)[:, owed] / service[owed]
    least = ratios.min(axis=1)
    return Shortfall(
        draws=plan.draws,
        levels=LEVELS,
        dscr_min=tuple(float(value) for value in np.quantile(least, [1 - level for level in LEVELS])),
        years=tuple(funding.first_year + int(t) for t in np.flatnonzero(owed)),
        dscr_p50=tuple(float(value) for value in np.quantile(ratios, 0.5, axis=0)),
        dscr_p90=tuple(float(value) for value in np.quantile(ratios, 0.1, axis=0)),
        p_short=float((least < 1).mean()),
    )


def drawn(plan: Plan) -> Flows:
    """The draws of what the plan says is uncertain. The same plan gives the same draws."""
    project, count = plan.project, plan.draws
    building, years = len(project.capex), len(project.opex)
    lines = {name: _line(project, name) for name in ("quantity", "revenue", "opex", "tax")}
    scale: dict[str, Floats] = {name: np.ones((count, years)) for name in (*lines, "tariff")}
    for place, doubt in enumerate(plan.uncertain):
        scale[doubt.of] = scale[doubt.of] * _factors(doubt, count, years, seed=SEED + place)
    sold, rest = np.zeros((count, building + years)), np.zeros((count, building + years))
    sold[:, building:] = lines["quantity"] * scale["quantity"] * scale["tariff"]
    rest[:, building:] = lines["revenue"] * scale["revenue"] - lines["opex"] * scale["opex"] - lines["tax"]
    return Flows(sold, rest)


def least_grant(funding: Funding, target: Target, flows: Flows, tariff: float) -> float | None:
    """So much of the loan a grant has to replace that the target holds in its share of the draws; None: none can."""
    loan = next(source for source in funding.sources if source.tranche.name == target.tranche)
    service, own = np.array(funding.service), np.array(loan.service)
    over = service - flows.cfads(tariff) / target.dscr
    # What another loan asks cannot be relieved here.
    share = np.where(over <= NOTHING, 0.0, np.where(own > NOTHING, over / np.maximum(own, NOTHING), np.inf))
    needed = _held(share[:, service > NOTHING].max(axis=1), target)
    return None if needed > 1 + 1e-12 else needed * loan.value


def least_tariff(funding: Funding, target: Target, flows: Flows) -> float | None:
    """The tariff at which the target holds in its share of the draws; None where some year sells nothing."""
    service = np.array(funding.service)
    owed = service > NOTHING
    sold, rest = flows.sold[:, owed], flows.rest[:, owed]
    if (sold <= 0).any():
        return None
    return max(0.0, _held(((target.dscr * service[owed] - rest) / sold).max(axis=1), target))


def least_tenor(plan: Plan, target: Target, flows: Flows) -> int | None:
    """The tenor from which on the target holds in its share of the draws."""
    loan = next(tranche for tranche in plan.tranches if tranche.name == target.tranche)
    last = min(target.longest_tenor, len(plan.project.capex) + len(plan.project.opex) - 1)
    cfads = flows.cfads(plan.project.tariff)
    for tenor in range(loan.grace + 1, last + 1):
        service = np.array(fund(_with(plan, msgspec.structs.replace(loan, tenor=tenor))).service)
        owed = service > NOTHING
        if not owed.any() or ((cfads[:, owed] / service[owed]).min(axis=1) >= target.dscr).mean() >= _share(target):
            return tenor
    return None


def reached(funding: Funding, target: Target, flows: Flows, tariff: float) -> float | None:
    """The lowest DSCR that is reached or passed in the target's share of the draws, as the plan stands."""
    service = np.array(funding.service)
    owed = service > NOTHING
    if not owed.any():
        return None
    return float(np.quantile((flows.cfads(tariff)[:, owed] / service[owed]).min(axis=1), 1 - _share(target)))


def _held(needed: Floats, target: Target) -> float:
    """What is enough in the target's share of the draws."""
    return float(np.quantile(needed, _share(target), method="higher"))


def _share(target: Target) -> float:
    return 1.0 if target.percentile is None else target.percentile


def _line(project: Project, name: str) -> Floats:
    return np.array(getattr(project, name) or [0.0] * len(project.opex), dtype=np.float64)


def _factors(doubt: Doubt, count: int, years: int, *, seed: int) -> Floats:
    """[draw, year]: one factor for all years, or one of its own for each."""
    spread = Distribution(doubt.shape, doubt.numbers)
    columns = years if doubt.yearly else 1
    return factors([spread] * columns, count, seed=seed).T


def _with(plan: Plan, changed: Tranche) -> Plan:
    tranches = tuple(changed if tranche.name == changed.name else tranche for tranche in plan.tranches)
    return msgspec.structs.replace(plan, tranches=tranches)
