"""The port `Store` on PostgreSQL: writes through the writer's task, reads from a pool beside it, all on a thread of
their own (see `thread`)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Container, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from madang.errors import MadangError, NonexistentTenant, OperationNotSupported, Unavailable
from madang.model.access import Access
from madang.model.change import Change, Edit, Notice
from madang.model.entity import Attribute, Entity
from madang.model.query import Aggregate, Aggregation, AnyOfAll, EntityQuery, TemporalQuery
from madang.model.row import Rows
from madang.ports import Census, Committed, Reaction, Types
from madang.store.postgres import aggregates, census, changes, entities, outbox, pasts, samples
from madang.store.postgres.connection import LOST, Connection, Pool, connect, explained, pool, sayable
from madang.store.postgres.entities import entity
from madang.store.postgres.lookup import Lookup
from madang.store.postgres.outbox import PostgresOutbox
from madang.store.postgres.records import PostgresRecords
from madang.store.postgres.select import find
from madang.store.postgres.server import Server
from madang.store.postgres.tenant import Tenant
from madang.store.postgres.thread import Thread
from madang.store.postgres.writer import Job, Outcomes, Writer, Written

READERS = 4
"""Connections that read at most."""

CONNECTION_S = 10.0
"""Longest wait for one of them."""

LOOK_AFTER_S = 0.5
"""How long the writing that made it due has to be committed."""

T = TypeVar("T")

log = logging.getLogger(__name__)


class _City:
    """What the stores of a city's tenants share: the thread, the writer, the pool of readers."""

    def __init__(self, url: str, city: str) -> None:
        self.server = Server(url, city)
        self.thread = Thread("postgres")
        self.watchers: list[Committed] = []
        self.reaction: Reaction | None = None
        self.closed = False
        self._looking: asyncio.Task[None] | None = None
        try:
            self.thread.wait(self._open())
        except BaseException:
            self.thread.end()
            raise

    async def ask(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Have `work` read, on the thread's loop. Raises Unavailable."""
        with explained(self.server.where):
            try:
                return await self._ask(work)
            except LOST:
                # Reading twice does no harm: a connection that the server closed meanwhile is nobody's trouble.
                return await self._ask(work)

    async def create(self, name: str) -> Tenant:
        """A new tenant, on the thread's loop."""
        return await self.writer.run(self.tenants[""], lambda connection: self.server.create(connection, name))

    def close(self) -> None:
        """Write what waits, let the connections and the lock go."""
        if not self.closed:
            self.closed = True
            self.thread.wait(self._close())
            self.thread.end()

    async def _ask(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        async with self._pool.acquire(timeout=CONNECTION_S) as connection:
            return await work(connection)

    async def _open(self) -> None:
        with explained(self.server.where):
            connection = await self.server.writer()
            self.tenants = await self.server.begin(connection)
            self._pool: Pool = await pool(self.server.url, size=READERS)
        self.writer = Writer(self.server, editing=self._edit, told=self._tell)
        self.writer.connection = connection

    async def _close(self) -> None:
        await self.writer.close()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])
        self._pool.terminate()

    async def _edit(self, connection: Connection, tenant: Tenant, jobs: Sequence[Job[Any]]) -> None:
        """Run the edits of the jobs in order, inside the transaction: see `writer.Editing`."""
        batch = await changes.batch(connection, tenant, list({id for job in jobs for id, _ in job.edits}))
        made: list[list[Change]] = []
        due: list[Notice] = []
        for job in jobs:
            job.error, job.result = None, [_outcome(batch, id, edit) for id, edit in job.edits]
            made.append([one for one in job.result if isinstance(one, Change)])
            if made[-1] and self.reaction is not None:
                due += self.reaction.due(tenant.name, made[-1])
        await batch.store(connection)
        if tenant.grown >= tenant.due:
            tenant.due = 4 * tenant.grown
            self._looking = asyncio.create_task(self._look(tenant))
        notices = await outbox.add(connection, tenant, due)
        for job, changed in zip(jobs, made, strict=True):
            # All notices with the last: they are told in one go, and in their order.
            mine = notices if job is jobs[-1] else ()
            job.written = Written(tenant, changed, mine) if changed or mine else None

    async def _look(self, tenant: Tenant) -> None:
        """Show the planner what there is, beside the writing: its own round comes once a minute, and plans that were
        made for an empty table sort a whole type for a page of twenty."""
        await asyncio.sleep(LOOK_AFTER_S)
        connection = None
        try:
            connection = await connect(self.server.url)
            for table in ("@entity", "@kind", "@past", "@kindred", "@series", "@sample"):
                await connection.execute(tenant.sql(f"ANALYZE {table}"))
        except (*LOST, asyncpg.PostgresError) as problem:
            log.info("the planner's figures of %s are left to the server: %s", self.server.where, problem)
        finally:
            if connection is not None:
                connection.terminate()

    def _tell(self, written: Written) -> None:
        if written.changes:
            for committed in self.watchers:
                committed(written.tenant.name, written.changes)
        if written.notices and self.reaction is not None:
            self.reaction.stored(written.tenant.name, written.notices)


class PostgresStore:
    """Entities, history and ledger of one tenant in one schema; `tenant` leads to the others.

    `url` is postgresql://user:password@host:port/database, `city` names the schema (``madang_<city>``). Raises
    Unavailable where the server does not answer or is not fit, or another process writes this city.
    """

    def __init__(self, url: str, city: str = "", *, name: str = "", root: "PostgresStore | None" = None) -> None:
        self._root: PostgresStore = root or self
        self._city: _City = root._city if root else _City(url, city)
        self.place = self._city.tenants[name]
        self._stores: dict[str, PostgresStore] = root._stores if root else {"": self}
        self._lookup = Lookup(self._city.thread.loop, self._bodies)
        self.records = PostgresRecords(self)
        self.outbox = PostgresOutbox(self)

    def tenant(self, name: str, *, create: bool = False) -> "PostgresStore":
        """See `ports.Store.tenant`. The first use of a new tenant waits for its schema (some 30 ms)."""
        city = self._city
        if name not in city.tenants:
            if not create:
                raise NonexistentTenant(f"nothing was ever written to the tenant '{name}'")
            city.tenants[name] = city.thread.wait(city.create(name))
        if name not in self._stores:
            self._stores[name] = PostgresStore("", name=name, root=self._root)
        return self._stores[name]

    def watch(self, committed: Committed) -> None:
        self._city.watchers.append(committed)

    def react(self, reaction: Reaction) -> None:
        self._city.reaction = reaction

    def tenants(self) -> list[str]:
        return sorted(self._city.tenants)

    async def write(self, edits: Sequence[tuple[str, Edit]]) -> Outcomes:
        return await self._city.writer.edit(self.place, edits)

    async def get(self, id: str) -> Entity | None:
        if self._city.closed:
            raise Unavailable("the store is closed")
        body = await self._lookup.get(id)
        return None if body is None else entity(body)

    async def read(self, ids: Sequence[str]) -> dict[str, Entity]:
        bodies = await self.ask(lambda connection: entities.read(connection, self.place, ids))
        return {id: entity(bodies[id]) for id in ids if id in bodies}

    async def find(self, query: EntityQuery, access: Access) -> tuple[list[Entity], int | None]:
        return await self.ask(lambda connection: find(connection, self.place, query, access))

    async def values(self, query: EntityQuery, access: Access) -> None:
        """No quicker than `find`."""

    async def rows(self, query: EntityQuery, access: Access, make: Callable[[Rows], Any]) -> None:
        """No quicker than `find`."""

    async def types(self) -> dict[str, int]:
        return await self.ask(lambda connection: entities.types(connection, self.place))

    async def census(self) -> list[Census]:
        return await self.ask(lambda connection: census.census(connection, self.place))

    async def walk(self, after: str = "", limit: int = 1000) -> list[Entity]:
        return await self.ask(lambda connection: census.walk(connection, self.place, after, limit))

    async def expired(self, now: datetime, limit: int = 1000) -> list[str]:
        return await self.ask(lambda connection: census.expired(connection, self.place, now, limit))

    async def history(self, ids: Sequence[str], names: Sequence[str], past: TemporalQuery) -> list[Entity]:
        some, known = _sayable(ids, names)
        return await self.ask(lambda connection: samples.read(connection, self.place, known, some, past))

    async def pasts(self, *, types: AnyOfAll = (), after: str = "", limit: int = 1000) -> list[tuple[str, Types]]:
        return await self.ask(lambda one: pasts.pasts(one, self.place, types, after=after, limit=limit))

    async def aggregate(
        self, ids: Sequence[str], names: Sequence[str], past: TemporalQuery, aggregation: Aggregation
    ) -> list[Aggregate]:
        some, known = _sayable(ids, names)
        return await self.ask(
            lambda one: aggregates.aggregate(one, self.place, known, some, past=past, aggregation=aggregation)
        )

    async def revise(
        self, id: str, name: str, instance: str, revision: Callable[[Attribute], Attribute | None]
    ) -> bool:
        if not all(map(sayable, (id, name, instance))):
            return False
        return await self.do(lambda one: samples.revise(one, self.place, instance, id=id, name=name, revision=revision))

    async def forget(
        self, *, type: str | None, names: Container[str], before: datetime, apart: Sequence[str] = ()
    ) -> int:
        count, after = 0, ""
        while page := await self.pasts(types=((type,),) if type else (), after=after, limit=pasts.STEP):
            after = page[-1][0]
            mine = [id for id, has in page if type or not any(each in has for each in apart)]
            count += await self.do(
                lambda one, mine=mine: pasts.forget(one, self.place, mine, names=names, before=before)
            )
        return count

    async def erase(self, id: str, name: str | None = None, *, dataset: str | None = None, every: bool = True) -> bool:
        if not all(sayable(text) for text in (id, name, dataset) if text is not None):
            return False
        return await self.do(lambda one: pasts.erase(one, self.place, id, name, dataset=dataset, every=every))

    async def backup(self, path: Path) -> None:
        """Raises OperationNotSupported: see `copies`, and the server's own ways."""
        city = self._city.server
        raise OperationNotSupported(
            f"a city on PostgreSQL is backed up by 'madang backup --store …' while it runs, or with the server's own"
            f" tools: pg_dump --format=custom --schema='{city.schema}*' --file=city.dump '{city.where}' (all tenants)"
        )

    async def ask(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """See `tenant.Room.ask`."""
        return await self._city.thread.ask(self._city.ask(work))

    async def do(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """See `tenant.Room.do`."""
        return await self._city.writer.run(self.place, work)

    def close(self) -> None:
        self._city.close()

    async def _bodies(self, ids: Sequence[str]) -> dict[str, str]:
        return await self._city.ask(lambda connection: entities.read(connection, self.place, ids))


def _sayable(ids: Sequence[str], names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The names and the ids that there can be; no ids where no name is left of some."""
    some = [name for name in names if sayable(name)]
    return some, [id for id in ids if sayable(id)] if some or not names else []


def _outcome(batch: changes.Batch, id: str, edit: Edit) -> Change | MadangError | None:
    try:
        return batch.change(id, edit)
    except MadangError as refusal:
        return refusal
