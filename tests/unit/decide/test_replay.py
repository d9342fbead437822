"""Replay: the same command from the record alone; a difference is said in words."""

from collections.abc import Callable

import msgspec

from madang.account import Account
from madang.decide.replay import compute
from madang.decide.runner import Runner
from madang.decide.thinking import Inner
from madang.model.city import City
from madang.model.decision import DecisionRecord
from madang.model.service import Service, View
from madang.store.memory.ledger import MemoryLedger


async def recorded(service: Service, city: City, *views: View) -> DecisionRecord:
    account = Account(MemoryLedger())
    runner = Runner(service, city=city, account=account, mind=Inner(service))
    for view in views:
        await runner.tick(view)
    (entry, _) = (await account.records())[0]
    _, record = await account.record(entry.id)
    return record


async def test_a_command_is_computed_again_with_its_memory(
    lamps: Service, town: City, view_of: Callable[..., View]
) -> None:
    record = await recorded(lamps, town, view_of(waiting=0), view_of(waiting=0), view_of(waiting=3))
    assert record.parameters["count"] == 2, "it depends on memory"
    found = compute(lamps, record)
    assert found.same and found.computed is not None and found.computed.parameters == record.parameters


async def test_a_forged_reason_differs(lamps: Service, town: City, view_of: Callable[..., View]) -> None:
    record = await recorded(lamps, town, view_of(waiting=3))
    found = compute(lamps, msgspec.structs.replace(record, reason="4 wait"))
    assert not found.same and "reason" in found.difference


async def test_a_forged_input_differs(lamps: Service, town: City, view_of: Callable[..., View]) -> None:
    record = await recorded(lamps, town, view_of(waiting=3))
    less = msgspec.structs.replace(record.inputs[0], value=1)
    found = compute(lamps, msgspec.structs.replace(record, inputs=(less,)))
    assert not found.same and "commands nothing" in found.difference


async def test_another_version_is_named(lamps: Service, town: City, view_of: Callable[..., View]) -> None:
    record = await recorded(lamps, town, view_of(waiting=3))
    found = compute(msgspec.structs.replace(lamps, version="2"), msgspec.structs.replace(record, reason="old words"))
    assert "version 1" in found.difference and "2" in found.difference


async def test_a_fallback_is_computed_again(lamps: Service, town: City, view_of: Callable[..., View]) -> None:
    record = await recorded(lamps, town, view_of(waiting=3), view_of(waiting=-1))
    assert record.action == "release" and record.permission is None
    assert compute(lamps, record).same
