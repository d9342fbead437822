"""What every actuator keeps to: it carries orders, or says of each why it did not; it does not raise, nor wait for a
device; and a device that hears nothing for 5 s runs its own plan."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from madang.act.dry import KEPT, DryRun
from madang.act.world import WorldActuator
from madang.model.frames import Frames
from madang.model.world import Message, Orders
from madang.sense.world import WorldSource

from .rigs import RIGS, Rig

NOBODY = ("dry", "no world")
"""Actuators that move nothing."""

RUBBISH: list[tuple[str, Any]] = [
    ("stage", {"stage": "s99"}),
    ("stage", {"stage": ["s1"]}),
    ("stage", {}),
    ("lamps", {"lamps": "GGGG"}),
    ("hold", {"phases": "all"}),
    ("force_off", {"phases": [2, "6", None]}),
    ("", {"stage": {"stage": 1e300}}),
]


@pytest.fixture
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    async with RIGS[request.param](tmp_path) as made:
        yield made


def on(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("rig", names, indirect=True)


@on(*RIGS)
async def test_every_order_is_answered_or_refused_with_a_reason(rig: Rig) -> None:
    orders = [rig.order("stage", {"stage": rig.stages[0]}), rig.order("stage", {"stage": rig.stages[1]})]
    await rig.send(*orders)
    for order in orders:
        answer = await rig.answer(order.decision)
        assert answer.target == rig.alive
        assert answer.refused is None or len(answer.refused) > 10
        assert rig.name not in NOBODY or answer.refused


@on(*RIGS)
async def test_rubbish_is_refused_and_raises_nothing(rig: Rig) -> None:
    for action, parameters in RUBBISH:
        order = rig.order(action, parameters)
        await rig.send(order)
        assert (await rig.answer(order.decision)).refused, (action, parameters)
    assert rig.control() == "plan"


@on("world", "mqtt", "ntcip")
async def test_a_device_that_hears_nothing_for_5_s_runs_its_own_plan(rig: Rig) -> None:
    await rig.taken()
    await rig.hold(7)
    assert rig.control() == "service"
    silent_s = monotonic()
    while rig.control() == "service":
        assert monotonic() - silent_s < 8, "still the city's"
        await asyncio.sleep(0.1)
    # The last word may have been half a second old; a simulated world counts whole seconds and tells them late.
    assert monotonic() - silent_s > 3.5


@on("mqtt", "ntcip")
async def test_a_lease_that_has_ended_is_not_taken_again_by_a_renewal(rig: Rig) -> None:
    await rig.taken()
    await asyncio.sleep(7)
    assert rig.control() == "plan"
    await rig.hold(2)
    assert rig.control() == "plan"


@on("world", "mqtt", "ntcip")
async def test_what_is_released_goes_back_to_its_plan(rig: Rig) -> None:
    await rig.taken()
    await rig.hold(1.5)
    order = rig.order("release", {})
    await rig.send(order, leased=False)
    for _ in range(100):
        if any(answer.decision == order.decision for answer in rig.answers) and rig.control() == "plan":
            break
        await rig.send(leased=False)
        await asyncio.sleep(0.1)
    assert [answer.refused for answer in rig.answers if answer.decision == order.decision] == [None]
    assert rig.control() == "plan"


@on("mqtt", "ntcip")
async def test_a_dead_device_delays_no_other(rig: Rig) -> None:
    for _ in range(2):
        dead, alive = (rig.order("stage", {"stage": "s1"}, to) for to in (rig.dead, rig.alive))
        began_s = monotonic()
        await rig.send(dead, alive)
        assert monotonic() - began_s < 0.1
        await rig.answer(alive.decision, within_s=1.5)
        assert (await rig.answer(dead.decision, within_s=6)).refused


@on("world", "mqtt", "ntcip")
async def test_a_device_that_dies_refuses_by_its_silence(rig: Rig) -> None:
    await rig.taken()
    assert rig.kill is not None
    await rig.kill()
    await asyncio.sleep(0.2)
    order = rig.order("stage", {"stage": rig.stages[1]})
    await rig.send(order)
    assert (await rig.answer(order.decision)).refused


async def test_the_worlds_actuator_sends_on_the_line_on_which_it_reports(tmp_path: Path) -> None:
    source = WorldSource(tmp_path / "s")
    actuator = WorldActuator(source.send)
    hearing = asyncio.create_task(anext(source.observations()))
    await asyncio.sleep(0.1)
    reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
    frames, heard = Frames(), list[Message]()
    sent = Orders(at=datetime(2026, 5, 4, 7, 0, tzinfo=UTC), leased=("urn:a",))
    async with asyncio.timeout(10):
        while not heard:
            heard += frames.feed(await reader.read(1000))
        answers = await actuator.send(sent)
        while len(heard) < 2:
            heard += frames.feed(await reader.read(1000))
    # The greeting, then the orders; their answers come with a later tick.
    assert heard[1] == sent and list(answers) == []
    writer.close()
    hearing.cancel()


async def test_a_rehearsal_keeps_the_last_orders(tmp_path: Path) -> None:
    async with RIGS["dry"](tmp_path) as rig:
        dry = DryRun()
        for _ in range(KEPT + 5):
            await dry.send(Orders(at=datetime.now(UTC), orders=(last := rig.order("stage", {}),)))
    assert len(dry.sent) == KEPT and dry.sent[-1].orders == (last,)
