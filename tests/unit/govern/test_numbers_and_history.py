"""A declared unit asks for a number; a dataset may keep the past of every attribute."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madang.bus.local import LocalBus
from madang.clock import WorldClock
from madang.errors import BadRequestData
from madang.govern import Policy
from madang.govern.caller import SYSTEM
from madang.govern.retention import enforce
from madang.hub import Hub
from madang.model.dataset import Dataset, Sensitivity
from madang.model.entity import observed
from madang.model.query import TemporalQuery
from madang.store.memory import MemoryStore

AT = datetime(2026, 5, 1, 8, tzinfo=UTC)


def dataset(**more: Any) -> Dataset:
    plain: dict[str, Any] = {
        "id": "air",
        "title": {"en": "Air"},
        "type": "Air",
        "owner": "town",
        "sensitivity": Sensitivity.PUBLIC,
        "legal_basis": "public-task",
        "purposes": ("x",),
        "retention": "P1D",
        "licence": "CC-BY-4.0",
    }
    return Dataset(**{**plain, **more})


@pytest.mark.parametrize("value", ["much", True, {"a": 1}, [1, "x"]])
def test_what_is_no_number_has_no_unit(value: Any) -> None:
    policy = Policy([dataset(units={"no2": "GQ"})])
    with pytest.raises(BadRequestData, match="must be a number"):
        policy.check_write(SYSTEM, observed("urn:x:1", "Air", AT, {"no2": value}))


@pytest.mark.parametrize("value", [1, 2.5, -3, [1, 2.5], None])
def test_numbers_pass(value: Any) -> None:
    Policy([dataset(units={"no2": "GQ"})]).check_write(SYSTEM, observed("urn:x:1", "Air", AT, {"no2": value}))


async def test_every_attribute_s_past_is_kept_and_forgotten_when_its_time_is_over() -> None:
    declared, store = dataset(history=("*",)), MemoryStore()
    hub = Hub(store, Policy([declared]), WorldClock(AT, speed=0), LocalBus())
    for hours in range(3):
        await hub.batch.upsert(
            SYSTEM, [observed("urn:x:1", "Air", AT + timedelta(hours=hours), {"no2": hours, "b": 1})]
        )
    (kept,) = await store.history(("urn:x:1",), (), TemporalQuery())
    assert {name: len(found) for name, found in kept.attributes.items()} == {"no2": 3, "b": 3}
    assert await enforce([declared], store, AT + timedelta(days=1, hours=1.5)) == {"air": 4}
    (kept,) = await store.history(("urn:x:1",), (), TemporalQuery())
    assert {name: len(found) for name, found in kept.attributes.items()} == {"no2": 1, "b": 1}


def test_a_past_says_whose_it_is() -> None:
    declared = dataset(sensitivity=Sensitivity.PERSONAL, subject="person", history=("illness",))
    assert Policy([declared]).rule(("Air",)).history == {"illness", "person"}
    bare = dataset(sensitivity=Sensitivity.PERSONAL, subject="person")
    assert Policy([bare]).rule(("Air",)).history == frozenset()
