"""What many ask for at once is made in turns: who asks while it is being made shares the next turn with all others.

So whatever is given out was begun after it was asked for, nothing is older than the question, and a crowd costs one
making after another instead of one for each. After a turn that many shared the next one waits a moment.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Final, Generic, TypeVar

FEW: Final = 4
PAUSE_S: Final = 0.25
"""Between the end of a turn that more than a few shared and the beginning of the next."""

T = TypeVar("T")


class _Turn(Generic[T]):
    """One making, and how many wait for it."""

    def __init__(self, task: "asyncio.Task[T]") -> None:
        self.task = task
        self.waiting = 0


class Turns(Generic[T]):
    """Makes things by their key."""

    def __init__(self) -> None:
        self._next: dict[Hashable, _Turn[T]] = {}
        self._running: dict[Hashable, _Turn[T]] = {}
        self._rested: dict[Hashable, float] = {}

    async def share(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """What `make` makes, begun after this was called; its errors all who wait for it get."""
        turn = self._next.get(key)
        if turn is None:
            task = asyncio.ensure_future(self._make(key, make, self._running.get(key)))
            turn = self._next[key] = _Turn(task)
        turn.waiting += 1
        # One who leaves does not take it from the others.
        return await asyncio.shield(turn.task)

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[T]], before: _Turn[T] | None) -> T:
        if before is not None:
            await asyncio.wait({before.task})
        loop = asyncio.get_running_loop()
        if (rest_s := self._rested.pop(key, 0.0) - loop.time()) > 0:
            await asyncio.sleep(rest_s)
        turn = self._running[key] = self._next.pop(key)
        try:
            return await make()
        finally:
            if self._running.get(key) is turn:
                del self._running[key]
            if turn.waiting > FEW:
                self._rested[key] = loop.time() + PAUSE_S
                loop.call_later(2 * PAUSE_S, self._rested.pop, key, None)
