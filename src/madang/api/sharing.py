"""What many who follow live changes get alike is written once: a batch of changes, and the snapshot before them.

Five hundred readers of one page see the same and want it in the same form. What is shared is bytes: nobody's place in
the stream, nobody's pace, and nothing that is about people, whose every reader is on record.

What is compressed is compressed once, too. A part is whole blocks of DEFLATE that look back at nothing before them
(RFC 1951, 2) and end at a byte: any parts in a row after one gzip header are a stream, and each leaves at once. How a
reader's stream ends follows from what its parts add (see `api/ending`).
"""

import asyncio
import zlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from madang.api.ending import Ending, Sum, in_a_row, sum_of
from madang.api.wire import Wire, framed
from madang.govern import Caller
from madang.hub import Hub
from madang.hub.listener import Batch
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
_AT_ONCE: Final = 16
"""So many changes are written before others have their turn."""
_LEVEL: Final = 6
"""A sixth of the bytes for 13 ms a megabyte; level 1 leaves a fifth more for 9 ms."""
_INLINE: Final = 64_000
"""Bytes that are compressed quicker than a thread is woken."""
_HEADER: Final = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
"""Of a gzip member without a name or a time, made anywhere (RFC 1952, 2.3)."""


class Part(NamedTuple):
    """A part of an answer as it leaves, and what it adds to a gzip stream (None: it is not compressed)."""

    body: bytes
    sum: Sum | None = None


class _Written(NamedTuple):
    """A batch as events, and these as a chunk of an answer. It holds the batch, so that its address stays its own."""

    batch: Batch
    part: Part
    frame: bytes


class Shared:
    """What is written for readers who may see the same, in one form."""

    def __init__(self, access: Access, form: Form, context: Context, *, packed: bool = False) -> None:
        """`packed`: as parts of a gzip stream."""
        self._packed = packed
        self._access = access
        self._form = form
        self._context = context
        self._batches: OrderedDict[int, _Written] = OrderedDict()
        self._snapshots: Turns[Part] = Turns()

    def opening(self, text: bytes) -> Part:
        """What an answer begins with."""
        part = self.part(text)
        return Part(_HEADER + part.body, part.sum) if self._packed else part

    def part(self, text: bytes) -> Part:
        """The text as a part of an answer."""
        return Part(_block(text), sum_of(text)) if self._packed else Part(text)

    def written(self, batch: Batch) -> Part:
        """The batch as events."""
        kept = self._batches.get(id(batch))
        if kept is not None:
            return kept.part
        return self._keep(batch, [self.part(b"".join([self._change(change) for change in batch]))])

    def frame(self, batch: Batch) -> tuple[bytes, Sum | None] | None:
        """The same as a chunk, and what it adds; None where nobody prepared it."""
        kept = self._batches.get(id(batch))
        return (kept.frame, kept.part.sum) if kept is not None else None

    async def prepare(self, batch: Batch) -> None:
        """Write the batch, with turns for others in between."""
        if id(batch) in self._batches:
            return
        parts: list[Part] = []
        for start in range(0, len(batch), _AT_ONCE):
            if parts:
                await asyncio.sleep(0)
            some = batch[start : start + _AT_ONCE]
            parts.append(self.part(b"".join([self._change(change) for change in some])))
        self._keep(batch, parts)

    def _keep(self, batch: Batch, parts: Sequence[Part]) -> Part:
        part = _together(parts)
        self._batches[id(batch)] = _Written(batch, part, framed(part.body))
        if len(self._batches) > _BATCHES:
            self._batches.popitem(last=False)
        return part

    async def snapshot(self, hub: Hub, caller: Caller, query: EntityQuery) -> AsyncIterator[Part]:
        """Every entity of the query as an event. It is read after it was asked for: a listener that began before misses
        nothing. Those who ask while one is being read share the one after it."""
        if self._access.personal:
            async for entities in _pages(hub, caller, query):
                yield await self._entities(entities)
            return

        async def read() -> Part:
            return _together([await self._entities(entities) async for entities in _pages(hub, caller, query)])

        yield await self._snapshots.share((caller, query.types, query.ids), read)

    async def _entities(self, entities: Sequence[Entity]) -> Part:
        text = b"".join([self._entity(entity, list(entity.attributes)) for entity in entities])
        return await asyncio.to_thread(self.part, text) if self._packed and len(text) > _INLINE else self.part(text)

    def _change(self, change: Change) -> bytes:
        if change.entity is not None:
            return self._entity(change.entity, change.changed)
        return _event("gone", {"id": change.id, "type": [self._context.compact(name) for name in change.types]})

    def _entity(self, entity: Entity, changed: Sequence[str]) -> bytes:
        body = write_entity(entity, self._form, self._context)
        body["changed"] = [self._context.compact(name) for name in changed]
        return _event("entity", body)


class Direct:
    """A follower's short way out: what is shared goes straight to its connection."""

    def __init__(self, shared: Shared, wire: Wire, ending: Ending) -> None:
        """`ending` hears what leaves, where that is compressed."""
        self._wire = wire
        self._ending = ending
        self.prepare = shared.prepare
        self._frame = shared.frame

    def offer(self, batch: Batch) -> bool:
        """Write the batch, unless whoever reads is behind."""
        found = self._frame(batch) if self._wire.is_clear() else None
        if found is None:
            return False
        frame, adds = found
        self._wire.push(frame)
        if adds is not None:
            self._ending.add(adds)
        return True


class Sharing:
    """The readers of one application, by what they see and in which form."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, Form, int, bool], Shared] = OrderedDict()

    def of(self, access: Access, form: Form, context: Context, *, packed: bool = False) -> Shared:
        """What is shared with others who see and want the same."""
        key = (id(access), form, id(context), packed)
        found = self._kept.get(key)
        if found is None:
            # It holds access and context, so that their addresses stay their own.
            found = self._kept[key] = Shared(access, form, context, packed=packed)
            if len(self._kept) > _READERS:
                self._kept.popitem(last=False)
        return found


async def _pages(hub: Hub, caller: Caller, query: EntityQuery) -> AsyncIterator[Sequence[Entity]]:
    """Every entity of the query, a page at a time."""
    after = ""
    while True:
        page = await hub.entities.query(caller, msgspec.structs.replace(query, after=after, limit=PAGE))
        yield page.entities
        if len(page.entities) < PAGE:
            return
        after = page.entities[-1].id


def _together(parts: Sequence[Part]) -> Part:
    """Parts in a row as one."""
    sums = [part.sum for part in parts if part.sum is not None]
    return Part(b"".join([part.body for part in parts]), in_a_row(sums) if sums else None)


def _event(name: str, body: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(body))


def _block(text: bytes) -> bytes:
    """The text as blocks of DEFLATE on their own."""
    made = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return made.compress(text) + made.flush(zlib.Z_SYNC_FLUSH)
