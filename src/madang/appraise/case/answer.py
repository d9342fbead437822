"""Everything that is answered about a project: both views, who gains, what it hangs on, how sure it is, and under which
conventions."""

import msgspec
import numpy as np

from madang.appraise.case import draft, levers, ranking, scenarios
from madang.appraise.case.build import Behind, Case
from madang.appraise.case.kinds import Role
from madang.appraise.case.measured import Trail
from madang.appraise.case.scenarios import Outcome
from madang.appraise.case.streams import role_of
from madang.appraise.case.uncertainty import Uncertainty
from madang.appraise.cashflow import Appraised
from madang.appraise.distribution import Floats
from madang.appraise.project import Kernel, kernel, results
from madang.appraise.sensitivity import Bar, tornado
from madang.appraise.stream import TIERS, Tier


class Year(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the annual statements, undiscounted."""

    year: int
    economic_benefit: float
    economic_cost: float
    economic_net: float
    financial_net: float


class Conversion(msgspec.Struct, frozen=True, kw_only=True):
    """From what the owner pays or gains to what society does, as present values at the economic rate: `owner`, less
    `tax`, with the `shadow` price, `economic`."""

    name: str
    whose: str
    kind: str
    tier: Tier
    owner: float
    tax: float
    shadow: float
    economic: float


class Step(msgspec.Struct, frozen=True):
    """The ENPV with this tier and those before it."""

    tier: Tier
    adds: float
    so_far: float


class Conventions(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader has to know to compute the same; beside those of each view."""

    currency: str
    prices: str
    preset: str
    numeraire: str
    rates: tuple[Behind, ...]
    hurdle: float
    residual: str = "an asset's straight-line value at the end of the horizon lowers its cost in the last year"
    incidence: str = "owner's gain or loss, tax to the government, shadow price in the file's shares; sums to the ENPV"
    views: str = "financial: the cash of the entity; economic: society, taxes and transfers out, at shadow prices"
    scenario: str = "a delay moves all benefits; what falls after the horizon is lost"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What ``madang appraise FILE --json`` prints. `draft` are the reasons why it is one; `lacking` what a lender will
    ask for besides; `by_role` the net economic amounts by year of capital, operation, benefits and others,
    `cash_by_role` the same of the entity's cash."""

    title: str
    entity: str
    economic: Appraised
    financial: Appraised
    incidence: dict[str, float]
    poverty_impact: float | None
    tiers: tuple[Step, ...]
    scenarios: tuple[Outcome, ...]
    streams: tuple[Bar, ...]
    inputs: tuple[Bar, ...]
    conversion: tuple[Conversion, ...]
    years: tuple[Year, ...]
    by_role: dict[str, list[float]]
    cash_by_role: dict[str, list[float]]
    evidence: tuple[Trail, ...]
    uncertainty: Uncertainty | None
    draft: tuple[str, ...]
    lacking: tuple[str, ...]
    warnings: tuple[str, ...]
    conventions: Conventions
    ahp: ranking.Ranked | None = None


def answer(case: Case, uncertainty: Uncertainty | None = None) -> Answer:
    """Answer the case; the uncertainty was drawn before."""
    compiled = kernel(case.project)
    told = results(case.project, compiled)
    return Answer(
        title=case.form.project.title,
        entity=case.project.entity,
        economic=told.economic,
        financial=told.financial,
        incidence=told.incidence,
        poverty_impact=told.poverty_impact,
        tiers=_steps(told.by_tier),
        scenarios=scenarios.play(case, compiled),
        streams=tuple(tornado(compiled)),
        inputs=levers.bars(case, compiled),
        conversion=_conversion(case, compiled),
        years=_years(case, compiled),
        by_role=_by_role(case, compiled.economic[:, None] * compiled.amounts),
        cash_by_role=_by_role(case, compiled.financial[:, None] * compiled.amounts),
        evidence=tuple(driver.trail for driver in case.drivers if driver.trail),
        uncertainty=uncertainty,
        draft=draft.reasons(case, compiled),
        lacking=draft.thin(case),
        warnings=case.warnings,
        conventions=conventions(case),
        ahp=ranking.ranked(case.panel, told.economic.bcr) if case.panel else None,
    )


def _steps(by_tier: dict[Tier, float]) -> tuple[Step, ...]:
    so_far, found = 0.0, list[Step]()
    for tier in TIERS:
        so_far += by_tier[tier]
        found.append(Step(tier, by_tier[tier], so_far))
    return tuple(found)


def _conversion(case: Case, compiled: Kernel) -> tuple[Conversion, ...]:
    worth = compiled.amounts @ compiled.economic_factors
    return tuple(
        Conversion(
            name=stream.name,
            whose=stream.owner if stream.payer is None else f"{stream.payer} to {stream.owner}",
            kind=stream.kind,
            tier=stream.tier,
            owner=float(gross) * stream.sign,
            tax=-float(gross) * stream.sign * stream.tax,
            shadow=float(gross) * stream.sign * (1 - stream.tax) * (stream.factor - 1),
            economic=float(gross) * stream.economic,
        )
        for stream, gross in zip(case.project.streams, worth, strict=True)
    )


def _years(case: Case, compiled: Kernel) -> tuple[Year, ...]:
    benefit = compiled.amounts.T @ np.maximum(compiled.economic, 0)
    cost = compiled.amounts.T @ np.maximum(-compiled.economic, 0)
    cash = compiled.amounts.T @ compiled.financial
    return tuple(
        Year(
            year=case.project.first_year + n,
            economic_benefit=float(benefit[n]),
            economic_cost=float(cost[n]),
            economic_net=float(benefit[n] - cost[n]),
            financial_net=float(cash[n]),
        )
        for n in range(case.project.horizon)
    )


def _by_role(case: Case, net: Floats) -> dict[str, list[float]]:
    roles = [role_of(stream) for stream in case.form.stream]
    return {role.value: [*map(float, net[[mine is role for mine in roles]].sum(axis=0))] for role in Role}


def conventions(case: Case) -> Conventions:
    """What a reader of the case's results has to know."""
    about, preset = case.form.project, case.preset
    year = f" of {about.price_year}" if about.price_year else ""
    return Conventions(
        currency=about.currency,
        prices=f"{about.prices.value} prices{year}",
        preset=f"{preset.title}: {preset.decision}" if preset else "none: the file writes its own rates",
        numeraire=preset.numeraire if preset else "domestic prices",
        rates=case.rates,
        hurdle=case.hurdle,
    )
