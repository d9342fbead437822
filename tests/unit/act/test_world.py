"""The world's actuator: says whether somebody was there. What all actuators keep to: tests/contracts/test_actuator."""

from datetime import UTC, datetime

import pytest

from madang.act.world import WorldActuator
from madang.model.world import Order, Orders

AT = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
ORDERS = Orders(at=AT, orders=(Order(decision="d", target="urn:t", action="release", parameters={}),))


@pytest.mark.parametrize("there", [True, False])
async def test_the_line_decides_what_is_answered(there: bool) -> None:
    sent: list[Orders] = []

    def line(orders: Orders) -> bool:
        sent.append(orders)
        return there

    answers = await WorldActuator(line).send(ORDERS)
    assert sent == [ORDERS]
    assert [answer.refused for answer in answers] == (
        [] if there else ["the world is not on the line: its signals run their own plan"]
    )
