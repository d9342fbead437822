"""How the figures of a table of money were computed, in words: what a reader needs to compute the same."""

from collections.abc import Sequence

import msgspec

from madang.appraise.discount import OFFSET, Prices, Schedule, Timing
from madang.appraise.flows import Flows


class Conventions(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader has to know to compute the same; `first` is the first row's year, quarter, month or date."""

    rate: str
    timing: Timing
    first_row_years: float
    first: str
    rows: int
    npv: str
    irr: str
    mirr: str
    bcr: str
    payback: str
    switching: str
    equivalent_annual: str
    prices: str


def conventions(
    flows: Flows, schedule: Schedule, timing: Timing, *, rates: Sequence[Schedule], prices: Prices | None
) -> Conventions:
    """Of these flows at this schedule; `rates` are the MIRR's: financed at, reinvested at."""
    parts = (
        "benefits over costs as the table has them"
        if flows.costs is not None
        else "the positive amounts over the negative ones, benefits and costs of a "
        f"{'day' if flows.every == 'date' else flows.every} netted"
    )
    return Conventions(
        rate=str(schedule),
        timing=timing,
        first_row_years=OFFSET[timing] / (flows.per_year or 1),
        first=flows.first,
        rows=len(flows.amounts),
        npv=_discounted(flows, timing),
        irr=_returned(flows),
        mirr=f"financed at {rates[0]}, reinvested at {rates[1]}, from the first row to the last",
        bcr=f"present values: {parts}",
        payback="years after the first row, the first time, straight "
        + ("within a year" if flows.per_year == 1 else "between rows"),
        switching="per cent change of all benefits (of all costs) at which the NPV is zero",
        equivalent_annual="an equal amount each year with the same NPV; under start from the second row on",
        prices=_prices(prices),
    )


def _discounted(flows: Flows, timing: Timing) -> str:
    if not flows.per_year:
        return "each row by the days after the first, over 365, at the yearly rate"
    whole = {"year": "one year", "half": "one half", "quarter": "one quarter", "month": "one month"}[flows.every]
    half = {"year": "half a year", "half": "half a half"}.get(flows.every, f"half a {flows.every}")
    when = {
        "start": "the first row is at time 0 and not discounted",
        "end": f"the first row is discounted {whole}",
        "mid": f"the first row is discounted {half}",
    }[timing]
    if flows.per_year == 1:
        return f"discounted yearly; {when}"
    return f"{flows.per_year} rows a year at the yearly rate, (1 + rate) ** (1/{flows.per_year}) - 1 each; {when}"


def _returned(flows: Flows) -> str:
    if not flows.per_year:
        return "every real rate above -1 at which the NPV is zero; a year is 365 days"
    every = "every real rate above -1 at which the NPV is zero, whenever the first row falls due"
    if flows.per_year == 1:
        return every
    n = flows.per_year
    return f"{every}; effective a year: (1 + irr_a_period) ** {n} - 1, where {n} * irr_a_period is the nominal rate"


def _prices(prices: Prices | None) -> str:
    if prices is None:
        return "as the file has them: one currency, real with a real rate or nominal with a nominal one"
    if prices.amounts == "current":
        return (
            f"current prices with {prices.inflation:g} inflation a year in them, and real rates: discounted at "
            "(1 + rate) * (1 + inflation) - 1; the NPV is in prices of time 0"
        )
    return (
        f"constant prices, and nominal rates at {prices.inflation:g} inflation a year: discounted at "
        "(1 + rate) / (1 + inflation) - 1"
    )
