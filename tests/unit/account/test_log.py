"""The log over a store: what is loaded is what had grown, proofs hold for every size, and a missing tile is told."""

import asyncio
import random
from datetime import UTC, datetime

import pytest

from madang.account.fault import LedgerError
from madang.account.key import Key
from madang.account.ledger import Account, Note
from madang.account.log import Log
from madang.account.merkle import consistent, included
from madang.account.trunk import load
from madang.clock import WallClock
from madang.model.ledger import Entry
from madang.store.memory.ledger import MemoryLedger

AT = datetime(2026, 5, 1, 8, tzinfo=UTC)
SIZES = (0, 1, 15, 16, 17, 31, 32, 255, 256, 257, 272, 4095, 4096, 4097, 4113, 5000)


def entry(n: int) -> Entry:
    """An entry of which only the hash counts."""
    named = {"id": f"e-{n}", "kind": "e", "service": "", "target": ""}
    return Entry(sequence=n, at=AT, body=b"{}", hash=f"{n:064x}", commitment="c", **named)


async def test_what_is_loaded_is_what_had_grown() -> None:
    ledger = MemoryLedger()
    log, size = Log(ledger, Key.fresh(), WallClock().now), 0
    for goal in SIZES:
        await log.extend([entry(n) for n in range(size + 1, goal + 1)])
        size = goal
        assert await load(ledger, size) == await log.tree()
    again = Log(ledger, Key.fresh(), WallClock().now)
    assert (await again.head()).root == (await log.head()).root


async def test_proofs_hold_between_any_two_sizes() -> None:
    account = Account(MemoryLedger())
    await account.add([Note(kind="e", at=AT, body={"n": n}) for n in range(700)])
    draw = random.Random(1)
    for _ in range(40):
        first, second = sorted((draw.randint(1, 700), draw.randint(1, 700)))
        found = await account.log.consistency(first, second)
        old, new = bytes.fromhex(found.first.root), bytes.fromhex(found.second.root)
        assert consistent(first, second, path=[bytes.fromhex(step) for step in found.path], old=old, new=new)
        proof = await account.log.proof(f"e-{first}", second)
        (held,) = await account.entries(first, first)
        path = [bytes.fromhex(step) for step in proof.path]
        assert included(bytes.fromhex(held.hash), index=first - 1, size=second, path=path, root=new)


async def test_who_asks_at_the_same_time_gets_the_same_tree() -> None:
    ledger = MemoryLedger()
    await Log(ledger, Key.fresh(), WallClock().now).extend([entry(n) for n in range(1, 40)])
    log = Log(ledger, Key.fresh(), WallClock().now)
    first, *others = await asyncio.gather(*[log.tree() for _ in range(5)])
    assert all(other is first for other in others)


async def test_a_missing_tile_is_told() -> None:
    ledger = MemoryLedger()
    log = Log(ledger, Key.fresh(), WallClock().now)
    await log.extend([entry(n) for n in range(1, 300)])
    ledger._tiles.pop((0, 3))
    with pytest.raises(LedgerError, match="missing"):
        await log.proof("e-50")
    with pytest.raises(LedgerError, match="missing"):
        await load(ledger, 79)
