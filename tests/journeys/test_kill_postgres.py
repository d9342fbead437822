"""Over PostgreSQL as over SQLite: an acknowledged write is on disk, whoever dies, the hub or the server.

`python -m pytest tests/journeys/test_kill_postgres.py` kills the hub ten times; MADANG_KILLS says how often otherwise.
"""

import asyncio
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.contracts.stores import POSTGRES, city_of, postgres, put, sweep
from tests.contracts.stores import entity as thing

from madang.account.ledger import Account
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.errors import MadangError, Unavailable
from madang.govern import PUBLIC
from madang.hub import Hub
from madang.model.change import Change, Edited, Notice
from madang.model.entity import Entity
from madang.settings import service_required
from madang.store.postgres import PostgresLedger, PostgresStore

from .cluster import Cluster, programs
from .test_kill_hub import killed
from .writing import POLICY

KILLS = int(os.environ.get("MADANG_KILLS", "10"))


async def test_nothing_acknowledged_is_lost_when_the_hub_is_killed(tmp_path: Path) -> None:
    postgres(tmp_path).close()
    where = f"{POSTGRES}#{city_of(tmp_path)}"
    moments = random.Random(7)
    acknowledged: dict[str, int] = {}
    try:
        for _ in range(KILLS):
            killed(where, acknowledged, moments.uniform(0.1, 0.5))
        store = postgres(tmp_path)
        hub = Hub(store, POLICY, WallClock(), LocalBus())
        assert await Account(PostgresLedger(store)).verify() >= acknowledged.pop("ledger")
        assert len(acknowledged) > 1
        for id, n in acknowledged.items():
            assert (await hub.entities.retrieve(PUBLIC, id)).value("n") >= n
            past = await hub.evolution.retrieve(PUBLIC, id)
            assert {one.value for one in past.attributes["n"]} >= set(range(1, n + 1))
        store.close()
    finally:
        sweep()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A server of our own."""
    found = programs()
    if found is None:
        said = "no initdb and pg_ctl to start a PostgreSQL of our own with"
        pytest.fail(said) if service_required() else pytest.skip(said)
    with Cluster(found) as running:
        yield running


class Echo:
    """Makes one notice due for each change."""

    def __init__(self) -> None:
        self.told: list[int] = []

    def due(self, tenant: str, changes: Sequence[Change]) -> Sequence[Notice]:
        return [Notice(subscription="urn:s:1", at=WallClock().now(), body=change.id.encode()) for change in changes]

    def stored(self, tenant: str, notices: Sequence[Notice]) -> None:
        self.told += [notice.number for notice in notices]


async def test_a_server_that_dies_loses_nothing_acknowledged_and_is_used_again_when_it_is_back(
    cluster: Cluster,
) -> None:
    store, echo = PostgresStore(cluster.url, "dying"), Echo()
    store.react(echo)
    acknowledged: dict[str, int] = {}
    refused: list[MadangError] = []
    over = asyncio.Event()

    async def count(id: str) -> None:
        n = 0
        while not over.is_set():
            n += 1
            try:
                await store.write([put(thing(id, n=n))])
                acknowledged[id] = n
            except Unavailable as error:
                refused.append(error)
                await asyncio.sleep(0.05)

    try:
        writers = [asyncio.create_task(count(f"urn:x:{n}")) for n in range(8)]
        for _ in range(3):
            await asyncio.sleep(0.5)
            await asyncio.to_thread(cluster.crash)
            before = dict(acknowledged)
            with pytest.raises(Unavailable, match="does not answer"):
                await store.get("urn:x:1")
            await asyncio.to_thread(cluster.start)
            async with asyncio.timeout(20):
                while not all(acknowledged[id] > n for id, n in before.items()):  # noqa: ASYNC110 (writers count on)
                    await asyncio.sleep(0.05)
            found = await store.read(list(before))
            assert all(found[id].value("n") >= n for id, n in before.items())
        over.set()
        await asyncio.gather(*writers)
        assert refused
        assert all("start it" in error.detail for error in refused)
        tally = (await store.outbox.tallies())["urn:s:1"]
        assert tally.due == tally.pending >= sum(acknowledged.values()) - len(refused)
        numbers = [notice.number for notice in await store.outbox.pending(limit=1_000_000)]
        # Each that was told is stored; each that is stored and was not told was in a commit that nobody answered.
        assert set(echo.told) <= set(numbers)
        assert len(numbers) - len(echo.told) <= len(refused)
        assert echo.told == sorted(echo.told)
    finally:
        over.set()
        store.close()


async def test_a_city_has_one_writer(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madang.store.postgres.server.PATIENCE_S", 0.3)
    with_lock = PostgresStore(cluster.url, "one")
    try:
        with pytest.raises(Unavailable, match="in use by a process on 127"):
            await asyncio.to_thread(PostgresStore, cluster.url, "one")
        other = PostgresStore(cluster.url, "two")
        other.close()
    finally:
        with_lock.close()
    PostgresStore(cluster.url, "one").close()


async def test_a_write_that_fails_takes_none_with_it(cluster: Cluster) -> None:
    """Of many that wait together and are committed together."""
    store = PostgresStore(cluster.url, "full")

    def poisoned(old: Entity | None) -> Edited:
        raise ZeroDivisionError("a mistake of ours")

    try:
        outcomes = await asyncio.gather(
            *[store.write([put(thing(f"urn:x:{n}", n=n))]) for n in range(5)],
            store.write([put(thing("urn:x:half")), ("urn:x:bad", poisoned)]),
            return_exceptions=True,
        )
        assert [type(one) for one in outcomes] == [list] * 5 + [ZeroDivisionError]
        assert len(await store.read([f"urn:x:{n}" for n in range(5)])) == 5
        assert await store.get("urn:x:half") is None
    finally:
        store.close()
