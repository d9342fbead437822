"""A small city with data of people and of things, its hub in a process of its own: for the journeys of releases."""

import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

MADANG = str(Path(sys.executable).with_name("madang"))

STATIONS = """
title = { en = "Stations", ko = "측정소" }
type = "Station"
attributes = ["no2", "location", "note"]
units = { no2 = "GQ" }
owner = "environment-bureau"
sensitivity = "public"
legal_basis = "public-task"
purposes = ["public-information"]
retention = "P1Y"
licence = "CC-BY-4.0"
[release]
formats = ["csv", "geojson", "parquet"]
keep = "PT1S"
"""

PATIENTS = """
title = { en = "Patients" }
type = "Patient"
attributes = ["person", "age", "district", "illness"]
owner = "health-bureau"
sensitivity = "special"
legal_basis = "public-task"
purposes = ["research", "statistics"]
subject = "person"
retention = "P1Y"
licence = "CC-BY-4.0"
[release]
purpose = "statistics"
[release.privacy]
epsilon = 1.0
budget = 2.0
minimum = 5
statistics = [{ measure = "count", by = "district", values = ["north", "south", "moon"] }]
[[grants]]
roles = ["researcher"]
purposes = ["research"]
attributes = ["age", "district"]
aggregate = { minimum = 5, epsilon = 1.0, delta = 1e-6, renew = "P30D" }
"""

CENSUS = """
title = { en = "Who lives here" }
type = "Resident"
attributes = ["age", "street", "income"]
owner = "statistics-office"
sensitivity = "personal"
legal_basis = "public-task"
purposes = ["public-information"]
subject = "id"
retention = "P1Y"
licence = "CC-BY-4.0"
[release.anonymity]
quasi = ["age", "street"]
sensitive = ["income"]
k = 5
l = 2
"""

MOVES = """
title = { en = "Where people were" }
type = "Move"
attributes = ["person", "location"]
history = ["location"]
owner = "traffic-bureau"
sensitivity = "personal"
legal_basis = "public-task"
purposes = ["planning"]
subject = "person"
retention = "P1Y"
licence = "CC-BY-4.0"
[release]
formats = ["geojson"]
purpose = "planning"
[release.mobility]
box = [11.40, 48.74, 11.44, 48.76]
cell_m = 800.0
epsilon = 20.0
budget = 40.0
contributions = 2
minimum = 10
"""


class Town:
    """Its folder, its data, and, while it is `open`, its hub."""

    def __init__(self, folder: Path, datasets: Mapping[str, str]) -> None:
        self.folder, self.data = folder / "town", folder / "data"
        self.address = ""
        self.run("init", self.folder)
        for name, text in datasets.items():
            (self.folder / "datasets" / f"{name}.toml").write_text(text, encoding="utf-8")

    def run(self, *words: str | Path, given: str = "", code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [MADANG, *map(str, words)]
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == code, done.stderr + done.stdout
        return done

    def take(self, entities: list[dict[str, Any]]) -> None:
        self.run("import", self.folder, "--data", self.data, given="\n".join(map(json.dumps, entities)))

    def release(self, dataset: str, *, code: int = 0) -> subprocess.CompletedProcess[str]:
        return self.run("release", self.folder, dataset, "--data", self.data, code=code)

    def key(self, name: str, role: str, purpose: str) -> dict[str, str]:
        """The header of a new key's holder, whom the hub knows within a second."""
        words = ("--name", name, "--role", role, "--purpose", purpose, "--data", self.data)
        header = {"Authorization": f"Bearer {self.run('key', 'add', self.folder, *words).stdout.strip()}"}
        deadline = time.monotonic() + 30
        while httpx.get(f"{self.address}/ngsi-ld/v1/types", headers=header, timeout=30).status_code == 401:
            assert time.monotonic() < deadline, "the hub does not heed the key"
            time.sleep(0.1)
        return header

    @contextmanager
    def open(self) -> Iterator[httpx.Client]:
        """The hub runs; a client of it."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        self.address = f"http://127.0.0.1:{port}"
        try:
            with httpx.Client(base_url=self.address, timeout=60) as client:
                self._start(client, port)
                yield client
        finally:
            self._stop()

    def restart(self, client: httpx.Client) -> None:
        """The hub ends and is started anew."""
        self._stop()
        self._start(client, int(self.address.rpartition(":")[2]))

    def _start(self, client: httpx.Client, port: int) -> None:
        command = [MADANG, "serve", str(self.folder), "--port", str(port), "--data", str(self.data)]
        with (self.data.parent / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self._wait(client, self._process)

    def _stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)

    def _wait(self, client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            try:
                client.get("/health")
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError((self.data.parent / "log").read_text(errors="replace")[-3000:])


def of(kind: str, id: str, **values: Any) -> dict[str, Any]:
    """An entity of plain properties."""
    return {"id": f"urn:x:{kind}:{id}", "type": kind} | {
        name: value if isinstance(value, dict) else {"type": "Property", "value": value}
        for name, value in values.items()
    }


def station(n: int, no2: float) -> dict[str, Any]:
    place = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [11 + n / 100, 48]}}
    level = {"type": "Property", "value": no2, "unitCode": "GQ", "observedAt": "2026-03-01T07:00:00Z"}
    return of("Station", f"{n:03}", no2=level, location=place)


def moves(count: int, now: datetime) -> list[dict[str, Any]]:
    """Many who go from one corner to the other some hours ago, and one who goes the other way."""
    hours = [(now - timedelta(hours=h)).isoformat().replace("+00:00", "Z") for h in (10, 8, 6)]
    corners = [[11.402, 48.742], [11.402, 48.742], [11.438, 48.758]]
    found: list[dict[str, Any]] = []
    for n in range(count + 1):
        for at, place in zip(hours, corners if n else corners[::-1], strict=True):
            point = {"type": "Point", "coordinates": place}
            location = {"type": "GeoProperty", "value": point, "observedAt": at}
            found.append(of("Move", f"{n:04}", person=f"urn:x:Person:{n}", location=location))
    return found


def people(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Patients, each there twice, and residents."""
    chance = random.Random(seed)
    patients = [
        of(
            "Patient",
            f"{n:04}",
            person=f"urn:x:Person:{n // 2}",
            age=chance.randint(1, 90),
            district=chance.choice(["north", "south"]),
            illness=chance.choice(["flu", "none"]),
        )
        for n in range(count)
    ]
    residents = [
        of("Resident", f"{n:04}", age=chance.randint(1, 90), street=f"street {n % 7}", income=chance.randint(1, 9))
        for n in range(count)
    ]
    return patients + residents
