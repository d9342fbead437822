"""Intervals against values from a table of Student's t, and pairing."""

import pytest

from madang.evaluate.statistics import effect, estimate


def test_the_interval_is_students() -> None:
    found = estimate([10.0, 12.0, 14.0])
    # t(0.975, 2) = 4.30265 (table), s = 2, n = 3: half width 4.30265 * 2 / sqrt(3)
    assert found.mean == 12
    assert found.ci95 == pytest.approx((12 - 4.96827, 12 + 4.96827), abs=1e-4)


def test_one_seed_has_no_interval() -> None:
    assert estimate([3.0]).ci95 is None


def test_the_effect_is_paired_by_seed() -> None:
    found = effect([100.0, 200.0], [60.0, 160.0])
    assert found.mean == -40
    assert found.ci95 == (-40, -40)
    assert found.relative == pytest.approx(-40 / 150)


def test_a_baseline_of_nothing_has_no_relative_effect() -> None:
    assert effect([0.0, 0.0], [1.0, 2.0]).relative is None
