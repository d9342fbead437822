"""The port `Ledger` in the city's schema, written by the same task in the same transactions."""

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from madang.errors import BadRequestData
from madang.model import time
from madang.model.ledger import Entry, Place, Tiles
from madang.store.postgres.connection import Connection, sayable
from madang.store.postgres.kept import rows
from madang.store.postgres.store import PostgresStore
from madang.store.rows import ENTRY, ReadLedger, entry_of

Look = Callable[[str, tuple[Any, ...]], Awaitable[list[Any]]]
"""Answers a statement and its values with rows."""


class KeptLedger(ReadLedger):
    """A ledger on a server, to read: `look` answers its statements. Nothing can be appended."""

    def __init__(self, look: Look) -> None:
        self._look = look

    async def last(self) -> Entry | None:
        found = await self._select("ORDER BY sequence DESC LIMIT 1", ())
        return found[0] if found else None

    async def read(self, id: str) -> Entry | None:
        found = await self._select("WHERE id = $1", (id,)) if sayable(id) else []
        return found[0] if found else None

    async def count(self, *, kind: str, service: str, after: int = 0) -> int:
        if not (sayable(kind) and sayable(service)):
            return 0
        terms = "service = $1 AND kind = $2 AND sequence > $3"
        found = await self._look(f"SELECT count(*) FROM @entry WHERE {terms}", (service, kind, after))
        return found[0][0]

    async def blob(self, digest: str) -> bytes | None:
        found = await self._look("SELECT body FROM @blob WHERE digest = $1", (digest,)) if sayable(digest) else []
        return found[0][0] if found else None

    async def tile(self, place: Place) -> bytes | None:
        found = await self._look("SELECT hashes FROM @tile WHERE level = $1 AND place = $2", place)
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
        if not all(sayable(text) for text in (kind, service, target) if text is not None):
            return []
        wanted = (
            ("kind =", kind),
            ("service =", service),
            ("target =", target),
            ("at >=", time.microseconds(since) if since else None),
            ("at <", time.microseconds(until) if until else None),
            ("sequence <", before),
        )
        given = [(term, value) for term, value in wanted if value is not None]
        terms = " AND ".join(f"{term} ${place}" for place, (term, _) in enumerate(given, 1))
        values = tuple(value for _, value in given)
        where = f"WHERE {terms} " if terms else ""
        return await self._select(f"{where}ORDER BY sequence DESC LIMIT ${len(values) + 1}", (*values, limit))

    async def _select(self, rest: str, values: tuple[Any, ...]) -> list[Entry]:
        return [entry_of(row) for row in await self._look(f"SELECT {ENTRY} FROM @entry {rest}", values)]


class PostgresLedger(KeptLedger):
    """The ledger beside the entities of `store`; it lives as long as the store."""

    def __init__(self, store: PostgresStore) -> None:
        super().__init__(self._rows)
        self._store = store

    async def append(
        self, entries: Sequence[Entry], *, blobs: Mapping[str, bytes] | None = None, tiles: Tiles | None = None
    ) -> None:
        """See `ports.Ledger.append`. Raises BadRequestData where an entry does not come next."""
        sql = self._store.place.sql

        async def work(connection: Connection) -> None:
            await _append(connection, sql, entries, blobs or {})
            await _keep(connection, sql, tiles or {})

        await self._store.do(work)

    async def adopt(self, entries: Sequence[Entry], tiles: Tiles) -> None:
        """See `ports.Ledger.adopt`."""
        sql = self._store.place.sql
        rows = [(entry.sequence, entry.salt, entry.commitment, entry.hash) for entry in entries]

        async def work(connection: Connection) -> None:
            statement = sql("UPDATE @entry SET salt = $2, commitment = $3, hash = $4 WHERE sequence = $1")
            await connection.executemany(statement, rows)
            await _keep(connection, sql, tiles)

        await self._store.do(work)

    async def erase(self, id: str, blobs: Sequence[str] = ()) -> bool:
        """See `ports.Ledger.erase`."""
        sql = self._store.place.sql

        async def work(connection: Connection) -> bool:
            emptied = "UPDATE @entry SET body = '', salt = '', target = '' WHERE id = $1 AND body <> '' RETURNING id"
            found = await connection.fetch(sql(emptied), id)
            await connection.execute(sql("DELETE FROM @blob WHERE digest = ANY($1::text[])"), list(blobs))
            return bool(found)

        return await self._store.do(work) if sayable(id) else False

    async def _rows(self, text: str, values: tuple[Any, ...]) -> list[Any]:
        sql = self._store.place.sql(text)
        return await self._store.ask(lambda connection: connection.fetch(sql, *values))


@contextmanager
def kept_ledger(url: str, city: str) -> Generator[KeptLedger]:
    """The ledger of a city on a server, whether a hub is writing it or not. Raises Unavailable where there is none."""
    with rows(url, city) as look:
        yield KeptLedger(look)


async def _append(
    connection: Connection, sql: Callable[[str], str], entries: Sequence[Entry], blobs: Mapping[str, bytes]
) -> None:
    expected: int = await connection.fetchval(sql("SELECT coalesce(max(sequence), 0) FROM @entry"))
    named = [entry.id for entry in entries]
    taken = await connection.fetch(sql("SELECT id FROM @entry WHERE id = ANY($1::text[])"), named)
    ids = {id for (id,) in taken}
    for entry in entries:
        expected += 1
        if entry.sequence != expected or entry.id in ids:
            raise BadRequestData(
                f"the ledger takes entry {expected} with a new id next, not {entry.sequence} ({entry.id})"
            )
        ids.add(entry.id)
    if blobs:
        keep = sql("INSERT INTO @blob SELECT * FROM unnest($1::text[], $2::bytea[]) ON CONFLICT DO NOTHING")
        await connection.execute(keep, list(blobs), list(blobs.values()))
    await connection.executemany(
        sql(f"INSERT INTO @entry ({ENTRY}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"), map(_row, entries)
    )


async def _keep(connection: Connection, sql: Callable[[str], str], tiles: Tiles) -> None:
    if tiles:
        keep = sql("INSERT INTO @tile (level, place, hashes) VALUES ($1, $2, $3) ON CONFLICT (level, place) DO NOTHING")
        await connection.executemany(keep, [(*place, hashes) for place, hashes in tiles.items()])


def _row(entry: Entry) -> tuple[Any, ...]:
    named = (entry.sequence, entry.id, entry.kind, entry.service, entry.target)
    return *named, time.microseconds(entry.at), entry.body, entry.hash, entry.salt, entry.commitment
