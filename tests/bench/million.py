"""A million entities: what the hub serves then, beside what it serves with a hundred thousand in the same run, and what
writes notice of an index that is made meanwhile. ``python tests/bench/million.py`` prints tables, in about six minutes.

Server and load generator share the machine; every acknowledged write is on disk. No assertion.
"""

import argparse
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path
from time import perf_counter, sleep

from parts.flush import flush_ms
from parts.load import Figures, installed, load, script
from parts.servers import hello, hub
from rich.console import Console
from rich.table import Table
from serving import PATCH, Measured, fill, indexed, measure, megabytes, remember, settle

CONSOLE = Console(width=170)


def bytes_below(folder: Path) -> int:
    """What the files in a folder take on disk."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def wanted_index(address: str, attribute: str, taken: list[float]) -> None:
    """Ask for an attribute until it has its index; how many seconds that took."""
    begun = perf_counter()
    sleep(1)
    while perf_counter() - begun < 90 and not indexed(address, f"{attribute}>99999"):
        sleep(0.2)
    taken.append(perf_counter() - begun - 1)


def meanwhile(address: str, count: int, seconds: float) -> tuple[Figures, Figures, float]:
    """Updates alone; updates while an index is made; and how long that took, in seconds."""
    alone = load(address, script(count, PATCH), connections=16, seconds=seconds)
    taken: list[float] = []
    asking = threading.Thread(target=wanted_index, args=(address, "rank", taken))
    asking.start()
    beside = load(address, script(count, PATCH), connections=16, seconds=2 * seconds)
    asking.join()
    return alone, beside, taken[0]


def compared(few: list[Measured], many: list[Measured], counts: tuple[int, int]) -> Table:
    """Each operation with few and with many entities: rates, what they are of the bare server's,
    and what a request takes of the processor."""
    table = Table()
    for column in ("operation", f"{counts[0]:,}: a second", "of hello", "CPU µs", "p95 ms"):
        table.add_column(column, justify="left" if column == "operation" else "right")
    for column in (f"{counts[1]:,}: a second", "of hello", "CPU µs", "p95 ms", "CPU times as much", "bad"):
        table.add_column(column, justify="right")
    for one, other in zip(few, many, strict=True):
        row = [one.operation]
        for each in (one, other):
            rate = each.found.rate * max(1, each.entities)
            of_hello = each.found.rate / each.bare["framework"]
            row += [f"{rate:,.0f}", f"{of_hello:.3f}", f"{each.cpu_us:,.0f}", f"{each.found.p95:.1f}"]
        # What a processor gets done in a microsecond changes, too, where it is shared.
        more = (other.cpu_us / other.bare_cpu_us) / (one.cpu_us / one.bare_cpu_us)
        table.add_row(*row, f"{more:.2f}", str(one.found.bad + other.found.bad))
    return table


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entities", type=int, default=1_000_000)
    parser.add_argument("--few", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--load-seconds", type=float, default=200.0, help="then it goes on with what there is")
    given = parser.parse_args()
    if not installed():
        sys.exit("this needs wrk: apt-get install wrk")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        CONSOLE.print(f"a flush of this disk takes {flush_ms(folder):.2f} ms")
        with hub(folder) as (address, process), hello("framework") as framework, hello("raw") as raw:
            bare = {"framework": framework, "raw": raw}
            fill(address, given.few)
            remember(address)
            settle(address)
            few = measure((address, process), given.few, given.seconds, bare)
            begun, count = perf_counter(), given.few
            while count < given.entities and perf_counter() - begun < given.load_seconds:
                fill(address, count + 10_000, first=count)
                count += 10_000
            rate = (count - given.few) / (perf_counter() - begun)
            loaded = bytes_below(folder / "data")
            CONSOLE.print(
                f"{count:,} loaded, {rate:,.0f} a second; {loaded / 1e6:,.0f} MB on disk, history of the load included"
            )
            many = measure((address, process), count, given.seconds, bare)
            CONSOLE.print(compared(few, many, (given.few, count)))
            alone, beside, taken = meanwhile(address, count, given.seconds)
            for when, one in (("", alone), (f" while an index is made ({taken:.1f} s)", beside)):
                told = f"{one.rate:,.0f}/s, p99 {one.p99:.0f}, longest {one.most:.0f} ms"
                CONSOLE.print(f"updates, 16 connections{when}: {told}")
            CONSOLE.print(f"{megabytes(process.pid):,.0f} MB of anonymous memory")
        begun = perf_counter()
        with hub(folder) as (address, _):
            CONSOLE.print(f"start to the first answer on these: {perf_counter() - begun:.2f} s")
            urllib.request.urlopen(address + "/health", timeout=10).close()
        CONSOLE.print(f"{bytes_below(folder / 'data') / 1e6:,.0f} MB on disk at the end")


if __name__ == "__main__":
    main()
