"""The port `Ledger` in the city's file, written by the same thread in the same transactions."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from madang.errors import BadRequestData, Unavailable
from madang.model import time
from madang.model.ledger import Entry, Place, Tiles
from madang.store.rows import ENTRY, ReadLedger, entry_of
from madang.store.sqlite import many
from madang.store.sqlite.connection import Connection, value
from madang.store.sqlite.files import explained, open_reader
from madang.store.sqlite.schema import VERSION
from madang.store.sqlite.store import SqliteStore
from madang.store.sqlite.writer import NOTHING, Look, Written


class KeptLedger(ReadLedger):
    """A ledger in a file, to read: `look` answers its statements. Nothing can be appended."""

    def __init__(self, look: Look) -> None:
        self._look = look

    async def last(self) -> Entry | None:
        found = self._select("ORDER BY sequence DESC LIMIT 1", ())
        return found[0] if found else None

    async def read(self, id: str) -> Entry | None:
        found = self._select("WHERE id = ?", (id,))
        return found[0] if found else None

    async def count(self, *, kind: str, service: str, after: int = 0) -> int:
        terms = "service = ? AND kind = ? AND sequence > ?"
        return self._look(f"SELECT count(*) FROM entry WHERE {terms}", (service, kind, after))[0][0]

    async def blob(self, digest: str) -> bytes | None:
        found = self._look("SELECT body FROM blob WHERE digest = ?", (digest,))
        return found[0][0] if found else None

    async def tile(self, place: Place) -> bytes | None:
        found = self._look("SELECT hashes FROM tile WHERE level = ? AND place = ?", place)
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
        return [entry_of(row) for row in self._look(f"SELECT {ENTRY} FROM entry {rest}", values)]


class SqliteLedger(KeptLedger):
    """The ledger beside the entities of `store`; it lives as long as the store."""

    def __init__(self, store: SqliteStore) -> None:
        super().__init__(store.look)
        self._store = store

    async def append(
        self, entries: Sequence[Entry], *, blobs: Mapping[str, bytes] | None = None, tiles: Tiles | None = None
    ) -> None:
        """See `ports.Ledger.append`. Raises BadRequestData where an entry does not come next."""

        def work(connection: Connection) -> tuple[None, Written]:
            _append(connection, entries, blobs or {})
            return _keep(connection, tiles or {}), NOTHING

        await self._store.writer.run(work)

    async def adopt(self, entries: Sequence[Entry], tiles: Tiles) -> None:
        """See `ports.Ledger.adopt`."""
        rows = [(entry.salt, entry.commitment, entry.hash, entry.sequence) for entry in entries]

        def work(connection: Connection) -> tuple[None, Written]:
            connection.executemany("UPDATE entry SET salt = ?, commitment = ?, hash = ? WHERE sequence = ?", rows)
            return _keep(connection, tiles), NOTHING

        await self._store.writer.run(work)

    async def erase(self, id: str, blobs: Sequence[str] = ()) -> bool:
        """See `ports.Ledger.erase`."""

        def work(connection: Connection) -> tuple[bool, Written]:
            sql = "UPDATE entry SET body = x'', salt = x'', target = '' WHERE id = ? AND body <> x''"
            connection.execute(sql, (id,))
            erased = connection.changes() > 0
            connection.executemany("DELETE FROM blob WHERE digest = ?", [(digest,) for digest in blobs])
            return erased, NOTHING

        return await self._store.writer.run(work)


@contextmanager
def kept_ledger(folder: Path) -> Generator[KeptLedger]:
    """The ledger in a data directory, whether a hub is writing it or not. Raises Unavailable where there is none."""
    file = folder / "city.sqlite"
    if not file.exists():
        raise Unavailable(f"no city has run with its data in {folder}; say where it is with --data")
    connection = open_reader(file)
    if value(connection, "PRAGMA user_version") < VERSION:
        connection.close()
        raise Unavailable(f"{file} was written by an older Madang; start its hub once, which brings it up to date")

    def look(sql: str, values: tuple[Any, ...]) -> list[Any]:
        with explained(file):
            return connection.execute(sql, values).fetchall()

    try:
        yield KeptLedger(look)
    finally:
        connection.close()


def _append(connection: Connection, entries: Sequence[Entry], blobs: Mapping[str, bytes]) -> None:
    _check(connection, entries)
    for digest, body in blobs.items():
        connection.execute("INSERT OR IGNORE INTO blob (digest, body) VALUES (?, ?)", (digest, body))
    many.insert(connection, f"INSERT INTO entry ({ENTRY})", _rows(entries))


def _check(connection: Connection, entries: Sequence[Entry]) -> None:
    """Raises BadRequestData where an entry does not come next, or its id is taken."""
    first: int = value(connection, "SELECT coalesce(max(sequence), 0) FROM entry") + 1
    ids = [entry.id for entry in entries]
    named = msgspec.json.encode(ids).decode()
    known = connection.execute("SELECT id FROM entry WHERE id IN (SELECT value FROM json_each(?))", (named,)).fetchall()
    if [entry.sequence for entry in entries] == [*range(first, first + len(ids))] and not known and _unique(ids):
        return
    taken = {id for (id,) in known}
    for expected, entry in enumerate(entries, first):
        if entry.sequence != expected or entry.id in taken:
            raise BadRequestData(
                f"the ledger takes entry {expected} with a new id next, not {entry.sequence} ({entry.id})"
            )
        taken.add(entry.id)


def _unique(ids: Sequence[str]) -> bool:
    return len(set(ids)) == len(ids)


def _keep(connection: Connection, tiles: Tiles) -> None:
    rows = [(*place, hashes) for place, hashes in tiles.items()]
    many.insert(connection, "INSERT OR REPLACE INTO tile (level, place, hashes)", rows)


def _rows(entries: Sequence[Entry]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    at, when = None, 0
    for one in entries:
        # What is appended together mostly happened at one time, the very object.
        if one.at is not at:
            at, when = one.at, time.microseconds(one.at)
        named = (one.sequence, one.id, one.kind, one.service, one.target)
        rows.append((*named, when, one.body, one.hash, one.salt, one.commitment))
    return rows
