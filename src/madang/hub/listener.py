"""One who follows live changes: a bounded memory of what was not given out yet, which holds up no writer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from madang.hub.uses import Told
from madang.model.change import Change

BATCHES_HELD = 16
"""So many batches wait as they came, the same for all who hear them; what is more is joined by entity."""
ENTITIES_HELD = 10_000
"""A listener that is this many entities behind loses the oldest news; they are counted in `Listener.lost`."""


Batch = Sequence[Change]
"""Changes that were committed together, as somebody may see them; the same object for all who see the same."""


class Outlet(Protocol):
    """A short way out for batches, past the task that takes them: waking a task costs ten times what a write does."""

    async def prepare(self, batch: Batch) -> None:
        """Make what `offer` gives out, once for all who get it alike."""
        ...

    def offer(self, batch: Batch) -> bool:
        """Give the batch out now; False, and nothing is given out, where whoever reads is behind or gone."""
        ...


class Listener:
    """An asynchronous iterator of changes. One who is slow gets the newest state of each entity instead of every step:
    what waits is at most one change an entity, joined from all that happened since, and a few batches as they came."""

    def __init__(self, end: Callable[["Listener"], None], account: Callable[[Told], Awaitable[None]]) -> None:
        self.lost = 0
        self.outlet: Outlet | None = None
        self._account = account
        self._told: Told = dict[str, Sequence[str]]()
        self._batches: list[Batch] = []
        self._waiting: dict[str, Change] = {}
        self._awake = asyncio.Event()
        self._resting = False
        self._end = end
        self._closed = False

    def __aiter__(self) -> AsyncIterator[Change]:
        return self

    async def __anext__(self) -> Change:
        await self._some()
        self._join()
        return self._waiting.pop(next(iter(self._waiting)))

    async def take(self) -> list[Batch]:
        """All that waits, in order, at least one change. Raises StopAsyncIteration when it is closed and empty."""
        await self._some()
        taken = [tuple(self._waiting.values())] if self._waiting else []
        taken += self._batches
        self._waiting, self._batches = {}, []
        return taken

    def close(self) -> None:
        """No more changes; what waits is still given out."""
        self._closed = True
        self._end(self)
        self._awake.set()

    def hear(self, batch: Batch, told: Told) -> None:
        """These were committed; `told` of whom they tell. They leave by the outlet where nothing is before them."""
        if self._closed:
            return
        nothing_before = self._resting and not told and not self._awake.is_set()
        if nothing_before and self.outlet is not None and self.outlet.offer(batch):
            return
        self._batches.append(batch)
        if told:
            self._told = both(self._told, told)
        if len(self._batches) > BATCHES_HELD or len(batch) > ENTITIES_HELD:
            self._join()
        self._awake.set()

    async def _some(self) -> None:
        """Until something waits and is on record."""
        while not self._waiting and not self._batches:
            if self._closed:
                raise StopAsyncIteration
            self._awake.clear()
            self._resting = True
            try:
                await self._awake.wait()
            finally:
                self._resting = False
        while self._told:
            # On record before it is given out; meanwhile more may have come.
            told, self._told = self._told, dict[str, Sequence[str]]()
            await self._account(told)

    def _join(self) -> None:
        """One change an entity of all that waits."""
        batches, self._batches = self._batches, []
        joined((change for batch in batches for change in batch), self._waiting)
        while len(self._waiting) > ENTITIES_HELD:
            self._waiting.pop(next(iter(self._waiting)))
            self.lost += 1


def joined(changes: Iterable[Change], before: dict[str, Change] | None = None) -> dict[str, Change]:
    """One change an entity, in the order of the last of each; added to those `before`."""
    found = {} if before is None else before
    for change in changes:
        waiting = found.pop(change.id, None)
        found[change.id] = change if waiting is None else _joined(waiting, change)
    return found


def both(one: Told, other: Told) -> Told:
    """Of whom the one and the other tell."""
    if not one or not other:
        return one or other
    names = {*one, *other}
    return {name: list(dict.fromkeys([*one.get(name, ()), *other.get(name, ())])) for name in names}


def _joined(first: Change, then: Change) -> Change:
    changed = (*first.changed, *[name for name in then.changed if name not in first.changed])
    return msgspec.structs.replace(then, before=first.before, changed=changed)
