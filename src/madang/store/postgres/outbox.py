"""The port `Outbox` in a tenant's schema.

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
from madang.store.postgres import records
from madang.store.postgres.connection import Connection, indexed, sayable
from madang.store.postgres.tenant import Room, Tenant
from madang.store.rows import NOTICE, notice_of, tally_of

# The rows of an INSERT are numbered in the order in which they come.
_INSERT = """
INSERT INTO @notice (subscription, at, body)
SELECT u.subscription, u.at, u.body FROM unnest($1::text[], $2::bigint[], $3::bytea[])
WITH ORDINALITY AS u (subscription, at, body, place) ORDER BY u.place RETURNING number
"""

_DUE = """
INSERT INTO @tally AS t (subscription, due) SELECT * FROM unnest($1::text[], $2::bigint[])
ON CONFLICT (subscription) DO UPDATE SET due = t.due + excluded.due
"""

_TALLY = """
UPDATE @tally t SET delivered = u.delivered, failures = u.failures, failing = u.failing, sent_at = u.sent_at,
success_at = u.success_at, failure_at = u.failure_at, error = u.error
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[])
AS u (subscription, delivered, failures, failing, sent_at, success_at, failure_at, error)
WHERE t.subscription = u.subscription
"""

_TALLIES = """
SELECT t.subscription, t.due, t.delivered, count(n.number) FILTER (WHERE NOT n.dead),
    count(n.number) FILTER (WHERE n.dead), t.failures, t.failing, t.sent_at, t.success_at, t.failure_at, t.error
FROM @tally t LEFT JOIN @notice n USING (subscription)
WHERE $1::text IS NULL OR t.subscription = $1 GROUP BY t.subscription ORDER BY t.subscription
"""


class PostgresOutbox:
    """Notices and their account."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def add(
        self,
        notices: Sequence[Notice],
        *,
        put: Record | None = None,
        new: bool = False,
        remove: tuple[RecordKind, str] | None = None,
    ) -> list[Notice]:
        place = self._room.place

        async def work(connection: Connection) -> list[Notice]:
            if put is not None:
                await records.put(connection, place, put, new=new)
            if remove is not None and not await records.remove(connection, place, *remove):
                raise ResourceNotFound(f"there is no {remove[0]} '{remove[1]}'")
            return await add(connection, place, notices)

        return await self._room.do(work)

    async def pending(self, subscription: str | None = None, *, after: int = 0, limit: int = 1000) -> list[Notice]:
        return await self._page(subscription, dead=False, after=after, limit=limit)

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        await self._room.do(lambda connection: _settle(connection, self._room.place, outcomes))

    async def tallies(self, subscription: str | None = None) -> dict[str, Tally]:
        if subscription is not None and not sayable(subscription):
            return {}
        sql = self._room.place.sql(_TALLIES)
        rows = await self._room.ask(lambda connection: connection.fetch(sql, subscription))
        return {row[0]: tally_of(row) for row in rows}

    async def dead(self, subscription: str | None = None, *, after: int = 0, limit: int = 1000) -> list[Notice]:
        return await self._page(subscription, dead=True, after=after, limit=limit)

    async def resend(self, subscription: str | None = None, *, number: int | None = None) -> int:
        if subscription is not None and not sayable(subscription):
            return 0
        sql = self._room.place.sql(
            "UPDATE @notice SET dead = false, attempts = 0, error = '' WHERE dead"
            " AND ($1::text IS NULL OR subscription = $1) AND ($2::bigint IS NULL OR number = $2)"
        )
        done = await self._room.do(lambda connection: connection.execute(sql, subscription, number))
        return int(done.split()[-1])

    async def rewrite(self, bodies: Mapping[int, bytes]) -> None:
        sql = self._room.place.sql("UPDATE @notice SET body = $2 WHERE number = $1")
        rows = list(bodies.items())
        await self._room.do(lambda connection: connection.executemany(sql, rows))

    async def drop(self, subscription: str) -> None:
        sql = self._room.place.sql

        async def work(connection: Connection) -> None:
            await connection.execute(sql("DELETE FROM @notice WHERE subscription = $1"), subscription)
            await connection.execute(sql("DELETE FROM @tally WHERE subscription = $1"), subscription)

        if sayable(subscription):
            await self._room.do(work)

    async def _page(self, subscription: str | None, *, dead: bool, after: int, limit: int) -> list[Notice]:
        if subscription is not None and not sayable(subscription):
            return []
        values: list[Any] = [dead, after, limit]
        where = ""
        if subscription is not None:
            where, values = " AND subscription = $4", [*values, subscription]
        sql = f"SELECT {NOTICE} FROM @notice WHERE dead = $1 AND number > $2{where} ORDER BY number LIMIT $3"
        text = self._room.place.sql(sql)
        return [notice_of(row) for row in await self._room.ask(lambda connection: connection.fetch(text, *values))]


async def add(connection: Connection, tenant: Tenant, due: Sequence[Notice]) -> list[Notice]:
    """Store the notices, inside a transaction; answers them with their numbers."""
    if not due:
        return []
    for notice in due:
        indexed(notice.subscription, what="the subscription")
    columns = zip(*((one.subscription, microseconds(one.at), one.body) for one in due), strict=True)
    numbers = await connection.fetch(tenant.sql(_INSERT), *map(list, columns))
    counts = Counter(notice.subscription for notice in due)
    await connection.execute(tenant.sql(_DUE), list(counts), list(counts.values()))
    stored = zip(due, sorted(number for (number,) in numbers), strict=True)
    return [msgspec.structs.replace(notice, number=number) for notice, number in stored]


async def _settle(connection: Connection, tenant: Tenant, outcomes: Sequence[Outcome]) -> None:
    """Read what the outcomes are about, reckon here, write it back: a few statements, however many outcomes."""
    found = await connection.fetch(
        tenant.sql("SELECT number, subscription, attempts FROM @notice WHERE number = ANY($1::bigint[]) AND NOT dead"),
        [outcome.number for outcome in outcomes],
    )
    waiting = {number: (subscription, attempts) for number, subscription, attempts in found}
    rows = await connection.fetch(
        tenant.sql(
            "SELECT subscription, delivered, failures, failing, sent_at, success_at, failure_at, error FROM @tally"
            " WHERE subscription = ANY($1::text[])"
        ),
        sorted({subscription for subscription, _ in waiting.values()}),
    )
    tallies = {row[0]: list(row) for row in rows}
    failed: dict[int, tuple[int, int, str, bool]] = {}
    gone: list[int] = []
    for outcome in outcomes:
        number = outcome.number
        if number not in waiting:
            continue
        subscription, attempts = waiting[number]
        _count(tallies[subscription], outcome, first=attempts == 0)
        if outcome.error is None:
            gone.append(number)
        else:
            waiting[number] = (subscription, attempts + 1)
            failed[number] = (number, attempts + 1, _plain(outcome.error), outcome.dead)
        if outcome.error is None or outcome.dead:
            del waiting[number]
    if failed:
        await connection.execute(
            tenant.sql(
                "UPDATE @notice n SET attempts = u.attempts, error = u.error, dead = u.dead"
                " FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::boolean[])"
                " AS u (number, attempts, error, dead) WHERE n.number = u.number"
            ),
            *map(list, zip(*failed.values(), strict=True)),
        )
    if gone:
        await connection.execute(tenant.sql("DELETE FROM @notice WHERE number = ANY($1::bigint[])"), gone)
    if tallies:
        await connection.execute(tenant.sql(_TALLY), *map(list, zip(*tallies.values(), strict=True)))


def _count(tally: list[Any], outcome: Outcome, *, first: bool) -> None:
    """Take an attempt down in a row of `tally`: subscription, delivered, failures, failing, the times, the error."""
    at = microseconds(outcome.at)
    tally[4] = at
    if outcome.error is None:
        tally[1], tally[3], tally[5], tally[7] = tally[1] + 1, 0, at, ""
    else:
        tally[2], tally[3], tally[6], tally[7] = tally[2] + first, tally[3] + 1, at, _plain(outcome.error)


def _plain(error: str) -> str:
    """What an endpoint said, as PostgreSQL can store it."""
    return error.replace("\0", "\ufffd").encode(errors="replace").decode()
