"""Parts of entities merged into what is stored, as pure edits (ETSI GS CIM 009 v1.8.1, 5.5.8 and 5.5.12).

In a fragment, a value of None means: not given. ``urn:ngsi-ld:null`` deletes what it stands for.

Choices where the standard is silent: a merge that brings another kind of attribute replaces the instance as a whole; a
deletion of what is not there does nothing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

import msgspec

from madang.errors import BadRequestData, ResourceNotFound
from madang.hub.appends import Report
from madang.hub.edits import Instances, Keeps, joined_scopes, joined_text, joined_time, samples, stamp, stamped
from madang.hub.gate import not_found
from madang.hub.results import UpdateResult
from madang.model.change import Edited
from madang.model.context import CORE
from madang.model.document import NULL
from madang.model.document.value import read_value
from madang.model.entity import Attribute, Entity, Kind

_Edit = Callable[[Entity | None], Edited]


class Merge(msgspec.Struct, frozen=True):
    """How fragments are merged: `observed_at` is given to attributes that had a time and state none; `language` says
    which text of a language map a plain text replaces; `simplified` values keep the kind of what is stored (5.6.17)."""

    observed_at: datetime | None = None
    language: str | None = None
    simplified: bool = False


PLAIN = Merge()


def merge(entity: Entity, now: datetime, keeps: Keeps, *, how: Merge = PLAIN, report: Report | None = None) -> _Edit:
    """Merge the fragment into the entity (5.5.12). Refuses with ResourceNotFound, BadRequestData."""

    def edit(old: Entity | None) -> Edited:
        if old is None:
            raise not_found(entity.id)
        attributes = dict(old.attributes)
        for name, fragments in entity.attributes.items():
            merged = attributes.get(name, ())
            for fragment in fragments:
                merged = _merge_instance(merged, fragment, now, how)
            _put(attributes, name, merged)
        if report is not None:
            report(UpdateResult(tuple(entity.attributes)))
        return _edited(old, entity, attributes, tuple(entity.attributes), now, keeps)

    return edit


def partial(id: str, name: str, fragment: Attribute, now: datetime, keeps: Keeps) -> _Edit:
    """Change members of one instance, the one with the fragment's datasetId (5.6.4, 5.5.8)."""

    def edit(old: Entity | None) -> Edited:
        stored = _stored(old, id, name)
        place = _place(stored, name, fragment.dataset_id)
        if _is_null(fragment):
            return remove(id, name, now, keeps, dataset=fragment.dataset_id)(old)
        one = stored[place]
        if fragment.value is not None and fragment.kind is not one.kind:
            raise BadRequestData(
                f"'{name}' is a {one.kind}, not a {fragment.kind}; replace the attribute to change its kind"
            )
        kept = {own: instances for own, instances in one.attributes.items() if own not in fragment.attributes}
        given = {own: instances for own, instances in fragment.attributes.items() if not _is_null(instances[0])}
        after = Attribute(
            kind=one.kind,
            value=one.value if fragment.value is None else fragment.value,
            observed_at=joined_time(one.observed_at, fragment.observed_at),
            unit_code=_text(one.unit_code, fragment.unit_code),
            dataset_id=one.dataset_id,
            attributes={**kept, **given},
            value_type=_text(one.value_type, fragment.value_type),
            object_type=_text(one.object_type, fragment.object_type),
            expires_at=joined_time(one.expires_at, fragment.expires_at),
            observed_text=joined_text(one, fragment),
        )
        return _written(
            old, name, (*stored[:place], stamp(after, one.created_at or now, now), *stored[place + 1 :]), keeps
        )

    return edit


def replace(id: str, name: str, instances: Instances, now: datetime, keeps: Keeps) -> _Edit:
    """The instances take the place of those with the same datasetId (5.6.19). Each has to exist."""

    def edit(old: Entity | None) -> Edited:
        stored = _stored(old, id, name)
        after = {one.dataset_id: one for one in stored}
        for one in stamped(instances, stored, now):
            _place(stored, name, one.dataset_id)
            after[one.dataset_id] = one
        return _written(old, name, tuple(after.values()), keeps)

    return edit


def remove(
    id: str, name: str, now: datetime, keeps: Keeps, *, dataset: str | None = None, every: bool = False
) -> _Edit:
    """The instance with that datasetId, or every one, is gone (5.6.5)."""

    def edit(old: Entity | None) -> Edited:
        stored = _stored(old, id, name)
        place = 0 if every else _place(stored, name, dataset)
        entity = cast(Entity, old)
        attributes = dict(entity.attributes)
        _put(attributes, name, () if every else (*stored[:place], *stored[place + 1 :]))
        return _edited(entity, entity, attributes, (name,), now, keeps)

    return edit


def _edited(
    old: Entity,
    fragment: Entity,
    attributes: dict[str, Instances],
    names: tuple[str, ...],
    now: datetime,
    keeps: Keeps,
) -> Edited:
    types = (*old.types, *[type for type in fragment.types if type not in old.types])
    after = Entity(
        id=old.id,
        types=types,
        attributes=attributes,
        created_at=old.created_at,
        modified_at=now,
        scopes=old.scopes if fragment is old else joined_scopes(old.scopes, fragment.scopes),
        expires_at=old.expires_at if fragment is old else joined_time(old.expires_at, fragment.expires_at),
    )
    return Edited(after, names, samples(dict.fromkeys(names), attributes, now, keeps(types)))


def _written(old: Entity | None, name: str, instances: Instances, keeps: Keeps) -> Edited:
    entity = cast(Entity, old)
    now = max(one.modified_at for one in instances if one.modified_at)
    return _edited(entity, entity, {**entity.attributes, name: instances}, (name,), now, keeps)


def _stored(old: Entity | None, id: str, name: str) -> Instances:
    if old is None:
        raise not_found(id)
    if name not in old.attributes:
        raise ResourceNotFound(f"the entity '{id}' has no attribute '{name}'")
    return old.attributes[name]


def _place(stored: Instances, name: str, dataset: str | None) -> int:
    for place, one in enumerate(stored):
        if one.dataset_id == dataset:
            return place
    which = f"with the datasetId '{dataset}'" if dataset else "without a datasetId"
    raise ResourceNotFound(f"'{name}' has no instance {which}")


def _put(attributes: dict[str, Instances], name: str, instances: Instances) -> None:
    if instances:
        attributes[name] = instances
    else:
        attributes.pop(name, None)


def _merge_instance(stored: Instances, fragment: Attribute, now: datetime, how: Merge) -> Instances:
    place = next((i for i, one in enumerate(stored) if one.dataset_id == fragment.dataset_id), None)
    if _is_null(fragment):
        return stored if place is None else (*stored[:place], *stored[place + 1 :])
    if place is None:
        clean = _clean(fragment)
        return stored if clean.value is None else (*stored, stamp(clean, now, now))
    one = stored[place]
    merged = _merged(one, _suited(one, fragment, how), how)
    return (*stored[:place], stamp(merged, one.created_at or now, now), *stored[place + 1 :])


def _suited(one: Attribute, fragment: Attribute, how: Merge) -> Attribute:
    """The fragment as the kind of what is stored, where it is only a value and so says no kind of its own."""
    value: Any = fragment.value
    if fragment.kind is not Kind.PROPERTY or value is None or one.kind is Kind.PROPERTY:
        return fragment
    if one.kind is Kind.LANGUAGE and how.language is not None and isinstance(value, str):
        return msgspec.structs.replace(fragment, kind=Kind.LANGUAGE, value={how.language: value})
    if not how.simplified:
        return fragment
    where = "a simplified value keeps the kind of the attribute that is stored"
    value = read_value(one.kind, value, CORE, where=where, fragment=True, merge=True)
    return msgspec.structs.replace(fragment, kind=one.kind, value=value)


def _merged(one: Attribute, fragment: Attribute, how: Merge) -> Attribute:
    if fragment.value is not None and fragment.kind is not one.kind:
        return _clean(fragment)
    attributes = dict(one.attributes)
    for own, fragments in fragment.attributes.items():
        if _is_null(fragments[0]):
            attributes.pop(own, None)
        elif own in attributes:
            attributes[own] = (_merged(attributes[own][0], fragments[0], PLAIN),)
        else:
            attributes[own] = fragments
    common = how.observed_at if one.observed_at is not None else None
    return Attribute(
        kind=one.kind,
        value=one.value if fragment.value is None else merged_value(one.value, fragment.value),
        observed_at=joined_time(one.observed_at, fragment.observed_at or common),
        unit_code=_text(one.unit_code, fragment.unit_code),
        dataset_id=one.dataset_id,
        attributes=attributes,
        value_type=_text(one.value_type, fragment.value_type),
        object_type=_text(one.object_type, fragment.object_type),
        expires_at=joined_time(one.expires_at, fragment.expires_at),
        observed_text=joined_text(one, fragment) if fragment.observed_at or not common else None,
    )


def merged_value(old: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7396) with ``urn:ngsi-ld:null`` in the place of null."""
    if not isinstance(patch, Mapping):
        return patch
    merged: dict[str, Any] = dict(cast(Mapping[str, Any], old)) if isinstance(old, Mapping) else {}
    if "coordinates" in patch:
        # A geometry is one value: half of one and half of another is none.
        return cast(Any, patch)
    for key, value in cast(Mapping[str, Any], patch).items():
        if value == NULL:
            merged.pop(key, None)
        else:
            merged[key] = merged_value(merged.get(key), value)
    return merged


def _clean(fragment: Attribute) -> Attribute:
    """The fragment as a new instance: what it would delete is not there."""
    return Attribute(
        kind=fragment.kind,
        value=merged_value(None, fragment.value),
        observed_at=joined_time(None, fragment.observed_at),
        unit_code=_text(None, fragment.unit_code),
        dataset_id=fragment.dataset_id,
        attributes={own: found for own, found in fragment.attributes.items() if not _is_null(found[0])},
        value_type=_text(None, fragment.value_type),
        object_type=_text(None, fragment.object_type),
        expires_at=joined_time(None, fragment.expires_at),
        observed_text=fragment.observed_text,
    )


def _text(old: str | None, given: str | None) -> str | None:
    return None if given == NULL else given or old


def _is_null(fragment: Attribute) -> bool:
    return fragment.value == NULL or (fragment.kind is Kind.LANGUAGE and fragment.value == {"@none": NULL})
