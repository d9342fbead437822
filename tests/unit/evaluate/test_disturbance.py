"""What goes wrong goes wrong at its second and for good, and nothing else does."""

from datetime import UTC, datetime, timedelta

import pytest

from madang.decide.registry import load
from madang.decide.thinking import Inner, ServiceError
from madang.errors import BadRequestData
from madang.evaluate.disturbance import SLOW_S, Disturbance, disturbed, mortal, parse
from madang.evaluate.session import Plan
from madang.model.entity import observed
from madang.model.service import View
from madang.model.world import Hello, Order, Orders, Tick

AT = datetime(2026, 5, 4, 7, tzinfo=UTC)


class Listening:
    """A city that writes down what it hears and answers each tick with one order."""

    def __init__(self) -> None:
        self.heard: list[Hello | Tick] = []

    async def take(self, message: Hello | Tick) -> Orders:
        self.heard.append(message)
        order = Order(decision=str(message.at.second), target="x", action="stage", parameters={})
        return Orders(at=message.at, orders=(order,), leased=("x",))


def tick(second: int) -> Tick:
    at = AT + timedelta(seconds=second)
    seen = {"queues": second}
    entities = (observed("c", "ApproachObserved", at, seen), observed("s", "TrafficSignal", at, seen))
    return Tick(at=at, entities=entities)


async def told(kind: str, seconds: int = 20, at_s: float = 10) -> tuple[Listening, list[Orders]]:
    city = Listening()
    line = disturbed(city, Disturbance(kind=kind, at_s=at_s))
    hello = Hello(scenario="", scenario_hash="", seed=1, at=AT, speed=0, entities=(), streets={})
    await line.take(hello)
    return city, [await line.take(tick(second)) for second in range(1, seconds + 1)]


async def test_a_hub_that_is_gone_hears_nothing_and_renews_no_lease() -> None:
    city, answers = await told("hub")
    assert [message.at.second for message in city.heard] == [0, *range(1, 10)]
    assert all(answer.leased for answer in answers[:9])
    assert not any(answer.leased or answer.orders for answer in answers[9:])


async def test_dead_detectors_are_silent_and_the_signals_go_on_reporting() -> None:
    city, answers = await told("detectors")
    kinds = [{entity.types[0] for entity in message.entities} for message in city.heard[1:]]
    assert kinds == [{"ApproachObserved", "TrafficSignal"}] * 9 + [{"TrafficSignal"}] * 11
    assert all(answer.leased for answer in answers)


async def test_a_slow_line_brings_the_newest_of_each_entity_late_and_orders_later() -> None:
    city, answers = await told("world")
    heard = [message.at.second for message in city.heard]
    assert heard == [*range(10), 10, 13, 16, 19]
    assert [len(message.entities) for message in city.heard[-3:]] == [2, 2, 2]
    given = {second: answer.orders[0].decision for second, answer in enumerate(answers, 1) if answer.orders}
    given = {second: decision for second, decision in given.items() if second >= 10}
    assert given == {13: "10", 16: "13", 19: "16"}, f"what was decided reaches the streets {SLOW_S} s later"


async def test_a_dead_controller_never_answers_again() -> None:
    mind = mortal(Disturbance(kind="controller", at_s=10), AT)(Inner(load("emergency")))
    assert (await mind.decide(View(at=AT + timedelta(seconds=9), entities={}), {})).commands == ()
    with pytest.raises(ServiceError):
        await mind.decide(View(at=AT + timedelta(seconds=10), entities={}), {})
    await mind.close()


def test_undisturbed_the_city_is_the_city() -> None:
    city = Listening()
    assert disturbed(city, None) is city
    assert disturbed(city, Disturbance(kind="controller", at_s=1)) is city


def test_it_is_read_from_the_command_line() -> None:
    assert parse("hub@1800") == Disturbance(kind="hub", at_s=1800) == parse("hub")
    for wrong in ("power@1800", "hub@soon", "hub@-1", "hub@inf", "hub@nan"):
        with pytest.raises(BadRequestData, match="controller, detectors, hub, world"):
            parse(wrong)


def test_a_disturbance_after_the_end_is_refused() -> None:
    plan = Plan(seeds=(1,), hours=0.1, drain_s=0, disturbances=(parse("hub@360"),))
    with pytest.raises(BadRequestData, match="at 360 s"):
        plan.variants(load("signals"))
    [*_, last] = Plan(seeds=(1,), hours=0.2, drain_s=0, disturbances=(parse("hub@360"),)).variants(load("signals"))
    assert last.name == "signals, hub@360"
