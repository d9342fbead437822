"""The port `Store` on SQLite: writes through the writer's thread, reads beside them (write-ahead log).

Reads that are quick whatever the data (by id, a page of a type) run on the event loop: 5 µs by id, less than a change
of threads. Any other first counts, bounded, how much it would look at, and goes to a thread of its own when that is
much.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Container, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import apsw

from madang.errors import MadangError, NonexistentTenant, Unavailable
from madang.model.access import Access
from madang.model.change import Change, Edit
from madang.model.entity import Attribute, Entity
from madang.model.query import Aggregate, Aggregation, AnyOfAll, EntityQuery, TemporalQuery
from madang.model.row import Rows
from madang.model.values import Values
from madang.ports import Census, Committed, Reaction, Types
from madang.store.sqlite import aggregates, census, changes, entities, finding, outbox, pasts, samples, values
from madang.store.sqlite.connection import Connection
from madang.store.sqlite.files import Directory, explain, explained, files, open_reader
from madang.store.sqlite.finding import QUICK_ROWS
from madang.store.sqlite.indexes import Indexes
from madang.store.sqlite.kept import backup as copy_files
from madang.store.sqlite.outbox import SqliteOutbox
from madang.store.sqlite.records import SqliteRecords
from madang.store.sqlite.select import register
from madang.store.sqlite.upgrade import upgrade
from madang.store.sqlite.where import Sql
from madang.store.sqlite.writer import NOTHING, Writer, Written

T = TypeVar("T")

log = logging.getLogger(__name__)


class SqliteStore:
    """Entities, history and ledger of one tenant in one file of the data directory; `tenant` leads to the others.

    Raises Unavailable where the directory is in use by another process or the file is not ours.
    """

    def __init__(self, path: Path, *, name: str = "", root: "SqliteStore | None" = None) -> None:
        self._name = name
        self._root: SqliteStore = root or self
        self._directory = root._directory if root else Directory(path)
        self._watchers: list[Committed] = root._watchers if root else []
        self._tenants: dict[str, SqliteStore] = {}
        try:
            if root is None:
                self._upgrade()
            self._file = self._directory.file(name)
            self.writer = Writer(self._file, self._tell, self._write)
            self._reader = _reader(self._file)
        except MadangError:
            if root is None:
                self._directory.close()
            raise
        self._closed = False
        self._reaction: Reaction | None = None
        self.records = SqliteRecords(self.writer, self.look)
        self.outbox = SqliteOutbox(self.writer, self.look)
        self._indexes = Indexes(self.writer, self.look)
        self._making: set[asyncio.Task[None]] = set()
        self._threads = threading.local()
        self._readers: list[Connection] = []
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="read")

    def _upgrade(self) -> None:
        """Bring the files of all tenants to the present layout."""
        for file in files(self._directory.path).values():
            with explained(file):
                upgrade(file)

    def tenant(self, name: str, *, create: bool = False) -> "SqliteStore":
        root = self._root
        if not name:
            return root
        if name not in root._tenants:
            if not create and not self._directory.file(name).exists():
                raise NonexistentTenant(f"nothing was ever written to the tenant '{name}'")
            root._tenants[name] = SqliteStore(self._directory.path, name=name, root=root)
        return root._tenants[name]

    def watch(self, committed: Committed) -> None:
        self._watchers.append(committed)

    def react(self, reaction: Reaction) -> None:
        self._root._reaction = reaction

    def tenants(self) -> list[str]:
        return self._directory.tenants()

    async def write(self, edits: Sequence[tuple[str, Edit]]) -> list[Change | MadangError | None]:
        return await self.writer.write(edits)

    async def get(self, id: str) -> Entity | None:
        return self._here(lambda connection: entities.get(connection, id))

    async def read(self, ids: Sequence[str]) -> dict[str, Entity]:
        return await self._run(len(ids) <= QUICK_ROWS, lambda connection: entities.read(connection, ids))

    async def find(self, query: EntityQuery, access: Access) -> tuple[list[Entity], int | None]:
        return await self._find(query, access, finding.find)

    async def values(self, query: EntityQuery, access: Access) -> list[Values | Entity] | None:
        wanted = values.names(query, access)
        if not wanted:
            return None
        found = self._here(lambda connection: finding.plan(connection, query, access, self._indexes))
        if found.quick or found.candidates is not None:
            return None
        return await self._run(False, lambda connection: values.read(connection, query, access, wanted))

    async def rows(self, query: EntityQuery, access: Access, make: Callable[[Rows], T]) -> tuple[T, int | None] | None:
        if query.order:
            return None

        def read(connection: Connection, query: EntityQuery, access: Access, few: Sql | None) -> tuple[T, int | None]:
            found, total = finding.rows(connection, query, access, few)
            return make(Rows(found, entities.entity)), total

        return await self._find(query, access, read)

    async def types(self) -> dict[str, int]:
        return await self._run(False, entities.types)

    async def census(self) -> list[Census]:
        return await self._run(False, census.census)

    async def walk(self, after: str = "", limit: int = 1000) -> list[Entity]:
        return await self._run(limit <= QUICK_ROWS, lambda connection: census.walk(connection, after, limit))

    async def expired(self, now: datetime, limit: int = 1000) -> list[str]:
        return await self._run(True, lambda connection: census.expired(connection, now, limit))

    async def history(self, ids: Sequence[str], names: Sequence[str], past: TemporalQuery) -> list[Entity]:
        most = past.last if past.last is not None else past.first
        quick = most is not None and most * len(ids) <= QUICK_ROWS
        return await self._run(quick, lambda connection: samples.read(connection, ids, names, past))

    async def pasts(self, *, types: AnyOfAll = (), after: str = "", limit: int = 1000) -> list[tuple[str, Types]]:
        return await self._run(limit <= QUICK_ROWS, lambda connection: pasts.pasts(connection, types, after, limit))

    async def aggregate(
        self, ids: Sequence[str], names: Sequence[str], past: TemporalQuery, aggregation: Aggregation
    ) -> list[Aggregate]:
        return await self._run(False, lambda one: aggregates.aggregate(one, ids, names, past, aggregation))

    async def revise(
        self, id: str, name: str, instance: str, revision: Callable[[Attribute], Attribute | None]
    ) -> bool:
        return await self.writer.run(lambda one: (samples.revise(one, id, name, instance, revision), NOTHING))

    async def forget(
        self, *, type: str | None, names: Container[str], before: datetime, apart: Sequence[str] = ()
    ) -> int:
        count, after = 0, ""
        while page := await self.pasts(types=((type,),) if type else (), after=after, limit=pasts.STEP):
            after = page[-1][0]
            mine = page if type else [one for one in page if not any(each in one[1] for each in apart)]
            count += await self.writer.run(lambda one, mine=mine: (pasts.forget(one, mine, names, before), NOTHING))
        return count

    async def erase(self, id: str, name: str | None = None, *, dataset: str | None = None, every: bool = True) -> bool:
        def work(connection: Connection) -> tuple[bool, Written]:
            return pasts.erase(connection, id, name, dataset=dataset, every=every), NOTHING

        return await self.writer.run(work)

    async def backup(self, path: Path) -> None:
        work = partial(copy_files, self._directory.path, path)
        await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def look(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        """The rows of a quick statement, for the ledger that lives in the same file."""
        return self._here(lambda connection: connection.execute(sql, values).fetchall())

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        for tenant in self._tenants.values():
            tenant.close()
        self._pool.shutdown()
        # The writer is the last: who closes a database last copies its log into it.
        for reader in (self._reader, *self._readers):
            reader.close()
        self.writer.close()
        if self._root is self:
            self._directory.close()

    async def _find(
        self, query: EntityQuery, access: Access, find: Callable[[Connection, EntityQuery, Access, Sql | None], T]
    ) -> T:
        found = self._here(lambda connection: finding.plan(connection, query, access, self._indexes))
        if found.candidates is None and not found.quick:
            self._learn(query)
        with self._indexes.reading(found.indexed):
            return await self._run(found.quick, lambda connection: find(connection, query, access, found.candidates))

    async def _run(self, quick: bool, work: Callable[[Connection], T]) -> T:
        if quick:
            return self._here(work)
        if self._closed:
            raise Unavailable("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._there, work)

    def _here(self, work: Callable[[Connection], T]) -> T:
        if self._closed:
            raise Unavailable("the store is closed")
        try:
            return work(self._reader)
        except apsw.Error as problem:
            raise explain(self._file, problem) from None

    def _there(self, work: Callable[[Connection], T]) -> T:
        if not hasattr(self._threads, "reader"):
            self._threads.reader = _reader(self._file)
            self._readers.append(self._threads.reader)
        with explained(self._file):
            return work(self._threads.reader)

    def _learn(self, query: EntityQuery) -> None:
        if self._indexes.miss(query.where):
            task = asyncio.create_task(self._indexes.work())
            self._making.add(task)
            task.add_done_callback(self._made)

    def _made(self, task: "asyncio.Task[None]") -> None:
        self._making.discard(task)
        if not self._closed and not task.cancelled() and task.exception() is not None:
            log.warning("an index could not be made: %s", task.exception())

    def _write(
        self, connection: Connection, groups: Sequence[Sequence[tuple[str, Edit]]]
    ) -> list[tuple[changes.Outcomes, Written]]:
        outcomes = changes.change(connection, self.writer.known, groups)
        made = [[one for one in group if isinstance(one, Change)] for group in outcomes]
        reaction, notices = self._root._reaction, ()
        if reaction is not None:
            # Each writer's changes by themselves: what was written apart is told apart.
            due = [notice for group in made if group for notice in reaction.due(self._name, group)]
            notices = outbox.add(connection, due) if due else ()
        told = [Written(group) if group else NOTHING for group in made]
        if notices:
            told[-1] = Written(made[-1], notices)
        return list(zip(outcomes, told, strict=True))

    def _tell(self, written: Written) -> None:
        if written.changes:
            for committed in self._watchers:
                committed(self._name, written.changes)
        if written.notices and self._root._reaction is not None:
            self._root._reaction.stored(self._name, written.notices)


def _reader(file: Path) -> Connection:
    connection = open_reader(file)
    register(connection)
    return connection
