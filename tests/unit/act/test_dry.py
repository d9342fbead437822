"""A rehearsal records and says so."""

from datetime import UTC, datetime

from madang.act.dry import DryRun
from madang.model.world import Order, Orders


async def test_nothing_is_sent_and_everything_recorded() -> None:
    dry = DryRun()
    order = Order(decision="d", target="urn:t", action="release", parameters={})
    orders = Orders(at=datetime(2026, 5, 4, tzinfo=UTC), orders=(order,))
    [answer] = await dry.send(orders)
    assert "not sent" in str(answer.refused)
    assert list(dry.sent) == [orders]
