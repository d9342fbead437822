"""Growing numbers of a hub's history as gains an hour."""

from datetime import UTC, datetime

import pytest

from madang.appraise.case.remembered import after, beside, rates, total

START = datetime(2029, 1, 1, tzinfo=UTC).timestamp()
WINDOW = 600.0


def growing(an_hour: float, windows: int, *, since: float = START, at: float = 0.0) -> list[tuple[float, float]]:
    return [(since + n, at + an_hour * n / 3600) for n in range(0, int(windows * WINDOW), 10)]


def test_the_growth_of_each_window_an_hour() -> None:
    found = rates(growing(90.0, 3), WINDOW)
    assert [rate.value for rate in found] == pytest.approx([90.0] * 3)
    assert [rate.at for rate in found] == [START, START + WINDOW, START + 2 * WINDOW]


def test_a_window_in_which_a_number_began_again_or_was_silent_is_left_out() -> None:
    series = growing(90.0, 3)
    again = [(at, value if at < START + 900 else value - 22.4) for at, value in series]
    assert [rate.at for rate in rates(again, WINDOW)] == [START, START + 2 * WINDOW]
    silent = [(at, value) for at, value in series if not START + 700 < at < START + 1200]
    assert [rate.at for rate in rates(silent, WINDOW)] == [START, START + 2 * WINDOW]


def test_a_mean_is_multiplied_by_the_number_that_it_is_a_mean_of() -> None:
    values = {"delay": [(1.0, 10.0), (5.0, 12.0)], "count": [(0.5, 100.0), (4.0, 200.0)]}
    assert total(values, "delay", "count") == [(1.0, 1000.0), (5.0, 2400.0)]
    assert total(values, "delay", None) == [(1.0, 10.0), (5.0, 12.0)]
    assert total(values, "gone", None) == []


def test_a_twin_is_compared_at_the_same_time() -> None:
    mine, twin = rates(growing(60.0, 4), WINDOW), rates(growing(100.0, 3), WINDOW)
    (found,) = beside(mine, twin, 2.0)
    assert (found.year, found.windows) == (2029, 3)
    assert found.value == pytest.approx(80.0)
    assert found.interval == pytest.approx((80.0, 80.0))
    assert beside(mine, twin, 2.0, counts_as=2031)[0].year == 2031


def test_without_a_twin_what_was_before_is_the_plan_of_comparison() -> None:
    old = growing(100.0, 4) + growing(120.0, 4, since=START + 4 * WINDOW, at=1e3)
    new = growing(50.0, 6, since=START + 86_400, at=1e4)
    (found,) = after(rates([*old, *new], WINDOW), (START, START + 8 * WINDOW), 1.0)
    assert found.value == pytest.approx(60.0)
    assert found.interval is not None
    # Welch: the new windows do not differ, so the error is that of the eight old ones.
    error = (sum((value - 110) ** 2 for value in [100] * 4 + [120] * 4) / 7 / 8) ** 0.5
    assert found.interval[1] - found.value == pytest.approx(2.364624 * error, rel=1e-4)


def test_two_windows_have_no_interval() -> None:
    (found,) = beside(rates(growing(60.0, 2), WINDOW), rates(growing(100.0, 2), WINDOW), 1.0)
    assert found.interval is None
    assert after(rates(growing(60.0, 2), WINDOW), (0.0, 1.0), 1.0) == []
