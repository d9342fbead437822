"""Rates of return of amounts on any days: the same as by years where the days are years apart, and all of them."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.appraise import dated
from madang.appraise.roots import rates

FLOWS = st.lists(st.integers(-100, 100), min_size=2, max_size=12)


@given(FLOWS)
def test_days_that_are_years_apart_give_what_years_give(amounts: list[int]) -> None:
    exact = rates([Fraction(amount) for amount in amounts])
    if any(rate.multiplicity > 1 or rate.value > 1e6 or rate.value < -1 + 1e-6 for rate in exact):
        return
    if any(abs(a.value - b.value) < 1e-4 for a, b in pairwise(exact)):
        return
    found = dated.rates([float(amount) for amount in amounts], [float(year) for year in range(len(amounts))])
    assert [rate.value for rate in found] == pytest.approx([rate.value for rate in exact], rel=1e-6, abs=1e-8)


@given(st.lists(st.tuples(st.integers(-1000, 1000), st.integers(0, 20000)), min_size=2, max_size=15))
def test_the_npv_is_zero_at_each_rate(rows: list[tuple[int, int]]) -> None:
    rows = sorted(rows, key=lambda row: row[1])
    amounts, years = [float(row[0]) for row in rows], [row[1] / 365 for row in rows]
    signs = [amount > 0 for amount in amounts if amount]
    found = dated.rates(amounts, years)
    assert sum(rate.multiplicity for rate in found) <= sum(a != b for a, b in pairwise(signs))
    for rate in found:
        if -0.99 < rate.value < 100 and years[-1] < 20:
            parts = [amount / (1 + rate.value) ** year for amount, year in zip(amounts, years, strict=True)]
            assert sum(parts) == pytest.approx(0, abs=1e-7 * sum(map(abs, parts)))


def test_a_rate_that_touches_is_one_rate_twice() -> None:
    (rate,) = dated.rates([100, -240, 144], [0, 1, 2])
    assert rate.value == pytest.approx(0.2)
    assert rate.multiplicity == 2


def test_what_falls_on_one_day_is_one_amount() -> None:
    assert dated.rates([-100, 50, -10, 80], [0, 1, 1, 2]) == dated.rates([-100, 40, 80], [0, 1, 2])
    assert dated.rates([5, -5], [1, 1]) == []
