"""How a changed entity is told (ETSI GS CIM 009 v1.9.1, 5.8.6): as it is now, with what is gone and what was before.

Where the standard leaves it open, or says one thing while its test suite expects another:

- An attribute that is gone is an object with the NGSI-LD Null as its value in the normalized form too (5.8.6 has the
  bare Null there); told only to those whose triggers ask for deletions.
- A LanguageProperty that is gone has the languageMap ``{"@none": Null}``; one of a deleted entity has the bare Null.
- Of a deleted entity: its id, type and deletedAt (with sysAttrs createdAt and modifiedAt); its attributes with
  showChanges, or (those that are watched) where attributeDeleted is a trigger.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from madang.hub.difference import Difference
from madang.hub.project import projected
from madang.model.context import Context
from madang.model.document import MEMBER, NULL
from madang.model.document.output import Form, Join, Shape, write_entity, write_instance, write_members
from madang.model.entity import Attribute, Entity, Kind
from madang.model.query import EntityQuery, Projection

_PREVIOUS = {member: "previous" + member[0].upper() + member[1:] for member in MEMBER.values()}
_SYSTEM = ("createdAt", "modifiedAt")


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """The form that a subscription wants: which members (`part`), how written (`form`, in `context`), with the values
    before (`changes`) or without; whether it wants to know of deletions (`deletions`), and of which attributes
    (`watched`, empty: any)."""

    form: Form
    context: Context
    part: EntityQuery
    changes: bool = False
    deletions: bool = False
    watched: frozenset[str] = frozenset()

    def write(self, entity: Entity) -> dict[str, Any]:
        """The entity as it is."""
        return self._picked(write_entity(projected(entity, self.part), self.form, self.context))

    @property
    def members(self) -> Projection:
        """What is told of the entities, and of linked ones."""
        return Projection(pick=self.part.pick, omit=self.part.omit, linked=self.part.linked)

    def joined(self, entity: Entity, join: Join) -> dict[str, Any]:
        """The entity, which was projected already, with linked ones in it."""
        return self._picked(write_entity(entity, msgspec.structs.replace(self.form, join=join), self.context))

    def linked(self, entity: Entity, members: Projection) -> dict[str, Any]:
        """A linked entity."""
        return write_members(entity, members, self.form, self.context)

    def after(self, entity: Entity, found: Difference) -> dict[str, Any]:
        """The entity after a change."""
        part = projected(entity, self.part)
        body = write_entity(part, self.form, self.context)
        gone = self._gone(entity, found.deleted if self.deletions else {})
        updated = found.updated if self.changes else {}
        for name in dict.fromkeys([*gone, *[name for name in updated if name in part.attributes]]):
            was = {old.dataset_id: old for old, _ in updated.get(name, ())}
            pieces = [self._now(one, was.get(one.dataset_id)) for one in part.attributes.get(name, ())]
            pieces += [self._was(one, entity.modified_at) for one in gone.get(name, ())]
            instances = [*part.attributes.get(name, ()), *gone.get(name, ())]
            body[self.context.compact(name)] = self._joined(instances, pieces)
        return self._picked(body)

    def deleted(self, entity: Entity, at: datetime) -> dict[str, Any]:
        """The entity that was deleted at that time, as it was before."""
        bare = msgspec.structs.replace(entity, attributes={}, scopes=())
        body = write_entity(bare, self.form, self.context)
        body["deletedAt"] = at
        if self.changes or self.deletions:
            gone = {
                name: list(instances)
                for name, instances in entity.attributes.items()
                if self.changes or not self.watched or name in self.watched
            }
            for name, instances in self._gone(entity, gone).items():
                pieces = [self._was(one, at, whole=True) for one in instances]
                body[self.context.compact(name)] = self._joined(instances, pieces)
        return self._picked(body)

    def _gone(self, entity: Entity, deleted: Mapping[str, list[Attribute]]) -> Mapping[str, tuple[Attribute, ...]]:
        """The deleted instances that the subscription wants to know of."""
        if not deleted:
            return {}
        attributes = {name: tuple(instances) for name, instances in deleted.items()}
        return projected(msgspec.structs.replace(entity, attributes=attributes), self.part).attributes

    def _now(self, one: Attribute, was: Attribute | None) -> Any:
        """An instance that is there, with the value before if it had another."""
        if self.form.shape is Shape.SIMPLIFIED:
            return self._plain(one)
        body = write_instance(one, self.form, self.context)
        if was is not None:
            member = MEMBER[was.kind]
            body[_PREVIOUS[member]] = write_instance(_stripped(was), self.form, self.context).get(member)
        return body

    def _was(self, one: Attribute, at: datetime | None, *, whole: bool = False) -> Any:
        """An instance that is gone since `at`, alone or with the whole entity."""
        if self.form.shape is Shape.SIMPLIFIED:
            return NULL
        form = msgspec.structs.replace(self.form, language=None)
        member = MEMBER[one.kind]
        body = write_instance(_stripped(one), form, self.context)
        before = body.get(member)
        body[member] = {"@none": NULL} if one.kind is Kind.LANGUAGE and not whole else NULL
        if self.changes:
            body[_PREVIOUS[member]] = before
        if one.dataset_id is not None:
            body["datasetId"] = one.dataset_id
        if form.system:
            body["deletedAt"] = at
        # Where there is nothing else to say, the Null alone says it.
        return NULL if form.shape is Shape.CONCISE and body == {member: NULL} else body

    def _plain(self, one: Attribute) -> Any:
        alone = Entity(id="urn:x", types=("T",), attributes={"a": (one,)})
        return write_entity(alone, self.form, self.context)[self.context.compact("a")]

    def _joined(self, instances: list[Attribute] | tuple[Attribute, ...], pieces: list[Any]) -> Any:
        """The instances of an attribute as one member."""
        if self.form.shape is Shape.SIMPLIFIED:
            if len(pieces) == 1:
                return pieces[0]
            names = [one.dataset_id or "@none" for one in instances]
            return {"dataset": dict(zip(names, pieces, strict=True))}
        return pieces[0] if len(pieces) == 1 else pieces

    def _picked(self, body: dict[str, Any]) -> dict[str, Any]:
        """Without the members that `pick` and `omit` leave out (4.21)."""
        part = self.part
        if part.pick or part.omit:
            for name in ("id", "type", "scope"):
                if name in part.omit or (part.pick and name not in part.pick):
                    body.pop(name, None)
        return body


def _stripped(one: Attribute) -> Attribute:
    """The instance with nothing but its value and its times."""
    return Attribute(kind=one.kind, value=one.value, created_at=one.created_at, modified_at=one.modified_at)
