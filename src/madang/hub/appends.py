"""Attributes appended to an entity, or updated in it, as pure edits: instance by instance (datasetId).

`late`: an observation that is older than the one stored. The standard's operations store it (the caller asked for that
very value); a source's report (``batch.observe``) keeps it for history and leaves the newer state.
"""

from collections.abc import Callable
from datetime import datetime

import msgspec

from madang.hub.edits import Instances, Keeps, fresh, joined_scopes, joined_time, sampled, samples, stamp
from madang.hub.gate import not_found
from madang.hub.results import UpdateResult
from madang.model.change import Edited, Sample
from madang.model.document import NULL
from madang.model.entity import Attribute, Entity

Report = Callable[[UpdateResult], None]
"""Takes the result of an edit; called inside the store's write."""


class Append(msgspec.Struct, frozen=True):
    """How instances are joined: `overwrite` those there are, `add_scope` where there is none, leave `late` ones out."""

    overwrite: bool = True
    add_scope: bool = True
    skip_late: bool = False


def append(
    entity: Entity, now: datetime, keeps: Keeps, *, how: Append, report: Report | None = None, upsert: bool = False
) -> Callable[[Entity | None], Edited]:
    """Join the entity's attributes and types to the stored one (5.6.2, 5.6.3, 5.6.8 with option update, 5.6.9).

    `upsert` creates what does not exist; else refuses with ResourceNotFound. `report` hears what was written.
    """

    def edit(old: Entity | None) -> Edited:
        if old is None:
            if not upsert:
                raise not_found(entity.id)
            return fresh(entity, None, now, keeps)
        return _Join(old, now, how).join(entity, keeps, report)

    return edit


class _Join:
    """One join in the making."""

    __slots__ = ("_how", "_late", "_now", "_old", "_refused")

    def __init__(self, old: Entity, now: datetime, how: Append) -> None:
        self._old = old
        self._now = now
        self._how = how
        self._late: list[Sample] = []
        self._refused: list[tuple[str, str]] = []

    def join(self, entity: Entity, keeps: Keeps, report: Report | None) -> Edited:
        old = self._old
        types = old.types
        if entity.types != types:
            types = (*types, *[type for type in entity.types if type not in types])
        scopes = self._scopes(entity)
        attributes = dict(old.attributes)
        changed: list[str] = []
        for name, instances in entity.attributes.items():
            before = attributes.get(name, ())
            after = self._instances(name, before, instances)
            if after is not before:
                attributes[name] = after
                if not after:
                    del attributes[name]
                changed.append(name)
        if report is not None:
            report(UpdateResult(tuple(changed), tuple(self._refused)))
        expires_at = joined_time(old.expires_at, entity.expires_at)
        after = Entity(
            id=old.id,
            types=types,
            attributes=attributes,
            created_at=old.created_at,
            modified_at=self._now,
            scopes=scopes,
            expires_at=expires_at,
        )
        return self._edited(after, changed, keeps(types))

    def _scopes(self, entity: Entity) -> tuple[str, ...]:
        """An update replaces scopes, and adds none to an entity without (5.6.2.4, 5.6.3.4)."""
        old = self._old.scopes
        if entity.scopes and not old and not self._how.add_scope:
            self._refused.append(("scope", "the entity has no scope; append it first"))
            return old
        return joined_scopes(old, entity.scopes, overwrite=self._how.overwrite)

    def _edited(self, after: Entity, changed: list[str], keep: frozenset[str]) -> Edited:
        old = self._old
        late = tuple(sample for sample in self._late if sample.name in keep)
        same = (after.types, after.scopes, after.expires_at) == (old.types, old.scopes, old.expires_at)
        if not changed and same:
            return Edited(old, (), late)
        kept = samples(dict.fromkeys(changed), after.attributes, self._now, keep)
        return Edited(after, tuple(changed), kept + late)

    def _instances(self, name: str, before: Instances, instances: Instances) -> Instances:
        whole = len(instances) == 1 and len(before) == 1 and instances[0].value != NULL
        if whole and instances[0].dataset_id == before[0].dataset_id:
            one = self._one(name, before[0], instances[0])
            return before if one is None else (one,)
        after = {one.dataset_id: one for one in before}
        same = True
        for new in instances:
            if new.value == NULL and self._how.overwrite:
                # An update by a fragment deletes what the NGSI-LD Null stands for (5.5.8), if it is there.
                same = after.pop(new.dataset_id, None) is None and same
                continue
            one = self._one(name, after.get(new.dataset_id), new)
            if one is not None:
                after[new.dataset_id] = one
                same = False
        return before if same else tuple(after.values())

    def _one(self, name: str, old: Attribute | None, new: Attribute) -> Attribute | None:
        """The instance to store, or None where the old one stays (or none is there)."""
        how, now = self._how, self._now
        if old is None:
            return stamp(new, now, now)
        if not how.overwrite:
            self._refused.append((name, f"the entity has the attribute '{name}' already and noOverwrite was asked for"))
            return None
        one = stamp(new, old.created_at or now, now)
        if how.skip_late and new.observed_at and old.observed_at and new.observed_at < old.observed_at:
            self._late.append(Sample(name, new.observed_at, sampled(one)))
            return None
        return one
