"""What a path of `q` leads to in an entity: the values to compare with (ETSI GS CIM 009 v1.9.1, 4.9).

Each instance gives one target. Of a language map without a named language it is the list of all its texts, of a
vocabulary's term the term and its full IRI, so that either can be asked for.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, cast

from madang.model.context import full
from madang.model.entity import Attribute, Entity, Kind
from madang.model.query.tree import MEMBERS, TEMPORAL, Path

ANY_LANGUAGE = "*"
_LINKS = (Kind.RELATIONSHIP, Kind.LIST_RELATIONSHIP)


class Target(NamedTuple):
    """A value, and whether it is a relationship's object: that equals something or not, and has no order."""

    value: Any
    link: bool = False


def targets(entity: Entity, path: Path) -> Iterator[Target]:
    """The targets of the path, one for each instance that it leads to."""
    names = path.names
    if len(names) == 1 and names[0] in TEMPORAL:
        stamp = _stamp(entity, names[0])
        if stamp is not None and not path.trail:
            yield Target(stamp)
        return
    member = names[-1] if len(names) > 1 and names[-1] in MEMBERS else None
    for instance in _instances(entity.attributes, names[:-1] if member else names):
        if member is not None:
            value = _member(instance, member)
            if value is not None:
                yield Target(value)
        else:
            found = _of(instance, path.trail)
            if found is not None:
                yield found


def _stamp(of: Entity | Attribute, name: str) -> datetime | None:
    match name:
        case "createdAt":
            return of.created_at
        case "modifiedAt":
            return of.modified_at
        case _:
            return of.expires_at


def _instances(attributes: Mapping[str, tuple[Attribute, ...]], names: tuple[str, ...]) -> Iterator[Attribute]:
    for instance in attributes.get(names[0], ()):
        if len(names) == 1:
            yield instance
        else:
            yield from _instances(instance.attributes, names[1:])


def _member(instance: Attribute, member: str) -> Any:
    if member in TEMPORAL:
        return _stamp(instance, member)
    match member:
        case "observedAt":
            return instance.observed_at
        case "unitCode":
            return instance.unit_code
        case _:
            return instance.dataset_id


def _of(instance: Attribute, trail: tuple[str, ...]) -> Target | None:
    value, kind = instance.value, instance.kind
    if kind is Kind.LANGUAGE:
        return _texts(value, trail)
    if kind in _LINKS:
        return None if trail else Target(value, link=True)
    if kind is Kind.VOCAB and not trail:
        terms = cast(list[str], value) if isinstance(value, list) else [value]
        return Target([*terms, *map(full, terms)])
    for name in trail:
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = cast(Mapping[str, Any], value)[name]
    return Target(value)


def _texts(value: Any, trail: tuple[str, ...]) -> Target | None:
    if not isinstance(value, Mapping) or len(trail) > 1:
        return None
    texts = cast(Mapping[str, Any], value)
    if trail and trail[0] != ANY_LANGUAGE:
        wanted = trail[0].lower()
        return next((Target(text) for tag, text in texts.items() if tag.lower() == wanted), None)
    found: list[Any] = []
    for text in texts.values():
        found += cast(list[Any], text) if isinstance(text, list) else [text]
    return Target(found)
