"""The actuator that does nothing: records what would have been sent, for a rehearsal beside the real streets."""

from collections import deque
from collections.abc import Sequence

from madang.model.world import Answer, Orders

KEPT = 1000


class DryRun:
    """Keeps the last `KEPT` orders in `sent`; each is answered as refused, because nothing was done."""

    def __init__(self) -> None:
        self.sent: deque[Orders] = deque(maxlen=KEPT)

    async def send(self, orders: Orders) -> Sequence[Answer]:
        self.sent.append(orders)
        return [
            Answer(decision=order.decision, target=order.target, refused="dry run: recorded, not sent")
            for order in orders.orders
        ]
