"""The names of samples, and the periods of aggregates."""

from datetime import UTC, datetime, timedelta

import pytest

from madang.model import time
from madang.store.aggregates import Grid
from madang.store.past import sample_name, sample_times, series_name

START = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize("at", [0, -1, 1, 1_772_366_400_000_000, time.microseconds(datetime.min.replace(tzinfo=UTC))])
def test_a_name_says_its_times(at: int) -> None:
    name = sample_name(series_name("urn:x:1", "a", None), at, at + 7)
    assert sample_times(name) == (at, at + 7)


def test_series_have_different_names() -> None:
    series = {series_name(*one) for one in (("a", "b", None), ("a", "b", "c"), ("a", "bc", None), ("ab", "", None))}
    assert len(series) == 4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "urn:x:1",
        "urn:ngsi-ld:Instance:",
        "urn:ngsi-ld:Instance:a-b",
        "urn:ngsi-ld:Instance:a-x-y",
        f"urn:ngsi-ld:Instance:a-{'f' * 99}-0",
    ],
)
def test_what_is_no_name_has_no_times(text: str) -> None:
    assert sample_times(text) is None


def test_months_end_on_the_days_they_have() -> None:
    month = time.duration("P1M")
    assert [month.after(START, n).isoformat()[:10] for n in range(4)] == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
    ]
    assert time.duration("P1MT1H").after(START, 2) == datetime(2026, 3, 31, 14, tzinfo=UTC)
    assert time.duration("P9999Y").after(START) == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("period", ["PT1H", "P1D", "P1M", "P1Y2M3DT4H"])
def test_every_time_is_in_the_period_that_has_it(period: str) -> None:
    grid = Grid(time.microseconds(START), time.duration(period))
    for days in (0, 1, 27, 28, 59, 400, 4000):
        at = START + timedelta(days=days, microseconds=-1 if days else 0)
        start, end = grid.bounds(grid.number(time.microseconds(at)))
        assert start <= at < end
