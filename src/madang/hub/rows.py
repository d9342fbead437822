"""The entities of one dataset, for what is made of many: statistics and releases."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import NamedTuple

import msgspec

from madang.govern import SYSTEM
from madang.govern.opening import subjects_of
from madang.hub.gate import Gate
from madang.model.access import Access
from madang.model.alive import alive
from madang.model.dataset import Dataset
from madang.model.entity import Entity
from madang.model.query import Condition, EntityQuery, TemporalQuery, Timerel
from madang.ports import Store

PAGE = 1000
_PAST_PAGE = 100


class Row(NamedTuple):
    """An entity as the reader may see it, and whom it is about: of these only whether they are the same may be used."""

    seen: Entity
    subjects: tuple[str, ...]


class Rows:
    """Read page by page, by id: whatever others write meanwhile, nobody comes twice or is passed over."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def of(
        self, dataset: Dataset, access: Access, *, where: Condition | None = None, tenant: str = ""
    ) -> AsyncIterator[Row]:
        """The entities of the dataset's type that `access` admits and whose masked form satisfies `where`."""
        store = self._gate.reading(msgspec.structs.replace(SYSTEM, tenant=tenant))
        subjects = subjects_of(dataset.subject) if dataset.subject else _nobody
        after = ""
        while True:
            now = self._gate.now()
            query = EntityQuery(types=((dataset.type,),), where=where, alive_at=now, limit=PAGE, after=after)
            found, _ = await store.find(query, access)
            for entity in found:
                left = alive(entity, now)
                seen = access.mask(left) if left is not None else None
                if left is not None and seen is not None:
                    yield Row(seen, tuple(subjects(left)))
            if len(found) < PAGE:
                return
            after = found[-1].id

    async def past(self, dataset: Dataset, access: Access, name: str, since: datetime) -> AsyncIterator[Row]:
        """The same entities, each with the samples of the attribute since then, oldest first: who has some."""
        store = self._gate.reading(SYSTEM)
        asked = TemporalQuery(relation=Timerel.AFTER, at=since)
        page: list[Row] = []
        async for row in self.of(dataset, access):
            page.append(row)
            if len(page) == _PAST_PAGE:
                for one in await _with_past(store, page, name, asked):
                    yield one
                page = []
        for one in await _with_past(store, page, name, asked):
            yield one


async def _with_past(store: Store, page: list[Row], name: str, asked: TemporalQuery) -> list[Row]:
    found = {one.id: one for one in await store.history([row.seen.id for row in page], (name,), asked)} if page else {}
    return [
        Row(msgspec.structs.replace(row.seen, attributes={name: found[row.seen.id].attributes[name]}), row.subjects)
        for row in page
        if row.seen.id in found and name in found[row.seen.id].attributes
    ]


def _nobody(entity: Entity) -> list[str]:
    """Each entity stands for itself where the dataset says not whom it is about."""
    return [entity.id]
