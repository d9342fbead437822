"""The port `Ledger` in the city's file, written by the same thread in the same transactions."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from madang.errors import BadRequestData, Unavailable
from madang.model import time
from madang.model.ledger import Entry
from madang.store.sqlite.connection import Connection, value
from madang.store.sqlite.files import explained, open_reader
from madang.store.sqlite.store import SqliteStore
from madang.store.sqlite.writer import NOTHING, Look

_COLUMNS = "sequence, id, kind, service, target, at, body, hash"


class KeptLedger:
    """A ledger in a file, to read: `look` answers its statements. Nothing can be appended."""

    def __init__(self, look: Look) -> None:
        self._look = look

    async def append(self, entries: Sequence[Entry], *, blobs: Mapping[str, bytes] | None = None) -> None:
        """Raises Unavailable: this ledger is another process's to write."""
        raise Unavailable("this ledger was opened to be read")

    async def last(self) -> Entry | None:
        found = self._select("ORDER BY sequence DESC LIMIT 1", ())
        return found[0] if found else None

    async def read(self, id: str) -> Entry | None:
        found = self._select("WHERE id = ?", (id,))
        return found[0] if found else None

    async def blob(self, digest: str) -> bytes | None:
        found = self._look("SELECT body FROM blob WHERE digest = ?", (digest,))
        return found[0][0] if found else None

    async def find(
        self,
        *,
        kind: str | None = None,
        service: str | None = None,
        target: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> Sequence[Entry]:
        """Matching entries, newest first; `since` is inclusive, `until` exclusive."""
        wanted = (
            ("kind = ?", kind),
            ("service = ?", service),
            ("target = ?", target),
            ("at >= ?", time.microseconds(since) if since else None),
            ("at < ?", time.microseconds(until) if until else None),
            ("sequence < ?", before),
        )
        terms = [term for term, value in wanted if value is not None]
        values = tuple(value for _, value in wanted if value is not None)
        where = f"WHERE {' AND '.join(terms)} " if terms else ""
        return self._select(f"{where}ORDER BY sequence DESC LIMIT ?", (*values, limit))

    def _select(self, rest: str, values: tuple[Any, ...]) -> list[Entry]:
        return [_entry(row) for row in self._look(f"SELECT {_COLUMNS} FROM entry {rest}", values)]


class SqliteLedger(KeptLedger):
    """The ledger beside the entities of `store`; it lives as long as the store."""

    def __init__(self, store: SqliteStore) -> None:
        super().__init__(store.look)
        self._store = store

    async def append(self, entries: Sequence[Entry], *, blobs: Mapping[str, bytes] | None = None) -> None:
        """See `ports.Ledger.append`. Raises BadRequestData where an entry does not come next."""
        await self._store.writer.run(lambda connection: (_append(connection, entries, blobs or {}), NOTHING))


@contextmanager
def kept_ledger(folder: Path) -> Generator[KeptLedger]:
    """The ledger in a data directory, whether a hub is writing it or not. Raises Unavailable where there is none."""
    file = folder / "city.sqlite"
    if not file.exists():
        raise Unavailable(f"no city has run with its data in {folder}; say where it is with --data")
    connection = open_reader(file)

    def look(sql: str, values: tuple[Any, ...]) -> list[Any]:
        with explained(file):
            return connection.execute(sql, values).fetchall()

    try:
        yield KeptLedger(look)
    finally:
        connection.close()


def _append(connection: Connection, entries: Sequence[Entry], blobs: Mapping[str, bytes]) -> None:
    expected: int = value(connection, "SELECT coalesce(max(sequence), 0) FROM entry")
    ids: set[str] = set()
    for entry in entries:
        expected += 1
        taken = entry.id in ids or connection.execute("SELECT 1 FROM entry WHERE id = ?", (entry.id,)).fetchall()
        if entry.sequence != expected or taken:
            raise BadRequestData(
                f"the ledger takes entry {expected} with a new id next, not {entry.sequence} ({entry.id})"
            )
        ids.add(entry.id)
    for digest, body in blobs.items():
        connection.execute("INSERT OR IGNORE INTO blob (digest, body) VALUES (?, ?)", (digest, body))
    connection.executemany(f"INSERT INTO entry ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(_row, entries))


def _row(entry: Entry) -> tuple[Any, ...]:
    at = time.microseconds(entry.at)
    return entry.sequence, entry.id, entry.kind, entry.service, entry.target, at, entry.body, entry.hash


def _entry(row: tuple[Any, ...]) -> Entry:
    sequence, id, kind, service, target, at, body, hash = row
    when = time.from_microseconds(at)
    return Entry(sequence=sequence, id=id, kind=kind, service=service, target=target, at=when, body=body, hash=hash)
