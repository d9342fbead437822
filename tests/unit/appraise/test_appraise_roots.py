"""Laws of the internal rates of return."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.appraise.roots import rates

MONEY = st.fractions(min_value=-1000, max_value=1000, max_denominator=100)
FLOWS = st.lists(MONEY, min_size=2, max_size=12)
ROOTS = st.lists(st.fractions(Fraction(-9, 10), Fraction(3), max_denominator=20), min_size=1, max_size=6)


def product(roots: list[Fraction]) -> list[Fraction]:
    """Flows whose rates are these: the product of (u - 1 - r), highest power first."""
    terms = [Fraction(1)]
    for root in roots:
        terms = [a - (1 + root) * b for a, b in zip([*terms, Fraction(0)], [Fraction(0), *terms], strict=True)]
    return terms


def found(amounts: list[Fraction]) -> list[tuple[float, int]]:
    return [(rate.value, rate.multiplicity) for rate in rates(amounts)]


@given(ROOTS)
def test_flows_made_of_rates_have_these_rates_and_no_others(roots: list[Fraction]) -> None:
    wanted = [(float(root), roots.count(root)) for root in sorted(set(roots))]
    assert found(product(roots)) == wanted


@given(ROOTS, st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_factors_without_real_roots_add_none(roots: list[Fraction], more: list[int]) -> None:
    terms = product(roots)
    for m in more:  # times u**2 + m
        padded = [*terms, Fraction(0), Fraction(0)]
        terms = [a + m * b for a, b in zip(padded, [Fraction(0), Fraction(0), *terms], strict=True)]
    assert found(terms) == found(product(roots))


@given(FLOWS)
def test_npv_at_each_irr_is_zero(amounts: list[Fraction]) -> None:
    for rate in rates(amounts):
        u = 1 + Fraction(rate.value)
        terms = [amount * u ** (len(amounts) - 1 - t) for t, amount in enumerate(amounts)]
        assert abs(float(sum(terms))) <= 1e-9 * float(sum(map(abs, terms)))


@given(FLOWS, st.fractions(Fraction(1, 50), Fraction(50)), st.integers(0, 5))
def test_neither_scale_nor_delay_changes_a_rate(amounts: list[Fraction], scale: Fraction, delay: int) -> None:
    same = found(amounts)
    assert found([scale * amount for amount in amounts]) == same
    assert found([Fraction(0)] * delay + amounts) == same
    assert found([-amount for amount in amounts]) == same


@given(FLOWS)
def test_backwards_the_rates_are_the_inverse(amounts: list[Fraction]) -> None:
    forward = [1 + rate.value for rate in rates(amounts)]
    backward = [1 / (1 + rate.value) for rate in rates(amounts[::-1])]
    assert sorted(backward) == pytest.approx(forward, rel=1e-9)


@given(FLOWS)
def test_there_are_no_more_than_the_sign_changes_and_their_parity_agrees(amounts: list[Fraction]) -> None:
    signs = [amount > 0 for amount in amounts if amount]
    changes = sum(a != b for a, b in pairwise(signs))
    count = sum(rate.multiplicity for rate in rates(amounts))
    assert count <= changes
    assert (changes - count) % 2 == 0


@pytest.mark.parametrize("amounts", [[], [0], [0, 0], [5], [1, 2, 3], [-1, -2], [1000, -2000, 1500], [0, 0, -7, 0]])
def test_there_may_be_none(amounts: list[int]) -> None:
    assert found([Fraction(amount) for amount in amounts]) == []


def test_a_rate_that_is_touched_is_one_rate_counted_twice() -> None:
    assert found([Fraction(-100), Fraction(220), Fraction(-121)]) == [(0.1, 2)]


def test_rates_that_nearly_meet_are_told_apart() -> None:
    near = [Fraction(1, 10), Fraction(1, 10) + Fraction(1, 10**12)]
    assert found(product(near)) == [(0.1, 1), (0.100000000001, 1)]


def test_rates_at_the_edges() -> None:
    assert found([Fraction(-1), Fraction(1, 10**20)]) == [(pytest.approx(-1), 1)]
    assert found([Fraction(-1), Fraction(1, 10**20)])[0][0] > -1
    assert found([Fraction(-1, 10**20), Fraction(1)]) == [(pytest.approx(1e20), 1)]
    assert found([Fraction(-1), Fraction(1)]) == [(0.0, 1)]


def test_a_hundred_years() -> None:
    ((rate, times),) = found([Fraction(-1000)] + [Fraction(40)] * 100)
    assert times == 1
    assert 40 * (1 - (1 + rate) ** -100) / rate == pytest.approx(1000, rel=1e-12)
