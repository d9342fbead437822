"""The actuator of a city with controllers at its junctions: a lane for each, whatever it speaks."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from madang.act.controller import Controller
from madang.act.lane import Condition, Lane
from madang.act.reading import entity, target
from madang.model.entity import Entity
from madang.model.world import Answer, Order, Orders

MOST_ANSWERS = 10_000
"""Answers that nobody has fetched; older ones are forgotten."""


class FieldActuator:
    """Passes orders on to lanes and never waits for one: a controller's answer comes with a later `send`."""

    def __init__(
        self, controllers: Mapping[str, Controller], *, lines: Sequence[Callable[[], Awaitable[None]]] = ()
    ) -> None:
        """`controllers` by the id of their signal; `lines` are what has to run for them besides (a broker's line)."""
        self._answers: list[Answer] = []
        self._lanes = {target(id): Lane(id, each, said=self._said) for id, each in controllers.items()}
        self._lines = tuple(lines)

    async def run(self) -> None:
        """Serve all lanes until cancelled."""
        async with asyncio.TaskGroup() as group:
            for line in self._lines:
                group.create_task(_forever(line))
            for lane in self._lanes.values():
                group.create_task(lane.run())

    async def send(self, orders: Orders) -> Sequence[Answer]:
        """Post orders and leases; the answers that have come since the last time, and refusals of orders for nobody."""
        by_target: dict[str, list[Order]] = {}
        for order in orders.orders:
            by_target.setdefault(order.target, []).append(order)
        for wanted in set(by_target) - set(self._lanes):
            detail = "no controller of field.toml has this signal"
            for order in by_target[wanted]:
                self._said(Answer(decision=order.decision, target=wanted, refused=detail))
        for id in set(by_target) | set(orders.leased):
            if (lane := self._lanes.get(id)) is not None:
                lane.post(by_target.get(id, ()), leased=id in orders.leased)
        answers, self._answers = self._answers, []
        return answers

    def report(self, at: datetime) -> list[Entity]:
        """The signals whose controllers speak, as entities observed at `at`."""
        return [entity(lane.id, lane.reading, at) for lane in self._lanes.values() if lane.reading is not None]

    def conditions(self) -> dict[str, Condition]:
        """How each controller is, by the id of its signal."""
        return {lane.id: lane.condition for lane in self._lanes.values()}

    def _said(self, answer: Answer) -> None:
        self._answers.append(answer)
        del self._answers[:-MOST_ANSWERS]


async def _forever(line: Callable[[], Awaitable[None]]) -> None:
    await line()
