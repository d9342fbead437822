"""Live changes for listeners: none of them can hold up a writer, and a crowd of them costs a writer next to nothing.

Who sees the same is a group: what a change is to them is worked out once. A few hear at once. A crowd is told in
rounds, in slices, so that a request waits for one slice of a round and not for all of it.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from madang.govern import Caller, Policy
from madang.hub.listener import Batch, Listener, both, joined
from madang.hub.uses import Told, Uses, told_of
from madang.model.access import Access
from madang.model.change import Change
from madang.model.entity import Entity
from madang.ports import Bus
from madang.turns import Slices

FEW = 20
"""So many hear each change at once; more of them are a crowd."""
PAUSE_S, LONGEST_PAUSE_S = 0.0005, 0.25
"""After a round a crowd rests: half a millisecond a follower, a quarter of a second at most. What happened meanwhile is
joined once for all of them; a change after a pause is told at once."""
SLICE, REST_S = 16, 0.001
"""So many followers are told in one turn of the event loop, all crowds together, and the rest between two slices."""
MASKED_AT_ONCE = 16
"""So many changes are looked at as a crowd may see them before others have their turn."""


class _Group:
    """Listeners who may see the same and want the same."""

    def __init__(self, access: Access, slices: Slices, types: frozenset[str], ids: frozenset[str]) -> None:
        self.listeners: list[Listener] = []
        self._access = access
        self._slices = slices
        self._types = types
        self._ids = ids
        self._open: list[Change] = []
        self._seen: list[Change] = []
        self._batch: Batch = ()
        self._told: Told = dict[str, Sequence[str]]()
        self._batch_told: Told = dict[str, Sequence[str]]()
        self._rest: list[Listener] = []
        self._round: asyncio.Task[None] | None = None

    def tell(self, changes: Sequence[Change]) -> None:
        """Changes were committed."""
        self._open += filter(self._wants, changes)
        if self._open and self._round is None:
            if len(self.listeners) > FEW:
                self._round = asyncio.get_running_loop().create_task(self._rounds())
            else:
                self.flush()

    def flush(self) -> None:
        """What was committed and not told yet is told now."""
        if self._round is not None:
            self._round.cancel()
            self._round = None
        self._finish()
        self._look(len(self._open))
        self._begin()
        self._finish()

    async def _rounds(self) -> None:
        """Tell a crowd, until there is nothing more to tell."""
        try:
            while self._open:
                for _ in range(0, len(self._open), MASKED_AT_ONCE):
                    self._look(MASKED_AT_ONCE)
                    await asyncio.sleep(0)
                self._begin()
                await self._tell_rest()
                await asyncio.sleep(min(LONGEST_PAUSE_S, PAUSE_S * len(self.listeners)))
        finally:
            if self._round is asyncio.current_task():
                self._round = None
                self._finish()

    async def _tell_rest(self) -> None:
        while self._rest:
            await self._slices.enter()
            listener = self._rest[-1]
            if listener.outlet is not None:
                await listener.outlet.prepare(self._batch)
            self._rest.pop()
            listener.hear(self._batch, self._batch_told)

    def _look(self, count: int) -> None:
        """Find what the listeners see of the next `count` changes."""
        changes, self._open = self._open[:count], self._open[count:]
        for change in changes:
            if (seen := self._masked(change)) is not None:
                self._seen.append(seen)
                if self._access.personal:
                    whole = [one for one in (change.before, change.entity) if one is not None]
                    self._told = both(self._told, told_of(self._access, whole))

    def _begin(self) -> None:
        """What was seen becomes the batch that all hear."""
        batch, self._seen = self._seen, []
        self._batch_told, self._told = self._told, dict[str, Sequence[str]]()
        if len(batch) > 1 and len(self.listeners) > FEW:
            batch = list(joined(batch).values())
        self._batch = batch
        self._rest = [*self.listeners] if batch else []

    def _finish(self) -> None:
        """Who has not heard the batch hears it."""
        rest, self._rest = self._rest, []
        for listener in rest:
            listener.hear(self._batch, self._batch_told)

    def _wants(self, change: Change) -> bool:
        return (not self._types or not self._types.isdisjoint(change.types)) and (
            not self._ids or change.id in self._ids
        )

    def _masked(self, change: Change) -> Change | None:
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
        self._slices = Slices(SLICE, REST_S)
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
            group = self._groups[key] = _Group(access, self._slices, of_types, of_ids)
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
