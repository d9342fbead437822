"""Results as lines for a reader at a terminal, the conventions last."""

from collections.abc import Iterator, Sequence

from madang.appraise.book import Parameter, unsure
from madang.appraise.cashflow import Appraised
from madang.appraise.finance import Financed, Source
from madang.appraise.partnership import Partnered


def cashflow(found: Appraised) -> Iterator[str]:
    """The answer to plain cash flows."""
    yield f"NPV                 {found.npv:,.2f}"
    yield f"IRR                 {_several(found.irr, found.irr_multiplicity)}"
    if found.irr_a_period:
        yield f"  a period          {', '.join(map(_share, found.irr_a_period))}"
    if found.inflation is not None:
        yield f"  real              {', '.join(map(_share, found.inflation.irr_real)) or 'none'}"
        yield f"  nominal           {', '.join(map(_share, found.inflation.irr_nominal)) or 'none'}"
    yield f"MIRR                {_share(found.mirr)}"
    yield f"BCR                 {_plain(found.bcr)}"
    yield f"payback             {_years(found.payback.simple)}, discounted {_years(found.payback.discounted)}"
    yield f"switching value     benefits {_change(found.switching.benefit)}, costs {_change(found.switching.cost)}"
    if found.equivalent_annual is not None:
        yield f"equivalent annual   {found.equivalent_annual:,.2f}"
    yield from (f"note: {note}" for note in found.notes)
    told = found.conventions
    yield f"conventions: rate {told.rate}, timing {told.timing}: {told.npv}; {told.rows} rows from {told.first}"
    yield from (f"  {name}: {text}" for name, text in (("IRR", told.irr), ("MIRR", told.mirr), ("BCR", told.bcr)))
    yield from (f"  {name}: {text}" for name, text in (("payback", told.payback), ("switching", told.switching)))
    if found.equivalent_annual is not None:
        yield f"  equivalent annual: {told.equivalent_annual}"
    yield f"  prices: {told.prices}"


def _several(rates: Sequence[float], multiplicities: Sequence[int]) -> str:
    each = [_share(rate) + ("" if n == 1 else f" ({n}-fold)") for rate, n in zip(rates, multiplicities, strict=True)]
    return ", ".join(each) or "none"


def _share(value: float | None) -> str:
    return "none" if value is None else f"{100 * value:.4f} %"


def _plain(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"


def _years(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f} years"


def _change(value: float | None) -> str:
    return "none" if value is None else f"{value:+.2f} %"


def finance(found: Financed) -> Iterator[str]:
    """The answer to a financing plan."""
    yield f"uses {found.uses:,.2f} {found.currency}"
    for source in found.sources:
        gift = "" if source.grant_element is None else f", grant element {source.grant_element:.1f} %"
        named = f"{source.name:<20} {source.kind:<12}"
        yield f"  {named} {source.amount:>16,.2f} {source.currency} {source.share:6.1%}{gift}{_when(source)}"
    yield "year        capex        CFADS      service    open debt   DSCR   LLCR   PLCR      reserve         left"
    for y in found.years:
        money = f"{y.capex:>12,.2f} {y.cfads:>12,.2f} {y.service:>12,.2f} {y.debt:>12,.2f}"
        ratios = " ".join(map(_ratio, (y.dscr, y.llcr, y.plcr)))
        yield f"{y.year} {money} {ratios} {y.reserve:>12,.2f} {y.left:>12,.2f}"
    yield f"DSCR least {_ratio(found.cover.dscr_min)}, average {_ratio(found.cover.dscr_average)}"
    irr = ", ".join(map(_share, found.project_irr)) or "none"
    own = ", ".join(map(_share, found.equity_irr)) or "none"
    yield f"IRR project {irr}, equity {own}"
    yield f"WACC {_share(found.wacc)}, without grants {_share(found.wacc_without_grants)}"
    if found.relief:
        need = found.relief
        sure = f"with {need.cfads_share:.0%} of CFADS" if need.percentile is None else f"at P{100 * need.percentile:g}"
        yield f"DSCR {need.dscr:g} {sure} holds with one of (now {_ratio(need.now).strip()}):"
        tariff, tenor = _money(need.tariff), _whole(need.tenor)
        yield f"  grant {_money(need.grant)} in place of {need.tranche}; tariff {tariff}; tenor {tenor}"
    if (drawn := found.shortfall) is not None:
        levels = zip(drawn.levels, drawn.dscr_min, strict=True)
        told = ", ".join(f"P{100 * level:g} {value:.3f}" for level, value in levels)
        yield f"least DSCR of all years over {drawn.draws:,} draws: {told}; some year short in {drawn.p_short:.1%}"
    if found.partnership is not None:
        yield from _partnership(found.partnership, found.currency)
    yield from (f"note: {note}" for note in found.notes)
    yield from (f"  {name}: {text}" for name, text in found.conventions.items())


def _when(source: Source) -> str:
    if source.repayment is None:
        return ""
    first, last = source.repayment
    return f", repaid {first} to {last}" if last > first else f", repaid {last}"


def _partnership(found: Partnered, money: str) -> Iterator[str]:
    what = "availability payment, first year" if found.kind == "availability" else "viability gap grant"
    amount = "the most that is allowed is not enough" if found.amount is None else f"{found.amount:,.4f} {money}"
    least = f"least DSCR {_ratio(found.dscr_min).strip()}"
    yield f"{what}: {amount} ({found.binds} asks for it)"
    own = ", ".join(map(_share, found.equity_irr)) or "none"
    yield f"  public value {found.public_value:,.2f} {money}, {found.share:.1%} of capex; equity IRR {own}; {least}"
    yield f"  {found.conventions}"


def _ratio(value: float | None) -> str:
    return "     -" if value is None else f"{value:6.3f}"


def _money(value: float | None) -> str:
    return "cannot" if value is None else f"{value:,.4f}"


def _whole(value: int | None) -> str:
    return "cannot" if value is None else f"{value} years"


def parameters(found: Sequence[Parameter]) -> Iterator[str]:
    """The parameter book, three lines a value."""
    for one in found:
        yield f"{one.id} = {one.value} {one.unit}, {one.year}, {one.country} [{one.mark}]"
        yield f"  {one.title}" + (f" ({one.note})" if one.note else "")
        yield f"  {one.source}"
    doubtful = len(unsure(found))
    yield f"{len(found)} parameters, {doubtful} of them not verified: what rests on these is a draft"
