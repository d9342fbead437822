"""The runner: no record no order, guards, mandates, failures, leases."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import msgspec
import pytest

from madang.account import Account
from madang.decide.runner import Runner
from madang.decide.thinking import Inner
from madang.errors import Unavailable
from madang.model.city import City, ServiceSpec
from madang.model.service import Service, View
from madang.model.world import Answer
from madang.store.memory.ledger import MemoryLedger

Views = Callable[..., View]


def runner(service: Service, city: City, account: Account) -> Runner:
    return Runner(service, city=city, account=account, mind=Inner(service))


async def test_an_order_is_on_record_with_all_it_rests_on(lamps: Service, town: City, view_of: Views) -> None:
    account = Account(MemoryLedger())
    orders, _ = await runner(lamps, town, account).tick(view_of(waiting=3))
    (order,) = orders
    _, record = await account.record(order.decision)
    assert (record.action, record.parameters["stage"]) == (order.action, "on")
    assert record.inputs[0].value == 3
    assert record.permission is not None and record.permission.resolution == "2026-1"
    assert record.permission.until == datetime(2026, 12, 31, 23, tzinfo=UTC), "the end of the day in Berlin"


async def test_without_a_record_there_is_no_order(lamps: Service, town: City, view_of: Views) -> None:
    class FullDisk(MemoryLedger):
        async def append(self, *_: object, **__: object) -> None:
            raise Unavailable("the disk is full")

    under_test = runner(lamps, town, Account(FullDisk()))
    with pytest.raises(Unavailable):
        await under_test.tick(view_of(waiting=3))
    assert not under_test.leased


async def test_a_guards_refusal_is_recorded_once_and_nothing_is_sent(
    lamps: Service, town: City, view_of: Views
) -> None:
    account = Account(MemoryLedger())
    under_test = runner(lamps, town, account)
    for _ in range(3):
        orders, _ = await under_test.tick(view_of(waiting=3, broken=True))
        assert orders == ()
    ((_, record),) = await account.records()
    assert record.refused == "the lamp is broken"


async def test_a_guard_that_cannot_tell_refuses(lamps: Service, town: City, view_of: Views) -> None:
    def confused(*_: object) -> str | None:
        raise KeyError("since")

    service = msgspec.structs.replace(lamps, guards=(confused,))
    account = Account(MemoryLedger())
    orders, _ = await runner(service, town, account).tick(view_of(waiting=3))
    assert orders == ()


async def test_a_service_may_not_act_on_what_it_does_not_declare(lamps: Service, town: City, view_of: Views) -> None:
    account = Account(MemoryLedger())
    service = msgspec.structs.replace(lamps, writes=("Door",))
    orders, _ = await runner(service, town, account).tick(view_of(waiting=3))
    ((_, record),) = await account.records()
    assert orders == () and record.refused is not None and "Door" in record.refused


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (ServiceSpec(), "no committee"),
        (ServiceSpec(enabled=False), "switched off"),
    ],
)
async def test_without_a_mandate_the_fallback_runs(
    lamps: Service, town: City, view_of: Views, spec: ServiceSpec, why: str
) -> None:
    account = Account(MemoryLedger())
    under_test = runner(lamps, msgspec.structs.replace(town, services={"lamps": spec}), account)
    under_test.leased = frozenset({"urn:ngsi-ld:Lamp:1"})
    orders, _ = await under_test.tick(view_of(waiting=3))
    assert [order.action for order in orders] == ["release"]
    assert under_test.status is not None and under_test.status.status == "fallback" and why in under_test.status.reason


async def test_a_mandate_ends_with_its_last_day_in_the_citys_time(lamps: Service, town: City, view_of: Views) -> None:
    spec = town.services["lamps"]
    assert spec.mandate is not None
    short = msgspec.structs.replace(spec.mandate, since=date(2026, 5, 1), until=date(2026, 5, 1))
    city = msgspec.structs.replace(town, services={"lamps": msgspec.structs.replace(spec, mandate=short)})
    account = Account(MemoryLedger())
    under_test = runner(lamps, city, account)
    last = datetime(2026, 5, 1, 21, 59, 59, tzinfo=UTC)
    orders, _ = await under_test.tick(view_of(at=last, waiting=3))
    assert len(orders) == 1
    orders, _ = await under_test.tick(view_of(at=datetime(2026, 5, 1, 22, tzinfo=UTC), waiting=3))
    assert [order.action for order in orders] == ["release"]
    assert not under_test.leased


async def test_a_failing_service_falls_back_and_tries_again_later(lamps: Service, town: City, view_of: Views) -> None:
    account = Account(MemoryLedger())
    under_test = runner(lamps, town, account)
    await under_test.tick(view_of(waiting=3))
    assert under_test.leased
    orders, decision = await under_test.tick(view_of(waiting=-1))
    assert decision is None and [order.action for order in orders] == ["release"]
    assert under_test.status is not None and "ValueError" in under_test.status.reason
    orders, decision = await under_test.tick(view_of(waiting=3))
    assert decision is None, "it pauses before the next try"


async def test_what_the_field_did_is_recorded(lamps: Service, town: City, view_of: Views) -> None:
    account = Account(MemoryLedger())
    under_test = runner(lamps, town, account)
    ((order,), _) = await under_test.tick(view_of(waiting=3))
    answers = [
        Answer(decision=order.decision, target=order.target, refused="minimum green"),
        Answer(decision="other-1", target=order.target),
    ]
    await under_test.settle(answers, order_time := datetime(2026, 5, 1, 8, 0, 1, tzinfo=UTC))
    outcome = await account.outcome(order.decision)
    assert outcome is not None and outcome.refused == "minimum green" and outcome.at == order_time
    assert await account.outcome("other-1") is None
