"""The one task that writes a city: it takes all jobs that wait, runs them in one transaction, and one COMMIT makes them
all durable (group commit). Only then are they answered, on the event loop of the one who asked, in commit order.

Its connection holds the city's lock. When that is lost, so is the lock, and with it the right to write: what was under
way fails, the next job connects again.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import Any, Generic, NamedTuple, TypeVar

from madang.errors import MadangError, Unavailable
from madang.model.change import Change, Edit, Notice
from madang.store.postgres.connection import LOST, Connection, explained
from madang.store.postgres.server import Server
from madang.store.postgres.tenant import Tenant

log = logging.getLogger(__name__)

GROUP = 512
"""Jobs in one transaction at most."""

T = TypeVar("T")

Outcomes = list[Change | MadangError | None]

Work = Callable[[Connection], Awaitable[T]]
"""Runs inside the transaction. It refuses with MadangError before it writes anything. It may run twice: where a
transaction fails, each of its jobs is tried again alone."""


class Written(NamedTuple):
    """What others are told of: changes of entities, and the notices that are due."""

    tenant: Tenant
    changes: Sequence[Change]
    notices: Sequence[Notice]


class Job(Generic[T]):
    """What is to be written: edits of entities, or `work`."""

    __slots__ = ("edits", "error", "future", "loop", "result", "tenant", "work", "written")

    def __init__(self, tenant: Tenant, *, edits: Sequence[tuple[str, Edit]] = (), work: Work[T] | None = None) -> None:
        self.tenant = tenant
        self.edits = edits
        self.work = work
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self.loop.create_future()
        self.result: T | None = None
        self.written: Written | None = None
        self.error: Exception | None = None

    def answer(self) -> None:
        """Tell the one who asked; on its event loop."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]


Editing = Callable[[Connection, Tenant, Sequence[Job[Any]]], Awaitable[None]]
"""Runs the edits of jobs of one tenant, inside the transaction: their results, and what they wrote."""


class Writer:
    """Writes one city. `told` hears of what was committed, before its writers are answered."""

    def __init__(self, server: Server, *, editing: Editing, told: Callable[[Written], None]) -> None:
        self.connection: Connection | None = None
        self._server = server
        self._editing = editing
        self._told = told
        self._jobs: deque[Job[Any] | None] = deque()
        self._loop = asyncio.get_running_loop()
        self._some = asyncio.Event()
        self._closed = False
        self._away = False
        self._task = self._loop.create_task(self._write())

    async def run(self, tenant: Tenant, work: Work[T]) -> T:
        """Have the work done; durable when it returns. Raises what it refuses with, or Unavailable."""
        return await self._put(Job[T](tenant, work=work))

    async def edit(self, tenant: Tenant, edits: Sequence[tuple[str, Edit]]) -> Outcomes:
        """Run the edits; durable when it returns. Raises Unavailable."""
        return await self._put(Job[Outcomes](tenant, edits=edits))

    async def close(self) -> None:
        """Write what waits, let the lock go."""
        self._closed = True
        self._jobs.append(None)
        self._some.set()
        await self._task
        await self._disconnect()

    async def _put(self, job: Job[T]) -> T:
        if self._closed:
            raise Unavailable("the store is closed")
        idle = not self._jobs
        self._jobs.append(job)
        if idle:
            # Where there were others, somebody has woken the writer already.
            self._loop.call_soon_threadsafe(self._some.set)
        return await job.future

    async def _write(self) -> None:
        last = False
        while not last:
            await self._some.wait()
            self._some.clear()
            while self._jobs:
                jobs: list[Job[Any]] = []
                while self._jobs and len(jobs) < GROUP:
                    job = self._jobs.popleft()
                    last = last or job is None
                    if job is not None:
                        jobs.append(job)
                if jobs:
                    await self._commit(jobs)
                    self._answer(jobs)

    async def _commit(self, jobs: list[Job[Any]]) -> None:
        try:
            with explained(self._server.where):
                await self._transact(await self._connected(), jobs)
            self._away = False
        except Exception as problem:  # noqa: BLE001 - handed to the one who asked; the task lives on for the others
            self._log(jobs, problem)
            for job in jobs:
                job.tenant.known.forget()
                job.error, job.written = problem, None
            if len(jobs) > 1 and self.connection is not None and not self.connection.is_closed():
                # It was undone as a whole, and one of them may be the cause: give each its own chance.
                for job in jobs:
                    await self._commit([job])

    def _log(self, jobs: Sequence[Job[Any]], problem: Exception) -> None:
        """Say what failed; of a server that is away, once until it is back."""
        away, self._away = self._away, self.connection is None
        if not (away and self._away):
            log.warning("a transaction of %d writes failed: %s", len(jobs), problem)

    async def _connected(self) -> Connection:
        """The connection, where need be a new one with the lock on it."""
        if self.connection is None or self.connection.is_closed():
            self.connection = None
            self.connection = await self._server.writer()
            log.info("connected to %s, with the city's lock", self._server.where)
        return self.connection

    async def _transact(self, connection: Connection, jobs: list[Job[Any]]) -> None:
        try:
            async with connection.transaction():
                for (tenant, editing), run in groupby(jobs, lambda job: (job.tenant, job.work is None)):
                    if editing:
                        await self._editing(connection, tenant, list(run))
                    else:
                        for job in run:
                            await _do(connection, job)
        except (*LOST, asyncio.CancelledError):
            # Whether it was committed is not known: this connection, and its lock, are given up.
            await self._disconnect()
            raise

    async def _disconnect(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.terminate()

    def _answer(self, jobs: list[Job[Any]]) -> None:
        for loop in {job.loop for job in jobs}:
            mine = [job for job in jobs if job.loop is loop]
            try:
                loop.call_soon_threadsafe(self._tell, mine)
            except RuntimeError:
                log.info("%d writes are done, and nobody is there to hear it", len(mine))

    def _tell(self, jobs: list[Job[Any]]) -> None:
        done = [job.written for job in jobs if job.error is None and job.written is not None]
        for tenant, many in groupby(done, lambda written: written.tenant):
            all = list(many)
            changes = [change for written in all for change in written.changes]
            self._told(Written(tenant, changes, [notice for written in all for notice in written.notices]))
        for job in jobs:
            job.answer()


async def _do(connection: Connection, job: Job[Any]) -> None:
    job.error = None
    try:
        assert job.work is not None
        job.result = await job.work(connection)
    except MadangError as refusal:
        job.error = refusal
