"""Published worked examples, each with its source; the numbers are the source's own, to its own digits."""

from fractions import Fraction

import pytest

from madang.appraise.cashflow import appraise, mirr
from madang.appraise.discount import flat, read
from madang.appraise.flows import of
from madang.appraise.roots import rates

PLAIN = "numpy-financial 1.0 documentation, irr and mirr"
ROSS = "Ross, Westerfield and Jordan, Fundamentals of Corporate Finance, chapter 9, 'Multiple IRRs' (-252, 1431, ...)"
CRA = "edupristine.com discussion 1406: a CFA question on -2000, 10000, -10000"
EXCEL = "Microsoft support, MIRR function: a loan of 120,000"


def irr(*amounts: float) -> list[float]:
    return [rate.value for rate in rates([Fraction(str(amount)) for amount in amounts])]


@pytest.mark.parametrize(
    "amounts, published, digits, source",
    [
        ((-100, 39, 59, 55, 20), [0.28095], 5, PLAIN),
        ((-250000, 100000, 150000, 200000, 250000, 300000), [0.5672303344358536], 14, PLAIN),
        ((-252, 1431, -3035, 2850, -1000), [0.25, 1 / 3, 3 / 7, 2 / 3], 14, ROSS),
        ((-2000, 10000, -10000), [0.38, 2.62], 2, CRA),
    ],
)
def test_irr_of_published_examples(
    amounts: tuple[float, ...], published: list[float], digits: int, source: str
) -> None:
    assert irr(*amounts) == pytest.approx(published, abs=0.51 * 10**-digits), source


def test_a_negative_irr() -> None:
    """-100 now and 74 in three years: (74/100)**(1/3) - 1 (the same source rounds it to -0.0955)."""
    assert irr(-100, 0, 0, 74) == pytest.approx([0.74 ** (1 / 3) - 1], rel=1e-15)
    assert round(irr(-100, 0, 0, 74)[0], 4) == -0.0955


def test_where_a_library_gives_one_root_there_are_two() -> None:
    """numpy-financial's documentation gives -0.0833 alone for these flows; the cubic has two positive roots."""
    lower, upper = irr(-100, 100, 0, -7)
    assert round(upper, 4) == -0.0833
    for rate in (lower, upper):
        assert -100 + 100 / (1 + rate) - 7 / (1 + rate) ** 3 == pytest.approx(0, abs=1e-9)
    assert irr(-5, 10.5, 1, -8, 1) == pytest.approx([-0.8702012, 0.0885983385, 0.7095595277], abs=1e-7)


def test_mirr_of_published_examples() -> None:
    loan = [-120000, 39000, 30000, 21000, 37000, 46000]
    assert mirr(loan, finance=flat(0.10), reinvest=flat(0.12)) == pytest.approx(0.126094, abs=5e-7), EXCEL
    assert mirr(loan[:4], finance=flat(0.10), reinvest=flat(0.12)) == pytest.approx(-0.048044, abs=1e-5), EXCEL
    found = mirr([-1000, 100, 50, 10, 15], finance=flat(0.34), reinvest=flat(0.21))
    assert found == pytest.approx(-0.2742274708267268, rel=1e-13), "w3resource.com, numpy.mirr"


def test_a_hundred_years_under_declining_rates() -> None:
    """HM Treasury, The Green Book (2003 on), annex 6: 3.5 % to year 30, 3.0 % to year 75, 2.5 % to year 125. One a year
    in years 1 to 100, against the annuity of each band in closed form."""
    schedule = read("0.035:30,0.03:75,0.025:125,0.02:200,0.015:300,0.01")
    found = appraise(of(2025, [Fraction(0)] + [Fraction(1)] * 100), schedule)

    def annuity(rate: float, years: int) -> float:
        return (1 - (1 + rate) ** -years) / rate

    first, second = 1.035**-30, 1.035**-30 * 1.03**-45
    assert found.npv == pytest.approx(annuity(0.035, 30) + first * annuity(0.03, 45) + second * annuity(0.025, 25))
    assert schedule.factor(30) == pytest.approx(0.3563, abs=5e-5)
    assert found.irr == ()
    assert found.bcr is None
