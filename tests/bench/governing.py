"""What governance costs: pages and retrievals of the same entities as they are, with an attribute dropped, made
coarser, and made coarser and about people (so that each read is on record), over HTTP in the same run:
``python tests/bench/governing.py`` prints a table.

They are measured in turns, several times over, and the best median of each counts, and the least processor time of the
hub for an answer: machines are shared.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from parts.load import get, installed, load, script
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
    "the same of people, on record": "Person",
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


def cpu_ms(process: int) -> float:
    """Processor time that the process has used, all its threads together."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()
    if not installed():
        sys.exit("this needs wrk: apt-get install wrk")
    asks = {
        "page of 1,000": "/ngsi-ld/v1/entities?type={type}&limit=1000",
        "retrieve by id": "/ngsi-ld/v1/entities/urn:ngsi-ld:{type}:%06d",
    }
    table = Table(
        "operation",
        "entities",
        "p50 ms",
        "of as it is",
        "CPU ms",
        "of as it is",
        title="governed against ungoverned, 1 connection",
    )
    with tempfile.TemporaryDirectory() as name:
        declare(Path(name))
        with hub(Path(name)) as (address, process):
            fill(address)
            for operation, path in asks.items():
                best, least = dict.fromkeys(CASES, float("inf")), dict.fromkeys(CASES, float("inf"))
                for _ in range(given.rounds):
                    for case, type in CASES.items():
                        text = script(COUNT, get(path.format(type=type)))
                        before_ms = cpu_ms(process.pid)
                        found = load(address, text, connections=1, seconds=given.seconds)
                        best[case] = min(best[case], found.p50)
                        least[case] = min(least[case], (cpu_ms(process.pid) - before_ms) / found.answers)
                for case, p50 in best.items():
                    wall, cpu = p50 / best["as it is"], least[case] / least["as it is"]
                    table.add_row(operation, case, f"{p50:.3f}", f"{wall:.3f}", f"{least[case]:.3f}", f"{cpu:.3f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
