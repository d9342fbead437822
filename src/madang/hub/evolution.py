"""The past of entities, told (ETSI GS CIM 009 v1.9.1, 5.7.3, 5.7.4): instances, or aggregates of them.

Which entities: all that have a past, deleted ones too, by the types that they had last. Every filter is about what is
in the range of the temporal query: an entity is in the answer where an instance of it is, and where the instances of
the range meet `q`, the geo-query and the scope query together (5.7.4.4). What is found is told whole: instances that do
not meet `q` themselves are in the answer, too (so ETSI's test suite has it).
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec

from madang.errors import BadRequestData, InvalidRequest, TooComplexQuery
from madang.govern import Caller
from madang.hub.gate import Gate, check_id, not_found
from madang.hub.project import NO_DATASET, projected
from madang.hub.results import Page
from madang.hub.scoping import Valid, scoped, valid
from madang.hub.temporal import NEVER
from madang.hub.traces import SCOPE
from madang.hub.uses import Uses
from madang.model import match
from madang.model.access import Access
from madang.model.document import NULL
from madang.model.entity import Entity
from madang.model.query import Aggregate, Aggregation, Condition, EntityQuery, Every, Linked, Some, TemporalQuery
from madang.ports import Store

WEIGHED: Final = 10_000
"""Instances of one attribute that a filter looks at: a longer range has to be asked for in parts."""

_STEP, _MOST_IDS = 500, 100_000
_WHOLE, _EVER = EntityQuery(), TemporalQuery()
_NOT_ATTRIBUTES: Final = frozenset({"id", "type", SCOPE})

Total = tuple[Entity, list[Aggregate]]
"""An entity (its id and types) and the aggregates of its attributes."""


class Evolution:
    """Retrieve and query."""

    def __init__(self, gate: Gate, uses: Uses) -> None:
        self._gate = gate
        self._uses = uses

    async def retrieve(
        self, caller: Caller, id: str, past: TemporalQuery = _EVER, shape: EntityQuery = _WHOLE
    ) -> Entity:
        """Retrieve Temporal Evolution (5.7.3). Of `shape` count the types and what picks attributes and instances.

        Raises ResourceNotFound where the entity has no past, or never had one of the attributes that are named, or none
        that the caller may see.
        """
        check_id(id)
        look = _Look(self._gate, caller)
        names = _names(shape)
        found = await look.read((id,), names, past)
        if not found or (shape.types and not match.of_types(found[0].types, shape.types)):
            raise not_found(id)
        if (
            names
            and not found[0].attributes
            and not (await look.read((id,), names, TemporalQuery(last=1)))[0].attributes
        ):
            raise not_found(id)
        await self._uses.note_past(caller, self._gate.access(caller), found)
        return projected(found[0], shape)

    async def query(self, caller: Caller, query: EntityQuery, past: TemporalQuery = _EVER) -> Page:
        """Query Temporal Evolution (5.7.4), by id in code point order, or the other way where `query.order` says so.
        Raises TooComplexQuery."""
        page: list[Entity] = []
        total = 0
        async for entity in _Look(self._gate, caller).find(query, past):
            total += 1
            if query.offset < total <= query.offset + query.limit:
                page.append(projected(entity, query))
            if total >= query.offset + query.limit and not query.count:
                break
        await self._uses.note_past(caller, self._gate.access(caller), page)
        return Page(page, total if query.count else None)

    async def total(
        self, caller: Caller, id: str, past: TemporalQuery, aggregation: Aggregation, shape: EntityQuery = _WHOLE
    ) -> Total:
        """The aggregates of an entity's past (4.5.19). Raises ResourceNotFound, InvalidRequest, TooManyResults."""
        check_id(id)
        look = _Look(self._gate, caller)
        found = await look.read((id,), (), NEVER)
        if not found or (shape.types and not match.of_types(found[0].types, shape.types)):
            raise not_found(id)
        await self._uses.note_past(caller, self._gate.access(caller), found)
        made = (await look.totals(found, past, aggregation, shape))[0]
        if not made[1] and _names(shape):
            await self.retrieve(caller, id, TemporalQuery(last=1), shape)
        return made

    async def totals(
        self, caller: Caller, query: EntityQuery, past: TemporalQuery, aggregation: Aggregation
    ) -> tuple[list[Total], int | None]:
        """The aggregates of the past of the entities that a query finds; and how many those are in all. Raises
        Forbidden to whom a dataset lets know of many alone."""
        self._gate.policy.check_totals(caller, {type for each in query.types for type in each})
        found = await self.query(caller, query, msgspec.structs.replace(past, last=1, first=None))
        return await _Look(self._gate, caller).totals(found.entities, past, aggregation, query), found.count


class _Look:
    """The past as one caller sees it."""

    def __init__(self, gate: Gate, caller: Caller) -> None:
        self._access: Access = gate.access(caller)
        self._store: Store = gate.reading(caller)

    async def read(self, ids: Sequence[str], names: Sequence[str], past: TemporalQuery) -> list[Entity]:
        """What the store says, without what is not seen."""
        found = await self._store.history(ids, names, past)
        if found and self._access.selective:
            found = await self._admitted(found)
        return [seen for one in found if (seen := self._mask(one)) is not None] if found else []

    async def _admitted(self, found: list[Entity]) -> list[Entity]:
        """Those whose subject lets this caller see them, as they are now: of what is gone nobody is left to say so."""
        now = await self._store.read([one.id for one in found])
        left: list[Entity] = []
        for one in found:
            asked = any(map(self._access.asks, one.types))
            if not asked or (one.id in now and self._access.mask(now[one.id]) is not None):
                left.append(one)
        return left

    async def find(self, query: EntityQuery, past: TemporalQuery) -> AsyncIterator[Entity]:
        """The entities of the answer one after the other, with all their instances of the named attributes."""
        names = _names(query)
        if names and SCOPE in query.pick:
            names = (*names, SCOPE)
        async for ids in self._candidates(query):
            matching = await self._matching(ids, query, past)
            times = await self._times(matching, query, past) if query.scopes else {}
            asked = _all_of(past) if query.scopes else past
            for entity in await self.read(list(times) if query.scopes else matching, names, asked):
                told = _limited(scoped(entity, times[entity.id], past), past) if query.scopes else entity
                if any(name != SCOPE or past.property == "deletedAt" for name in told.attributes):
                    yield told

    async def totals(
        self, entities: Sequence[Entity], past: TemporalQuery, aggregation: Aggregation, shape: EntityQuery
    ) -> list[Total]:
        """The aggregates of these entities that the shape wants. Raises InvalidRequest for a method that the values of
        a named attribute have no answer to."""
        types = {entity.id: entity.types for entity in entities}
        made: dict[str, list[Aggregate]] = {id: [] for id in types}
        names = _names(shape)
        for one in await self._store.aggregate(list(types), names, past, aggregation):
            wanted = not shape.datasets or (one.dataset_id or NO_DATASET) in shape.datasets
            picked = one.name in names if shape.pick or names else one.name not in shape.omit
            if wanted and picked and one.name != SCOPE and self._access.tells(types[one.id], one.name):
                lacking = [method for method in aggregation.methods if method not in one.values] if names else []
                if lacking:
                    raise InvalidRequest(f"the values of '{one.name}' have no {', '.join(lacking)} (4.5.19)")
                made[one.id].append(one)
        return [(Entity(id=id, types=types[id]), found) for id, found in made.items()]

    def _mask(self, entity: Entity) -> Entity | None:
        """The entity as it is seen; its scope is, where it is."""
        seen = self._access.past(entity)
        if seen is None or seen is entity or SCOPE not in entity.attributes:
            return seen
        attributes = {**seen.attributes, SCOPE: entity.attributes[SCOPE]}
        return msgspec.structs.replace(seen, attributes=attributes)

    async def _candidates(self, query: EntityQuery) -> AsyncIterator[list[str]]:
        """Ids of the entities that have a past and are of the wanted ids and types, in the order of the answer."""
        pages = self._named(query) if query.ids else self._typed(query)
        if not any(order.descending for order in query.order):
            async for ids in pages:
                yield ids
            return
        everything: list[str] = []
        async for ids in pages:
            everything += ids
            if len(everything) > _MOST_IDS:
                raise TooComplexQuery(f"more than {_MOST_IDS} entities cannot be told in descending order")
        everything.reverse()
        for start in range(0, len(everything), _STEP):
            yield everything[start : start + _STEP]

    async def _named(self, query: EntityQuery) -> AsyncIterator[list[str]]:
        fits, ids = _fits(query), sorted(set(query.ids))
        for start in range(0, len(ids), _STEP):
            found = await self.read(ids[start : start + _STEP], (), NEVER)
            yield [one.id for one in found if fits(one)]

    async def _typed(self, query: EntityQuery) -> AsyncIterator[list[str]]:
        fits, after = _fits(query), ""
        while page := await self._store.pasts(types=query.types, after=after, limit=_STEP):
            yield [id for id, types in page if self._access.sees(types) and fits(Entity(id=id, types=types))]
            if len(page) < _STEP:
                return
            after = page[-1][0]

    async def _matching(self, ids: list[str], query: EntityQuery, past: TemporalQuery) -> list[str]:
        """Those whose instances in the range meet `q` and the geo-query. Raises TooComplexQuery."""
        names = set(_filtered(query.where))
        if query.geo is not None:
            names.add(query.geo.property)
        if not names:
            return ids
        holds = match.test(EntityQuery(where=query.where, geo=query.geo))
        matching: list[str] = []
        for entity in await self.read(ids, tuple(names), _all_of(past)):
            for name, instances in entity.attributes.items():
                if len(instances) > WEIGHED:
                    raise TooComplexQuery(
                        f"'{name}' of '{entity.id}' has more than {WEIGHED} instances in the range; shorten it"
                    )
            kept = {
                name: tuple(one for one in instances if one.value != NULL)
                for name, instances in entity.attributes.items()
            }
            if holds(msgspec.structs.replace(entity, attributes={name: one for name, one in kept.items() if one})):
                matching.append(entity.id)
        return matching

    async def _times(self, ids: list[str], query: EntityQuery, past: TemporalQuery) -> dict[str, list[Valid]]:
        """When the wanted scopes of these entities were valid; without those of which none was."""
        ever = TemporalQuery(first=WEIGHED)
        found = {one.id: one.attributes.get(SCOPE, ()) for one in await self._store.history(ids, (SCOPE,), ever)}
        now = await self._store.read([id for id in ids if not found.get(id)])
        times = {id: valid(found.get(id, ()), now[id].scopes if id in now else (), query.scopes, past) for id in ids}
        return {id: one for id, one in times.items() if one}


def _fits(query: EntityQuery) -> match.Test:
    return match.test(EntityQuery(types=query.types, id_pattern=query.id_pattern, selectors=query.selectors))


def _all_of(past: TemporalQuery) -> TemporalQuery:
    """The same range with as many instances as a filter looks at, and one more."""
    return msgspec.structs.replace(past, last=None, first=WEIGHED + 1)


def _limited(entity: Entity, past: TemporalQuery) -> Entity:
    part = slice(-past.last, None) if past.last else slice(past.first)
    kept = {name: one if name == SCOPE else one[part] for name, one in entity.attributes.items()}
    return msgspec.structs.replace(entity, attributes=kept)


def _names(shape: EntityQuery) -> tuple[str, ...]:
    """The attributes that are named; () for all of them."""
    return tuple(name for name in shape.attributes or shape.pick if name not in _NOT_ATTRIBUTES)


def _filtered(where: Condition | None) -> list[str]:
    """The attributes that a condition is about. Raises BadRequestData where it is about linked entities."""
    match where:
        case None:
            return []
        case Every(terms) | Some(terms):
            return [name for term in terms for name in _filtered(term)]
        case Linked():
            raise BadRequestData("q: linked entities have no part in a temporal query (5.7.4.4)")
        case _:
            return [where.path.names[0]]
