"""May a proxied registration be? (ETSI GS CIM 009 v1.9.1, 5.9.2, 5.9.3, 4.3.6.3)

What an exclusive or a redirect registration claims is held by its source alone: so neither the hub's own data nor, for
an exclusive one, another proxied registration may be there already. Inclusive and auxiliary ones are never in conflict.
"""

from collections.abc import Iterable

from madang.errors import Conflict
from madang.model.access import EVERYTHING
from madang.model.query import EntityQuery, Selector
from madang.model.registration import EntityInfo, Registration, RegistrationInfo, RegistrationMode
from madang.model.registration.match import covers
from madang.ports import Store


async def check_conflicts(store: Store, one: Registration, others: Iterable[Registration]) -> None:
    """Raises Conflict that names what is in the way. `others` may hold the registration itself as it was."""
    if not one.mode.proxied:
        return
    for other in others:
        if other.id != one.id and _overlap(one, other):
            raise Conflict(f"the {other.mode} registration '{other.id[:200]}' claims the same entity and attributes")
    found = await (_held_exclusively if one.mode is RegistrationMode.EXCLUSIVE else _held)(store, one)
    if found is not None:
        raise Conflict(f"the hub itself holds data that the {one.mode} registration claims: entity '{found[:200]}'")


def _overlap(one: Registration, other: Registration) -> bool:
    """One of the two is exclusive, both are proxied, and both claim an attribute of an entity that it names."""
    if not other.mode.proxied:
        return False
    if one.mode is RegistrationMode.EXCLUSIVE and _claims(one, other):
        return True
    return other.mode is RegistrationMode.EXCLUSIVE and _claims(other, one)


def _claims(exclusive: Registration, other: Registration) -> bool:
    return any(
        covers(theirs, (Selector(types=(entity.types,), ids=(id,)),), info.names)
        for info in exclusive.information
        for entity, id in _named(info)
        for theirs in other.information
    )


def _named(info: RegistrationInfo) -> list[tuple[EntityInfo, str]]:
    return [(entity, entity.id) for entity in info.entities if entity.id is not None]


async def _held_exclusively(store: Store, one: Registration) -> str | None:
    """An entity that the hub holds with one of the attributes claimed of it."""
    for info in one.information:
        for _, id in _named(info):
            entity = await store.get(id)
            if entity is not None and not info.names.isdisjoint(entity.attributes):
                return id
    return None


async def _held(store: Store, one: Registration) -> str | None:
    """An entity that the hub holds and that the registration matches."""
    for info in one.information:
        for entity in info.entities or (None,):
            found, _ = await store.find(_like(entity, info), EVERYTHING)
            if found:
                return found[0].id
    return None


def _like(entity: EntityInfo | None, info: RegistrationInfo) -> EntityQuery:
    return EntityQuery(
        types=(entity.types,) if entity is not None else (),
        ids=(entity.id,) if entity is not None and entity.id is not None else (),
        id_pattern=entity.pattern if entity is not None else None,
        attributes=tuple(sorted(info.names)),
        limit=1,
    )
