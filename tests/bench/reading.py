"""Five hundred readers while devices write: does a device wait longer, does a reader miss anything?
``python tests/bench/reading.py [--live 450] [--downloading 50] [--seconds 30] [--coding gzip]``

Devices: a batch of 100 entities once a second, as a city's streets tell, and one attribute 25 times a second, whose
latency is the figure; with nobody reading, then with all of them. The hub's processor time is of all its threads, and
means the same on a busy machine. Loopback, bounded, no assertion.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from parts.servers import hub
from rich.console import Console
from rich.table import Table
from serving import TYPE, fill

FILE = "/data/stations.csv"
_ID = f"urn:ngsi-ld:{TYPE}:%06d"
EVERY_S = 0.04


class Devices:
    """Writes for a while, and how long each write took."""

    def __init__(self, address: str) -> None:
        self._place = str(urlsplit(address).netloc)
        self.patch_ms: list[float] = []
        self.batch_ms: list[float] = []
        self.bad = 0
        self.rank = 0

    def write(self, seconds: float) -> None:
        """Both kinds of devices, each on a connection of its own."""
        until = time.monotonic() + seconds
        batches = threading.Thread(target=self._batches, args=(until,))
        batches.start()
        link, n = HTTPConnection(self._place, timeout=60), 0
        while time.monotonic() < until:
            begun = perf_counter()
            body = json.dumps({"type": "Property", "value": n % 500 / 10}).encode()
            self._send(link, "PATCH", f"/ngsi-ld/v1/entities/{_ID % (n % 1000)}/attrs/pm25", body)
            self.patch_ms.append(1e3 * (perf_counter() - begun))
            n += 1
            time.sleep(max(0.0, EVERY_S - (perf_counter() - begun)))
        batches.join()

    def _batches(self, until: float) -> None:
        link = HTTPConnection(self._place, timeout=60)
        while time.monotonic() < until:
            begun = perf_counter()
            self.rank += 1
            numbers = {"type": "Property", "value": self.rank}
            items = [{"id": _ID % n, "type": TYPE, "no2": numbers, "rank": numbers} for n in range(100)]
            path = "/ngsi-ld/v1/entityOperations/upsert?options=update"
            self._send(link, "POST", path, json.dumps(items).encode())
            self.batch_ms.append(1e3 * (perf_counter() - begun))
            time.sleep(max(0.0, 1.0 - (perf_counter() - begun)))

    def _send(self, link: HTTPConnection, method: str, path: str, body: bytes) -> None:
        link.request(method, path, body, {"Content-Type": "application/json"})
        answer = link.getresponse()
        answer.read()
        self.bad += answer.status >= 400


def parts(values: list[float]) -> str:
    """Median, 95th percentile, most."""
    if len(values) < 3:
        return "–"
    cuts = quantiles(values, n=100)
    return f"{cuts[49]:.1f} / {cuts[94]:.1f} / {max(values):.1f}"


def used_s(pid: int) -> float:
    """Processor seconds that a process has used until now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share(pid: int, work: Any) -> float:
    """Seconds of processor that a process uses in a second, while the work is done."""
    begun_s, used = time.monotonic(), used_s(pid)
    work()
    return (used_s(pid) - used) / (time.monotonic() - begun_s)


def read(address: str, live: int, downloading: int, coding: str, work: Any) -> dict[str, Any]:
    """What readers saw while the work was done."""
    file = Path(__file__).parent / "parts/readers.py"
    command = [sys.executable, str(file), address, str(live), str(downloading), FILE, coding]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        time.sleep(10)
        work()
        time.sleep(5)
        told, _ = process.communicate("", timeout=60)
    return json.loads(told)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--live", type=int, default=450)
    parser.add_argument("--downloading", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--coding", choices=("gzip", "identity"), default="gzip")
    given = parser.parse_args()
    console, used = Console(), list[float]()
    with tempfile.TemporaryDirectory() as name, hub(Path(name)) as (address, process):
        fill(address, 1000)
        alone, crowded = Devices(address), Devices(address)

        def work(devices: Devices) -> None:
            used.append(share(process.pid, lambda: devices.write(given.seconds)))

        work(alone)
        seen = read(address, given.live, given.downloading, given.coding, lambda: work(crowded))
    table = Table("median / 95 % / most, ms", "nobody reads", f"{given.live} live, {given.downloading} downloading")
    table.add_row("one attribute", parts(alone.patch_ms), parts(crowded.patch_ms))
    table.add_row("batch of 100", parts(alone.batch_ms), parts(crowded.batch_ms))
    table.add_row("hub's processor, s a second", *(f"{one:.2f}" for one in used))
    table.add_row("the page", "", parts(seen["page_ms"]))
    table.add_row("1,000 rows as CSV", "", parts(seen["file_ms"]))
    console.print(table)
    whole = sum(last == crowded.rank for last in seen["last"])
    console.print(
        f"writes refused: {alone.bad} and {crowded.bad}; readers' errors: {seen['errors']} {seen['first']}; "
        f"{seen['events']:,} events, {seen['bytes'] / 1e6:,.0f} MB; "
        f"{whole} of {given.live} saw the last state, {len(seen['page_ms'])} pages, {len(seen['file_ms'])} files"
    )


if __name__ == "__main__":
    main()
