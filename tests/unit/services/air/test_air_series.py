"""Means over averaging periods, from medians of quarters."""

from hypothesis import given
from hypothesis import strategies as st

from madang.services.air import series
from madang.services.air.settings import LIMITS, Settings

HOUR, DAY = LIMITS[0], LIMITS[1]


def told(values: list[float], *, every_s: float = 60.0, start_s: float = 0.0) -> tuple[series.Series, float]:
    found, at_s = series.Series(), start_s
    for value in values:
        at_s += every_s
        found = series.read(found, (at_s, value), settings=Settings(), keep=True)
    return found, at_s


def test_a_mean_needs_three_quarters_of_its_period() -> None:
    found, at_s = told([10.0] * 40)
    assert series.mean(found, at_s, HOUR) == 10.0, "the third quarter of the hour has begun"
    found, at_s = told([10.0] * 25)
    assert series.mean(found, at_s, HOUR) is None
    found, at_s = told([10.0] * 60 * 16)
    assert series.mean(found, at_s, DAY) is None
    found, at_s = told([10.0] * 60 * 19)
    assert series.mean(found, at_s, DAY) == 10.0


def test_hourly_readings_make_a_day() -> None:
    found, at_s = told([float(hour) for hour in range(24)], every_s=3600.0)
    mean = series.mean(found, at_s, DAY)
    assert mean is not None and abs(mean - 11.5) <= 0.5


@given(st.lists(st.floats(0, 500), min_size=70, max_size=120))
def test_a_mean_lies_between_the_least_and_the_greatest(values: list[float]) -> None:
    found, at_s = told(values)
    mean = series.mean(found, at_s, HOUR)
    assert mean is not None and min(values) - 0.01 <= mean <= max(values) + 0.01


def test_what_is_remembered_has_a_bound() -> None:
    found, _ = told([10.0] * 60 * 60, every_s=30.0)
    assert len(found.readings) <= series.MOST_READINGS and len(found.quarters) <= 97
    busy, _ = told([float(n % 7) for n in range(2000)], every_s=1.0)
    assert len(busy.readings) <= series.MOST_READINGS
    assert busy.readings[-1][0] - busy.readings[0][0] > 800, "of a busy sensor, too, a quarter of an hour"


def test_a_reading_that_is_known_or_older_changes_nothing() -> None:
    found, at_s = told([10.0, 12.0])
    for again in (None, (at_s, 99.0), (at_s - 30, 99.0)):
        assert series.read(found, again, settings=Settings(), keep=True) == found


def test_memory_that_is_none_of_ours_is_no_memory() -> None:
    assert series.recalled("?", "no2") == series.Series() == series.recalled({}, "no2")
