"""Operations on whole entities (ETSI GS CIM 009 v1.9.1, 5.6.1, 5.6.6, 5.6.17, 5.6.18, 5.7.1, 5.7.2)."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import msgspec

from madang.govern import Caller
from madang.hub import edits
from madang.hub.gate import Gate, check_id, guarded, not_found
from madang.hub.links import MOST_MEANT, Joining, LinkedEntity, check_meant, follow, meant
from madang.hub.merges import PLAIN, Merge, merge
from madang.hub.project import projected
from madang.hub.results import Page, UpdateResult
from madang.hub.shown import Form, Shown, Texts
from madang.hub.uses import Uses
from madang.model import match
from madang.model.access import Access
from madang.model.alive import alive
from madang.model.entity import Entity
from madang.model.query import AnyOfAll, Condition, EntityQuery, Projection
from madang.model.values import Values

_WHOLE = EntityQuery()


class Entities:
    """Create, retrieve, query, merge, replace, delete."""

    def __init__(self, gate: Gate, uses: Uses) -> None:
        self._gate = gate
        self._uses = uses
        self._shown = Shown(gate, uses)

    async def create(self, caller: Caller, entity: Entity) -> None:
        """Create Entity (5.6.1). Raises AlreadyExists, BadRequestData, Forbidden."""
        self._gate.check(caller, entity)
        await self._gate.write(caller, entity.id, edits.create(entity, self._gate.now(), self._gate.history))

    async def retrieve(self, caller: Caller, id: str, shape: EntityQuery = _WHOLE) -> Entity:
        """Retrieve Entity (5.7.1). Of `shape` count the types and what picks attributes and instances.

        Raises ResourceNotFound where there is none that the caller may see.
        """
        check_id(id)
        found = await self._gate.reading(caller).get(id)
        left = alive(found, self._gate.now()) if found is not None else None
        access = self._gate.access(caller)
        seen = access.mask(left) if left is not None else None
        if seen is None or left is None or not (match.of_types(seen.types, shape.types) if shape.types else True):
            raise not_found(id)
        if access.personal:
            await self._uses.note(caller, access, [left])
        return projected(seen, shape)

    async def query(self, caller: Caller, query: EntityQuery) -> Page:
        """Query Entities (5.7.2), in `query.order`, then by id in code point order. What the caller may not see, or has
        expired, is not there. `q` may ask for linked entities; the answer has none (see `linked`)."""
        return await self._page(caller, query, await self._asked(caller, query))

    async def texts(self, caller: Caller, query: EntityQuery, form: Form) -> Texts:
        """What `query` answers, each entity written in that form."""
        asked = await self._asked(caller, query)
        part = query.attributes or query.pick or query.omit or query.datasets
        found = await self._shown.page(caller, asked, form) if not part else None
        if found is not None:
            return found
        page = await self._page(caller, query, asked)
        last = page.entities[-1].id if len(page.entities) == query.limit > 0 else ""
        return Texts([form.write(one) for one in page.entities], page.count, last)

    async def _asked(self, caller: Caller, query: EntityQuery) -> EntityQuery:
        """The query for the store: of what is alive now, and with the ids of the linked entities that it means."""
        access = self._gate.access(caller)
        where = await meant(query.where, partial(self._meant, caller)) if query.where is not None else None
        # Who sees a part is shown it by the whole: whether its subject agreed, when what is seen was written; and whose
        # it is.
        lean = not (access.partial() or access.personal)
        return msgspec.structs.replace(query, where=where, alive_at=self._gate.now(), lean=lean)

    async def _page(self, caller: Caller, query: EntityQuery, asked: EntityQuery) -> Page:
        """What the store finds as it is `asked`, as far as the caller sees it and `query` wants it."""
        access, now = self._gate.access(caller), asked.alive_at or self._gate.now()
        found, count = await self._gate.reading(caller).find(asked, access)
        left = [one for entity in found if (one := alive(entity, now)) is not None]
        seen = [(entity, shown) for entity in left if (shown := access.mask(entity)) is not None]
        if access.personal:
            await self._uses.note(caller, access, [entity for entity, _ in seen])
        return Page([projected(shown, query) for _, shown in seen], count)

    async def values(self, caller: Caller, query: EntityQuery) -> list[Values | Entity] | None:
        """The entities of `query` as values alone, where all that is written of them is simplified (4.5.4); None where
        the store has no quicker way to them, or the query asks for more."""
        access, now = self._gate.access(caller), self._gate.now()
        if access.personal:
            # Whose they are has to be taken down: values alone do not say.
            return None
        asked = msgspec.structs.replace(query, alive_at=now, lean=True)
        found = await self._gate.reading(caller).values(asked, access)
        return found and [one for one in (_left(one, query, access, now) for one in found) if one is not None]

    def forget(self) -> None:
        """Of entities that are erased nothing stays in memory for who asks again."""
        self._shown.forget()

    async def linked(
        self, caller: Caller, entities: Sequence[Entity], query: EntityQuery, joining: Joining
    ) -> list[LinkedEntity]:
        """The entities that relationships of these lead to (4.5.23), whole; `query` says which of their members are in
        the answer. Raises TooManyResults."""
        wanted = Projection(pick=query.pick, omit=query.omit, linked=query.linked)
        return await follow(partial(self._seen, caller), entities, wanted, joining)

    async def read(self, caller: Caller, ids: list[str]) -> dict[str, Entity]:
        """The current state of those of the entities that exist and may be seen."""
        return await self._seen(caller, ids)

    async def merge(self, caller: Caller, entity: Entity, *, how: Merge = PLAIN, types: AnyOfAll = ()) -> UpdateResult:
        """Merge Entity (5.6.17): a JSON merge patch of the entity; ``urn:ngsi-ld:null`` deletes (5.5.12).

        `entity.types` may be empty; `types` (the parameter `type`) narrows which entity is meant. Raises
        ResourceNotFound, BadRequestData.
        """
        check_id(entity.id)
        result: list[UpdateResult] = []
        merging = merge(entity, self._gate.now(), self._gate.history, how=how, report=result.append)
        edit = guarded(self._gate, caller, entity.id, merging, types)
        await self._gate.write(caller, entity.id, edit, create=False)
        return result[-1]

    async def replace(self, caller: Caller, entity: Entity, *, types: AnyOfAll = ()) -> None:
        """Replace Entity (5.6.18); createdAt stays. Raises ResourceNotFound, BadRequestData."""
        self._gate.check(caller, entity)
        replacing = edits.replace(entity, self._gate.now(), self._gate.history)
        edit = guarded(self._gate, caller, entity.id, replacing, types)
        await self._gate.write(caller, entity.id, edit, create=False)

    async def delete(self, caller: Caller, id: str, *, types: AnyOfAll = ()) -> None:
        """Delete Entity (5.6.6); its history stays (see `temporal.delete`). Raises ResourceNotFound."""
        check_id(id)
        await self._gate.write(caller, id, guarded(self._gate, caller, id, edits.delete(id), types), create=False)

    async def _seen(self, caller: Caller, ids: Sequence[str]) -> dict[str, Entity]:
        access, now = self._gate.access(caller), self._gate.now()
        found = (await self._gate.reading(caller).read(ids)).items()
        left = ((id, alive(entity, now)) for id, entity in found)
        seen = [(entity, access.mask(entity)) for _, entity in left if entity is not None]
        if access.personal:
            await self._uses.note(caller, access, [whole for whole, shown in seen if shown is not None])
        return {entity.id: entity for _, entity in seen if entity is not None}

    async def _meant(self, caller: Caller, types: tuple[str, ...], where: Condition) -> tuple[str, ...]:
        query = EntityQuery(
            types=tuple((type,) for type in types), where=where, limit=MOST_MEANT + 1, alive_at=self._gate.now()
        )
        access = self._gate.access(caller)
        found, _ = await self._gate.reading(caller).find(query, access)
        check_meant([entity.id for entity in found])
        await self._uses.note(caller, access, found)
        return tuple(entity.id for entity in found)


def _left(one: Values | Entity, query: EntityQuery, access: Access, now: datetime) -> Values | Entity | None:
    """What is alive, seen and wanted of it. Values are."""
    if isinstance(one, Values):
        return one
    left = alive(one, now)
    seen = access.mask(left) if left is not None else None
    return projected(seen, query) if seen is not None else None
