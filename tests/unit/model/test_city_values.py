"""The values of a city: what they refuse by themselves, and that a mandate's first day is called `from` in the file."""

from datetime import date
from typing import Any

import msgspec
import pytest

from madang.model.city import Committee, Mandate, ServiceSpec, WorldSpec


def test_a_mandate_begins_with_from() -> None:
    table = {"committee": "mobility", "resolution": "1", "from": date(2027, 1, 1), "until": date(2027, 2, 1)}
    assert msgspec.convert(table, Mandate).since == date(2027, 1, 1)


def test_a_service_is_on_and_without_mandate_unless_said() -> None:
    assert ServiceSpec() == ServiceSpec(enabled=True, mandate=None, settings={})


@pytest.mark.parametrize(
    "table",
    [{"missed": 1.1}, {"missed": -0.1}, {"speed": -1.0}, {"sensor_range_m": 0.0}, {"seed": -1}, {"seed": 2**31}],
)
def test_a_world_refuses_what_cannot_be(table: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(table, WorldSpec)


def test_a_committee_needs_a_quorum() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"title": {"en": "A"}, "members": ["a"], "quorum": 0}, Committee)
