"""What the hub serves over HTTP, beside a bare "hello" of the same stack in the same minute:
``python tests/bench/serving.py`` prints a table.

Server and load generator share the machine; every acknowledged write is on disk. No assertion.
"""

import argparse
import json
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from parts.flush import flush_ms
from parts.load import Figures, get, installed, load, script
from parts.servers import hello, hub
from rich.console import Console
from rich.table import Table

TYPE = "AirQualityObserved"
_ID = f"urn:ngsi-ld:{TYPE}:%06d"
_ENTITIES = "/ngsi-ld/v1/entities"

_PATCH = f"""
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


def fill(address: str, count: int) -> None:
    """Put that many stations in."""
    for first in range(0, count, 1000):
        body = json.dumps([station(n) for n in range(first, min(first + 1000, count))]).encode()
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


def measure(address: str, count: int, seconds: float) -> list[tuple[str, Figures, int]]:
    """Each operation: its figures, and how many entities a request writes."""

    def run(text: str, connections: int) -> Figures:
        return load(address, script(count, text), connections=connections, seconds=seconds)

    return [
        ("one attribute updated, 32 connections", run(_PATCH, 32), 1),
        ("batch upsert of 100, 4 connections", run(_BATCH, 4), 100),
        ("retrieve by id, 32 connections", run(get(f"{_ENTITIES}/{_ID}"), 32), 0),
        ("type + q, 20 results, indexed", run(get(_Q), 1), 0),
        ("near 300 m, 20 of about 400", run(get(_NEAR), 1), 0),
        ("aggregate of 10,000 samples, avg PT1H", run(get(_AGGREGATE), 1), 0),
        ("latest value of 5,000 sensors", run(get(_LATEST), 1), 0),
    ]


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
            "bad",
        ):
            table.add_column(column, justify="left" if column == "operation" else "right")
        bare: dict[str, float] = {}
        for kind in ("framework", "raw"):
            with hello(kind) as address:
                found = load(address, "", connections=32, seconds=given.seconds)
                bare[kind] = found.rate
                table.add_row(f"hello, {kind}", *row(found, 0, {}))
        begun = perf_counter()
        with hub(folder) as (address, process):
            table.caption = f"start to the first answer, on empty data: {perf_counter() - begun:.2f} s"
            fill(address, given.entities)
            remember(address)
            never = ", ".join(f"{taken:.0f}" for taken in unseen(address))
            for _ in range(3):
                urllib.request.urlopen(address + _Q.replace("%d", "1"), timeout=60).close()
            time.sleep(2)
            for operation, found, entities in measure(address, given.entities, given.seconds):
                table.add_row(operation, *row(found, entities, bare))
            used = sum(file.stat().st_size for file in (folder / "data").rglob("*") if file.is_file()) / 1e6
            memory = megabytes(process.pid)
        begun = perf_counter()
        with hub(folder):
            again = perf_counter() - begun
        table.caption += f"; on these {again:.2f} s. q on attributes never in a query: {never} ms"
        table.caption += f". Disk {used:,.0f} MB, anonymous memory {memory:,.0f} MB"
    Console(width=140).print(table)


def row(found: Figures, entities: int, bare: dict[str, float]) -> list[str]:
    """The figures as text."""
    ratios = [f"{found.rate / bare[kind]:.2f}" if bare else "" for kind in ("framework", "raw")]
    many = f"{found.rate * entities:,.0f}" if entities else ""
    return [
        f"{found.rate:,.0f}",
        many,
        *ratios,
        f"{found.p50:.2f}",
        f"{found.p95:.2f}",
        f"{found.p99:.2f}",
        str(found.bad),
    ]


if __name__ == "__main__":
    main()
