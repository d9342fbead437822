"""What a change changed, instance by instance (ETSI GS CIM 009 v1.9.1, 5.8.6): an attribute has changed when one of its
members, its own attributes included, has another value. When it was written does not count."""

from collections.abc import Mapping
from typing import NamedTuple

from madang.model.change import Change
from madang.model.entity import Attribute, Entity

_NOTHING: Mapping[str, tuple[Attribute, ...]] = {}


class Difference(NamedTuple):
    """Instances that came to be, that have another value (before, after), and that are gone, by attribute."""

    created: dict[str, list[Attribute]]
    updated: dict[str, list[tuple[Attribute, Attribute]]]
    deleted: dict[str, list[Attribute]]


def difference(change: Change) -> Difference:
    """The difference that the change makes."""
    found = Difference({}, {}, {})
    before = change.before.attributes if change.before is not None else _NOTHING
    after = change.entity.attributes if change.entity is not None else _NOTHING
    whole = change.before is None or change.entity is None
    for name in {**before, **after} if whole else change.changed:
        _compare(name, before.get(name, ()), after.get(name, ()), found)
    return found


def masked(found: Difference, change: Change, before: Entity | None, after: Entity | None) -> Difference:
    """The part of it that somebody sees who sees so much of the entity: a change within what is too fine for him is
    none."""
    if before is change.before and after is change.entity:
        return found
    return difference(Change(change.id, change.types, before, after, change.changed))


def _compare(name: str, before: tuple[Attribute, ...], after: tuple[Attribute, ...], found: Difference) -> None:
    if before is after:
        return
    old = {one.dataset_id: one for one in before}
    for one in after:
        was = old.pop(one.dataset_id, None)
        if was is None:
            found.created.setdefault(name, []).append(one)
        elif not same(was, one):
            found.updated.setdefault(name, []).append((was, one))
    if old:
        found.deleted[name] = list(old.values())


def same(a: Attribute, b: Attribute) -> bool:
    """The instances say the same."""
    if a is b:
        return True
    if (
        a.value != b.value
        or a.observed_at != b.observed_at
        or a.kind != b.kind
        or a.unit_code != b.unit_code
        or a.dataset_id != b.dataset_id
        or a.value_type != b.value_type
        or a.object_type != b.object_type
        or a.expires_at != b.expires_at
        or a.attributes.keys() != b.attributes.keys()
    ):
        return False
    return all(
        len(mine) == len(b.attributes[name]) and all(same(x, y) for x, y in zip(mine, b.attributes[name], strict=True))
        for name, mine in a.attributes.items()
    )
