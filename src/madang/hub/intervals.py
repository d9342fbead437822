"""Subscriptions that are told periodically (timeInterval; ETSI GS CIM 009 v1.9.1, 5.8.6): by the city's clock, every
entity that matches, whether it has changed or not. The first time is one interval after the subscription was made or
changed; no entity, no notification. An interval that the hub was too slow for, or was down in, is not made up for.
"""

import asyncio
import logging
from datetime import datetime, timedelta

import msgspec

from madang.errors import MadangError
from madang.hub.delivery import Delivery
from madang.hub.gate import Gate
from madang.hub.linked import meets, reader
from madang.hub.project import projected
from madang.hub.uses import whom
from madang.hub.watch import Watch
from madang.model.query import EntityQuery

LOOK_S = 0.5
"""The clock is looked at so often at least: a simulated one may be set."""
PAGE = 1000
"""Entities in one notification at most; more go in several."""

log = logging.getLogger(__name__)


class Intervals:
    """The timer of all of them."""

    def __init__(self, gate: Gate, delivery: Delivery) -> None:
        self._gate = gate
        self._delivery = delivery
        self._next: dict[tuple[str, str], tuple[Watch, datetime]] = {}
        self._task: asyncio.Task[None] | None = None

    def put(self, watch: Watch) -> None:
        """There is this one now, instead of the one with its id; its time begins anew. On the event loop."""
        self._next[watch.tenant, watch.id] = (watch, self._gate.now() + _every(watch))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="intervals")

    def remove(self, tenant: str, subscription: str) -> None:
        """It is not told in time any more."""
        self._next.pop((tenant, subscription), None)

    async def close(self) -> None:
        """No more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        while self._next:
            now = self._gate.now()
            for key, (watch, at) in list(self._next.items()):
                if self._next.get(key, (None,))[0] is not watch:
                    # It was changed or deleted while another was told.
                    continue
                every = _every(watch)
                if watch.status(now) != "active" or at > now + every:
                    # Paused, or the clock was put back: one interval from now, not when it has caught up.
                    self._next[key] = (watch, now + every)
                elif at <= now:
                    self._next[key] = (watch, at + every if at + every > now else now + every)
                    await self._tell(watch, now)
            soonest = min((at for _, at in self._next.values()), default=now)
            await asyncio.sleep(min(LOOK_S, max(0.01, (soonest - self._gate.now()).total_seconds())))

    async def _tell(self, watch: Watch, now: datetime) -> None:
        try:
            offset = 0
            while True:
                query = msgspec.structs.replace(watch.query, alive_at=now, limit=PAGE, offset=offset)
                offset += PAGE
                if not await self._page(watch, query, now):
                    return
        except MadangError as problem:
            log.warning("the subscription %s could not be told this time: %s", watch.id, problem.detail)

    async def _page(self, watch: Watch, query: EntityQuery, now: datetime) -> bool:
        """Tell of one page; whether there may be more."""
        store = self._delivery.store.tenant(watch.tenant)
        found, _ = await store.find(query, watch.access)
        both = [(one, entity) for one in found if (entity := watch.access.mask(one)) is not None]
        if watch.linked is not None:
            read = reader(store, watch, now)
            both = [(one, entity) for one, entity in both if await meets(entity, watch.linked, read)]
        if both:
            seen = [entity for _, entity in both]
            about = [whom(watch.access, one) for one, _ in both] if watch.access.personal else []
            data = [watch.encoded(watch.telling.write(entity)) for entity in seen]
            roots = [projected(entity, watch.telling.part) for entity in seen] if watch.joining is not None else []
            notice = msgspec.structs.replace(watch.notice(data, now, roots, about), subscription=watch.id)
            await self._delivery.post(watch.tenant, [notice])
        return len(found) == PAGE


def _every(watch: Watch) -> timedelta:
    return timedelta(seconds=watch.every_s or 0)
