"""The current state of a tenant's entities, with an index by type."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from madang.model import match, order
from madang.model.access import Access
from madang.model.alive import alive, ends
from madang.model.entity import Entity, Kind
from madang.model.query import EntityQuery
from madang.ports import Census


class Entities:
    """Entities by id. Ids are kept sorted for each type, from one addition or removal to the next."""

    def __init__(self) -> None:
        self._by_id: dict[str, Entity] = {}
        self._by_type: dict[str, set[str]] = {}
        self._sorted: dict[str, list[str]] = {}

    def get(self, id: str) -> Entity | None:
        """The entity with that id."""
        return self._by_id.get(id)

    def put(self, id: str, before: Entity | None, after: Entity | None) -> None:
        """Replace what is stored; None: nothing."""
        if after is None:
            del self._by_id[id]
        else:
            self._by_id[id] = after
        if before is None or after is None or before.types != after.types:
            self._index(id, before, after)

    def types(self) -> dict[str, int]:
        """How many entities there are of each type, by name."""
        return {type: len(ids) for type, ids in sorted(self._by_type.items()) if ids}

    def find(self, query: EntityQuery, access: Access) -> tuple[list[Entity], int | None]:
        """See `ports.Store.find`."""
        if query.order:
            return self._ordered(query, access)
        holds = match.test(query)
        wanted = query.offset + query.limit
        page: list[Entity] = []
        total = 0
        for id in self._candidates(query):
            entity = self._by_id.get(id)
            seen = access.mask(entity) if entity is not None else None
            if entity is None or seen is None or not holds(seen):
                continue
            total += 1
            if query.offset < total <= wanted:
                page.append(entity)
            elif total > wanted and not query.count:
                break
        return page, total if query.count else None

    def census(self) -> list[Census]:
        """See `ports.Store.census`."""
        found: Counter[tuple[tuple[str, ...], str, Kind]] = Counter()
        for entity in self._by_id.values():
            for name, instances in entity.attributes.items():
                found.update((entity.types, name, kind) for kind in {one.kind for one in instances})
        return [Census(*key, count) for key, count in sorted(found.items())]

    def walk(self, after: str, limit: int) -> list[Entity]:
        """See `ports.Store.walk`."""
        ids = self._of("")
        place = bisect_right(ids, after)
        return [self._by_id[id] for id in ids[place : place + limit]]

    def expired(self, now: datetime, limit: int) -> list[str]:
        """See `ports.Store.expired`."""
        found = ((ends(entity), id) for id, entity in self._by_id.items())
        return [id for _, id in sorted((end, id) for end, id in found if end is not None and end <= now)[:limit]]

    def _ordered(self, query: EntityQuery, access: Access) -> tuple[list[Entity], int | None]:
        holds, ranks = match.test(query), order.ranks(query.order)
        found: list[order.Found[Entity]] = []
        for id in self._candidates(query):
            entity = self._by_id.get(id)
            seen = access.mask(entity) if entity is not None else None
            if entity is not None and seen is not None and holds(seen):
                # What has expired ranks no more than what is hidden.
                left = alive(seen, query.alive_at) if query.alive_at else seen
                found.append((ranks(left or seen), id, entity))
        page = order.arrange(found, query.order)[query.offset : query.offset + query.limit]
        return [entity for _, _, entity in page], len(found) if query.count else None

    def _candidates(self, query: EntityQuery) -> Iterable[str]:
        if query.ids:
            return sorted(set(query.ids))
        if len(query.types) == 1:
            return _later(self._of(min(query.types[0], key=lambda type: len(self._by_type.get(type, ())))), query.after)
        if query.types:
            return sorted({id for every in query.types for id in self._by_type.get(every[0], ())})
        return _later(self._of(""), query.after)

    def _of(self, type: str) -> list[str]:
        """The sorted ids of a type; of all entities for ""."""
        if type not in self._sorted:
            self._sorted[type] = sorted(self._by_type.get(type, ()) if type else self._by_id)
        return self._sorted[type]

    def _index(self, id: str, before: Entity | None, after: Entity | None) -> None:
        self._sorted.pop("", None)
        for type in before.types if before else ():
            self._by_type[type].discard(id)
            self._sorted.pop(type, None)
        for type in after.types if after else ():
            self._by_type.setdefault(type, set()).add(id)
            self._sorted.pop(type, None)


def _later(ids: list[str], after: str) -> Iterable[str]:
    """Those of the sorted ids that come after this one."""
    return map(ids.__getitem__, range(bisect_right(ids, after), len(ids))) if after else ids
