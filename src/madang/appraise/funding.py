"""Sources and uses: how much comes from each tranche, and what each then costs year by year."""

from collections.abc import Sequence

import msgspec

from madang.appraise.loan import Schedule, Terms, carried, schedule
from madang.appraise.plan import Plan, Project, Tranche
from madang.errors import AppraisalInvalid


class Funded(msgspec.Struct, frozen=True, kw_only=True):
    """One source: `amount` in its own currency, `value` in the project's; by year `exchange`, `drawn` (project's
    currency) and, of a loan, the `schedule` in its own currency, with the `dscr` that a sculpted one holds."""

    tranche: Tranche
    amount: float
    value: float
    exchange: tuple[float, ...]
    drawn: tuple[float, ...]
    schedule: Schedule | None = None
    dscr: float | None = None

    def paid(self, what: Sequence[float]) -> list[float]:
        """A list of the schedule in the project's currency."""
        return [amount * price for amount, price in zip(what, self.exchange, strict=True)]

    @property
    def service(self) -> list[float]:
        """Debt service by year in the project's currency."""
        return self.paid(self.schedule.service) if self.schedule else [0.0] * len(self.drawn)


class Funding(msgspec.Struct, frozen=True, kw_only=True):
    """The plan in figures, by year from the first: `capex`, `cfads`, `service` and `debt` (opening) in the project's
    currency; `rate` is the loans' interest rate weighted by what is owed; `early` is interest that is
    paid during construction, by the owners: no part of `service`, which the cash flow bears."""

    first_year: int
    building: int
    capex: tuple[float, ...]
    cfads: tuple[float, ...]
    service: tuple[float, ...]
    debt: tuple[float, ...]
    rate: tuple[float, ...]
    early: tuple[float, ...]
    sources: tuple[Funded, ...]


def fund(plan: Plan) -> Funding:
    """Fill in what is to be found (balance, sculpted) and run every schedule. Raises AppraisalInvalid where sources and
    uses differ."""
    project = plan.project
    years = len(project.capex) + len(project.opex)
    flow = cfads(project)
    total = sum(project.capex)
    shares = [spent / total for spent in project.capex] + [0.0] * len(project.opex)
    fixed = [_funded(t, float(t.amount), shares, project) for t in plan.tranches if not isinstance(t.amount, str)]
    found = {source.tranche.name: source for source in fixed}
    shaped = next((t for t in plan.tranches if t.is_loan and t.repayment == "sculpted"), None)
    if shaped and shaped.amount == "sculpted" and shaped.dscr:
        others = _together([source.service for source in fixed], years)
        free = [amount / shaped.dscr - other for amount, other in zip(flow, others, strict=True)]
        amount = carried(terms(shaped, project), free, shares[: len(project.capex)])
        found[shaped.name] = _funded(shaped, max(amount, 0.0), shares, project)
    _balance(plan, found, total, shares)
    if shaped:
        found[shaped.name] = _shaped(found, shaped, flow, project)
    sources = tuple(found[tranche.name] for tranche in plan.tranches)
    return _summed(project, flow, sources)


def cfads(project: Project) -> list[float]:
    """Cash flow available for debt service, by year; 0 during construction."""
    building, years = len(project.capex), len(project.opex)

    def each(values: list[float]) -> list[float]:
        return values or [0.0] * years

    rows = zip(each(project.quantity), each(project.revenue), project.opex, each(project.tax), strict=True)
    return [0.0] * building + [project.tariff * sold + other - spent - tax for sold, other, spent, tax in rows]


def terms(tranche: Tranche, project: Project) -> Terms:
    """The terms of a loan within the project."""
    return Terms(
        rate=tranche.rate,
        grace=tranche.grace,
        tenor=tranche.tenor,
        building=len(project.capex),
        repayment=tranche.repayment,
        balloon=tranche.balloon,
        pays_early=tranche.construction_interest == "paid",
    )


def _balance(plan: Plan, found: dict[str, Funded], total: float, shares: list[float]) -> None:
    left = total - sum(source.value for source in found.values())
    open_ = next((tranche for tranche in plan.tranches if tranche.amount == "balance"), None)
    if left < -1e-6 * total or (open_ is None and left > 1e-6 * total):
        more = "more" if left < 0 else "less"
        shaped = next((t.name for t in plan.tranches if t.amount == "sculpted"), None)
        if shaped and left < 0:
            raise AppraisalInvalid(
                f"the cash flow carries {found[shaped].value:,.2f} {plan.project.currency} of {shaped!r}, which is "
                f"{-left:,.2f} more than is left of the capex of {total:,.2f} (write its amount as a number: the DSCR "
                "that it then holds is found)"
            )
        raise AppraisalInvalid(
            f"the tranches bring {abs(left):,.2f} {plan.project.currency} {more} than the capex of {total:,.2f} "
            '(change an amount, or write amount = "balance" for the one that takes the rest)'
        )
    if open_ is not None:
        price = sum(share * p for share, p in zip(shares, _prices(open_, len(shares)), strict=True))
        found[open_.name] = _funded(open_, max(left, 0.0) / price, shares, plan.project)


def _funded(tranche: Tranche, amount: float, shares: list[float], project: Project) -> Funded:
    prices = _prices(tranche, len(shares))
    own = [amount * share for share in shares]
    drawn = [part * price for part, price in zip(own, prices, strict=True)]
    plain = tranche.is_loan and tranche.repayment != "sculpted"
    return Funded(
        tranche=tranche,
        amount=amount,
        value=sum(drawn),
        exchange=tuple(prices),
        drawn=tuple(drawn),
        schedule=schedule(terms(tranche, project), own) if plain else None,
    )


def _shaped(found: dict[str, Funded], shaped: Tranche, flow: list[float], project: Project) -> Funded:
    """The sculpted loan with its schedule: total service is CFADS over one DSCR in every year of its repayment."""
    source, years = found[shaped.name], len(flow)
    others = _together([other.service for other in found.values() if other is not source], years)
    of, shares = terms(shaped, project), [part / source.value if source.value else 0.0 for part in source.drawn]
    if not source.value:
        return msgspec.structs.replace(source, schedule=schedule(of, source.drawn), dscr=None)
    owed = source.value + carried(of, others, shares[: of.building])
    dscr = carried(of, flow, shares[: of.building]) / owed
    service = [amount / dscr - other for amount, other in zip(flow, others, strict=True)]
    return msgspec.structs.replace(source, schedule=schedule(of, source.drawn, service), dscr=dscr)


def _summed(project: Project, flow: list[float], sources: tuple[Funded, ...]) -> Funding:
    years = len(flow)
    loans = [(source, source.schedule) for source in sources if source.schedule is not None]
    debt = _together([source.paid(plan.opening) for source, plan in loans], years)
    interest = _together([source.paid(plan.interest) for source, plan in loans], years)
    rate = [due / owed if owed > 1e-9 else 0.0 for due, owed in zip(interest, debt, strict=True)]
    paid, building = _together([source.service for source, _ in loans], years), len(project.capex)
    return Funding(
        first_year=project.first_year,
        building=building,
        capex=(*project.capex, *[0.0] * len(project.opex)),
        cfads=tuple(flow),
        service=(*[0.0] * building, *paid[building:]),
        early=(*paid[:building], *[0.0] * (years - building)),
        debt=tuple(debt),
        rate=tuple(rate),
        sources=sources,
    )


def _prices(tranche: Tranche, years: int) -> list[float]:
    return [tranche.exchange * (1 + tranche.depreciation) ** year for year in range(years)]


def _together(lists: Sequence[Sequence[float]], years: int) -> list[float]:
    return [sum(values[year] for values in lists) for year in range(years)]
