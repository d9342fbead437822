"""Makes durable what was committed: one flush of the log for all commits that wait for one.

The log's commits are whole or not there, whenever the machine dies (WAL, synchronous = NORMAL); that they are there is
what the flush adds. It has a thread of its own, so that the next transaction is written while the disk is busy with
the ones before: with FULL the writer itself would wait. Where nothing else waits the writer flushes itself, which saves
a change of threads. Nobody is answered before the flush that covers his commit.
"""

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from madang.errors import Unavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

_flush: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)


class Flush(Generic[T]):
    """Flushes the log of one database. `durable` takes what was committed, in order, once it is on disk; or with the
    error, where it may not be: then the disk cannot be trusted with more, and `broken` says so until a restart."""

    def __init__(self, file: Path, durable: Callable[[list[T], Unavailable | None], None]) -> None:
        self.broken: Unavailable | None = None
        self._file = file.with_name(file.name + "-wal")
        self._durable = durable
        self._log: int | None = None
        # Written by the writer's thread, and by the flushing one.
        self._added = self._done = 0
        self._waiting: SimpleQueue[list[T] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"flush {file.name}", daemon=True)
        self._thread.start()

    def add(self, committed: list[T], *, wait: bool) -> None:
        """These were committed and are to be durable; with `wait` before this returns, unless others wait already."""
        if wait and self._added == self._done:
            self._durable(committed, self._flushed())
            return
        self._added += 1
        self._waiting.put(committed)

    def close(self) -> None:
        """Flush what waits, and end."""
        self._waiting.put(None)
        self._thread.join()
        if self._log is not None:
            os.close(self._log)

    def _run(self) -> None:
        last = False
        while not last:
            groups, last = self._take()
            if groups:
                self._durable([one for group in groups for one in group], self._flushed())
                self._done += len(groups)

    def _take(self) -> tuple[list[list[T]], bool]:
        """All groups that wait, at least one; and whether the end was among them."""
        one = self._waiting.get()
        found: list[list[T]] = []
        while one is not None:
            found.append(one)
            try:
                one = self._waiting.get_nowait()
            except Empty:
                return found, False
        return found, True

    def _flushed(self) -> Unavailable | None:
        if self.broken is None:
            try:
                if self._log is None:
                    # The log is made by the first write, and is the same file until the database is closed.
                    self._log = os.open(self._file, os.O_RDONLY)
                _flush(self._log)
            except OSError as problem:
                # What a disk did not take once may be gone, and the next flush would not say so again.
                self.broken = Unavailable(
                    f"{self._file} could not be flushed: {problem.strerror}; what was written last may not last."
                    " Look after the disk, then start the hub again"
                )
                log.error("%s", self.broken.detail)
        return self.broken
