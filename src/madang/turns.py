"""What many ask for at once is made in turns: who asks while it is being made shares the next turn with all others.

So whatever is given out was begun after it was asked for, nothing is older than the question, and a crowd costs one
making after another instead of one for each. After a turn that many shared the next one waits a moment, and those who
shared it leave in slices: nobody else waits for a crowd, but for a slice of it. Nor for the making of a long page: that
is done a `Quantum` at a time.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Iterable
from typing import Final, Generic, TypeVar

from madang.clock import monotonic_s

FEW: Final = 4
PAUSE_S: Final = 0.25
"""Between the end of a turn that more than a few shared and the beginning of the next."""

SLICE: Final = 3
"""So many answers are made and sent before others have their turn."""
REST_S: Final = 0.002
QUANTUM_S: Final = 0.0005
"""So long one maker has the event loop at once: a device's write needs it, or the interpreter's lock, four times, and
waits for no more at each."""
BREAK_S: Final = 0.001
"""So long the maker rests then."""

T = TypeVar("T")
U = TypeVar("U")


class Quantum:
    """Of long work in the event loop: how much of its share is spent."""

    def __init__(self) -> None:
        self._until_s = monotonic_s() + QUANTUM_S

    async def rest(self) -> None:
        """At once where the share is not spent; otherwise when others have had theirs."""
        if monotonic_s() >= self._until_s:
            await asyncio.sleep(BREAK_S)
            self._until_s = monotonic_s() + QUANTUM_S


async def sliced(make: Callable[[U], T], items: Iterable[U]) -> list[T]:
    """What `make` makes of each item, a quantum at a time."""
    quantum, made = Quantum(), list[T]()
    for item in items:
        made.append(make(item))
        await quantum.rest()
    return made


class Slices:
    """Lets a crowd pass, a few at a time with a rest between, in which the event loop does what else there is to do."""

    def __init__(self, few: int, rest_s: float) -> None:
        self._few = few
        self._rest_s = rest_s
        self._passed = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        """Until it is one's turn, in the order of coming; at once where there is no crowd."""
        loop = asyncio.get_running_loop()
        if self._passed < self._few:
            if not self._passed:
                loop.call_later(self._rest_s, self._next)
            self._passed += 1
            return
        turn = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _next(self) -> None:
        self._passed = 0
        while self._waiting and self._passed < self._few:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._passed += 1
        if self._passed:
            asyncio.get_running_loop().call_later(self._rest_s, self._next)


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
        self._leaving = Slices(SLICE, REST_S)

    async def share(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """What `make` makes, begun after this was called; its errors all who wait for it get."""
        turn = self._next.get(key)
        if turn is None:
            task = asyncio.ensure_future(self._make(key, make, self._running.get(key)))
            turn = self._next[key] = _Turn(task)
        turn.waiting += 1
        # One who goes away does not take it from the others.
        made = await asyncio.shield(turn.task)
        if turn.waiting > FEW:
            await self._leaving.enter()
        return made

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
