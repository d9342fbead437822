"""What is made coarser says no more than its cell, its step, its hour; and what cannot be is not shown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.errors import BadRequestData
from madang.model.entity import Attribute, Kind, point
from madang.model.geometry import distance_m
from madang.model.transform import PSEUDONYM, alter, parse

KEY = b"k" * 32
NOW = datetime(2026, 3, 1, 12, 34, 56, tzinfo=UTC)


def made(steps: str, value: Any, kind: Kind = Kind.PROPERTY, key: bytes = KEY) -> Attribute | None:
    own = {"by": (Attribute(value="a sensor"),)}
    written = Attribute(
        kind=kind, value=value, observed_at=NOW, modified_at=NOW, created_at=NOW, attributes=own, observed_text="x"
    )
    return alter(parse(steps), key)(written)


def value(steps: str, given: Any, kind: Kind = Kind.PROPERTY, key: bytes = KEY) -> Any:
    found = made(steps, given, kind, key)
    return None if found is None else found.value


@pytest.mark.parametrize("text", ["", "grid", "grid 0 m", "grid -5", "round x", "week", "pseudonym;hour", "grid 5 km"])
def test_what_is_no_transform_is_told(text: str) -> None:
    with pytest.raises(BadRequestData, match="known are"):
        parse(text)


@given(st.floats(-179, 179), st.floats(-80, 80), st.sampled_from([100, 500, 5000]))
def test_a_cell_is_told_and_not_the_place(longitude: float, latitude: float, side_m: int) -> None:
    told = value(f"grid {side_m} m", point(longitude, latitude), Kind.GEO)["coordinates"]
    assert distance_m((longitude, latitude), (told[0], told[1])) <= side_m * 0.75
    again = value(f"grid {side_m} m", point(told[0], told[1]), Kind.GEO)["coordinates"]
    assert again == told, "the middle of a cell is in the cell"


def test_a_shape_is_told_as_the_cell_of_its_middle() -> None:
    square = {"type": "Polygon", "coordinates": [[[0, 0], [0, 2e-4], [2e-4, 2e-4], [2e-4, 0], [0, 0]]]}
    assert value("grid 1000 m", square, Kind.GEO)["type"] == "Point"


@given(st.floats(-1e6, 1e6), st.sampled_from([1, 10, 0.5]))
def test_a_number_is_told_as_the_nearest_step(number: float, step: float) -> None:
    told = value(f"round {step}", number)
    assert abs(told - number) <= step / 2 + 1e-6
    assert value(f"round {step}", told) == told


def test_pseudonyms_are_the_same_for_the_same_and_others_for_another_key() -> None:
    first, again = value("pseudonym", "plate 1"), value("pseudonym", "plate 1")
    assert first == again != value("pseudonym", "plate 2")
    assert value("pseudonym", "plate 1", key=b"o" * 32) != first
    assert value("pseudonym", "urn:x:kim", Kind.RELATIONSHIP).startswith(PSEUDONYM)
    assert len(value("pseudonym", ["urn:x:a", "urn:x:b"], Kind.LIST_RELATIONSHIP)) == 2


@pytest.mark.parametrize(
    ("steps", "given"), [("grid 500 m", 5), ("round 10", "x"), ("round 10", True), ("round 10", [1, "x"])]
)
def test_what_cannot_be_made_coarser_is_not_shown(steps: str, given: Any) -> None:
    assert made(steps, given) is None


@pytest.mark.parametrize(("step", "hours"), [("hour", 12), ("day", 0), ("month", 0), ("year", 0)])
def test_times_are_those_of_the_period(step: str, hours: int) -> None:
    found = made(step, "2026-03-01T12:34:56Z")
    assert found is not None
    assert found.observed_at is not None
    assert (found.observed_at.hour, found.observed_at.minute) == (hours, 0)
    assert NOW - found.observed_at < timedelta(days=366)
    assert found.value == found.observed_at.isoformat().replace("+00:00", "Z")


def test_what_was_written_beside_it_is_not_told() -> None:
    found = made("round 10", 43)
    assert found is not None
    assert (found.attributes, found.modified_at, found.created_at, found.observed_text) == ({}, None, None, None)
    assert found.value == 40
