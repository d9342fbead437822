"""What became of attempts is taken down in the outbox in batches: one transaction for many."""

import asyncio
import logging
from collections.abc import Sequence

from madang.errors import MadangError
from madang.model.change import Outcome
from madang.ports import Store

PAUSE_S = 0.01
"""How long outcomes are collected."""
AGAIN_S = 1.0
"""After this the outbox is tried again, where it refused."""
HELD = 10_000
"""With more outcomes than this in memory, who makes them waits."""

log = logging.getLogger(__name__)


class Settling:
    """Outcomes on their way into the outboxes of all tenants."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[str, list[Outcome]] = {}
        self._count = 0
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def add(self, tenant: str, outcome: Outcome) -> None:
        """Take one more."""
        self._waiting.setdefault(tenant, []).append(outcome)
        self._count += 1
        if self._task is None and not self._closed:
            self._task = asyncio.create_task(self._run(), name="settle")

    async def room(self) -> None:
        """Wait while there are too many in memory."""
        while self._count > HELD and not self._closed:  # noqa: ASYNC110 (rare: an outbox that refuses)
            await asyncio.sleep(PAUSE_S)

    async def flush(self) -> None:
        """All that was added is in the outbox when this returns. Raises Unavailable."""
        async with self._lock:
            for tenant in list(self._waiting):
                outcomes = self._waiting.pop(tenant)
                try:
                    await self._write(tenant, outcomes)
                except BaseException:
                    # In front of what came since, so that the order stays.
                    self._waiting[tenant] = [*outcomes, *self._waiting.get(tenant, [])]
                    raise
                self._count -= len(outcomes)

    async def close(self) -> None:
        """The last ones, as far as the outbox takes them."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
        try:
            await self.flush()
        except MadangError as problem:
            log.warning("%d outcomes are lost, their notices will be sent again: %s", self._count, problem.detail)

    async def _write(self, tenant: str, outcomes: Sequence[Outcome]) -> None:
        await self._store.tenant(tenant).outbox.settle(outcomes)

    async def _run(self) -> None:
        pause_s = PAUSE_S
        while self._waiting:
            await asyncio.sleep(pause_s)
            try:
                await self.flush()
                pause_s = PAUSE_S
            except MadangError as problem:
                log.warning("the outbox takes no outcomes, they are kept and tried again: %s", problem.detail)
                pause_s = AGAIN_S
        self._task = None
