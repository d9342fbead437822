"""A hub that writes as fast as it can and says on standard output what was acknowledged, until it is killed: on SQLite
(the argument is a folder), or on PostgreSQL (an address, # and the city's id).

Not a test: `test_kill_hub.py` and `test_kill_postgres.py` start it in a process of its own.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from madang.account.ledger import Account, Outcome
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import SYSTEM, Policy
from madang.hub import Hub
from madang.model.dataset import Dataset, Sensitivity
from madang.model.entity import Entity, observed
from madang.ports import Ledger, Store
from madang.store.postgres import PostgresLedger, PostgresStore
from madang.store.sqlite import SqliteLedger, SqliteStore

WRITERS = 8

POLICY = Policy(
    [
        Dataset(
            id="counters",
            title={"en": "Counters"},
            type="Counter",
            history=("n",),
            owner="test",
            sensitivity=Sensitivity.PUBLIC,
            legal_basis="public-task",
            purposes=(),
            retention="P1D",
            licence="CC0-1.0",
        )
    ]
)


def counter(id: str, n: int) -> Entity:
    """The n-th state of a counter; its history has one sample for each."""
    return observed(id, "Counter", datetime.fromtimestamp(n, UTC), {"n": n})


async def write(hub: Hub, id: str, n: int) -> None:
    """Count on for ever; each acknowledged number goes out as one line, in one write."""
    while True:
        n += 1
        result = await hub.batch.observe(SYSTEM, [counter(id, n)])
        assert result.success == [id], result.errors
        os.write(1, f"{id} {n}\n".encode())


async def account(ledger: Ledger) -> None:
    """Append to the ledger for ever; each acknowledged entry's number goes out."""
    book = Account(ledger)
    while True:
        last = await ledger.last()
        name = f"test-{last.sequence + 1 if last else 1}"
        await book.conclude([Outcome(decision=name, at=datetime.now(UTC))], targets={name: "t"})
        os.write(1, f"ledger {(await ledger.last()).sequence}\n".encode())  # type: ignore[union-attr]


def stored(where: str) -> tuple[Store, Ledger]:
    """The store and the ledger there."""
    url, mark, city = where.partition("#")
    if mark:
        server = PostgresStore(url, city)
        return server, PostgresLedger(server)
    files = SqliteStore(Path(where))
    return files, SqliteLedger(files)


async def run(where: str, start: dict[str, int]) -> None:
    """All writers at once."""
    store, ledger = stored(where)
    hub = Hub(store, POLICY, WallClock(), LocalBus())
    os.write(1, b"ready 0\n")
    ids = [f"urn:x:{n}" for n in range(WRITERS)]
    await asyncio.gather(account(ledger), *[write(hub, id, start.get(id, 0)) for id in ids])


if __name__ == "__main__":
    numbers = iter(sys.argv[2:])
    asyncio.run(run(sys.argv[1], {id: int(n) for id, n in zip(numbers, numbers, strict=True)}))
