"""Subscriptions whose q asks for linked entities (``sensor{humidity}>40``; ETSI GS CIM 009 v1.9.1, 4.9, 5.8.6).

Whether such a condition holds is not to be seen in the change alone, and in its transaction nothing else is read. So
the transaction writes a notice of what may have to be told to a lane of its own (`PREFIX`); there the linked entities
are read, as the subscription's owner sees them by then, and what the condition holds for goes on to the subscription's
own lane. It is the subscribed entity's change that is told of: a change of a linked one alone is not.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar, cast

import msgspec

from madang.hub.joins import Read, data_of
from madang.hub.project import projected
from madang.hub.watch import PREFIX, Watch
from madang.model import match as matching
from madang.model.alive import alive
from madang.model.entity import Attribute, Entity, Kind
from madang.model.match import of_types
from madang.model.parcel import Parcel
from madang.model.query import Condition, Every, Linked, Some
from madang.ports import Store

__all__ = ["PREFIX", "meets", "reader", "sifted"]

_LINKS: Final = (Kind.RELATIONSHIP, Kind.LIST_RELATIONSHIP)
_T = TypeVar("_T")
_entities = msgspec.json.Decoder(list[Entity]).decode


Account = Callable[[Sequence[Entity]], Awaitable[None]]
"""Takes down that these entities (whole) are told."""


def reader(store: Store, watch: Watch, now: datetime, account: Account | None = None) -> Read:
    """Reads entities by id as the subscription's owner sees them."""

    async def read(ids: Sequence[str]) -> dict[str, Entity]:
        found = await store.read(ids)
        left = [(id, entity) for id, one in found.items() if (entity := alive(one, now)) is not None]
        if account is not None and watch.access.personal:
            await account([entity for _, entity in left if watch.access.mask(entity) is not None])
        seen = ((id, watch.access.mask(entity)) for id, entity in left)
        return {id: entity for id, entity in seen if entity is not None}

    return read


async def meets(entity: Entity, where: Condition, read: Read) -> bool:
    """The condition holds for the entity, linked entities and all. Raises Unavailable."""
    match where:
        case Every(terms):
            return await _each(lambda term: meets(entity, term, read), terms, until=False)
        case Some(terms):
            return await _each(lambda term: meets(entity, term, read), terms, until=True)
        case Linked(relation, types, inner):
            objects = [uri for one in entity.attributes.get(relation, ()) for uri in _objects(one)]
            found = await read(list(dict.fromkeys(objects))) if objects else {}
            those = [one for one in found.values() if not types or of_types(one.types, tuple((t,) for t in types))]
            return await _each(lambda one: meets(one, inner, read), those, until=True)
        case _:
            return matching.condition(where)(entity)


async def sifted(watch: Watch, parcel: Parcel, read: Read) -> Parcel | None:
    """The parcel with the entities for which the condition holds; None where it holds for none of them."""
    where, roots = watch.linked, _entities(parcel.more)
    body: dict[str, Any] = msgspec.json.decode(parcel.body)
    data = data_of(body)
    # A subscription that was changed meanwhile may ask for linked entities no more.
    kept = [place for place, root in enumerate(roots) if where is None or await meets(root, where, read)]
    if not kept:
        return None
    data[:] = [data[place] for place in kept]
    more = msgspec.Raw(b"null")
    if watch.joining is not None:
        there = await read([roots[place].id for place in kept])
        left = [projected(roots[place], watch.telling.part) for place in kept if roots[place].id in there]
        more = msgspec.Raw(msgspec.json.encode(left))
    about = tuple(parcel.about[place] for place in kept) if parcel.about else ()
    return Parcel(parcel.headers, msgspec.Raw(msgspec.json.encode(body)), more, about)


async def _each(test: Callable[[_T], Awaitable[bool]], items: Sequence[_T], *, until: bool) -> bool:
    for item in items:
        if await test(item) is until:
            return until
    return not until


def _objects(one: Attribute) -> list[str]:
    value: Any = one.value
    if one.kind not in _LINKS:
        return []
    return cast(list[str], value) if isinstance(value, list) else [value]
