"""The past of entities (ETSI GS CIM 009 v1.8.1, 5.6.11, 5.6.12, 5.6.13, 5.6.16, 5.7.3, 5.7.4).

A temporal representation is an `Entity` whose attributes have many instances, oldest first.
"""

from madang.errors import ResourceNotFound
from madang.govern import Caller
from madang.hub.edits import Instances, fresh, stamp
from madang.hub.gate import Gate, check_id, not_found
from madang.hub.project import projected
from madang.hub.results import Page
from madang.model.access import Access
from madang.model.change import Edited, Sample
from madang.model.entity import Attribute, Entity
from madang.model.query import EntityQuery, TemporalQuery

_WHOLE, _EVER = EntityQuery(), TemporalQuery()


class Temporal:
    """Append, retrieve, query, delete."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def append(self, caller: Caller, entity: Entity) -> bool:
        """Create or Update Temporal Representation (5.6.11): every instance goes to history, whatever the dataset says.

        The newest instance of each attribute becomes the current state where it is newer than the one there (our
        choice: the hub keeps both). Answers whether the entity is new.
        """
        self._gate.check(caller, entity)
        now = self._gate.now()
        samples = tuple(
            Sample(name, one.observed_at or now, stamp(one, now, now))
            for name, instances in entity.attributes.items()
            for one in instances
        )

        def edit(old: Entity | None) -> Edited:
            newest = {name: _newest(instances) for name, instances in entity.attributes.items()}
            attributes = dict(old.attributes) if old else {}
            later = {name: found for name, found in newest.items() if _supersedes(found, attributes.get(name, ()))}
            types = (*old.types, *[one for one in entity.types if one not in old.types]) if old else entity.types
            if old is not None and not later and types == old.types:
                return Edited(old, (), samples)
            after = Entity(id=entity.id, types=types, attributes=attributes | later, scopes=entity.scopes)
            return Edited(fresh(after, old, now, _nothing).entity, tuple(later), samples)

        change = await self._gate.write(caller, entity.id, edit)
        return change is not None and change.before is None

    async def retrieve(
        self, caller: Caller, id: str, past: TemporalQuery = _EVER, shape: EntityQuery = _WHOLE
    ) -> Entity:
        """Retrieve Temporal Evolution (5.7.3). Of `shape` counts what picks attributes and instances.

        An entity without history answers without attributes; a deleted one still has its past. Raises ResourceNotFound.
        """
        check_id(id)
        access, store = self._gate.access(caller), self._gate.reading(caller)
        found = await store.history((id,), _names(shape), past)
        entity = found[0] if found else await store.get(id)
        seen = access.mask(entity) if entity is not None else None
        if seen is None:
            raise not_found(id)
        return projected(seen, shape) if found else Entity(id=id, types=seen.types)

    async def query(self, caller: Caller, query: EntityQuery, past: TemporalQuery = _EVER) -> Page:
        """Query Temporal Evolution (5.7.4): of the entities that match as they are now, the part of the past."""
        access, store = self._gate.access(caller), self._gate.reading(caller)
        now, count = await store.find(query, access)
        ids = [entity.id for entity in now]
        found = {entity.id: entity for entity in await store.history(ids, _names(query), past)}
        past_of = [found.get(entity.id) or Entity(id=entity.id, types=entity.types) for entity in now]
        seen = (access.mask(entity) for entity in past_of)
        return Page([projected(entity, query) for entity in seen if entity is not None], count)

    async def delete(self, caller: Caller, id: str, name: str | None = None) -> None:
        """Delete the past of an entity (5.6.16), or of one attribute (5.6.13); its current state stays.

        Raises ResourceNotFound.
        """
        check_id(id)
        store = self._gate.writing(caller)
        await self._check_seen(self._gate.access(caller), caller, id)
        if not await store.erase(id, name):
            raise ResourceNotFound(f"'{name}' of '{id}' has no history" if name else f"'{id}' has no history")

    async def _check_seen(self, access: Access, caller: Caller, id: str) -> None:
        found = await self._gate.reading(caller).history((id,), (), TemporalQuery(last=0))
        if not found or not access.sees(found[0].types):
            raise not_found(id)


def _nothing(types: tuple[str, ...]) -> frozenset[str]:
    return frozenset()


def _names(shape: EntityQuery) -> tuple[str, ...]:
    return shape.attributes or tuple(name for name in shape.pick if name not in ("id", "type"))


def _newest(instances: Instances) -> Instances:
    """For each datasetId the instance that was observed last; of those without a time the last one."""
    newest: dict[str | None, Attribute] = {}
    for one in instances:
        other = newest.get(one.dataset_id)
        if other is None or not _older(one, other):
            newest[one.dataset_id] = one
    return tuple(newest.values())


def _supersedes(found: Instances, stored: Instances) -> bool:
    before = {one.dataset_id: one for one in stored}
    return any(one.dataset_id not in before or not _older(one, before[one.dataset_id]) for one in found)


def _older(one: Attribute, other: Attribute) -> bool:
    return one.observed_at is not None and other.observed_at is not None and one.observed_at < other.observed_at
