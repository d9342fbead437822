"""The port `Store` in memory: a dictionary for each tenant. Nothing suspends, so nothing interleaves."""

from collections.abc import Callable, Container, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from madang.errors import MadangError, NonexistentTenant, OperationNotSupported, Unavailable
from madang.model.access import Access
from madang.model.change import Change, Edit
from madang.model.entity import Attribute, Entity
from madang.model.query import Aggregate, Aggregation, AnyOfAll, EntityQuery, TemporalQuery
from madang.model.row import Rows
from madang.ports import Census, Committed, Reaction, Types
from madang.store.memory.entities import Entities
from madang.store.memory.history import History
from madang.store.memory.outbox import MemoryOutbox
from madang.store.memory.records import MemoryRecords


class MemoryStore:
    """Entities and history of one tenant; `tenant` leads to the others."""

    def __init__(self, name: str = "", *, root: "MemoryStore | None" = None) -> None:
        self._name = name
        self._root = root or self
        self._tenants: dict[str, MemoryStore] = {}
        self._watchers: list[Committed] = []
        self._entities = Entities()
        self._history = History()
        self._reaction: Reaction | None = None
        self.records = MemoryRecords()
        self.outbox = MemoryOutbox(self.records)
        self._closed = False

    def tenant(self, name: str, *, create: bool = False) -> "MemoryStore":
        root = self._root
        if not name:
            return root
        if name not in root._tenants:
            if not create:
                raise NonexistentTenant(f"nothing was ever written to the tenant '{name}'")
            root._tenants[name] = MemoryStore(name, root=root)
        return root._tenants[name]

    def watch(self, committed: Committed) -> None:
        self._root._watchers.append(committed)

    def react(self, reaction: Reaction) -> None:
        self._root._reaction = reaction

    def tenants(self) -> list[str]:
        return ["", *sorted(self._root._tenants)]

    async def write(self, edits: Sequence[tuple[str, Edit]]) -> list[Change | MadangError | None]:
        self._open()
        outcomes: list[Change | MadangError | None] = []
        changes: list[Change] = []
        for id, edit in edits:
            outcome = self._edit(id, edit)
            outcomes.append(outcome)
            if isinstance(outcome, Change):
                changes.append(outcome)
        if changes:
            self._tell(changes)
        return outcomes

    async def get(self, id: str) -> Entity | None:
        self._open()
        return self._entities.get(id)

    async def read(self, ids: Sequence[str]) -> dict[str, Entity]:
        self._open()
        found = ((id, self._entities.get(id)) for id in ids)
        return {id: entity for id, entity in found if entity is not None}

    async def find(self, query: EntityQuery, access: Access) -> tuple[list[Entity], int | None]:
        self._open()
        return self._entities.find(query, access)

    async def values(self, query: EntityQuery, access: Access) -> None:
        """No quicker than `find`."""

    async def rows(self, query: EntityQuery, access: Access, make: Callable[[Rows], Any]) -> None:
        """It has entities, no rows."""

    async def types(self) -> dict[str, int]:
        self._open()
        return self._entities.types()

    async def census(self) -> list[Census]:
        self._open()
        return self._entities.census()

    async def walk(self, after: str = "", limit: int = 1000) -> list[Entity]:
        self._open()
        return self._entities.walk(after, limit)

    async def expired(self, now: datetime, limit: int = 1000) -> list[str]:
        self._open()
        return self._entities.expired(now, limit)

    async def history(self, ids: Sequence[str], names: Sequence[str], past: TemporalQuery) -> list[Entity]:
        self._open()
        return self._history.read(ids, names, past)

    async def forget(
        self, *, type: str | None, names: Container[str], before: datetime, apart: Sequence[str] = ()
    ) -> int:
        self._open()
        return self._history.forget(type, names, before, apart)

    async def pasts(self, *, types: AnyOfAll = (), after: str = "", limit: int = 1000) -> list[tuple[str, Types]]:
        self._open()
        return self._history.pasts(types, after, limit)

    async def aggregate(
        self, ids: Sequence[str], names: Sequence[str], past: TemporalQuery, aggregation: Aggregation
    ) -> list[Aggregate]:
        self._open()
        return self._history.aggregate(ids, names, past, aggregation)

    async def revise(
        self, id: str, name: str, instance: str, revision: Callable[[Attribute], Attribute | None]
    ) -> bool:
        self._open()
        return self._history.revise(id, name, instance, revision)

    async def erase(self, id: str, name: str | None = None, *, dataset: str | None = None, every: bool = True) -> bool:
        self._open()
        return self._history.erase(id, name, dataset=dataset, every=every)

    async def backup(self, path: Path) -> None:
        raise OperationNotSupported("what is in memory alone has no files to copy; run the city on a data directory")

    def close(self) -> None:
        self._root._closed = True

    def _edit(self, id: str, edit: Edit) -> Change | MadangError | None:
        before = self._entities.get(id)
        try:
            edited = edit(before)
        except MadangError as refusal:
            return refusal
        after = edited.entity
        some = after or before
        if some is None:
            return None
        if edited.samples:
            self._history.append(id, some.types, edited.samples)
        if after is before:
            return None
        if after is not None:
            self._history.retype(id, after.types)
        self._entities.put(id, before, after)
        return Change(id, some.types, before, after, edited.changed)

    def _tell(self, changes: list[Change]) -> None:
        reaction = self._root._reaction
        due = reaction.due(self._name, changes) if reaction is not None else ()
        stored = self.outbox.put(due) if due else ()
        for committed in self._root._watchers:
            committed(self._name, changes)
        if reaction is not None and stored:
            reaction.stored(self._name, stored)

    def _open(self) -> None:
        if self._root._closed:
            raise Unavailable("the store is closed")
