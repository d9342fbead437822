"""The answer to a financing plan: sources and uses, schedules, cover, returns, WACC, grant elements, relief."""

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from madang.appraise.concession import grant_element
from madang.appraise.cover import NOTHING, Year
from madang.appraise.cover import years as cover_years
from madang.appraise.funding import Funded, Funding, fund, terms
from madang.appraise.partnership import Partnered, partnered
from madang.appraise.plan import Kind, Plan
from madang.appraise.relief import Relief, relief
from madang.appraise.roots import rates
from madang.appraise.shortfall import Shortfall, shortfall


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A tranche: `amount` in its currency, `value` and `share` in the project's; a loan's lists are by year in its own
    currency; `grant_element` in per cent; `repayment`: the first and the last year with one."""

    name: str
    kind: Kind
    currency: str
    amount: float
    value: float
    share: float
    rate: float
    grant_element: float | None = None
    repayment: tuple[int, int] | None = None
    dscr: float | None = None
    drawn: tuple[float, ...] = ()
    interest: tuple[float, ...] = ()
    interest_paid: tuple[float, ...] = ()
    repaid: tuple[float, ...] = ()
    opening: tuple[float, ...] = ()


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """Over all years; `llcr` and `plcr` at the start of the first year of operation."""

    dscr_min: float | None
    dscr_average: float | None
    llcr: float | None
    plcr: float | None


class Financed(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer; `wacc` with grants at no cost, `wacc_without_grants` over the money that has a price."""

    currency: str
    uses: float
    sources: tuple[Source, ...]
    cover: Cover
    years: tuple[Year, ...]
    project_irr: tuple[float, ...]
    equity_irr: tuple[float, ...]
    wacc: float
    wacc_without_grants: float | None
    relief: Relief | None
    shortfall: Shortfall | None
    partnership: Partnered | None
    notes: tuple[str, ...]
    conventions: dict[str, str]


def finance(plan: Plan) -> Financed:
    """Appraise the plan. Raises AppraisalInvalid where sources and uses differ."""
    funding = fund(plan)
    by_year = cover_years(funding, months=plan.reserve.months if plan.reserve else 0.0)
    total = sum(source.value for source in funding.sources)
    equity = [sum(s.drawn[t] for s in funding.sources if s.tranche.kind == "equity") for t in range(len(by_year))]
    owners = [year.left - drawn for year, drawn in zip(by_year, equity, strict=True)]
    return Financed(
        currency=plan.project.currency,
        uses=sum(funding.capex),
        sources=tuple(_source(source, total, plan) for source in funding.sources),
        cover=_cover(by_year, funding.building),
        years=tuple(by_year),
        project_irr=_irr([flow - spent for flow, spent in zip(funding.cfads, funding.capex, strict=True)]),
        equity_irr=_irr(owners) if any(equity) else (),
        wacc=_wacc(funding, plan.project.tax_rate, grants=True) or 0.0,
        wacc_without_grants=_wacc(funding, plan.project.tax_rate, grants=False),
        relief=relief(plan, plan.target) if plan.target else None,
        shortfall=shortfall(plan, funding),
        partnership=partnered(plan, plan.partnership) if plan.partnership else None,
        notes=tuple(_notes(funding, by_year)),
        conventions=_conventions(plan),
    )


def _source(source: Funded, total: float, plan: Plan) -> Source:
    tranche, rows = source.tranche, source.schedule
    return Source(
        name=tranche.name,
        kind=tranche.kind,
        currency=tranche.currency or plan.project.currency,
        amount=source.amount,
        value=source.value,
        share=source.value / total,
        rate=tranche.rate,
        grant_element=_gift(source, plan) if rows else None,
        repayment=_repaid(source, plan),
        dscr=source.dscr,
        drawn=rows.drawn if rows else source.drawn,
        interest=rows.interest if rows else (),
        interest_paid=rows.paid if rows else (),
        repaid=rows.repaid if rows else (),
        opening=rows.opening if rows else (),
    )


def _gift(source: Funded, plan: Plan) -> float:
    of = terms(source.tranche, plan.project)
    return grant_element(of, rate=plan.concession_rate, payments=plan.concession_payments)


def _repaid(source: Funded, plan: Plan) -> tuple[int, int] | None:
    """The first and the last year of repayment."""
    if not source.schedule:
        return None
    first = plan.project.first_year
    return first + source.tranche.grace + 1, first + source.tranche.tenor


def _cover(by_year: Sequence[Year], building: int) -> Cover:
    ratios = [year.dscr for year in by_year if year.dscr is not None]
    first = by_year[building]
    return Cover(
        dscr_min=min(ratios, default=None),
        dscr_average=sum(ratios) / len(ratios) if ratios else None,
        llcr=first.llcr,
        plcr=first.plcr,
    )


def _irr(amounts: Sequence[float]) -> tuple[float, ...]:
    return tuple(rate.value for rate in rates([Fraction(amount) for amount in amounts]))


def _wacc(funding: Funding, tax_rate: float, *, grants: bool) -> float | None:
    """Each source's rate (a loan's after tax) weighted by its share of the money."""
    counted = [source for source in funding.sources if grants or source.tranche.kind != "grant"]
    total = sum(source.value for source in counted)
    if total <= 0:
        return None

    def cost(source: Funded) -> float:
        tranche = source.tranche
        return 0.0 if tranche.kind == "grant" else tranche.rate * (1 - tax_rate if tranche.is_loan else 1)

    return sum(source.value * cost(source) for source in counted) / total


def _notes(funding: Funding, by_year: Sequence[Year]) -> list[str]:
    notes: list[str] = []
    short = [str(year.year) for year in by_year if year.dscr is not None and year.dscr < 1]
    if short:
        notes.append(f"the cash flow does not cover the debt service in {', '.join(short)}")
    missing = [str(year.year) for year in by_year if year.missing > NOTHING]
    if missing:
        notes.append(f"the reserve account is not full at the end of {', '.join(missing)}")
    for source in funding.sources:
        if source.schedule and any(back < -NOTHING for back in source.schedule.repaid):
            notes.append(
                f"{source.tranche.name}: in some year the cash flow carries less than the interest; more is drawn"
            )
    return notes


def _conventions(plan: Plan) -> dict[str, str]:
    return {
        "timing": "all amounts at the end of their year; what is drawn bears interest from the next year on",
        "construction": "sources are drawn in proportion to capex; interest of these years is added to the balance, "
        "or where it is paid brought by the owners",
        "grace_tenor": "years from the end of the first year, of the first draw-down: no repayment, all repaid",
        "dscr": "CFADS of the year over the debt service of the year, before the reserve account",
        "llcr_plcr": "PV of CFADS at the loans' weighted rate, until loans or project end, over the opening debt",
        "dsra": f"{plan.reserve.months:g} months of the next year's service, from what service leaves; no interest"
        if plan.reserve
        else "none",
        "wacc": "each rate (a loan's times 1 - tax_rate) by share of sources; grants at 0",
        "uncertain": f"{plan.draws} draws of the cash flow; the schedules stay; P90: reached or passed in 90 % of draws"
        if plan.uncertain
        else "nothing",
        "grant_element": f"100 * (face - PV of service) / face at {plan.concession_rate:g}, drawn at once, "
        f"payments a year: {plan.concession_payments}",
    }
