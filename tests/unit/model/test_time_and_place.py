"""Times, durations, geometries and units as the standards write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.errors import BadRequestData
from madang.model import geometry, time, units

moments = st.datetimes(timezones=st.just(UTC))


@given(moments)
def test_a_time_is_read_as_it_was_written(at: datetime) -> None:
    assert time.read(time.text(at)) == at
    assert time.from_microseconds(time.microseconds(at)) == at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T07:30:00Z", datetime(2026, 3, 1, 7, 30, tzinfo=UTC)),
        ("2026-03-01T07:30:00.1234567Z", datetime(2026, 3, 1, 7, 30, 0, 123456, tzinfo=UTC)),
        ("2026-03-01T07:30:00,5+09:00", datetime(2026, 2, 28, 22, 30, 0, 500000, tzinfo=UTC)),
        ("2026-03-01T07:30:00", None),
        ("2026-02-30T07:30:00Z", None),
        ("2026-03-01", None),
        ("0001-01-01T00:00:00+09:00", None),
        ("yesterday", None),
    ],
)
def test_times(text: str, expected: datetime | None) -> None:
    assert time.read(text) == expected


def test_a_wrong_time_is_named() -> None:
    with pytest.raises(BadRequestData, match="observedAt: 'noon' is not a date-time; write it as"):
        time.parse("noon", what="observedAt")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P2Y", datetime(2024, 3, 31, tzinfo=UTC)),
        ("P1M", datetime(2026, 2, 28, tzinfo=UTC)),
        ("P1W", datetime(2026, 3, 24, tzinfo=UTC)),
        ("P1DT12H", datetime(2026, 3, 29, 12, tzinfo=UTC)),
        ("PT0.5S", datetime(2026, 3, 31, tzinfo=UTC) - timedelta(seconds=0.5)),
        ("P9999Y", datetime.min.replace(tzinfo=UTC)),
    ],
)
def test_durations_count_back(text: str, expected: datetime) -> None:
    assert time.duration(text).before(datetime(2026, 3, 31, tzinfo=UTC)) == expected


@pytest.mark.parametrize("text", ["", "P", "PT", "P1H", "2Y", "P-1D", "P1DT", "forever"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(BadRequestData, match="ISO 8601 duration"):
        time.duration(text)


def test_a_distance_on_the_earth() -> None:
    """Ingolstadt to Munich, centre to centre: 70 km."""
    assert geometry.distance_m((11.4237, 48.7639), (11.5755, 48.1372)) == pytest.approx(70_600, rel=0.01)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ({"type": "Circle", "coordinates": [0, 0]}, "no GeoJSON geometry type"),
        ({"type": "Point"}, "missing"),
        ({"type": "Point", "coordinates": [200, 10]}, "longitude .* comes first"),
        ({"type": "Point", "coordinates": [True, 10]}, "no coordinate"),
        ({"type": "Point", "coordinates": [float("nan"), 10]}, "no coordinate"),
        ({"type": "LineString", "coordinates": [[0, 0]]}, "two positions"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}, "its last is its first"),
        ({"type": "MultiPolygon", "coordinates": []}, "empty"),
    ],
)
def test_what_is_wrong_with_a_geometry_is_said(shape: dict[str, object], words: str) -> None:
    with pytest.raises(BadRequestData, match=f"location: .*{words}"):
        geometry.parse(shape, what="location")


def test_units_have_names() -> None:
    assert units.describe("GQ") == "GQ (microgram per cubic metre)"
    assert units.symbol("KMH") == "km/h"
    assert units.describe("XYZ") == "XYZ"
