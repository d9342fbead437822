"""What every actuator keeps to: it carries orders, or says of each why it did not; it does not raise."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from madang.act.dry import KEPT, DryRun
from madang.act.world import WorldActuator
from madang.model.frames import Frames
from madang.model.world import Answer, Message, Order, Orders
from madang.ports import Actuator
from madang.sense.world import WorldSource

AT = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)


def orders(*decisions: str) -> Orders:
    made = tuple(
        Order(decision=decision, target=f"urn:{decision}", action="stage", parameters={"stage": "s1"})
        for decision in decisions
    )
    return Orders(at=AT, orders=made, leased=tuple(order.target for order in made))


def nowhere(tmp_path: Path) -> Sequence[Actuator]:
    """Every actuator, with nothing at its other end."""
    return [DryRun(), WorldActuator(WorldSource(tmp_path / "s").send)]


@pytest.mark.parametrize("which", [0, 1], ids=["dry", "world"])
async def test_what_is_not_carried_out_is_answered_for_each_order(which: int, tmp_path: Path) -> None:
    actuator = nowhere(tmp_path)[which]
    answers = await actuator.send(orders("a", "b"))
    assert [(answer.decision, answer.target) for answer in answers] == [("a", "urn:a"), ("b", "urn:b")]
    assert all(answer.refused for answer in answers)
    assert list(await actuator.send(Orders(at=AT))) == []


async def test_the_worlds_actuator_sends_on_the_line_on_which_it_reports(tmp_path: Path) -> None:
    source = WorldSource(tmp_path / "s")
    actuator: Actuator = WorldActuator(source.send)
    hearing = asyncio.create_task(anext(source.observations()))
    await asyncio.sleep(0.1)
    reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
    frames, heard = Frames(), list[Message]()
    async with asyncio.timeout(10):
        while not heard:
            heard += frames.feed(await reader.read(1000))
        answers: Sequence[Answer] = await actuator.send(orders("a"))
        while len(heard) < 2:
            heard += frames.feed(await reader.read(1000))
    # The greeting, then the orders; their answers come with a later tick.
    assert heard[0] == Orders(at=datetime.fromtimestamp(0, UTC))
    assert heard[1] == orders("a") and list(answers) == []
    writer.close()
    hearing.cancel()


async def test_a_rehearsal_keeps_the_last_orders() -> None:
    dry = DryRun()
    for number in range(KEPT + 5):
        await dry.send(orders(str(number)))
    assert len(dry.sent) == KEPT and dry.sent[-1] == orders(str(KEPT + 4))
