"""The actuator of a world in another process: orders go out on the line on which the world reports."""

from collections.abc import Callable, Sequence

from madang.model.world import Answer, Orders


class WorldActuator:
    """Sends orders; the field devices' answers come back with a later tick.

    `line` is what carries them (``WorldSource.send``): it says whether a world was there to take them.
    """

    def __init__(self, line: Callable[[Orders], bool]) -> None:
        self._line = line

    async def send(self, orders: Orders) -> Sequence[Answer]:
        """Send. Where no world is on the line every order is answered as refused: nothing was done, nothing waits."""
        if self._line(orders):
            return ()
        detail = "the world is not on the line: its signals run their own plan"
        return [Answer(decision=order.decision, target=order.target, refused=detail) for order in orders.orders]
