"""The port `Outbox` in a tenant's file.

The row of a notice is there while it waits or is dead; its subscription's tally counts what became due and what was
delivered. So ``due == delivered + pending + dead`` holds by two independent counts, each changed in one transaction.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from madang.errors import ResourceNotFound
from madang.model.change import Notice, Outcome, Tally
from madang.model.record import Record, RecordKind
from madang.model.time import microseconds
from madang.store.rows import NOTICE, notice_of, tally_of
from madang.store.sqlite import records
from madang.store.sqlite.connection import Connection
from madang.store.sqlite.writer import NOTHING, Look, Writer, Written

_INSERT = "INSERT INTO notice (subscription, at, body) VALUES (?, ?, ?)"
_DUE = "INSERT INTO tally (subscription, due) VALUES (?, ?) ON CONFLICT (subscription) DO UPDATE SET due = due + ?"
_DELIVERED = (
    "UPDATE tally SET delivered = delivered + 1, failing = 0, sent_at = ?1, success_at = ?1, error = '' "
    "WHERE subscription = ?2"
)
_FAILED = (
    "UPDATE tally SET failures = failures + ?4, failing = failing + 1, sent_at = ?1, failure_at = ?1, error = ?3 "
    "WHERE subscription = ?2"
)
_TALLIES = """
SELECT tally.subscription, due, delivered,
    (SELECT count(*) FROM notice WHERE notice.subscription = tally.subscription AND dead = 0),
    (SELECT count(*) FROM notice WHERE notice.subscription = tally.subscription AND dead = 1),
    failures, failing, sent_at, success_at, failure_at, error
FROM tally
"""


class SqliteOutbox:
    """Notices and their account; `look` answers a statement and its values with rows."""

    def __init__(self, writer: Writer, look: Look) -> None:
        self._writer = writer
        self._look = look

    async def add(
        self,
        notices: Sequence[Notice],
        *,
        put: Record | None = None,
        new: bool = False,
        remove: tuple[RecordKind, str] | None = None,
    ) -> list[Notice]:
        def work(connection: Connection) -> tuple[list[Notice], Written]:
            if put is not None:
                records.put(connection, put, new=new)
            if remove is not None and not records.remove(connection, *remove):
                raise ResourceNotFound(f"there is no {remove[0]} '{remove[1]}'")
            return list(add(connection, notices)), NOTHING

        return await self._writer.run(work)

    async def pending(self, subscription: str | None = None, *, after: int = 0, limit: int = 1000) -> list[Notice]:
        return self._page(0, subscription, after, limit)

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        def work(connection: Connection) -> tuple[None, Written]:
            for outcome in outcomes:
                _settle(connection, outcome)
            return None, NOTHING

        await self._writer.run(work)

    async def tallies(self, subscription: str | None = None) -> dict[str, Tally]:
        if subscription is None:
            rows = self._look(_TALLIES + "ORDER BY tally.subscription", ())
        else:
            rows = self._look(_TALLIES + "WHERE tally.subscription = ?", (subscription,))
        return {row[0]: tally_of(row) for row in rows}

    async def dead(self, subscription: str | None = None, *, after: int = 0, limit: int = 1000) -> list[Notice]:
        return self._page(1, subscription, after, limit)

    async def resend(self, subscription: str | None = None, *, number: int | None = None) -> int:
        where, values = "dead = 1", list[Any]()
        if subscription is not None:
            where, values = where + " AND subscription = ?", [*values, subscription]
        if number is not None:
            where, values = where + " AND number = ?", [*values, number]

        def work(connection: Connection) -> tuple[int, Written]:
            connection.execute(f"UPDATE notice SET dead = 0, attempts = 0, error = '' WHERE {where}", values)
            return connection.changes(), NOTHING

        return await self._writer.run(work)

    async def rewrite(self, bodies: Mapping[int, bytes]) -> None:
        rows = [(body, number) for number, body in bodies.items()]

        def work(connection: Connection) -> tuple[None, Written]:
            connection.executemany("UPDATE notice SET body = ? WHERE number = ?", rows)
            return None, NOTHING

        await self._writer.run(work)

    async def drop(self, subscription: str) -> None:
        def work(connection: Connection) -> tuple[None, Written]:
            connection.execute("DELETE FROM notice WHERE subscription = ?", (subscription,))
            connection.execute("DELETE FROM tally WHERE subscription = ?", (subscription,))
            return None, NOTHING

        await self._writer.run(work)

    def _page(self, dead: int, subscription: str | None, after: int, limit: int) -> list[Notice]:
        # The first is answered by the index of both columns, the second by the rows in the order of their numbers.
        if subscription is not None:
            where, values = "subscription = ? AND dead = ?", (subscription, dead)
        else:
            where, values = "dead = ?", (dead,)
        sql = f"SELECT {NOTICE} FROM notice WHERE {where} AND number > ? ORDER BY number LIMIT ?"
        return [notice_of(row) for row in self._look(sql, (*values, after, limit))]


def add(connection: Connection, due: Sequence[Notice]) -> Sequence[Notice]:
    """Store the notices, inside a transaction; answers them with their numbers."""
    stored: list[Notice] = []
    for notice in due:
        connection.execute(_INSERT, (notice.subscription, microseconds(notice.at), notice.body))
        stored.append(msgspec.structs.replace(notice, number=connection.last_insert_rowid()))
    for subscription, count in Counter(notice.subscription for notice in due).items():
        connection.execute(_DUE, (subscription, count, count))
    return stored


def _settle(connection: Connection, outcome: Outcome) -> None:
    sql = "SELECT subscription, attempts FROM notice WHERE number = ? AND dead = 0"
    row = next(connection.execute(sql, (outcome.number,)), None)
    if row is None:
        return
    at = microseconds(outcome.at)
    if outcome.error is None:
        connection.execute("DELETE FROM notice WHERE number = ?", (outcome.number,))
        connection.execute(_DELIVERED, (at, row[0]))
    else:
        connection.execute(
            "UPDATE notice SET attempts = attempts + 1, error = ?, dead = ? WHERE number = ?",
            (outcome.error, int(outcome.dead), outcome.number),
        )
        connection.execute(_FAILED, (at, row[0], outcome.error, int(row[1] == 0)))
