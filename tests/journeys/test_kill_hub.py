"""An acknowledged write is on disk: the hub is killed in mid-writing, again and again; nothing is lost."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from madang.account.ledger import Account
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import PUBLIC
from madang.hub import Hub
from madang.store.sqlite import SqliteLedger, SqliteStore

from .writing import POLICY

KILLS = 25


def killed(folder: Path | str, acknowledged: dict[str, int], after_s: float) -> None:
    """Let a process write for so long, kill it, and note what it had said until then."""
    start = [str(word) for id, n in acknowledged.items() if id != "ledger" for word in (id, n)]
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("writing.py")), str(folder), *start], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready 0\n", "the data directory of a killed process is free at once"
        time.sleep(after_s)
        os.kill(child.pid, signal.SIGKILL)
        for line in child.stdout:
            if line.endswith(b"\n"):
                id, n = line.split()
                acknowledged[id.decode()] = int(n)


async def test_nothing_acknowledged_is_lost_when_the_hub_is_killed(tmp_path: Path) -> None:
    moments = random.Random(7)
    acknowledged: dict[str, int] = {}
    for _ in range(KILLS):
        killed(tmp_path, acknowledged, moments.uniform(0.0, 0.25))
    store = SqliteStore(tmp_path)
    hub = Hub(store, POLICY, WallClock(), LocalBus())
    try:
        assert await Account(SqliteLedger(store)).verify() >= acknowledged.pop("ledger")
        assert len(acknowledged) > 1
        for id, n in acknowledged.items():
            assert (await hub.entities.retrieve(PUBLIC, id)).value("n") >= n
            past = await hub.evolution.retrieve(PUBLIC, id)
            assert {one.value for one in past.attributes["n"]} >= set(range(1, n + 1))
    finally:
        store.close()
