"""The past of entities, provided (ETSI GS CIM 009 v1.9.1, 5.6.11 to 5.6.16): what is told of it is in ``evolution``.

A temporal representation is an `Entity` whose attributes have many instances, and the instances of its scope (4.5.6).
Choices where the standard is open:

- The hub keeps both the past and the current state: what is added to the past becomes the current state where it is
  newer than that, also of an entity that had none (5.6.11 asks for the past alone).
- Two samples of one instance (attribute and datasetId) with the same observedAt are one: the later replaces the other.
- What is corrected or deleted in the past leaves the current state as it is: that is another operation's business. But
  an entity that is there only because of its past (no other operation ever wrote one of its attributes) goes with it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from madang.errors import BadRequestData, MadangError, ResourceNotFound
from madang.govern import Caller
from madang.hub.edits import Instances, sampled, stamp
from madang.hub.gate import Gate, check_id, not_found
from madang.hub.traces import SCOPE
from madang.model import time
from madang.model.change import Edited, Sample
from madang.model.context import is_uri
from madang.model.document import NULL
from madang.model.entity import Attribute, Entity
from madang.model.query import TemporalQuery
from madang.ports import Store

_TOLD = "urn:madang:past"
"""The instance_id of an instance of the current state that came from the past. Whatever else writes the instance makes
a new one, without it."""

NEVER = TemporalQuery(last=0)
"""Asks for no sample: only who has a past, and of which types."""


class Temporal:
    """Append, add, modify, delete."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def append(self, caller: Caller, entity: Entity, scopes: Instances = ()) -> bool:
        """Create or Update Temporal Representation (5.6.11): every instance goes to history, whatever the dataset says.

        Answers whether there was no past of the entity before.
        """
        self._gate.check(caller, _values(entity))
        known = await self._types(self._gate.writing(caller), entity.id)
        await self._write(caller, entity, scopes)
        return known is None

    async def add(self, caller: Caller, entity: Entity, scopes: Instances = ()) -> None:
        """Add Attributes to a temporal representation (5.6.12); `entity.types` may be empty. Raises ResourceNotFound
        where the entity has no past that the caller may see."""
        check_id(entity.id)
        types = await self._seen(caller, entity.id)
        types = (*types, *[one for one in entity.types if one not in types])
        whole = msgspec.structs.replace(entity, types=types)
        self._gate.check(caller, _values(whole))
        await self._write(caller, whole, scopes)

    async def delete(
        self, caller: Caller, id: str, name: str | None = None, *, dataset: str | None = None, every: bool = True
    ) -> None:
        """Delete the past of an entity (5.6.16), or of one attribute (5.6.13): of all instances, or (not `every`) of
        the one with that datasetId. Raises ResourceNotFound."""
        check_id(id)
        store = self._gate.writing(caller, create=False)
        await self._seen(caller, id)
        if name is None:
            # No trace of this deletion is kept: that would be a past again.
            await store.write(((id, _without_past),))
        if not await store.erase(id, name, dataset=dataset, every=every):
            raise _no_attribute(id, name or "")

    async def modify(self, caller: Caller, id: str, name: str, instance: str, revision: Attribute | None) -> None:
        """Replace one instance (5.6.14), or (None) delete it (5.6.15). Raises ResourceNotFound, BadRequestData."""
        check_id(id)
        if not is_uri(instance):
            raise BadRequestData(f"the instanceId {instance[:80]!r} is not a URI")
        store, now = self._gate.writing(caller, create=False), self._gate.now()
        types = await self._seen(caller, id)
        if revision is not None and name != SCOPE:
            attributes = {name: () if revision.value == NULL else (revision,)}
            self._gate.policy.check_attributes(types, Entity(id=id, types=types, attributes=attributes))

        def revise(old: Attribute) -> Attribute | None:
            return revision and stamp(revision, old.created_at or now, now)

        if not await store.revise(id, name, instance, revise):
            raise ResourceNotFound(f"'{name[:80]}' of '{id[:200]}' has no instance '{instance[:200]}'")

    async def _write(self, caller: Caller, entity: Entity, scopes: Instances) -> None:
        now = self._gate.now()
        samples = _samples(entity.attributes, now) + _samples({SCOPE: scopes}, now)
        store = self._gate.writing(caller)
        outcome = (await store.write(((entity.id, lambda old: _current(entity, scopes, old, now, samples)),)))[0]
        if isinstance(outcome, MadangError):
            raise outcome

    async def _types(self, store: Store, id: str) -> tuple[str, ...] | None:
        found = await store.history((id,), (), NEVER)
        return found[0].types if found else None

    async def _seen(self, caller: Caller, id: str) -> tuple[str, ...]:
        """The types of an entity that has a past, and that the caller sees."""
        types = await self._types(self._gate.reading(caller), id)
        if types is None or not self._gate.open(caller, types):
            raise not_found(id)
        self._gate.policy.check_writer(caller, types)
        return types


def _current(
    entity: Entity, scopes: Instances, old: Entity | None, now: datetime, samples: tuple[Sample, ...]
) -> Edited:
    """The current state with what is newer in the past."""
    attributes = dict(old.attributes) if old else {}
    changed: list[str] = []
    for name, instances in entity.attributes.items():
        before = attributes.get(name, ())
        after = _joined(before, instances, now)
        if after is not before:
            changed.append(name)
            attributes[name] = after
            if not after:
                del attributes[name]
    types = (*old.types, *[one for one in entity.types if one not in old.types]) if old else entity.types
    placed = _scopes(scopes, old.scopes if old else (), now)
    if old is not None and not changed and (types, placed) == (old.types, old.scopes):
        return Edited(old, (), samples)
    after = Entity(
        id=entity.id,
        types=types,
        attributes=attributes,
        created_at=old.created_at if old else now,
        modified_at=now,
        scopes=placed,
        expires_at=entity.expires_at or (old.expires_at if old else None),
    )
    return Edited(after, tuple(changed), samples)


def _joined(before: Instances, instances: Instances, now: datetime) -> Instances:
    """For each datasetId the instance that was observed last; the very tuple where none is newer than there is."""
    after = {one.dataset_id: one for one in before}
    for one in instances:
        other = after.get(one.dataset_id)
        if other is None or not _older(one, other):
            new = stamp(one, other.created_at or now if other else now, now)
            after[one.dataset_id] = msgspec.structs.replace(new, instance_id=_TOLD)
    kept = tuple(one for one in after.values() if one.value != NULL)
    same = len(kept) == len(before) and all(one is other for one, other in zip(kept, before, strict=True))
    return before if same else kept


def _without_past(old: Entity | None) -> Edited:
    """The entity is gone where it is there because of its past alone."""
    if old is None:
        return Edited(None)
    told = all(one.instance_id == _TOLD for instances in old.attributes.values() for one in instances)
    return Edited(None, tuple(old.attributes)) if told and old.attributes else Edited(old)


def _older(one: Attribute, other: Attribute) -> bool:
    return one.observed_at is not None and other.observed_at is not None and one.observed_at < other.observed_at


def _scopes(instances: Instances, old: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    if not instances:
        return old
    timeless = [one for one in instances if one.observed_at is None]
    newest = timeless[-1] if timeless else max(instances, key=lambda one: time.microseconds(one.observed_at or now))
    value = newest.value
    return () if value == NULL else (value,) if isinstance(value, str) else tuple(value)


def _samples(attributes: Mapping[str, Instances], now: datetime) -> tuple[Sample, ...]:
    return tuple(sample for name, instances in attributes.items() for sample in _of_one(name, instances, now))


def _of_one(name: str, instances: Sequence[Attribute], now: datetime) -> list[Sample]:
    """The samples of an attribute. Those that say no time came now, one after the other."""
    found: list[Sample] = []
    for place, one in enumerate(instances):
        reported = now if one.observed_at is not None else now + timedelta(microseconds=place)
        kept = sampled(stamp(one, reported, reported))
        if one.value == NULL:
            kept = msgspec.structs.replace(kept, attributes={})
        found.append(Sample(name, one.observed_at or reported, kept))
    return found


def _values(entity: Entity) -> Entity:
    """The entity without deletions: they are no values to be checked."""
    attributes = {
        name: tuple(one for one in instances if one.value != NULL) for name, instances in entity.attributes.items()
    }
    return msgspec.structs.replace(entity, attributes=attributes)


def _no_attribute(id: str, name: str) -> ResourceNotFound:
    what = f"'{name[:80]}' of '{id[:200]}'" if name else f"'{id[:200]}'"
    return ResourceNotFound(f"{what} has no such history")
