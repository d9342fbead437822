"""A ledger from before the log, on PostgreSQL: its schema is brought up to date and its entries become leaves."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from madang.account.adoption import GENESIS, chain
from madang.account.ledger import Account, Note
from madang.store.postgres import PostgresLedger, PostgresStore, schema, server
from madang.store.postgres.connection import Connection

from .stores import postgres, sweep

COUNT = 600


async def test_the_entries_of_a_schema_without_a_log_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (schema, server):
        monkeypatch.setattr(room, "VERSION", 1)
        monkeypatch.setattr(room, "STEPS", {1: schema.STEPS[1]})
    before = postgres(tmp_path)
    await _write(before)
    before.close()
    monkeypatch.undo()
    store = postgres(tmp_path)
    try:
        account = Account(PostgresLedger(store))
        assert await account.start() == COUNT == await account.verify()
        await account.add([Note(kind="e", at=datetime(2026, 5, 1, tzinfo=UTC), body={})])
        assert (await account.log.proof("e-7")).index == 6
        assert await Account(PostgresLedger(store)).verify() == COUNT + 1
    finally:
        store.close()
        sweep()


async def _write(store: PostgresStore) -> None:
    """Entries as they were: chained, with neither salt nor commitment."""
    statement = store.place.sql(
        "INSERT INTO @entry (sequence, id, kind, service, target, at, body, hash)"
        " VALUES ($1, $2, 'e', '', '', 0, $3, $4)"
    )
    rows: list[tuple[int, str, bytes, str]] = []
    last = GENESIS
    for number in range(1, COUNT + 1):
        body = b'{"n":%d}' % number
        last = chain(last, body)
        rows.append((number, f"e-{number}", body, last))

    async def work(connection: Connection) -> None:
        await connection.executemany(statement, rows)

    await store.do(work)
