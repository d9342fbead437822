"""What many who follow live changes get alike is written once: a batch of changes, and the snapshot before them.

Five hundred readers of one page see the same and want it in the same form. What is shared is bytes: nobody's place in
the stream, nobody's pace, and nothing that is about people, whose every reader is on record.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import msgspec

from madang.govern import Caller
from madang.hub import Hub
from madang.hub.changes import Batch
from madang.model.access import Access
from madang.model.change import Change
from madang.model.context import Context
from madang.model.document.output import Form, write_entity
from madang.model.entity import Entity
from madang.model.query import EntityQuery
from madang.turns import Turns

PAGE: Final = 500
_BATCHES: Final = 64
_READERS: Final = 256


class Shared:
    """What is written for readers who may see the same, in one form."""

    def __init__(self, access: Access, form: Form, context: Context) -> None:
        self._access = access
        self._form = form
        self._context = context
        self._batches: OrderedDict[int, tuple[Batch, bytes]] = OrderedDict()
        self._snapshots: Turns[bytes] = Turns()

    def written(self, batch: Batch) -> bytes:
        """The batch as events."""
        kept = self._batches.get(id(batch))
        if kept is not None:
            return kept[1]
        text = b"".join([self._change(change) for change in batch])
        # The batch is kept with its bytes, so that its address stays its own.
        self._batches[id(batch)] = (batch, text)
        if len(self._batches) > _BATCHES:
            self._batches.popitem(last=False)
        return text

    async def snapshot(self, hub: Hub, caller: Caller, query: EntityQuery) -> AsyncIterator[bytes]:
        """Every entity of the query as an event. It is read after it was asked for: a listener that began before misses
        nothing. Those who ask while one is being read share the one after it."""
        if self._access.personal:
            async for entities in _pages(hub, caller, query):
                yield self._entities(entities)
            return

        async def read() -> bytes:
            return b"".join([self._entities(entities) async for entities in _pages(hub, caller, query)])

        yield await self._snapshots.share((caller, query.types, query.ids), read)

    def _entities(self, entities: Sequence[Entity]) -> bytes:
        return b"".join([self._entity(entity, list(entity.attributes)) for entity in entities])

    def _change(self, change: Change) -> bytes:
        if change.entity is not None:
            return self._entity(change.entity, change.changed)
        return _event("gone", {"id": change.id, "type": [self._context.compact(name) for name in change.types]})

    def _entity(self, entity: Entity, changed: Sequence[str]) -> bytes:
        body = write_entity(entity, self._form, self._context)
        body["changed"] = [self._context.compact(name) for name in changed]
        return _event("entity", body)


class Sharing:
    """The readers of one application, by what they see and in which form."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, Form, int], Shared] = OrderedDict()

    def of(self, access: Access, form: Form, context: Context) -> Shared:
        """What is shared with others who see and want the same."""
        key = (id(access), form, id(context))
        found = self._kept.get(key)
        if found is None:
            # It holds access and context, so that their addresses stay their own.
            found = self._kept[key] = Shared(access, form, context)
            if len(self._kept) > _READERS:
                self._kept.popitem(last=False)
        return found


async def _pages(hub: Hub, caller: Caller, query: EntityQuery) -> AsyncIterator[Sequence[Entity]]:
    """Every entity of the query, a page at a time."""
    offset = 0
    while True:
        page = await hub.entities.query(caller, msgspec.structs.replace(query, offset=offset, limit=PAGE))
        yield page.entities
        if len(page.entities) < PAGE:
            return
        offset += PAGE


def _event(name: str, body: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(body))
