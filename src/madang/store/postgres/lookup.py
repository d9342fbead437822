"""Entities by id: those that are asked for while an answer is under way are asked for together, so that many who ask at
once cost the server and this process little more than one."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from madang.errors import Unavailable

Read = Callable[[Sequence[str]], Awaitable[dict[str, str]]]
"""Answers ids with the bodies of those that exist."""

AT_ONCE = 2
"""Questions under way."""

MOST = 1000
"""Ids in a question."""

_Asked = tuple[str, asyncio.AbstractEventLoop, "asyncio.Future[str | None]"]


class Lookup:
    """Belongs to a tenant and runs on the loop of the store's thread; asked from any other."""

    def __init__(self, loop: asyncio.AbstractEventLoop, read: Read) -> None:
        self._loop = loop
        self._read = read
        self._asked: deque[_Asked] = deque()
        self._busy = 0

    async def get(self, id: str) -> str | None:
        """The body of the entity with that id. Raises what `read` does."""
        here = asyncio.get_running_loop()
        answer: asyncio.Future[str | None] = here.create_future()
        self._asked.append((id, here, answer))
        if len(self._asked) == 1:
            # Where there are others, somebody has called already.
            self._loop.call_soon_threadsafe(self._begin)
        return await answer

    def _begin(self) -> None:
        if self._asked and self._busy < AT_ONCE:
            self._busy += 1
            self._loop.create_task(self._answer())

    async def _answer(self) -> None:
        try:
            while self._asked:
                # Others append meanwhile: only taking one by one loses none.
                asked = [self._asked.popleft() for _ in range(min(MOST, len(self._asked)))]
                try:
                    found = await self._read([id for id, _, _ in asked])
                except asyncio.CancelledError:
                    _tell(asked, {}, Unavailable("the store is closed"))
                    raise
                except Exception as problem:  # noqa: BLE001 - handed to those who asked; the task goes on for the others
                    _tell(asked, {}, problem)
                else:
                    _tell(asked, found, None)
        finally:
            self._busy -= 1


def _tell(asked: Sequence[_Asked], found: dict[str, str], problem: Exception | None) -> None:
    for loop in {loop for _, loop, _ in asked}:
        mine = [(answer, found.get(id)) for id, here, answer in asked if here is loop]
        loop.call_soon_threadsafe(_settle, mine, problem)


def _settle(answers: Sequence[tuple["asyncio.Future[str | None]", str | None]], problem: Exception | None) -> None:
    for answer, body in answers:
        if answer.done():
            continue
        if problem is not None:
            answer.set_exception(problem)
        else:
            answer.set_result(body)
