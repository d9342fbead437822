"""``madang serve`` killed while clients write over HTTP and a receiver is notified: nothing acknowledged is lost.

Eight writers, half of them of a tenant, count entities up; three subscriptions a tenant are told of each number; the
receiver counts what it takes, and refuses one in a hundred. After each kill the hub starts again. In the end each
number that was acknowledged is stored (the entity has it or a later one, the history has every one) and was told; and
for each subscription of each tenant due = delivered + pending + dead. What the receiver took just before a kill may
come twice, and is known by its id.

A few kills in the test run; ``python tests/journeys/test_kills.py 100 [--store postgres] [--folder F]`` does as many as
you say, over SQLite or over a PostgreSQL server that it starts for itself.
"""

import argparse
import contextlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.journeys.cluster import Cluster, programs

from madang.settings import service_required

WRITERS, SUBSCRIPTIONS = 4, 3
TENANTS = ("", "north")


class Receiver:
    """Counts, by subscription, the values it was told; refuses one in a hundred."""

    def __init__(self) -> None:
        self.told: dict[str, set[tuple[str, int]]] = {}
        self.ids: dict[str, int] = {}
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = msgspec.json.decode(self.rfile.read(int(self.headers["Content-Length"])))
                status = receiver.take(body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, body: Any) -> int:
        with self._lock:
            if random.random() < 0.01:
                return 503
            self.ids[body["id"]] = self.ids.get(body["id"], 0) + 1
            told = self.told.setdefault(body["subscriptionId"], set())
            told.update((entity["id"], entity["count"]) for entity in body["data"])
            return 200


class Hub:
    """``madang serve`` of a fresh city that takes any type, on a port of its own."""

    def __init__(self, folder: Path, store: str = "") -> None:
        self.city, self.data, self.store = folder / "town", folder / "data", store
        subprocess.run([sys.executable, "-m", "madang", "init", str(self.city)], check=True, capture_output=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        began = time.monotonic()
        command = [sys.executable, "-m", "madang", "serve", str(self.city), "--port", str(self.port)]
        command += ["--data", str(self.data), *(["--store", self.store] if self.store else [])]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while time.monotonic() - began < 60:
            try:
                httpx.get(f"{self.address}/health").raise_for_status()
                return
            except httpx.HTTPError:
                assert self.process.poll() is None, "the hub ended by itself"
                time.sleep(0.02)
        raise AssertionError("the hub does not answer")

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def client(self, tenant: str) -> httpx.Client:
        headers = {"NGSILD-Tenant": tenant} if tenant else {}
        return httpx.Client(base_url=f"{self.address}/ngsi-ld/v1", headers=headers, timeout=30)

    def subscribe(self, receiver: "Receiver", tenant: str, number: int) -> str:
        id = f"urn:ngsi-ld:Subscription:{tenant}{number}"
        endpoint = {"uri": receiver.url + str(number)}
        body = {"id": id, "type": "Subscription", "entities": [{"type": "Counter"}]}
        with self.client(tenant) as http:
            told = {"format": "keyValues", "endpoint": endpoint}
            http.post("/subscriptions", json={**body, "notification": told}).raise_for_status()
        return id

    def accounts(self, tenant: str) -> dict[str, dict[str, int]]:
        with self.client(tenant) as http:
            found = http.get(f"{self.address}/outbox").raise_for_status().json()["subscriptions"]
        for one in found.values():
            assert one["due"] == one["delivered"] + one["pending"] + one["dead"], one
        return found


class Writer(threading.Thread):
    """Counts up an entity of its own; remembers every number that was acknowledged."""

    def __init__(self, hub: Hub, tenant: str, name: str) -> None:
        super().__init__(daemon=True)
        self.id = f"urn:ngsi-ld:Counter:{tenant}{name}"
        self.tenant = tenant
        self.acknowledged: list[int] = []
        self._hub = hub

    def run(self) -> None:
        with self._hub.client(self.tenant) as http, contextlib.suppress(httpx.HTTPError):
            body = {"id": self.id, "type": "Counter", "count": {"type": "Property", "value": 0}}
            http.post("/entities", json=body).raise_for_status()
            self.acknowledged.append(0)
            for number in range(1, 1_000_000):
                new = {"count": {"type": "Property", "value": number}}
                http.patch(f"/entities/{self.id}/attrs", json=new).raise_for_status()
                self.acknowledged.append(number)

    def lost(self) -> int:
        """Numbers that were acknowledged and are not stored: in the history, or, of the last one, in the entity."""
        if not self.acknowledged:
            return 0
        with self._hub.client(self.tenant) as http:
            entity = http.get(f"/entities/{self.id}", params={"format": "keyValues"})
            values = self._past(http)
        now = entity.json()["count"] if entity.is_success else -1
        return len(set(self.acknowledged) - values) + (now < self.acknowledged[-1])

    def _past(self, http: httpx.Client) -> set[int]:
        """Every number in the history, page after page (206: there is more, after the last time of this page)."""
        values: set[int] = set()
        at = "2020-01-01T00:00:00Z"
        while True:
            window = {"timeproperty": "modifiedAt", "timerel": "after", "timeAt": at}
            answer = http.get(f"/temporal/entities/{self.id}", params=window)
            found = answer.json().get("count", []) if answer.is_success else []
            instances = found if isinstance(found, list) else [found]
            values |= {one["value"] for one in instances}
            if answer.status_code != 206 or instances[-1]["modifiedAt"] == at:
                return values
            at = instances[-1]["modifiedAt"]


class Result(NamedTuple):
    """Of all kills: acknowledged writes, those that are not stored, tellings that are missing, and that came twice."""

    acknowledged: int
    lost: int
    untold: int
    twice: int


def settled(hub: Hub) -> dict[str, dict[str, int]]:
    """The accounts, once nothing is pending."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        found = {id: one for tenant in TENANTS for id, one in hub.accounts(tenant).items()}
        if not any(one["pending"] for one in found.values()):
            return found
        time.sleep(0.1)
    raise AssertionError("there are still notifications pending")


def kills(folder: Path, times: int, store: str = "") -> Result:
    """Kill so many times, and look what is left."""
    receiver, hub = Receiver(), Hub(folder, store)
    hub.start()
    everything: list[Writer] = []
    try:
        ids = {tenant: [hub.subscribe(receiver, tenant, n) for n in range(SUBSCRIPTIONS)] for tenant in TENANTS}
        for round_ in range(times):
            writers = [Writer(hub, tenant, f"{round_}-{n}") for tenant in TENANTS for n in range(WRITERS)]
            everything += writers
            for writer in writers:
                writer.start()
            while not all(writer.acknowledged or not writer.is_alive() for writer in writers):
                time.sleep(0.01)
            time.sleep(random.uniform(0.3, 1.0))
            hub.kill()
            for writer in writers:
                writer.join()
            hub.start()
        accounts = settled(hub)
        lost = sum(writer.lost() for writer in everything)
    finally:
        hub.kill()
    assert set(accounts) == {id for found in ids.values() for id in found}
    assert all(one["dead"] == 0 for one in accounts.values()), accounts
    assert sum(one["delivered"] for one in accounts.values()) <= sum(receiver.ids.values())
    untold = 0
    for tenant, found in ids.items():
        written = {(one.id, number) for one in everything if one.tenant == tenant for number in one.acknowledged}
        untold += sum(len(written - receiver.told.get(id, set())) for id in found)
    twice = sum(count - 1 for count in receiver.ids.values())
    return Result(sum(len(one.acknowledged) for one in everything), lost, untold, twice)


@contextlib.contextmanager
def server(store: str) -> Iterator[str]:
    """The address of the store: a PostgreSQL server of its own, or none for SQLite."""
    if store == "sqlite":
        yield ""
        return
    found = programs()
    if found is None:
        said = "no initdb and pg_ctl to start a PostgreSQL of our own with"
        pytest.fail(said) if service_required() else pytest.skip(said)
    with Cluster(found) as cluster:
        yield cluster.url


@pytest.mark.long
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path, store: str) -> None:
    with server(store) as url:
        result = kills(tmp_path, 3, url)
    assert result.acknowledged > 50
    assert (result.lost, result.untold) == (0, 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Kill a hub again and again, and count what it lost.")
    parser.add_argument("times", type=int)
    parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--folder", help="where the data is put (default: the system's folder of temporary files)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as place, server(given.store) as address:
        end = kills(Path(place), given.times, address)
    print(
        f"{given.store}: kills {given.times}, acknowledged {end.acknowledged}, lost {end.lost}, "
        f"not told {end.untold}, taken twice {end.twice}"
    )
    sys.exit(1 if end.lost or end.untold else 0)
