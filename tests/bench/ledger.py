"""What the ledger's log costs: an append, and proofs in a log of ten million entries, beside one SHA-256 and one
Ed25519 signature of the same run. ``python tests/bench/ledger.py [--leaves 10000000] [--folder DIR]``.

The large log is made of random leaf hashes: its tiles are computed and kept in a real SQLite file, portion by portion,
so memory stays small; the file takes about 40 bytes a leaf. Times are of the processor, all threads together.
"""

import argparse
import asyncio
import hashlib
import os
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from madang.account.key import Key
from madang.account.leaf import sealed
from madang.account.ledger import Account, Note
from madang.account.log import Log
from madang.account.merkle import consistency, included, inclusion
from madang.account.tree import Tree
from madang.app.garbage import look_seldom
from madang.clock import WallClock
from madang.model.ledger import Entry
from madang.store.memory.ledger import MemoryLedger
from madang.store.sqlite import SqliteLedger, SqliteStore

AT = datetime(2026, 1, 1, tzinfo=UTC)
PORTION = 1 << 16
PROOFS = 2000
APPENDS = 50_000
TURN = 1000
"""Entries between two looks at the clock; longer than a checkpoint's share of them."""
BODY = {"reason": "x" * 900, "inputs": [1, 2, 3]}


def note(n: int) -> Note:
    return Note(kind="outcome", service="signals", target="t", at=AT, body=BODY)


def baseline() -> dict[str, float]:
    key, text, count = Key.fresh(), b"\x01" + b"x" * 64, 200_000
    start = time.process_time()
    for _ in range(count):
        hashlib.sha256(text).digest()
    one = (time.process_time() - start) / count
    start = time.process_time()
    for n in range(2000):
        key.sign("head", {"size": n})
    return {"SHA-256 of a node": one, "Ed25519 signature": (time.process_time() - start) / 2000}


def log_alone() -> float:
    """Salt, commitment, leaf, tree: what the log adds to an entry, without the store."""
    entry = Entry(sequence=1, id="outcome-1", kind="outcome", service="s", target="t", at=AT, body=b"x" * 900, hash="")
    tree, start = Tree(), time.process_time()
    for _ in range(APPENDS // 100):
        entries = [sealed(entry) for _ in range(100)]
        tree, _ = tree.grown([bytes.fromhex(one.hash) for one in entries])
    return (time.process_time() - start) / APPENDS


async def appended(account: Account, together: int) -> tuple[float, float]:
    """The least and the median of many turns: on a busy machine others take of the caches, too."""
    notes = [note(n) for n in range(together)]
    turn = max(1, TURN // together)
    took: list[float] = []
    for _ in range(max(10, APPENDS // (turn * together * (1 if together > 1 else 10)))):
        start = time.process_time()
        for _ in range(turn):
            await account.add(notes)
        took.append((time.process_time() - start) / (turn * together))
    return min(took), statistics.median(took)


async def large(ledger: SqliteLedger, leaves: int) -> Tree:
    tree = Tree()
    while tree.size < leaves:
        count = min(PORTION, leaves - tree.size)
        block = os.urandom(32 * count)
        tree, tiles = tree.grown([block[32 * n : 32 * n + 32] for n in range(count)])
        await ledger.adopt([], tiles)
    return tree


async def each(work: Callable[[int], Awaitable[object]], numbers: list[int]) -> tuple[float, float]:
    """The median and the slowest, in seconds on the wall of this thread's own time."""
    took: list[float] = []
    for number in numbers:
        start = time.thread_time()
        await work(number)
        took.append(time.thread_time() - start)
    return statistics.median(took), sorted(took)[len(took) * 99 // 100]


async def proofs(folder: Path, leaves: int) -> dict[str, tuple[float, float]]:
    store = SqliteStore(folder)
    ledger = SqliteLedger(store)
    start = time.process_time()
    tree = await large(ledger, leaves)
    made = (time.process_time() - start) / leaves
    log = Log(ledger, Key.fresh(), WallClock().now)
    log._tree = tree
    draw = random.Random(7)
    numbers = [draw.randrange(leaves) for _ in range(PROOFS)]
    whole = bytes.fromhex((await log.head()).root)
    for number in numbers[:50]:
        path = await log._path(tree, inclusion(number, leaves))
        tile = tree.at_edge((0, number >> 4)) or await ledger.tile((0, number >> 4)) or b""
        leaf = tile[32 * (number & 15) : 32 * (number & 15) + 32]
        assert included(leaf, index=number, size=leaves, path=[bytes.fromhex(step) for step in path], root=whole)
    found = {
        "inclusion proof": await each(lambda n: log._path(tree, inclusion(n, leaves)), numbers),
        "consistency proof": await each(lambda n: log._path(tree, consistency(n + 1, leaves)), numbers),
        "signed head": await each(lambda n: log.head(), numbers[:500]),
        "tree grown, a leaf (stored)": (made, made),
    }
    store.close()
    return found


async def run(leaves: int, folder: Path) -> None:
    table = Table("", "µs", "", title=f"the ledger's log, {leaves:,} leaves")
    for name, took in baseline().items():
        table.add_row(name, f"{took * 1e6:.2f}", "")
    table.add_row("append: the log's part", f"{log_alone() * 1e6:.2f}", "")
    store = SqliteStore(folder / "small")
    for name, ledger, together in (
        ("append in memory, 100 at once", MemoryLedger(), 100),
        ("append in memory, one by one", MemoryLedger(), 1),
        ("append on SQLite, 100 at once", SqliteLedger(store), 100),
        ("append on SQLite, 1,000 at once", SqliteLedger(store), 1000),
    ):
        least, median = await appended(Account(ledger), together)
        table.add_row(name, f"{least * 1e6:.2f}", f"median {median * 1e6:.2f}")
    store.close()
    for name, (median, slow) in (await proofs(folder / "large", leaves)).items():
        table.add_row(name, f"{median * 1e6:.1f}", f"99 %: {slow * 1e6:.1f}")
    Console().print(table)
    size = sum(file.stat().st_size for file in (folder / "large").rglob("*") if file.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"tiles on disk: {size / leaves:.1f} bytes a leaf; memory at most {peak:.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leaves", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    look_seldom()  # as the hub does
    with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
        asyncio.run(run(given.leaves, Path(scratch)))
