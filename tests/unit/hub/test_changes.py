"""Listeners hear what they may, in order; a slow one gets the newest state and holds up nobody."""

import asyncio
from datetime import UTC, datetime

import pytest

from madang.bus.local import LocalBus
from madang.clock import WorldClock
from madang.govern import PUBLIC, SYSTEM, Policy
from madang.hub import Hub, changes
from madang.hub import listener as listening
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
    monkeypatch.setattr(listening, "ENTITIES_HELD", 5)
    listener = hub.changes.listen(PUBLIC)
    await hub.batch.observe(SYSTEM, [lamp(n) for n in range(8)])
    assert listener.lost == 3
    assert (await anext(listener)).id == "urn:x:3"


async def test_a_closed_listener_ends(hub: Hub) -> None:
    listener = hub.changes.listen(PUBLIC, ids=["urn:x:1"])
    await hub.batch.observe(SYSTEM, [lamp(1), lamp(2)])
    hub.close()
    assert [change.id async for change in listener] == ["urn:x:1"]


async def test_many_followers_hear_alike_and_not_more_often_than_they_can(hub: Hub) -> None:
    crowd = [hub.changes.listen(PUBLIC, types=["Lamp"]) for _ in range(changes.FEW + 200)]
    await hub.batch.observe(SYSTEM, [lamp(1, a=0)])
    first = [await one.take() for one in crowd]
    assert all(taken[0] is first[0][0] for taken in first), "one batch for all of them"
    for n in range(1, 50):
        await hub.batch.observe(SYSTEM, [lamp(1, a=n), lamp(2, b=n)])
    async with asyncio.timeout(10):
        heard = [await one.take() for one in crowd]
        last = heard
        while last[0][-1][-1].entity.value("b") != 49:  # pyright: ignore[reportOptionalMemberAccess]
            last = [await one.take() for one in crowd]
            heard = [[*known, *more] for known, more in zip(heard, last, strict=True)]
    assert len(heard[0]) < 25, "fewer batches than writes"
    assert all(len({change.id for change in batch}) == len(batch) for batch in heard[0])
    assert all([id(batch) for batch in taken] == [id(batch) for batch in heard[0]] for taken in heard)
    for one in crowd:
        one.close()
    assert hub.changes.followers == 0


async def test_what_was_not_told_yet_is_told_at_the_end(hub: Hub) -> None:
    crowd = [hub.changes.listen(PUBLIC) for _ in range(changes.FEW + 500)]
    await hub.batch.observe(SYSTEM, [lamp(1, a=0)])
    await hub.batch.observe(SYSTEM, [lamp(1, a=1)])
    hub.close()
    for one in crowd:
        assert [change.entity.value("a") async for change in one][-1] == 1  # pyright: ignore[reportOptionalMemberAccess]


class Shortcut:
    """A way out that takes a batch while it is open."""

    def __init__(self) -> None:
        self.prepared: list[changes.Batch] = []
        self.given: list[int] = []
        self.is_open = True

    async def prepare(self, batch: changes.Batch) -> None:
        if batch not in self.prepared:
            self.prepared.append(batch)

    def offer(self, batch: changes.Batch) -> bool:
        if self.is_open:
            self.given += numbers([batch])
        return self.is_open


def numbers(batches: list[changes.Batch]) -> list[int]:
    return [change.entity.value("a") for batch in batches for change in batch]  # pyright: ignore[reportOptionalMemberAccess]


async def test_a_crowd_is_told_in_slices_and_the_writer_waits_for_none(hub: Hub) -> None:
    crowd = [hub.changes.listen(PUBLIC) for _ in range(10 * changes.SLICE)]
    waiting = [asyncio.create_task(one.take()) for one in crowd]
    await asyncio.sleep(0)
    await hub.batch.observe(SYSTEM, [lamp(1, a=0)])
    assert not any(task.done() for task in waiting), "the writer has its answer before anybody is told"
    most = told = 0
    async with asyncio.timeout(10):
        while told < len(crowd):
            await asyncio.sleep(0)
            before, told = told, sum(task.done() for task in waiting)
            most = max(most, told - before)
    assert most <= changes.SLICE


async def test_the_short_way_keeps_the_order_with_the_long_one(hub: Hub) -> None:
    listener, outlet = hub.changes.listen(PUBLIC), Shortcut()
    listener.outlet = outlet
    await hub.batch.observe(SYSTEM, [lamp(1, a=0)])
    assert outlet.given == [], "nobody asks yet: it waits"
    assert numbers(await listener.take()) == [0]
    waiting = asyncio.create_task(listener.take())
    await asyncio.sleep(0)
    await hub.batch.observe(SYSTEM, [lamp(1, a=1)])
    assert outlet.given == [1]
    outlet.is_open = False
    await hub.batch.observe(SYSTEM, [lamp(1, a=2)])
    outlet.is_open = True
    await hub.batch.observe(SYSTEM, [lamp(1, a=3)])
    assert (outlet.given, numbers(await waiting)) == ([1], [2, 3])


async def test_who_comes_or_goes_while_a_crowd_is_told_takes_nothing_from_the_others(hub: Hub) -> None:
    crowd = [hub.changes.listen(PUBLIC) for _ in range(5 * changes.SLICE)]
    await hub.batch.observe(SYSTEM, [lamp(1, a=0)])
    await asyncio.sleep(0.002)
    for one in crowd[::2]:
        one.close()
    await hub.batch.observe(SYSTEM, [lamp(1, a=1)])
    hub.close()
    for one in crowd[1::2]:
        assert [change.entity.value("a") async for change in one][-1] == 1  # pyright: ignore[reportOptionalMemberAccess]


async def test_where_a_batch_cannot_be_prepared_it_goes_the_long_way(hub: Hub) -> None:
    class Broken(Shortcut):
        async def prepare(self, batch: changes.Batch) -> None:
            raise ValueError("no form for it")

    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    crowd = [hub.changes.listen(PUBLIC) for _ in range(changes.FEW + 5)]
    for one in crowd:
        one.outlet = outlet = Broken()
        outlet.is_open = False
    for n in range(2):
        await hub.batch.observe(SYSTEM, [lamp(1, a=n)])
        assert [numbers(await one.take())[-1] for one in crowd] == [n] * len(crowd)
