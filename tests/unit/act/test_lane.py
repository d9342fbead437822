"""A lane keeps one controller's trouble to itself, whatever it is."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from madang.act import lane as lanes
from madang.act.lane import Lane
from madang.act.reading import Reading
from madang.errors import Unavailable
from madang.model.world import Answer, Order

READING = Reading(control="plan", reason="its own plan", stage="s1")


class Scripted:
    """A controller that does to each order what the test says."""

    def __init__(self, does: Callable[[Order], Awaitable[str | None]]) -> None:
        self.renewed = 0
        self.closed = False
        self._does = does

    async def order(self, order: Order) -> str | None:
        return await self._does(order)

    async def renew(self) -> None:
        self.renewed += 1

    async def read(self) -> Reading | None:
        return READING

    async def close(self) -> None:
        self.closed = True


def order(decision: str) -> Order:
    return Order(decision=decision, target="urn:ngsi-ld:TrafficSignal:a", action="stage", parameters={})


class Running:
    def __init__(self, does: Callable[[Order], Awaitable[str | None]]) -> None:
        self.controller = Scripted(does)
        self.answers: list[Answer] = []
        self.lane = Lane("a", self.controller, said=self.answers.append)
        self.task = asyncio.create_task(self.lane.run())

    async def answered(self, count: int) -> dict[str, str | None]:
        async with asyncio.timeout(5):
            while len(self.answers) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert not self.task.done()
        return {answer.decision: answer.refused for answer in self.answers}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "LONGEST_S", 0.2)
    monkeypatch.setattr(lanes, "READ_EVERY_S", 0.05)


async def test_an_answer_is_passed_on_and_the_state_is_read() -> None:
    async def does(order: Order) -> str | None:
        return "an intergreen is in progress" if order.decision == "b" else None

    running = Running(does)
    running.lane.post([order("a"), order("b")], leased=True)
    assert await running.answered(2) == {"a": None, "b": "an intergreen is in progress"}
    await asyncio.sleep(0.05)
    assert (running.lane.reading, running.lane.condition.status) == (READING, "running")
    running.task.cancel()
    await asyncio.gather(running.task, return_exceptions=True)
    assert running.controller.closed


async def test_a_bug_in_an_adapter_is_a_refusal_and_the_lane_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    async def does(order: Order) -> str | None:
        if order.decision == "a":
            raise ZeroDivisionError("oh")
        raise Unavailable("nobody is there")

    running = Running(does)
    running.lane.post([order("a"), order("b")], leased=True)
    answers = await running.answered(2)
    assert answers == {"a": "the controller's adapter failed: ZeroDivisionError: oh", "b": "nobody is there"}
    assert "its adapter failed" in caplog.text
    running.task.cancel()


async def test_a_controller_that_never_answers_is_given_its_time_and_no_more() -> None:
    async def does(order: Order) -> str | None:
        await asyncio.sleep(60)
        return None

    running = Running(does)
    running.lane.post([order("a"), order("b")], leased=True)
    await asyncio.sleep(0.1)
    running.lane.post([order("c")], leased=True)
    running.lane.post([order("d")], leased=True)
    answers = await running.answered(4)
    assert "did not answer within" in str(answers["a"])
    assert answers["b"] == "the controller did not answer the order before"
    assert answers["c"] == "a newer order came while the controller did not answer"
    assert answers["d"]
    running.task.cancel()


async def test_a_lease_is_renewed_only_when_the_city_says_so() -> None:
    async def does(order: Order) -> str | None:
        return None

    running = Running(does)
    await asyncio.sleep(0.2)
    assert running.controller.renewed == 0
    for _ in range(3):
        running.lane.post((), leased=True)
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.2)
    assert running.controller.renewed == 3
    running.lane.post((), leased=False)
    await asyncio.sleep(0.1)
    assert running.controller.renewed == 3
    running.task.cancel()
