"""The thread that speaks with the server: an event loop of its own.

So the store lives as long as its owner wants and not as long as an event loop, opens and closes without one, and the
work on rows does not hold up the hub's answers.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from madang.errors import Unavailable

T = TypeVar("T")


class Thread:
    """Runs coroutines, those of other threads too, until it ends."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def ask(self, work: Coroutine[Any, Any, T]) -> T:
        """The answer, for a coroutine of another loop."""
        self._open(work)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """The answer, for who can wait: at the start, at the end."""
        self._open(work)
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def end(self) -> None:
        """End, when what runs now has run."""
        if self._ended:
            return
        self._ended = True
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()

    def _open(self, work: Coroutine[Any, Any, Any]) -> None:
        if self._ended:
            work.close()
            raise Unavailable("the store is closed")

    def _run(self) -> None:
        try:
            self.loop.run_forever()
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.loop.run_until_complete(asyncio.sleep(0))
        finally:
            self.loop.close()
