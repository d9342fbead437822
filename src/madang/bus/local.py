"""The bus of one process: what is published reaches every subscriber at once, in order."""

from collections.abc import Callable, Sequence

from madang.model.change import Change
from madang.ports import Deliver


class LocalBus:
    """Tells the rooms of one process. A subscriber must not block and must not raise."""

    def __init__(self) -> None:
        self._subscribers: list[Deliver] = []

    def publish(self, tenant: str, changes: Sequence[Change]) -> None:
        """Hand the changes, in the order they were committed, to every subscriber."""
        for deliver in self._subscribers:
            deliver(tenant, changes)

    def subscribe(self, deliver: Deliver) -> Callable[[], None]:
        """Have `deliver` called with what is published from now on; the answer ends it."""
        self._subscribers = [*self._subscribers, deliver]
        return lambda: self._end(deliver)

    def close(self) -> None:
        """Nobody is told any more."""
        self._subscribers = []

    def _end(self, deliver: Deliver) -> None:
        self._subscribers = [other for other in self._subscribers if other is not deliver]
