"""What the public may have: which datasets, and their entities, read as anybody reads them."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from madang.errors import ResourceNotFound
from madang.govern import PUBLIC
from madang.govern.access import DEFAULT
from madang.govern.opening import opening
from madang.hub import Hub
from madang.model.dataset import Dataset
from madang.model.entity import Entity
from madang.model.query import EntityQuery
from madang.turns import Quantum

PAGE: Final = 1000


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

    async def first(self, dataset: Dataset) -> Sequence[Entity]:
        """The first `PAGE` entities of the dataset, as `entities` has them."""
        return (await self.page(dataset, EntityQuery(), limit=PAGE, offset=0))[0]

    async def entities(
        self, dataset: Dataset, asked: EntityQuery | None = None, *, first: Sequence[Entity] | None = None
    ) -> AsyncIterator[Entity]:
        """All entities of the dataset (that `asked` wants), by id, each with the dataset's attributes alone; where the
        `first` of them are at hand, they are not read again."""
        offset, quantum, page = 0, Quantum(), first
        while True:
            if page is None:
                page, _ = await self.page(dataset, asked or EntityQuery(), limit=PAGE, offset=offset)
            for entity in page:
                await quantum.rest()
                yield entity
            if len(page) < PAGE:
                return
            offset, page = offset + PAGE, None

    async def page(
        self, dataset: Dataset, asked: EntityQuery, *, limit: int, offset: int, count: bool = False
    ) -> tuple[Sequence[Entity], int | None]:
        """A page of them, and how many there are."""
        query = EntityQuery(
            types=((dataset.type,),),
            ids=asked.ids,
            where=asked.where,
            geo=asked.geo,
            order=asked.order,
            limit=limit,
            offset=offset,
            count=count or limit == 0,
            pick=("id", "type", *dataset.attributes) if dataset.attributes else (),
        )
        found = await self._hub.entities.query(PUBLIC, query)
        return found.entities, found.count

    async def count(self, dataset: Dataset) -> int:
        """How many entities it has."""
        _, total = await self.page(dataset, EntityQuery(), limit=0, offset=0, count=True)
        return total or 0
