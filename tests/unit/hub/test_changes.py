"""Listeners hear what they may, in order; a slow one gets the newest state and holds up nobody."""

import asyncio
from datetime import UTC, datetime

import pytest

from madang.bus.local import LocalBus
from madang.clock import WorldClock
from madang.govern import PUBLIC, SYSTEM, Policy
from madang.hub import Hub, changes
from madang.model.dataset import Dataset, Sensitivity
from madang.model.entity import Entity, observed
from madang.store.memory import MemoryStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def declared(type: str, sensitivity: Sensitivity) -> Dataset:
    return Dataset(
        id=type, title={"en": type}, type=type, owner="o", sensitivity=sensitivity, legal_basis="b", purposes=(),
        retention="P1D", licence="l",
    )  # fmt: skip


@pytest.fixture
def hub() -> Hub:
    policy = Policy([declared("Lamp", Sensitivity.PUBLIC), declared("Person", Sensitivity.PERSONAL)])
    return Hub(MemoryStore(), policy, WorldClock(NOON, speed=0), LocalBus())


def lamp(n: int, **values: object) -> Entity:
    return observed(f"urn:x:{n}", "Lamp", NOON, values)


async def test_changes_come_in_order_with_what_changed(hub: Hub) -> None:
    listener = hub.changes.listen(PUBLIC, types=["Lamp"])
    await hub.batch.observe(SYSTEM, [lamp(1, a=1), observed("urn:x:p", "Person", NOON, {}), lamp(2)])
    await hub.entities.delete(SYSTEM, "urn:x:2")
    first, second = await anext(listener), await anext(listener)
    assert (first.id, first.changed, first.deleted) == ("urn:x:1", ("a",), False)
    assert (second.id, second.deleted) == ("urn:x:2", True)


async def test_a_slow_listener_gets_the_newest_state_of_each(hub: Hub) -> None:
    listener = hub.changes.listen(PUBLIC)
    for n in range(100):
        await hub.batch.observe(SYSTEM, [lamp(1, **{"ab"[n % 2]: n})])
    change = await anext(listener)
    assert change.before is None
    assert change.entity is not None
    assert (change.entity.value("a"), change.entity.value("b")) == (98, 99)
    assert change.changed == ("a", "b")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(listener), 0.01)


async def test_what_waits_is_bounded_and_losses_are_counted(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "ENTITIES_HELD", 5)
    listener = hub.changes.listen(PUBLIC)
    await hub.batch.observe(SYSTEM, [lamp(n) for n in range(8)])
    assert listener.lost == 3
    assert (await anext(listener)).id == "urn:x:3"


async def test_a_closed_listener_ends(hub: Hub) -> None:
    listener = hub.changes.listen(PUBLIC, ids=["urn:x:1"])
    await hub.batch.observe(SYSTEM, [lamp(1), lamp(2)])
    hub.close()
    assert [change.id async for change in listener] == ["urn:x:1"]
