"""Whole entities as pure edits: created, replaced, appended to, deleted. They run inside the store's transaction.

Choices where the standard is silent: an instance that is replaced keeps its createdAt; one that is written again with
the same value counts as modified; what the caller says in createdAt and modifiedAt is ignored (4.8: the broker's own).
"""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from madang.errors import AlreadyExists, ResourceNotFound
from madang.hub.gate import not_found
from madang.model.change import Edited, Sample
from madang.model.document import NULL
from madang.model.document.members import REMOVED
from madang.model.entity import Attribute, Entity

Instances = tuple[Attribute, ...]
Keeps = Callable[[tuple[str, ...]], frozenset[str]]
"""Names of attributes whose history is kept, by types."""


def create(entity: Entity, now: datetime, keeps: Keeps) -> Callable[[Entity | None], Edited]:
    """The entity is new (5.6.1). Refuses with AlreadyExists."""

    def edit(old: Entity | None) -> Edited:
        if old is not None:
            raise AlreadyExists(f"the entity '{entity.id}' exists already; update it instead, or choose another id")
        return fresh(entity, None, now, keeps)

    return edit


def replace(entity: Entity, now: datetime, keeps: Keeps) -> Callable[[Entity | None], Edited]:
    """The entity's types and attributes become these (5.6.18). Refuses with ResourceNotFound."""

    def edit(old: Entity | None) -> Edited:
        if old is None:
            raise not_found(entity.id)
        return fresh(entity, old, now, keeps)

    return edit


def put(entity: Entity, now: datetime, keeps: Keeps) -> Callable[[Entity | None], Edited]:
    """The entity becomes this, whether it exists or not (5.6.8 with option replace)."""
    return lambda old: fresh(entity, old, now, keeps)


def delete(id: str) -> Callable[[Entity | None], Edited]:
    """The entity is gone (5.6.6); its history stays. Refuses with ResourceNotFound."""

    def edit(old: Entity | None) -> Edited:
        if old is None:
            raise not_found(id)
        return Edited(None, tuple(old.attributes))

    return edit


def unscoped(id: str, now: datetime) -> Callable[[Entity | None], Edited]:
    """The entity has no scope any more (5.6.5). Refuses with ResourceNotFound."""

    def edit(old: Entity | None) -> Edited:
        if old is None:
            raise not_found(id)
        if not old.scopes:
            raise ResourceNotFound(f"the entity '{id}' has no scope")
        return Edited(msgspec.structs.replace(old, scopes=(), modified_at=now))

    return edit


def fresh(entity: Entity, old: Entity | None, now: datetime, keeps: Keeps) -> Edited:
    """The entity as given, stamped; creation times of what it replaces stay."""
    before: Mapping[str, Instances] = old.attributes if old else {}
    attributes = {name: stamped(instances, before.get(name, ()), now) for name, instances in entity.attributes.items()}
    after = Entity(
        id=entity.id,
        types=entity.types,
        attributes=attributes,
        created_at=old.created_at if old else now,
        modified_at=now,
        scopes=entity.scopes,
        expires_at=entity.expires_at,
    )
    gone = [name for name in before if name not in attributes]
    return Edited(after, (*attributes, *gone), samples(attributes, attributes, now, keeps(entity.types)))


def stamped(instances: Instances, before: Instances, now: datetime) -> Instances:
    """The instances modified now, and created when the instance with the same datasetId was, else now."""
    if len(instances) == 1:
        one = instances[0]
        return (stamp(one, _created(one.dataset_id, before, now), now),)
    return tuple([stamp(one, _created(one.dataset_id, before, now), now) for one in instances])


def stamp(one: Attribute, created_at: datetime, now: datetime) -> Attribute:
    """The instance with these times; its own attributes get them too."""
    return Attribute(
        kind=one.kind,
        value=one.value,
        observed_at=one.observed_at,
        unit_code=one.unit_code,
        dataset_id=one.dataset_id,
        created_at=created_at,
        modified_at=now,
        attributes=one.attributes,
        value_type=one.value_type,
        object_type=one.object_type,
        observed_text=one.observed_text,
        expires_at=one.expires_at,
    )


def joined_scopes(old: tuple[str, ...], given: tuple[str, ...], *, overwrite: bool = True) -> tuple[str, ...]:
    """The scopes after an operation: those of the fragment instead of the stored ones, or beside them where nothing may
    be overwritten; none where the fragment has the NGSI-LD Null (5.6.3.4, 5.6.17.4)."""
    if not given:
        return old
    if given == (NULL,):
        return () if overwrite else old
    return given if overwrite else (*old, *[one for one in given if one not in old])


def joined_time(old: datetime | None, given: datetime | None) -> datetime | None:
    """The time that is stored after an operation that brings `given` (None: says nothing of it)."""
    return old if given is None else None if given == REMOVED else given


def joined_text(old: Attribute, given: Attribute) -> str | None:
    """How the time of observation is written that `joined_time` stores."""
    return old.observed_text if given.observed_at is None else given.observed_text


def sampled(one: Attribute) -> Attribute:
    """The instance as history keeps it: the time of observation as a time, not as it was written."""
    return one if one.observed_text is None else msgspec.structs.replace(one, observed_text=None)


def samples(
    written: Mapping[str, object], attributes: Mapping[str, Instances], now: datetime, keep: frozenset[str]
) -> tuple[Sample, ...]:
    """What history keeps of the attributes that were written: their instances of this very moment."""
    if not keep:
        return ()
    return tuple(
        [
            Sample(name, one.observed_at or now, sampled(one))
            for name in written
            if name in keep
            for one in attributes.get(name, ())
            if one.modified_at == now
        ]
    )


def _created(dataset: str | None, before: Instances, now: datetime) -> datetime:
    for one in before:
        if one.dataset_id == dataset:
            return one.created_at or now
    return now
