"""What governance costs: pages and retrievals of the same entities as they are, with an attribute dropped, made
coarser, and made coarser and about people (so that each read is on record), over HTTP in the same run:
``python tests/bench/governing.py`` prints a table.

Pages are read when nothing was written since the last read, when a tenth of the entities was, and when each was: of
those that were not the hub still has the text. They are measured in turns, several times over, request by request: the
median latency and the median processor time of the best turn count, for machines are shared.
"""

import argparse
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from parts.servers import hub
from rich.console import Console
from rich.table import Table
from serving import send

COUNT = 1000
_BASE = """
title = {{ en = "{type}" }}
type = "{type}"
attributes = [{names}]
owner = "bench"
sensitivity = "{sensitivity}"
legal_basis = "public-task"
purposes = ["public-information"]
retention = "P1Y"
licence = "CC0-1.0"
"""
_ALL = ("no2", "pm25", "rank", "name", "location")
_COARSER = """
[[grants]]
roles = ["public"]
transform = { no2 = "round 10", location = "grid 500 m" }
"""
CASES = {
    "as it is": "Open",
    "an attribute dropped": "Dropped",
    "two made coarser": "Coarser",
    "those of people, on record": "Person",
}


def declare(folder: Path) -> None:
    """A city with the three datasets."""
    city = folder / "bench"
    madang = str(Path(sys.executable).with_name("madang"))
    subprocess.run([madang, "init", str(city)], check=True, stdout=subprocess.DEVNULL)
    (city / "services.toml").write_text("")

    def write(name: str, type: str, names: tuple[str, ...], sensitivity: str = "public", more: str = "") -> None:
        listed = ", ".join(f'"{one}"' for one in names)
        text = _BASE.format(type=type, names=listed, sensitivity=sensitivity)
        (city / f"datasets/{name}.toml").write_text(text + more)

    write("open", "Open", _ALL)
    write("dropped", "Dropped", tuple(name for name in _ALL if name != "name"))
    write("hidden", "Dropped", ("name",), "internal")
    write("coarser", "Coarser", _ALL, more=_COARSER)
    write("people", "Person", _ALL, "personal", 'subject = "id"\n' + _COARSER)


def fill(address: str) -> None:
    """The same entities of each type."""
    for type in CASES.values():
        entities = [
            {
                "id": f"urn:ngsi-ld:{type}:{n:06}",
                "type": type,
                "no2": {"type": "Property", "value": n % 97 / 2, "observedAt": "2026-03-01T07:00:00Z"},
                "pm25": {"type": "Property", "value": n % 50, "observedAt": "2026-03-01T07:00:00Z"},
                "rank": {"type": "Property", "value": n},
                "name": {"type": "Property", "value": f"Station {n}"},
                "location": {
                    "type": "GeoProperty",
                    "value": {"type": "Point", "coordinates": [11.4 + n / 1e4, 48.7 + n / 1e4]},
                },
            }
            for n in range(COUNT)
        ]
        send(address + "/ngsi-ld/v1/entityOperations/upsert", json.dumps(entities).encode())


class Reader:
    """One connection that asks and reads whole answers; little of its own time is in between."""

    def __init__(self, address: str) -> None:
        where = urlsplit(address)
        self._socket = socket.create_connection((where.hostname, where.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._room = memoryview(bytearray(4 << 20))

    def get(self, path: str) -> int:
        """The answer's bytes. Ends the run where it is not 200."""
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        size, body = 0, -1
        while body < 0 or size < body:
            more = self._socket.recv_into(self._room[size:])
            if not more:
                sys.exit("the hub closed the connection")
            size += more
            if body < 0 and (head := bytes(self._room[:size]).partition(b"\r\n\r\n"))[1]:
                if not head[0].startswith(b"HTTP/1.1 200"):
                    sys.exit(head[0].decode())
                length = next(line for line in head[0].lower().split(b"\r\n") if line.startswith(b"content-length:"))
                body = len(head[0]) + 4 + int(length.split(b":")[1])
        return size

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


class Turn(NamedTuple):
    """Medians of a turn: latency, and the hub's processor time for an answer, in ms."""

    p50: float
    cpu: float


def cpu_ms(process: int) -> float:
    """Processor time that the process has used, all its threads together; exact to the nanosecond (Linux)."""
    tasks = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6


def turn(reader: Reader, process: int, path: Callable[[int], str], before: Callable[[], None], requests: int) -> Turn:
    """So many requests, one after the other, each after `before`."""
    took: list[float] = []
    spent: list[float] = []
    for number in range(requests):
        before()
        used, start = cpu_ms(process), time.perf_counter()
        reader.get(path(number))
        took.append((time.perf_counter() - start) * 1e3)
        # What a thread used is told once it rests.
        time.sleep(0.001)
        spent.append(cpu_ms(process) - used)
    return Turn(statistics.median(took), statistics.median(spent))


def filled(path: str, type: str, number: int) -> str:
    """The path of a request for entities of that type."""
    return path.format(type=type, n=number * 37 % COUNT)


def changed(address: str, type: str, share: int, state: list[int]) -> None:
    """Write one attribute of every `share`-th entity of the type (0: of none), each time another value; what the hub
    does about it is over when this returns."""
    if not share:
        return
    state[0] += 1
    value = [
        {
            "id": f"urn:ngsi-ld:{type}:{n:06}",
            "type": type,
            "no2": {"type": "Property", "value": (n + state[0]) % 97 / 2, "observedAt": "2026-03-01T07:00:00Z"},
        }
        for n in range(state[0] % share, COUNT, share)
    ]
    send(address + "/ngsi-ld/v1/entityOperations/upsert?options=update", json.dumps(value).encode())
    time.sleep(0.03)


def measured(address: str, process: int, rounds: int) -> list[tuple[str, dict[str, Turn]]]:
    """The best of each case's turns, operation by operation."""
    page, one = "/ngsi-ld/v1/entities?type={type}&limit=1000", "/ngsi-ld/v1/entities/urn:ngsi-ld:{type}:{n:06}"
    operations: Sequence[tuple[str, str, int, int]] = (
        ("page, nothing changed", page, 0, 25),
        ("page, a tenth changed", page, 10, 8),
        ("page, all changed", page, 1, 8),
        ("retrieve by id", one, 0, 250),
    )
    reader, state, found = Reader(address), [0], list[tuple[str, dict[str, Turn]]]()
    for name, path, share, requests in operations:
        best: dict[str, Turn] = {}
        for _ in range(rounds):
            for case, type in CASES.items():
                before = partial(changed, address, type, share, state)
                new = turn(reader, process, partial(filled, path, type), before, requests)
                old = best.get(case, new)
                best[case] = Turn(min(old.p50, new.p50), min(old.cpu, new.cpu))
        found.append((name, best))
    reader.close()
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    given = parser.parse_args()
    columns = ("operation", "entities", "p50 ms", "of as it is", "CPU ms", "of as it is")
    table = Table(*columns, title="governed against ungoverned, pages of 1,000, 1 connection")
    with tempfile.TemporaryDirectory() as name:
        declare(Path(name))
        with hub(Path(name)) as (address, process):
            fill(address)
            for operation, best in measured(address, process.pid, given.rounds):
                free = best["as it is"]
                for case, (p50, cpu) in best.items():
                    ratios = (f"{p50:.3f}", f"{p50 / free.p50:.3f}", f"{cpu:.3f}", f"{cpu / free.cpu:.3f}")
                    table.add_row(operation, case, *ratios)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
