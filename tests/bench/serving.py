"""What the hub serves over HTTP, beside a bare "hello" of the same stack in the same minute:
``python tests/bench/serving.py`` prints a table.

Server and load generator share the machine; every acknowledged write is on disk. No assertion.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from parts.flush import flush_ms
from parts.load import Figures, get, installed, load, script
from parts.processor import Spent, watched
from parts.servers import hello, hub
from rich.console import Console
from rich.table import Table

TYPE = "AirQualityObserved"
_ID = f"urn:ngsi-ld:{TYPE}:%06d"
_ENTITIES = "/ngsi-ld/v1/entities"

PATCH = f"""
function request()
  local n = math.random(0, COUNT - 1)
  local body = string.format('{{"type":"Property","value":%.2f,"observedAt":"2026-03-01T07:%02d:%02d.%03dZ"}}',
    math.random() * 100, math.random(0, 59), math.random(0, 59), math.random(0, 999))
  local path = string.format("{_ENTITIES}/{_ID}/attrs/no2", n)
  return wrk.format("PATCH", path, {{["Content-Type"] = "application/json"}}, body)
end
"""

_BATCH = f"""
function request()
  local items = {{}}
  for i = 1, 100 do
    local minute, second, thousandth = math.random(0, 59), math.random(0, 59), math.random(0, 999)
    local at = string.format("2026-03-01T07:%02d:%02d.%03dZ", minute, second, thousandth)
    items[i] = string.format('{{"id":"{_ID}","type":"{TYPE}",' ..
      '"no2":{{"type":"Property","value":%.2f,"observedAt":"%s"}},"pm25":{{"type":"Property","value":%.2f,"observedAt":"%s"}}}}',
      math.random(0, COUNT - 1), math.random() * 100, at, math.random() * 50, at)
  end
  local path = "/ngsi-ld/v1/entityOperations/upsert?options=update"
  return wrk.format("POST", path, {{["Content-Type"] = "application/json"}}, "[" .. table.concat(items, ",") .. "]")
end
"""

_Q = f"{_ENTITIES}?type={TYPE}&q=no2>99.9;rank!=%d&limit=20"
_NEAR = f"{_ENTITIES}?type={TYPE}&georel=near;maxDistance==300&geometry=Point&coordinates=[11.45,48.7%03d]&limit=20"


_AGGREGATE = (
    f"/ngsi-ld/v1/temporal/entities/urn:ngsi-ld:{TYPE}:history?attrs=no2&options=aggregatedValues&aggrMethods=avg"
    "&aggrPeriodDuration=PT1H&timerel=after&timeAt=2026-01-01T00:00:00Z"
)
_LATEST = f"{_ENTITIES}?type={TYPE}&attrs=no2&format=simplified&limit=5000"


def station(n: int) -> dict[str, object]:
    """An entity of five attributes."""
    return {
        "id": _ID % n,
        "type": TYPE,
        "no2": {"type": "Property", "value": n * 7919 % 100_000 / 1000, "observedAt": "2026-03-01T07:00:00Z"},
        "pm25": {"type": "Property", "value": n % 500 / 10, "observedAt": "2026-03-01T07:00:00Z"},
        "rank": {"type": "Property", "value": n % 1000},
        "name": {"type": "Property", "value": f"Station {n}"},
        "location": {
            "type": "GeoProperty",
            "value": {"type": "Point", "coordinates": [11.4 + n % 1000 / 1e4, 48.7 + n // 1000 / 1e3]},
        },
    }


def fill(address: str, count: int, *, first: int = 0) -> None:
    """Put stations in, from number `first` until there are `count`."""
    for start in range(first, count, 1000):
        body = json.dumps([station(n) for n in range(start, min(start + 1000, count))]).encode()
        send(address + "/ngsi-ld/v1/entityOperations/upsert", body)


def remember(address: str) -> None:
    """A station with 10,000 samples, one every five minutes."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for first in range(0, 10_000, 1000):
        samples = [
            {
                "type": "Property",
                "value": n * 7919 % 1000 / 10,
                "observedAt": f"{start + timedelta(minutes=5 * n):%FT%TZ}",
            }
            for n in range(first, first + 1000)
        ]
        body = {"id": f"urn:ngsi-ld:{TYPE}:history", "type": TYPE, "no2": samples}
        send(address + "/ngsi-ld/v1/temporal/entities", json.dumps(body).encode())


def settle(address: str) -> None:
    """Ask until the condition's attribute has its index."""
    for _ in range(600):
        if indexed(address, "no2>1000"):
            return
        time.sleep(0.1)


def indexed(address: str, where: str) -> bool:
    """Ask for what no entity meets; whether that took no walk through all of them: then there is an index."""
    times: list[float] = []
    for _ in range(3):
        begun = perf_counter()
        urllib.request.urlopen(f"{address}{_ENTITIES}?type={TYPE}&q={where}", timeout=60).close()
        times.append(perf_counter() - begun)
    return min(times) < 0.025


def unseen(address: str) -> list[float]:
    """Milliseconds of queries on attributes that were never in one."""
    taken: list[float] = []
    for where in ("pm25==49.9", "name==%22Station%207%22", "rank>998"):
        start = perf_counter()
        urllib.request.urlopen(f"{address}{_ENTITIES}?type={TYPE}&q={where}", timeout=60).close()
        taken.append((perf_counter() - start) * 1e3)
    return taken


def megabytes(process: int) -> float:
    """Anonymous memory of a process (Linux)."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("Anonymous:"))) / 1024


def send(url: str, body: bytes) -> None:
    """POST."""
    asked = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="POST")
    urllib.request.urlopen(asked, timeout=120).close()


class Measured(NamedTuple):
    """An operation's figures, how many entities a request writes, the bare servers' rates just before it; and the
    processor's microseconds for an answer, of the hub and of the bare server of the framework."""

    operation: str
    found: Figures
    entities: int
    bare: dict[str, float]
    cpu_us: float
    bare_cpu_us: float


Server = tuple[str, subprocess.Popen[bytes]]
"""An address, and the process that answers there."""


def measure(server: Server, count: int, seconds: float, bare: dict[str, Server]) -> list[Measured]:
    """Each operation, and the bare servers (by kind) right before it: the pace changes by the minute."""

    def run(text: str, connections: int) -> tuple[Spent, dict[str, Spent]]:
        rates = {kind: loaded(at, "", 32, seconds / 2) for kind, at in bare.items()}
        return loaded(server, script(count, text), connections, seconds), rates

    asked = [
        ("one attribute updated, 32 connections", PATCH, 32, 1),
        ("batch upsert of 100, 4 connections", _BATCH, 4, 100),
        ("retrieve by id, 32 connections", get(f"{_ENTITIES}/{_ID}"), 32, 0),
        ("type + q, 20 results, indexed", get(_Q), 1, 0),
        ("near 300 m, 20 of about 400", get(_NEAR), 1, 0),
        ("aggregate of 10,000 samples, avg PT1H", get(_AGGREGATE), 1, 0),
        ("latest value of 5,000 sensors", get(_LATEST), 1, 0),
    ]
    told: list[Measured] = []
    for operation, text, connections, entities in asked:
        found, rates = run(text, connections)
        kinds = {kind: one.found.rate for kind, one in rates.items()}
        told.append(Measured(operation, found.found, entities, kinds, found.cpu_us, rates["framework"].cpu_us))
    return told


def loaded(server: Server, text: str, connections: int, seconds: float) -> Spent:
    """Load a server, and see what it takes of the processor."""
    address, process = server
    return watched(process.pid, lambda: load(address, text, connections=connections, seconds=seconds))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entities", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    if not installed():
        sys.exit("this needs wrk: apt-get install wrk")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = Table(title=f"{given.entities} entities; a flush of this disk takes {flush_ms(folder):.2f} ms")
        for column in (
            "operation",
            "requests/s",
            "entities/s",
            "of hello",
            "of raw hello",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "CPU µs",
            "of hello's",
            "bad",
        ):
            table.add_column(column, justify="left" if column == "operation" else "right")
        begun = perf_counter()
        with hub(folder):
            started = perf_counter() - begun
        with hub(folder) as (address, process), hello("framework") as framework, hello("raw") as raw:
            table.caption = f"start to the first answer, on empty data: {started:.2f} s"
            fill(address, given.entities)
            remember(address)
            never = ", ".join(f"{taken:.0f}" for taken in unseen(address))
            settle(address)
            for one in measure((address, process), given.entities, given.seconds, {"framework": framework, "raw": raw}):
                table.add_row(one.operation, *row(one))
            used = sum(file.stat().st_size for file in (folder / "data").rglob("*") if file.is_file()) / 1e6
            memory = megabytes(process.pid)
        begun = perf_counter()
        with hub(folder):
            again = perf_counter() - begun
        table.caption += f"; on these {again:.2f} s. q on attributes never in a query: {never} ms"
        table.caption += f". Disk {used:,.0f} MB, anonymous memory {memory:,.0f} MB"
    Console(width=170).print(table)


def row(one: Measured) -> list[str]:
    """The figures as text."""
    found = one.found
    return [
        f"{found.rate:,.0f}",
        f"{found.rate * one.entities:,.0f}" if one.entities else "",
        *(f"{found.rate / one.bare[kind]:.2f} of {one.bare[kind]:,.0f}" for kind in ("framework", "raw")),
        f"{found.p50:.2f}",
        f"{found.p95:.2f}",
        f"{found.p99:.2f}",
        f"{one.cpu_us:,.0f}",
        f"{one.cpu_us / one.bare_cpu_us:.1f}",
        str(found.bad),
    ]


if __name__ == "__main__":
    main()
