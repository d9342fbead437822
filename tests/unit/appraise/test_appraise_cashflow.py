"""What a row of money a year is worth: definitions, laws, and what is said where there is no answer."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.appraise.cashflow import Appraised, appraise, payback
from madang.appraise.discount import OFFSET, Timing, flat, read
from madang.appraise.flows import of
from madang.errors import AppraisalInvalid

MONEY = st.integers(-1000, 1000)
FLOWS = st.lists(MONEY, min_size=2, max_size=40)
RATE = st.floats(0, 0.5)
TIMING: st.SearchStrategy[Timing] = st.sampled_from(["start", "end", "mid"])


def net(*amounts: float, rate: float = 0.1, timing: Timing = "start") -> Appraised:
    return appraise(of(0, [Fraction(str(amount)) for amount in amounts]), flat(rate), timing=timing)


def both(benefits: list[int], costs: list[int], rate: float = 0.1) -> Appraised:
    return appraise(of(0, [Fraction(b) for b in benefits], [Fraction(c) for c in costs]), flat(rate))


def test_by_hand() -> None:
    found = net(-100, 60, 60)
    assert found.npv == pytest.approx(-100 + 60 / 1.1 + 60 / 1.21)
    assert found.bcr == pytest.approx((60 / 1.1 + 60 / 1.21) / 100)
    assert found.irr == pytest.approx((0.13066238629180749,))
    assert found.mirr == pytest.approx((60 * 1.1 + 60) ** 0.5 / 10 - 1)
    assert found.payback.simple == pytest.approx(1 + 40 / 60)
    assert found.payback.discounted == pytest.approx(1 + (100 - 60 / 1.1) / (60 / 1.21))


@given(FLOWS, RATE)
def test_timing_is_a_shift(amounts: list[int], rate: float) -> None:
    start = net(*amounts, rate=rate)
    for timing in ("mid", "end"):
        later = net(*amounts, rate=rate, timing=timing)
        assert later.npv == pytest.approx(start.npv * (1 + rate) ** -OFFSET[timing], abs=1e-7)
        assert (later.irr, later.mirr, later.payback.simple) == (start.irr, start.mirr, start.payback.simple)


@given(FLOWS, FLOWS, RATE)
def test_npv_is_linear(a: list[int], b: list[int], rate: float) -> None:
    size = max(len(a), len(b))
    a, b = a + [0] * (size - len(a)), b + [0] * (size - len(b))
    together = net(*(3 * x - 2 * y for x, y in zip(a, b, strict=True)), rate=rate).npv
    assert together == pytest.approx(3 * net(*a, rate=rate).npv - 2 * net(*b, rate=rate).npv, abs=1e-6)


@given(FLOWS, st.lists(st.integers(0, 1000), min_size=2, max_size=40), RATE)
def test_at_the_switching_value_the_npv_is_zero(benefits: list[int], costs: list[int], rate: float) -> None:
    size = min(len(benefits), len(costs))
    benefits, costs = [abs(b) for b in benefits[:size]], costs[:size]
    found = both(benefits, costs, rate)
    assert found.npv == pytest.approx(found.benefits - found.costs, abs=1e-7)
    if found.switching.benefit is not None:
        assert found.benefits * (1 + found.switching.benefit / 100) == pytest.approx(found.costs, abs=1e-7)
    if found.switching.cost is not None:
        assert found.costs * (1 + found.switching.cost / 100) == pytest.approx(found.benefits, abs=1e-7)
    if found.bcr is not None and abs(found.npv) > 1e-6:
        assert (found.bcr > 1) == (found.npv > 0)


@given(st.lists(st.integers(0, 500), min_size=2, max_size=30), st.integers(1, 2000))
def test_a_conventional_project_has_one_irr_and_the_npv_falls_through_it(gains: list[int], spent: int) -> None:
    if not any(gains):
        return
    (rate,) = net(-spent, *gains).irr
    assert net(-spent, *gains, rate=max(rate, 0) + 0.01).npv < 0
    if rate > 0.01:
        assert net(-spent, *gains, rate=rate - 0.01).npv > 0


def test_the_npv_profile_has_the_points_between_the_roots() -> None:
    found = net(-1000, 2300, -1320)
    assert found.irr == (0.1, 0.2)
    (between,) = [point.npv for point in found.profile if point.rate == 0.15]
    assert between > 0
    assert any("none of them ranks" in note for note in found.notes)


def test_where_there_is_no_answer_it_says_so() -> None:
    gift = net(1, 2, 3)
    assert (gift.irr, gift.mirr, gift.bcr, gift.switching.benefit) == ((), None, None, pytest.approx(-100))
    assert gift.switching.cost is None
    assert any("no internal rate" in note for note in gift.notes)
    nothing = net(0, 0)
    assert nothing.npv == 0
    assert nothing.irr == ()
    assert any("every amount is 0" in note for note in nothing.notes)


def test_payback() -> None:
    assert payback([-100, 50, 50]) == 2
    assert payback([-100, 50, 49]) is None
    assert payback([-100, 0, 200]) == 1.5
    assert payback([5, 5]) == 0
    later = net(-100, 150, -100)
    assert later.payback.simple == pytest.approx(2 / 3)
    assert any("negative again" in note for note in later.notes)


@pytest.mark.parametrize("text", ["-0.01", "nan", "inf", "9%", "", "0.03:20", "0.03:20,0.02:10,0.01", "0.03,0.02"])
def test_a_rate_that_is_none(text: str) -> None:
    with pytest.raises(AppraisalInvalid, match="such as"):
        read(text)


@given(st.lists(st.floats(0, 0.2), min_size=2, max_size=4, unique=True))
def test_declining_rates_are_each_year_at_its_own(values: list[float]) -> None:
    declining = sorted(values, reverse=True)
    text = ",".join(f"{rate!r}:{10 * (n + 1)}" for n, rate in enumerate(declining[:-1])) + f",{declining[-1]!r}"
    schedule, worth = read(text), 1.0
    for year in range(1, 45):
        worth /= 1 + declining[min((year - 1) // 10, len(declining) - 1)]
        assert schedule.factor(year) == pytest.approx(worth)
