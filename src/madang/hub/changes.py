"""Live changes for listeners: each has its own bounded memory, and none can hold up a writer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import partial

import msgspec

from madang.clock import monotonic_s
from madang.govern import Caller, Policy
from madang.hub.uses import Told, Uses, told_of
from madang.model.access import Access
from madang.model.change import Change
from madang.model.entity import Entity
from madang.ports import Bus

BATCHES_HELD = 16
"""So many batches wait as they came, the same for all who hear them; what is more is joined by entity."""
FEW = 20
PAUSE_S, LONGEST_PAUSE_S = 0.0005, 0.25
"""Above a few followers who see the same, these hear at most so often: half a millisecond a follower, a quarter of a
second at most. What happened meanwhile is joined once for all of them; a change after a pause is told at once."""
ENTITIES_HELD = 10_000
"""A listener that is this many entities behind loses the oldest news; they are counted in `Listener.lost`."""


Batch = Sequence[Change]
"""Changes that were committed together, as somebody may see them; the same object for all who see the same."""


class Listener:
    """An asynchronous iterator of changes. One who is slow gets the newest state of each entity instead of every step:
    what waits is at most one change an entity, joined from all that happened since, and a few batches as they came."""

    def __init__(self, end: Callable[["Listener"], None], account: Callable[[Told], Awaitable[None]]) -> None:
        self.lost = 0
        self._account = account
        self._told: Told = dict[str, Sequence[str]]()
        self._batches: list[Batch] = []
        self._waiting: dict[str, Change] = {}
        self._awake = asyncio.Event()
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
        """These were committed; `told` of whom they tell."""
        self._batches.append(batch)
        if told:
            self._told = _both(self._told, told)
        if len(self._batches) > BATCHES_HELD or len(batch) > ENTITIES_HELD:
            self._join()
        self._awake.set()

    async def _some(self) -> None:
        """Until something waits and is on record."""
        while not self._waiting and not self._batches:
            if self._closed:
                raise StopAsyncIteration
            self._awake.clear()
            await self._awake.wait()
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


class _Group:
    """Listeners who may see the same and want the same: what a change is to them is worked out once."""

    def __init__(self, access: Access, types: frozenset[str], ids: frozenset[str]) -> None:
        self.listeners: list[Listener] = []
        self._access = access
        self._types = types
        self._ids = ids
        self._open: list[Change] = []
        self._told: Told = dict[str, Sequence[str]]()
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0

    def tell(self, changes: Sequence[Change]) -> None:
        """Changes were committed."""
        for change in filter(self._wants, changes):
            if (seen := self._seen(change)) is not None:
                self._open.append(seen)
                if self._access.personal:
                    whole = [one for one in (change.before, change.entity) if one is not None]
                    self._told = _both(self._told, told_of(self._access, whole))
        if self._open and self._timer is None:
            pause = min(LONGEST_PAUSE_S, PAUSE_S * max(0, len(self.listeners) - FEW))
            wait = self._last + pause - monotonic_s()
            if wait > 0:
                self._timer = asyncio.get_running_loop().call_later(wait, self.flush)
            else:
                self.flush()

    def flush(self) -> None:
        """What was committed since the last time is told."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._last = monotonic_s()
        told, self._told = self._told, dict[str, Sequence[str]]()
        batch, self._open = self._open, []
        if len(batch) > 1 and len(self.listeners) > FEW:
            batch = list(joined(batch).values())
        if batch:
            for listener in self.listeners:
                listener.hear(batch, told)

    def _wants(self, change: Change) -> bool:
        return (not self._types or not self._types.isdisjoint(change.types)) and (
            not self._ids or change.id in self._ids
        )

    def _seen(self, change: Change) -> Change | None:
        """The change as the listener may see it, or None where nothing of it."""
        access = self._access
        if access.everything:
            return change
        if not access.sees(change.types):
            return None
        before = access.mask(change.before) if change.before else None
        after = access.mask(change.entity) if change.entity else None
        if before is None and after is None:
            return None
        names = tuple(name for name in change.changed if _differs(access, change, name, before, after))
        if not names and before is not None and after is not None:
            return None
        return Change(change.id, change.types, before, after, names)


def _differs(access: Access, change: Change, name: str, before: Entity | None, after: Entity | None) -> bool:
    """The attribute that changed is seen, and as it is seen it changed, too."""
    if not access.shows(change.types, name):
        return False
    if access.tells(change.types, name) or before is None or after is None:
        return True
    return before.attributes.get(name) != after.attributes.get(name)


class Changes:
    """Lets callers listen to what is committed."""

    def __init__(self, policy: Policy, bus: Bus, uses: Uses) -> None:
        self._policy = policy
        self._uses = uses
        self._groups: dict[_Key, _Group] = {}
        self._unsubscribe = bus.subscribe(self._deliver)

    @property
    def followers(self) -> int:
        """How many listen."""
        return sum(len(group.listeners) for group in self._groups.values())

    def listen(self, caller: Caller, *, types: Sequence[str] = (), ids: Sequence[str] = ()) -> Listener:
        """Changes from now on of entities of any of these types and with any of these ids (empty: all), as far as the
        caller may see them. Close the listener when done."""
        access, of_types, of_ids = self._policy.read(caller), frozenset(types), frozenset(ids)
        # The group holds the access, so that its address stays its own.
        key = (id(access), caller.tenant, of_types, of_ids)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(access, of_types, of_ids)
        listener = Listener(partial(self._end, key), partial(self._uses.record, caller))
        group.listeners = [*group.listeners, listener]
        return listener

    def close(self) -> None:
        """End every listener."""
        self._unsubscribe()
        for group in [*self._groups.values()]:
            group.flush()
            for listener in group.listeners:
                listener.close()

    def _deliver(self, tenant: str, changes: Sequence[Change]) -> None:
        for (_, of, _, _), group in [*self._groups.items()]:
            if of == tenant:
                group.tell(changes)

    def _end(self, key: "_Key", listener: Listener) -> None:
        group = self._groups.get(key)
        if group is not None:
            group.listeners = [other for other in group.listeners if other is not listener]
            if not group.listeners:
                group.flush()
                del self._groups[key]


_Key = tuple[int, str, frozenset[str], frozenset[str]]


def joined(changes: Iterable[Change], before: dict[str, Change] | None = None) -> dict[str, Change]:
    """One change an entity, in the order of the last of each; added to those `before`."""
    found = {} if before is None else before
    for change in changes:
        waiting = found.pop(change.id, None)
        found[change.id] = change if waiting is None else _joined(waiting, change)
    return found


def _both(one: Told, other: Told) -> Told:
    if not one or not other:
        return one or other
    names = {*one, *other}
    return {name: list(dict.fromkeys([*one.get(name, ()), *other.get(name, ())])) for name in names}


def _joined(first: Change, then: Change) -> Change:
    changed = (*first.changed, *[name for name in then.changed if name not in first.changed])
    return msgspec.structs.replace(then, before=first.before, changed=changed)
