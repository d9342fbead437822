"""The loop: what the world reports reaches the hub, services decide on it, a new world clears what the old one left."""

from datetime import UTC, datetime, timedelta

import msgspec

from madang.account import Account
from madang.bus.local import LocalBus
from madang.clock import WorldClock
from madang.decide.loop import HEAL_EVERY_S, Loop
from madang.decide.runner import Runner
from madang.decide.thinking import Inner
from madang.errors import ResourceNotFound
from madang.govern import Policy
from madang.govern.caller import PUBLIC, SYSTEM
from madang.hub import Hub
from madang.model.city import City
from madang.model.dataset import Dataset, Sensitivity
from madang.model.entity import Entity, observed
from madang.model.service import Decision, Memory, Service, View
from madang.model.world import Answer, Hello, Tick
from madang.store.memory import MemoryLedger, MemoryStore

AT = datetime(2026, 5, 1, 8, tzinfo=UTC)
LAMP = "urn:ngsi-ld:Lamp:1"


def dataset(type: str) -> Dataset:
    return Dataset(
        id=type.lower(),
        title={"en": type},
        type=type,
        owner="town",
        sensitivity=Sensitivity.PUBLIC,
        legal_basis="public-task",
        purposes=("lamps",),
        retention="P1D",
        licence="CC-BY-4.0",
    )


def hello(*entities: Entity) -> Hello:
    return Hello(
        scenario="s", scenario_hash="h", seed=1, at=AT, speed=1, entities=entities, streets={}, transient=("Vehicle",)
    )


class Town:
    """The hub, the account and the loop of a town with lamps."""

    def __init__(self, service: Service, city: City) -> None:
        self.account = Account(MemoryLedger())
        policy = Policy([dataset(type) for type in ("Lamp", "Vehicle", "CityService")])
        self.hub = Hub(MemoryStore(), policy, WorldClock(AT, speed=0), LocalBus())
        runner = Runner(service, city=city, account=self.account, mind=Inner(service))
        self.loop = Loop(self.hub, [runner], told=lambda _: None)

    async def exists(self, id: str) -> bool:
        try:
            await self.hub.entities.retrieve(PUBLIC, id)
        except ResourceNotFound:
            return False
        return True


def tick(second: int, *, answers: tuple[Answer, ...] = (), gone: tuple[str, ...] = (), **values: object) -> Tick:
    at = AT + timedelta(seconds=second)
    return Tick(at=at, entities=(observed(LAMP, "Lamp", at, values),), answers=answers, gone=gone)


async def test_a_report_becomes_an_order_with_a_lease(lamps: Service, town: City) -> None:
    here = Town(lamps, town)
    await here.loop.take(hello())
    orders = await here.loop.take(tick(1, waiting=3))
    assert [order.target for order in orders.orders] == [LAMP]
    assert orders.leased == (LAMP,)
    again = await here.loop.take(tick(2, waiting=0))
    assert again.orders == () and again.leased == (LAMP,), "no change, but the lease is renewed"


async def test_who_has_not_changed_is_shown_as_before_and_who_has_anew(lamps: Service, town: City) -> None:
    views: list[View] = []

    def decide(view: View, memory: Memory) -> Decision:
        views.append(view)
        return Decision(commands=(), memory=memory)

    here = Town(msgspec.structs.replace(lamps, decide=decide), town)
    await here.loop.take(hello())
    await here.loop.take(tick(1, waiting=3, name="left out"))
    await here.loop.take(Tick(at=AT + timedelta(seconds=2), entities=()))
    await here.loop.take(tick(3, waiting=1))
    await here.loop.take(Tick(at=AT + timedelta(seconds=4), entities=(), gone=(LAMP,)))
    shown = [view.entities.get(LAMP) for view in views]
    assert shown[0] is not None and "name" not in shown[0].attributes
    assert shown[1] is shown[0], "nothing is made anew of what stayed as it was"
    assert [entity.value("waiting") if entity else None for entity in shown] == [3, 3, 1, None]


async def test_a_report_keeps_what_it_does_not_mention(lamps: Service, town: City) -> None:
    here = Town(lamps, town)
    await here.loop.take(hello(observed(LAMP, "Lamp", AT, {"name": "Corner"})))
    await here.loop.take(tick(1, waiting=0))
    lamp = await here.hub.entities.retrieve(PUBLIC, LAMP)
    assert (lamp.value("name"), lamp.value("waiting")) == ("Corner", 0)


async def test_an_earlier_worlds_vehicles_are_gone_with_it(lamps: Service, town: City) -> None:
    here = Town(lamps, town)
    bus = "urn:ngsi-ld:Vehicle:1"
    await here.loop.take(hello())
    await here.loop.take(Tick(at=AT, entities=(observed(bus, "Vehicle", AT, {"speed": 3}),)))
    assert await here.exists(bus)
    await here.loop.take(hello())
    assert not await here.exists(bus)


async def test_what_has_left_the_world_leaves_the_hub(lamps: Service, town: City) -> None:
    here = Town(lamps, town)
    await here.loop.take(tick(1, waiting=0))
    await here.loop.take(Tick(at=AT, entities=(), gone=(LAMP,)))
    assert not await here.exists(LAMP)


async def test_the_services_status_is_in_the_hub(lamps: Service, town: City) -> None:
    here = Town(lamps, town)
    await here.loop.take(tick(1, waiting=0))
    status = await here.hub.entities.retrieve(PUBLIC, "urn:ngsi-ld:CityService:lamps")
    assert status.value("status") == "running"
    await here.loop.silent(AT + timedelta(seconds=9), "the world is gone")
    status = await here.hub.entities.retrieve(PUBLIC, "urn:ngsi-ld:CityService:lamps")
    assert (status.value("status"), status.value("reason")) == ("fallback", "the world is gone")


async def test_an_order_that_found_no_device_is_on_record(lamps: Service, town: City) -> None:
    here = Town(lamps, town)
    orders = await here.loop.take(tick(1, waiting=3))
    (order,) = orders.orders
    here.loop.refused([Answer(decision=order.decision, target=LAMP, refused="no world on the line")])
    await here.loop.take(tick(2, waiting=0))
    outcome = await here.account.outcome(order.decision)
    assert outcome is not None and outcome.refused == "no world on the line"


async def test_what_the_hub_refuses_does_not_stop_the_rest(lamps: Service, town: City) -> None:
    here = Town(lamps, town)
    ghost = observed("urn:ngsi-ld:Ghost:1", "Ghost", AT, {"x": 1})
    first = tick(1, waiting=3)
    orders = await here.loop.take(msgspec.structs.replace(first, entities=(ghost, *first.entities)))
    assert len(orders.orders) == 1


async def test_what_the_world_said_at_first_is_put_back_when_it_was_deleted(lamps: Service, town: City) -> None:
    here = Town(lamps, town)
    await here.loop.take(hello(observed(LAMP, "Lamp", AT, {"name": "Corner"})))
    await here.hub.entities.delete(SYSTEM, LAMP)
    other = observed("urn:ngsi-ld:Lamp:2", "Lamp", AT, {"waiting": 0})
    await here.loop.take(Tick(at=AT + timedelta(seconds=5), entities=(other,)))
    assert not await here.exists(LAMP)
    await here.loop.take(Tick(at=AT + timedelta(seconds=HEAL_EVERY_S), entities=(other,)))
    assert await here.exists(LAMP)
