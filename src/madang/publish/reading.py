"""What the public may have: which datasets, and their entities, read as anybody reads them."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Final

import msgspec

from madang.errors import ResourceNotFound
from madang.govern import PUBLIC
from madang.govern.access import DEFAULT
from madang.govern.opening import opening
from madang.hub import Hub
from madang.hub.project import projected
from madang.hub.shown import Form
from madang.model.dataset import Dataset
from madang.model.entity import Entity
from madang.model.query import EntityQuery
from madang.turns import Quantum

PAGE: Final = 1000
STEP: Final = 100
"""So many entities are read at once: nobody else waits for the reading of a long table."""


class Shelf:
    """The published datasets of a hub, by id: those that are open to the public, as far as they are."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def all(self) -> list[Dataset]:
        """In the order of their ids. The default dataset is none: what it takes has no declared shape."""
        terms = self._hub.policy.terms
        found = (one for one in self._hub.policy.datasets if one.type != DEFAULT and opening(one, PUBLIC, terms))
        return sorted(found, key=lambda one: one.id)

    def one(self, id: str) -> Dataset:
        """Raises ResourceNotFound, in the same words for what is not published."""
        found = next((one for one in self.all() if one.id == id), None)
        if found is None:
            raise ResourceNotFound(f"no dataset '{id[:80]}' is published; /catalog lists those that are")
        return found

    async def entities(self, dataset: Dataset, asked: EntityQuery | None = None) -> AsyncIterator[Entity]:
        """All entities of the dataset (that `asked` wants), by id, each with the dataset's attributes alone. Each page
        begins after the id that ended the last: what is written meanwhile moves nobody out of sight."""
        after, quantum = "", Quantum()
        while True:
            page, _ = await self.page(dataset, asked or EntityQuery(), limit=STEP, after=after)
            for entity in page:
                await quantum.rest()
                yield entity
            if len(page) < STEP:
                return
            after = page[-1].id

    async def texts(self, dataset: Dataset, form: Form) -> AsyncGenerator[bytes]:
        """The same as `form` writes each; what was written of an entity is kept until it changes (see `hub/shown`)."""
        part = EntityQuery(pick=_members(dataset))

        def write(entity: Entity) -> bytes:
            return form.write(projected(entity, part))

        mine = Form((dataset.id, form.key), write)
        query, quantum = EntityQuery(types=((dataset.type,),), limit=STEP), Quantum()
        while True:
            found = await self._hub.entities.texts(PUBLIC, query, mine)
            for text in found.texts:
                yield text
            if not found.last:
                return
            await quantum.rest()
            query = msgspec.structs.replace(query, after=found.last)

    async def page(
        self, dataset: Dataset, asked: EntityQuery, *, limit: int, offset: int = 0, after: str = "", count: bool = False
    ) -> tuple[Sequence[Entity], int | None]:
        """A page of them, and how many there are; `after`: of those whose id comes after this one."""
        query = EntityQuery(
            types=((dataset.type,),),
            ids=asked.ids,
            where=asked.where,
            geo=asked.geo,
            order=asked.order,
            after=after,
            limit=limit,
            offset=offset,
            count=count or limit == 0,
            pick=_members(dataset),
        )
        found = await self._hub.entities.query(PUBLIC, query)
        return found.entities, found.count

    async def count(self, dataset: Dataset) -> int:
        """How many entities it has."""
        _, total = await self.page(dataset, EntityQuery(), limit=0, offset=0, count=True)
        return total or 0


def _members(dataset: Dataset) -> tuple[str, ...]:
    """What is picked of an entity; () where the dataset declares no attributes: then all of them are."""
    return ("id", "type", *dataset.attributes) if dataset.attributes else ()
