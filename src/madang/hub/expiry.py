"""What has expired is deleted: entities, instances of attributes, and registrations (ETSI GS CIM 009 v1.9.1, 4.22).

Through the store's writes like any other change, so that subscribers and listeners hear of it; histories stay.
"""

from datetime import datetime

import msgspec

from madang.hub.gate import Gate
from madang.hub.registrations import Registrations
from madang.hub.traces import traced
from madang.model.alive import alive
from madang.model.change import Change, Edit, Edited
from madang.model.entity import Entity
from madang.ports import Store

_BATCH = 500


class Sweep:
    """Deletes, when it is called, what has expired by then, of every tenant."""

    def __init__(self, store: Store, gate: Gate, registrations: Registrations) -> None:
        self._store = store
        self._gate = gate
        self._registrations = registrations

    async def run(self) -> int:
        """Delete it; how many entities were deleted or lost attributes. Raises Unavailable."""
        await self._registrations.expire(self._store)
        count = 0
        for name in self._store.tenants():
            count += await self._tenant(self._store.tenant(name))
        return count

    async def _tenant(self, store: Store) -> int:
        count, now = 0, self._gate.now()

        edit = traced(_expiring(now), now, self._gate.history)
        while True:
            ids = await store.expired(now, _BATCH)
            outcomes = await store.write([(id, edit) for id in ids]) if ids else []
            done = sum(isinstance(outcome, Change) for outcome in outcomes)
            count += done
            if len(ids) < _BATCH or not done:
                return count


def _expiring(now: datetime) -> Edit:
    def edit(old: Entity | None) -> Edited:
        left = alive(old, now) if old is not None else None
        if old is None or left is old:
            return Edited(old)
        if left is None:
            return Edited(None, tuple(old.attributes))
        changed = [name for name, found in old.attributes.items() if left.attributes.get(name) != found]
        return Edited(msgspec.structs.replace(left, modified_at=now), tuple(changed))

    return edit
