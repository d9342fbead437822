"""The one thread that writes a file: it takes all jobs that wait and runs them in one transaction (group commit). Once
the log is flushed, too (``flush``), they are answered, on the event loop, in commit order.

Checkpoints run on a thread of their own, so that no write waits while the log is copied into the database. What was
written meanwhile the writer copies itself, between two transactions: only a log that is copied whole starts anew.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Generic, NamedTuple, TypeVar

import apsw

from madang.errors import MadangError, Unavailable
from madang.model.change import Change, Edit, Notice
from madang.store.sqlite.connection import Connection, connect
from madang.store.sqlite.files import explained, open_writer
from madang.store.sqlite.flush import Flush
from madang.store.sqlite.known import Known

log = logging.getLogger(__name__)

GROUP = 1024
"""Jobs in one transaction at most."""

CHECKPOINT_PAGES, TRUNCATE_PAGES = 1000, 15_000
"""Pages (4 KiB) in the log from which it is copied beside the writing; and from which the writer itself stops to do
it."""

T = TypeVar("T")

Look = Callable[[str, tuple[Any, ...]], list[Any]]
"""Answers a statement and its values with rows."""


class Written(NamedTuple):
    """What a job wrote that others are told of: changes of entities, and the notices that are due."""

    changes: Sequence[Change] = ()
    notices: Sequence[Notice] = ()


NOTHING = Written()

Work = Callable[[Connection], tuple[T, Written]]
"""Runs inside the transaction: its result, and what it wrote. It refuses with MadangError before it writes anything.
It may run twice: where a transaction fails, each of its jobs is tried again alone."""


Edits = Sequence[tuple[str, Edit]]

Apply = Callable[[Connection, Sequence[Edits]], Sequence[tuple[Any, Written]]]
"""Runs the edits of several jobs at once, inside the transaction: for each job what `Work` answers."""


class _Job(Generic[T]):
    __slots__ = ("edits", "error", "future", "loop", "result", "work", "written")

    def __init__(self, work: Work[T] | None, loop: asyncio.AbstractEventLoop, *, edits: Edits = ()) -> None:
        self.work = work
        self.edits = edits
        self.loop = loop
        self.future: asyncio.Future[T] = loop.create_future()
        self.result: T | None = None
        self.written = NOTHING
        self.error: Exception | None = None

    def answer(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]


class Writer:
    """Writes one file. `told` hears of what was committed, on the event loop, before their writers are answered;
    `apply` runs edits."""

    def __init__(self, file: Path, told: Callable[[Written], None], apply: Apply | None = None) -> None:
        self.known = Known()
        self._file = file
        self._told = told
        self._apply = apply
        self._jobs: SimpleQueue[_Job[Any] | None] = SimpleQueue()
        self._connection = open_writer(file)
        self._connection.set_wal_hook(self._logged)
        self._flush: Flush[_Job[Any]] = Flush(file, self._answer)
        self._closed = False
        self._pages = 0
        self._next = CHECKPOINT_PAGES
        self._copied = False
        self._due = threading.Event()
        self._thread = threading.Thread(target=self._write, name=f"write {file.name}", daemon=True)
        self._copier = threading.Thread(target=self._copy, name=f"checkpoint {file.name}", daemon=True)
        self._thread.start()
        self._copier.start()

    async def run(self, work: Work[T]) -> T:
        """Have the work done; durable when it returns. Raises what it refuses with, or Unavailable."""
        return await self._queued(_Job(work, asyncio.get_running_loop()))

    async def write(self, edits: Edits) -> Any:
        """Have the edits applied, together with those of others that wait. Answers and raises as `run` does."""
        job: _Job[Any] = _Job(None, asyncio.get_running_loop(), edits=edits)
        return await self._queued(job)

    async def _queued(self, job: _Job[T]) -> T:
        if self._closed:
            raise Unavailable("the store is closed")
        if self._flush.broken is not None:
            raise self._flush.broken
        self._jobs.put(job)
        return await job.future

    def close(self) -> None:
        """Write what waits, copy the log into the database, close."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        self._thread.join()
        self._flush.close()
        self._due.set()
        self._copier.join()
        self._connection.close()

    def _write(self) -> None:
        while True:
            jobs, last = self._take()
            if jobs:
                self._commit(jobs)
                self._flush.add(jobs, wait=self._jobs.empty())
            if last:
                return
            if self._pages > TRUNCATE_PAGES:
                self._checkpoint(self._connection, apsw.SQLITE_CHECKPOINT_TRUNCATE)
            elif self._copied:
                self._copied = False
                self._checkpoint(self._connection, apsw.SQLITE_CHECKPOINT_PASSIVE)

    def _take(self) -> tuple[list[_Job[Any]], bool]:
        """All jobs that wait, at least one; and whether the end was among them."""
        job = self._jobs.get()
        jobs: list[_Job[Any]] = []
        while job is not None and len(jobs) < GROUP:
            jobs.append(job)
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return jobs, False
        if job is not None:
            jobs.append(job)
        return jobs, job is None

    def _commit(self, jobs: list[_Job[Any]]) -> None:
        try:
            self._transact(jobs)
        except Exception as problem:  # noqa: BLE001 - handed to the one who asked; the thread lives on for the others
            log.warning("a transaction of %d writes failed: %s", len(jobs), problem)
            if len(jobs) == 1:
                jobs[0].error = problem
                return
            # One of them may be the cause: give each its own chance.
            for job in jobs:
                self._commit([job])

    def _transact(self, jobs: list[_Job[Any]]) -> None:
        connection = self._connection
        with explained(self._file):
            connection.execute("BEGIN IMMEDIATE")
            done = False
            try:
                for together, group in groupby(jobs, lambda job: job.work is None):
                    self._run(list(group), together)
                connection.execute("COMMIT")
                done = True
            finally:
                if not done:
                    self.known.forget()
                # A full disk may have undone the transaction already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _run(self, jobs: list[_Job[Any]], together: bool) -> None:
        if together and self._apply is not None:
            for job, done in zip(jobs, self._apply(self._connection, [job.edits for job in jobs]), strict=True):
                job.error, (job.result, job.written) = None, done
            return
        for job in jobs:
            job.error, job.written = None, NOTHING
            try:
                if job.work is not None:
                    job.result, job.written = job.work(self._connection)
            except MadangError as refusal:
                job.error = refusal

    def _answer(self, jobs: list[_Job[Any]], problem: Unavailable | None) -> None:
        if problem is not None:
            for job in jobs:
                job.error = job.error or problem
        for loop in {job.loop for job in jobs}:
            mine = [job for job in jobs if job.loop is loop]
            try:
                loop.call_soon_threadsafe(self._tell, mine)
            except RuntimeError:
                log.info("%d writes are done, and nobody is there to hear it", len(mine))

    def _tell(self, jobs: list[_Job[Any]]) -> None:
        done = [job.written for job in jobs if job.error is None and job.written is not NOTHING]
        if done:
            changes = [change for written in done for change in written.changes]
            self._told(Written(changes, [notice for written in done for notice in written.notices]))
        for job in jobs:
            job.answer()

    def _logged(self, connection: Connection, name: str, pages: int) -> int:
        self._pages = pages
        if pages < CHECKPOINT_PAGES:
            self._next = CHECKPOINT_PAGES
        elif pages >= self._next:
            self._next = pages + CHECKPOINT_PAGES
            self._due.set()
        return apsw.SQLITE_OK

    def _copy(self) -> None:
        connection = connect(self._file, write=True)
        while True:
            self._due.wait()
            self._due.clear()
            self._checkpoint(connection, apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._copied = True
            if self._closed:
                connection.close()
                return

    def _checkpoint(self, connection: Connection, mode: int) -> None:
        try:
            connection.wal_checkpoint(None, mode)
        except apsw.Error as problem:
            log.warning("the log of %s could not be copied yet: %s", self._file, problem)
