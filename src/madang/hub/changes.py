"""Live changes for listeners: each has its own bounded memory, and none can hold up a writer."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from madang.govern import Caller, Policy
from madang.model.access import Access
from madang.model.change import Change
from madang.model.entity import Entity
from madang.ports import Bus

ENTITIES_HELD = 10_000
"""A listener that is this many entities behind loses the oldest news; they are counted in `Listener.lost`."""


class Listener:
    """An asynchronous iterator of changes. One who is slow gets the newest state of each entity instead of every step:
    what waits is at most one change an entity, joined from all that happened since."""

    def __init__(
        self, access: Access, tenant: str, wanted: Callable[[Change], bool], end: Callable[["Listener"], None]
    ):
        self.lost = 0
        self._access = access
        self._tenant = tenant
        self._wanted = wanted
        self._waiting: dict[str, Change] = {}
        self._awake = asyncio.Event()
        self._end = end
        self._closed = False

    def __aiter__(self) -> AsyncIterator[Change]:
        return self

    async def __anext__(self) -> Change:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._awake.clear()
            await self._awake.wait()
        return self._waiting.pop(next(iter(self._waiting)))

    def close(self) -> None:
        """No more changes; what waits is still given out."""
        self._closed = True
        self._end(self)
        self._awake.set()

    def tell(self, tenant: str, change: Change) -> None:
        """A change was committed."""
        if tenant != self._tenant or not self._wanted(change):
            return
        seen = self._seen(change)
        if seen is None:
            return
        waiting = self._waiting.pop(change.id, None)
        self._waiting[change.id] = seen if waiting is None else _joined(waiting, seen)
        if len(self._waiting) > ENTITIES_HELD:
            self._waiting.pop(next(iter(self._waiting)))
            self.lost += 1
        self._awake.set()

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

    def __init__(self, policy: Policy, bus: Bus) -> None:
        self._policy = policy
        self._listeners: list[Listener] = []
        self._unsubscribe = bus.subscribe(self._deliver)

    def listen(self, caller: Caller, *, types: Sequence[str] = (), ids: Sequence[str] = ()) -> Listener:
        """Changes from now on of entities of any of these types and with any of these ids (empty: all), as far as the
        caller may see them. Close the listener when done."""
        of_types, of_ids = frozenset(types), frozenset(ids)

        def wanted(change: Change) -> bool:
            return (not of_types or not of_types.isdisjoint(change.types)) and (not of_ids or change.id in of_ids)

        listener = Listener(self._policy.read(caller), caller.tenant, wanted, self._end)
        self._listeners = [*self._listeners, listener]
        return listener

    def close(self) -> None:
        """End every listener."""
        self._unsubscribe()
        for listener in self._listeners:
            listener.close()

    def _deliver(self, tenant: str, changes: Sequence[Change]) -> None:
        for listener in self._listeners:
            for change in changes:
                listener.tell(tenant, change)

    def _end(self, listener: Listener) -> None:
        self._listeners = [other for other in self._listeners if other is not listener]


def _joined(first: Change, then: Change) -> Change:
    changed = (*first.changed, *[name for name in then.changed if name not in first.changed])
    return msgspec.structs.replace(then, before=first.before, changed=changed)
