"""Linked entities: what relationships lead to, for answers and for conditions (ETSI GS CIM 009 v1.9.1, 4.5.23, 4.9).

An entity is followed over the relationships of its attributes that are in the answer, level by level; each is read once
however often it is led to. A condition on linked entities becomes one on the relationship's objects: those of the
entities that were found to meet it.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import msgspec

from madang.errors import TooComplexQuery, TooManyResults
from madang.model.entity import Attribute, Entity, Kind
from madang.model.query import Condition, Every, Exists, Linked, OneOf, Path, Projection, Some

MOST_LINKED = 5_000
"""So many linked entities an answer may have."""

MOST_MEANT = 10_000
"""So many entities a condition on linked ones may mean."""

Read = Callable[[Sequence[str]], Awaitable[dict[str, Entity]]]
"""Reads what the caller may see, by id."""

Meant = Callable[[tuple[str, ...], Condition], Awaitable[tuple[str, ...]]]
"""Ids of the entities of one of these types (empty: any) that meet a condition."""


class Joining(msgspec.Struct, frozen=True, kw_only=True):
    """How linked entities are wanted: `flat` beside the linking ones, else in them; over so many `levels`; without
    those that the caller has (`contained`)."""

    levels: int = 1
    flat: bool = False
    contained: frozenset[str] = frozenset()


LinkedEntity = tuple[Entity, Projection]
"""A linked entity, and which of its members are in the answer, as the first way to it says."""


async def follow(read: Read, roots: Sequence[Entity], wanted: Projection, joining: Joining) -> list[LinkedEntity]:
    """The entities that relationships lead to, level by level, each once; the roots too where one leads to them.

    Raises TooManyResults.
    """
    known = {root.id: root for root in roots}
    found: dict[str, LinkedEntity] = {}
    followed: set[tuple[str, Projection]] = set()
    front = [(root, wanted) for root in roots]
    for _ in range(joining.levels):
        steps = dict.fromkeys(step for entity, members in front for step in _steps(entity, members))
        new = [step for step in steps if step not in followed and step[0] not in joining.contained]
        if len(found) + len(new) > MOST_LINKED:
            raise TooManyResults(f"more than {MOST_LINKED} linked entities; ask for fewer, or with a smaller joinLevel")
        followed.update(new)
        missing = list(dict.fromkeys(id for id, _ in new if id not in known))
        known.update(await read(missing) if missing else {})
        front = [(known[id], members) for id, members in new if id in known]
        for entity, members in front:
            found.setdefault(entity.id, (entity, members))
        if not front:
            break
    return list(found.values())


async def meant(where: Condition, find: Meant) -> Condition:
    """The condition with what it says of linked entities said of relationships' objects."""
    match where:
        case Every(terms):
            return Every(tuple([await meant(term, find) for term in terms]))
        case Some(terms):
            return Some(tuple([await meant(term, find) for term in terms]))
        case Linked(relation, types, inner):
            return OneOf(Path((relation,)), await find(types, await meant(inner, find)))
        case _:
            return where


def has_links(where: Condition | None) -> bool:
    """Something in the condition is about linked entities."""
    match where:
        case Every(terms) | Some(terms):
            return any(map(has_links, terms))
        case _:
            return isinstance(where, Linked)


def unlinked(where: Condition) -> Condition:
    """What has to hold of the entity itself for the condition to hold: a path into linked ones needs a link."""
    match where:
        case Every(terms):
            return Every(tuple(map(unlinked, terms)))
        case Some(terms):
            return Some(tuple(map(unlinked, terms)))
        case Linked(relation):
            return Exists(Path((relation,)))
        case _:
            return where


def check_meant(ids: Sequence[str]) -> None:
    """Raises TooComplexQuery where a condition means more entities than it may."""
    if len(ids) > MOST_MEANT:
        raise TooComplexQuery(f"q: more than {MOST_MEANT} linked entities meet the condition; narrow it, or add a type")


def _steps(entity: Entity, members: Projection) -> list[tuple[str, Projection]]:
    return [
        (uri, members.of(name))
        for name, instances in entity.attributes.items()
        if (not members.pick or name in members.pick) and name not in members.omit
        for one in instances
        for uri in _objects(one)
    ]


def _objects(one: Attribute) -> list[str]:
    value: Any = one.value
    if one.kind not in (Kind.RELATIONSHIP, Kind.LIST_RELATIONSHIP):
        return []
    return cast(list[str], value) if isinstance(value, list) else [value]
