"""Published worked examples as tables, read as a stranger's file is; numbers are the source's own, to its digits."""

from typing import Any

import pytest

from madang.appraise.cashflow import Appraised, appraise
from madang.appraise.discount import Prices, Timing, effective, read
from madang.appraise.flows import read as table

EXCEL = "Microsoft support, function reference: NPV, IRR, MIRR, XNPV, XIRR, PV, RATE"
BMA = "Brealey, Myers and Allen, Principles of Corporate Finance, chapters 2, 5 and 6"
ROSS = "Ross, Westerfield and Jordan, Fundamentals of Corporate Finance, chapter 9"
LORIE = "Lorie and Savage, Three Problems in Rationing Capital, Journal of Business 28 (1955): the oil pump"
A94 = "OMB, Circular A-94 (1992), appendix B: costs and benefits in millions, 7 %"
GREEN = "HM Treasury, The Green Book (2003), annex 6 and its table of long-term discount factors"
NUMPY = "numpy-financial documentation, npv"
CALC = "LibreOffice help, NPV"
WIKIPEDIA = "Wikipedia, Net present value; Internal rate of return; Modified internal rate of return"
DECLINING = "0.035:30,0.03:75,0.025:125,0.02:200,0.015:300,0.01"
CIRCULAR = [(0, 10), (0, 20), (5, 30), (10, 30), (30, 20), (40, 10), (40, 5), (40, 5), (40, 5), (25, 5)]
DAYS = "date,amount\n2008-01-01,-10000\n2008-03-01,2750\n2008-10-30,4250\n2009-02-15,3250\n2009-04-01,2750\n"


def years(*amounts: float) -> str:
    return "year,amount\n" + "".join(f"{year},{amount}\n" for year, amount in enumerate(amounts))


def both(rows: list[tuple[int, int]]) -> str:
    return "year,benefit,cost\n" + "".join(f"{n},{benefit},{cost}\n" for n, (benefit, cost) in enumerate(rows, 1))


def months(first: float, amount: float, count: int) -> str:
    rows = [first, *[amount] * count]
    return "month,amount\n" + "".join(f"{2020 + n // 12}-{n % 12 + 1:02},{one}\n" for n, one in enumerate(rows))


def found(text: str, rate: str, timing: Timing = "start", finance: str = "", reinvest: str = "") -> Appraised:
    return appraise(
        table(text, name="f.csv"),
        read(rate),
        timing=timing,
        finance=read(finance or rate),
        reinvest=read(reinvest or rate),
    )


@pytest.mark.parametrize(
    "source, text, rate, timing, npv, digits",
    [
        (EXCEL, years(-10000, 3000, 4200, 6800), "0.1", "end", 1188.44, 2),
        (EXCEL, years(-40000, 8000, 9200, 10000, 12000, 14500), "0.08", "start", 1922.06, 2),
        (EXCEL, years(-40000, 8000, 9200, 10000, 12000, 14500, -9000), "0.08", "start", -3749.47, 2),
        (EXCEL, DAYS, "0.09", "start", 2086.65, 2),
        (NUMPY, years(-100, 39, 59, 55, 20), "0.281", "start", -0.00847859163845, 12),
        (NUMPY, years(-40000, 5000, 8000, 12000, 30000), "0.08", "start", 3065.22267, 5),
        (CALC, years(10, 20, 30), "0.0875", "end", 49.43, 2),
        (BMA, years(-370000, 420000), "0.05", "start", 30000, 0),
        (BMA, years(-370000, 420000), "0.12", "start", 5000, 0),
        (BMA, years(-2000, 500, 500, 5000), "0.1", "start", 2624, 0),
        (BMA, years(-2000, 500, 1800, 0), "0.1", "start", -58, 0),
        (BMA, years(-2000, 1800, 500, 0), "0.1", "start", 50, 0),
        (BMA, years(-10, 30, 5), "0.1", "start", 21, 0),
        (BMA, years(-5, 5, 20), "0.1", "start", 16, 0),
        (BMA, years(-5, 5, 15), "0.1", "start", 12, 0),
        (BMA, years(-10000, 20000), "0.1", "start", 8182, 0),
        (BMA, years(-20000, 35000), "0.1", "start", 11818, 0),
        (BMA, years(-12600, -1630, 2381, 6205, 10685, 10136, 6110, 3444), "0.2", "start", 3520, 0),
        (BMA, years(1000, -3000, 2500), "0.1", "start", 339, 0),
        (BMA, years(1000, -3600, 4320, -1728), "0.1", "start", -0.75, 2),
        (BMA, years(-1000, 800, 150, 150, 150, 150, -150), "0.1", "start", 74.9, 1),
        (ROSS, years(-30000, *[6000] * 7, 8000), "0.15", "start", -2422, 0),
        (ROSS, years(-10000, 2000, 2000, 4000, 4000, 5000), "0.1", "start", 2313, 0),
        (A94, both(CIRCULAR), "0.07", "end", 36.01, 2),
        (A94, both(CIRCULAR), "0.07", "mid", 37.25, 2),
        (GREEN, years(-10, *[2.5] * 4), "0.035", "start", -0.82, 2),
        (GREEN, years(-5, *[1.5] * 4), "0.035", "start", 0.51, 2),
        (GREEN, years(*[0] * 30, 1), DECLINING, "start", 0.3563, 4),
        (GREEN, years(*[0] * 50, 1), DECLINING, "start", 0.1973, 4),
        (GREEN, years(*[0] * 75, 1), DECLINING, "start", 0.0942, 4),
        (GREEN, years(*[0] * 100, 1), DECLINING, "start", 0.0508, 4),
        (GREEN, years(*[0] * 125, 1), DECLINING, "start", 0.0274, 4),
        (WIKIPEDIA, years(-100000, *[10000] * 12), "0.1", "start", -31863.08, 2),
    ],
)
def test_net_present_values(source: str, text: str, rate: str, timing: Timing, npv: float, digits: int) -> None:
    assert found(text, rate, timing).npv == pytest.approx(npv, abs=0.51 * 10**-digits), source


@pytest.mark.parametrize(
    "source, text, irr, digits",
    [
        (EXCEL, years(-70000, 12000, 15000, 18000, 21000), [-0.021], 3),
        (EXCEL, years(-70000, 12000, 15000, 18000, 21000, 26000), [0.087], 3),
        (EXCEL, years(-70000, 12000, 15000), [-0.444], 3),
        (EXCEL, DAYS, [0.373362535], 8),
        (BMA, years(-4000, 2000, 4000), [0.2808], 4),
        (BMA, years(-1000, 1500), [0.5], 15),
        (BMA, years(1000, -1500), [0.5], 15),
        (BMA, years(1000, -3000, 2500), [], 15),
        (BMA, years(1000, -3600, 4320, -1728), [0.2], 15),
        (BMA, years(-1000, 800, 150, 150, 150, 150, -150), [-0.5, 0.152], 3),
        (ROSS, years(-435.44, 100, 200, 300), [0.15], 4),
        (ROSS, years(-60, 155, -100), [0.25, 1 / 3], 15),
        (LORIE, years(-1600, 10000, -10000), [0.25, 4.0], 15),
        (WIKIPEDIA, years(-123400, 36200, 54800, 48100), [0.0596], 4),
        (WIKIPEDIA, years(-1000, -4000, 5000, 2000), [0.2548], 4),
    ],
)
def test_internal_rates_of_return(source: str, text: str, irr: list[float], digits: int) -> None:
    assert found(text, "0.1").irr == pytest.approx(irr, abs=0.51 * 10**-digits), source


def test_a_rate_at_which_the_npv_crosses_flat_says_so() -> None:
    """Brealey and Myers' project C: one IRR of 20 %, whatever the NPV does: a root three times."""
    assert found(years(1000, -3600, 4320, -1728), "0.1").irr_multiplicity == (3,)


def test_what_is_borrowed_is_not_ranked_by_its_rate() -> None:
    """Brealey and Myers' projects A and B have both an IRR of 50 %; B, 1000 now for 1500 later, loses 364."""
    lent, borrowed = found(years(-1000, 1500), "0.1"), found(years(1000, -1500), "0.1")
    assert lent.irr == borrowed.irr
    assert not lent.notes
    assert "a loan, whose rate of return is its cost" in borrowed.notes[0]


def test_the_modified_rate_of_return() -> None:
    loan = years(-120000, 39000, 30000, 21000, 37000, 46000)
    assert found(loan, "0.1", finance="0.1", reinvest="0.14").mirr == pytest.approx(0.134759, abs=5e-7), EXCEL
    late = found(years(-1000, -4000, 5000, 2000), "0.1", finance="0.1", reinvest="0.12")
    assert late.mirr == pytest.approx(0.1791, abs=5e-5), WIKIPEDIA


def test_benefits_and_costs_of_the_circular() -> None:
    answer = found(both(CIRCULAR), "0.07", "end")
    # The circular rounds each year's product to cents before it adds them up.
    assert (answer.benefits, answer.costs) == (pytest.approx(142.41, abs=0.02), pytest.approx(106.40, abs=0.02)), A94
    assert answer.bcr == pytest.approx(142.41 / 106.40, abs=5e-4)


def test_payback() -> None:
    """Ross: 300 for 100 a year pays back in three years, discounted at 12.5 % in four."""
    answer = found(years(-300, *[100] * 5), "0.125").payback
    assert answer.simple == 3
    assert answer.discounted == pytest.approx(4, abs=0.02), ROSS


@pytest.mark.parametrize("flows, annual", [((-15, -5, -5, -5), -10.61), ((-10, -6, -6), -11.45)])
def test_the_equivalent_annual_cost(flows: tuple[float, ...], annual: float) -> None:
    """Two machines of unlike lives at 6 %."""
    assert found(years(*flows), "0.06").equivalent_annual == pytest.approx(annual, abs=0.005), BMA


def test_real_flows_at_a_nominal_rate() -> None:
    """-100, 35, 50, 30 in constant prices, 15 % nominal, 10 % inflation: 5.5."""
    flows, rate = table(years(-100, 35, 50, 30), name="f.csv"), read("0.15")
    answer = appraise(flows, rate, prices=Prices(0.10, "constant"))
    assert answer.npv == pytest.approx(5.5, abs=0.05), BMA
    inflated = years(*(amount * 1.1**year for year, amount in enumerate((-100, 35, 50, 30))))
    assert found(inflated, "0.15").npv == pytest.approx(answer.npv)
    assert answer.inflation is not None
    assert found(inflated, "0.15").irr == pytest.approx(answer.inflation.irr_nominal)
    assert "constant prices" in answer.conventions.prices


def test_months() -> None:
    """Excel: PV(8%/12, 240, 500) = -59777.15; RATE(48, -200, 8000) = 0.77 % a month, 9.24 % nominal a year."""
    flows = table(months(0, 500, 240), name="f.csv")
    assert appraise(flows, effective(read("0.08"), 12)).npv == pytest.approx(59777.15, abs=0.005), EXCEL
    loan = found(months(8000, -200, 48), "0.05")
    assert loan.irr_a_period == pytest.approx([0.0077], abs=5e-5)
    assert 12 * loan.irr_a_period[0] == pytest.approx(0.0924, abs=5e-5)
    assert loan.irr == pytest.approx([(1 + loan.irr_a_period[0]) ** 12 - 1])


def test_an_effective_rate() -> None:
    """Excel: EFFECT(5.25 %, 4) = 5.3543 %."""
    assert effective(read("0.0525"), 4).factor(1) ** -1 - 1 == pytest.approx(0.053543, abs=5e-7), EXCEL


@pytest.mark.parametrize(
    "rows, shape",
    [
        ("half,amount\n2026-H2,-100\n2027-H1,60\n2027-H2,60\n", {"first": "2026-H2", "rows": 3}),
        ("Quarter,Amount\n2026-Q4,-100\n2027-Q1,120\n", {"first": "2026-Q4", "rows": 2}),
        ("amount,month\n-100,2026-12\n120,2027-01\n", {"first": "2026-12", "rows": 2}),
        ("cost,date,benefit\n100,2026-01-31,0\n0,2026-01-31,10\n0,2027-02-28,120\n", {"first": "2026-01-31"}),
    ],
)
def test_rows_by_other_periods(rows: str, shape: dict[str, Any]) -> None:
    answer = found(rows, "0.1")
    assert len(answer.irr) == 1
    assert {key: getattr(answer.conventions, key) for key in shape} == shape
