"""Operations on whole entities (ETSI GS CIM 009 v1.8.1, 5.6.1, 5.6.6, 5.6.17, 5.6.18, 5.7.1, 5.7.2)."""

from datetime import datetime

from madang.govern import Caller
from madang.hub import edits
from madang.hub.gate import Gate, check_id, guarded, not_found
from madang.hub.merges import merge
from madang.hub.project import projected
from madang.hub.results import Page, UpdateResult
from madang.model import match
from madang.model.entity import Entity
from madang.model.query import EntityQuery

_WHOLE = EntityQuery()


class Entities:
    """Create, retrieve, query, merge, replace, delete."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

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
        seen = self._gate.access(caller).mask(found) if found is not None else None
        if seen is None or not (match.of_types(seen.types, shape.types) if shape.types else True):
            raise not_found(id)
        return projected(seen, shape)

    async def query(self, caller: Caller, query: EntityQuery) -> Page:
        """Query Entities (5.7.2), by id in code point order. What the caller may not see is not there."""
        access = self._gate.access(caller)
        found, count = await self._gate.reading(caller).find(query, access)
        seen = (access.mask(entity) for entity in found)
        return Page([projected(entity, query) for entity in seen if entity is not None], count)

    async def read(self, caller: Caller, ids: list[str]) -> dict[str, Entity]:
        """The current state of those of the entities that exist and may be seen."""
        access = self._gate.access(caller)
        found = await self._gate.reading(caller).read(ids)
        seen = ((id, access.mask(entity)) for id, entity in found.items())
        return {id: entity for id, entity in seen if entity is not None}

    async def merge(
        self, caller: Caller, entity: Entity, *, observed_at: datetime | None = None, types: tuple[str, ...] = ()
    ) -> UpdateResult:
        """Merge Entity (5.6.17): a JSON merge patch of the entity; ``urn:ngsi-ld:null`` deletes (5.5.12).

        `entity.types` may be empty; `types` (the parameter `type`) narrows which entity is meant. `observed_at` is
        given to attributes without one of their own. Raises ResourceNotFound, BadRequestData.
        """
        check_id(entity.id)
        result: list[UpdateResult] = []
        merging = merge(entity, self._gate.now(), self._gate.history, observed_at=observed_at, report=result.append)
        await self._gate.write(caller, entity.id, guarded(self._gate, caller, entity.id, merging, types))
        return result[-1]

    async def replace(self, caller: Caller, entity: Entity, *, types: tuple[str, ...] = ()) -> None:
        """Replace Entity (5.6.18); createdAt stays. Raises ResourceNotFound, BadRequestData."""
        self._gate.check(caller, entity)
        replacing = edits.replace(entity, self._gate.now(), self._gate.history)
        await self._gate.write(caller, entity.id, guarded(self._gate, caller, entity.id, replacing, types))

    async def delete(self, caller: Caller, id: str, *, types: tuple[str, ...] = ()) -> None:
        """Delete Entity (5.6.6); its history stays (see `temporal.delete`). Raises ResourceNotFound."""
        check_id(id)
        await self._gate.write(caller, id, guarded(self._gate, caller, id, edits.delete(id), types))
