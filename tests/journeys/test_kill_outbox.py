"""``madang serve`` killed while it notifies: every notification that became due is delivered, pending or dead.

A receiver counts what it gets; sometimes it refuses. After each kill the hub starts again and goes on. In the end every
write that was acknowledged was told, at least once: a notification that the receiver took just before the kill may come
twice, and is known by its id.

Three kills in the test run; ``python tests/journeys/test_kill_outbox.py 50 FOLDER`` does as many as you say.
"""

import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import msgspec

WRITERS, SUBSCRIPTIONS = 4, 3


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

    def __init__(self, folder: Path) -> None:
        self.city, self.data = folder / "town", folder / "data"
        subprocess.run([sys.executable, "-m", "madang", "init", str(self.city)], check=True, capture_output=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        began = time.monotonic()
        command = [sys.executable, "-m", "madang", "serve", str(self.city), "--port", str(self.port)]
        self.process = subprocess.Popen([*command, "--data", str(self.data)], stderr=subprocess.DEVNULL)
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

    def subscribe(self, receiver: Receiver, number: int) -> str:
        id = f"urn:ngsi-ld:Subscription:{number}"
        body = {
            "id": id,
            "type": "Subscription",
            "entities": [{"type": "Counter"}],
            "notification": {"format": "keyValues", "endpoint": {"uri": receiver.url + str(number)}},
        }
        httpx.post(f"{self.address}/ngsi-ld/v1/subscriptions", json=body).raise_for_status()
        return id

    def accounts(self) -> dict[str, dict[str, int]]:
        found = httpx.get(f"{self.address}/outbox").json()["subscriptions"]
        for one in found.values():
            assert one["due"] == one["delivered"] + one["pending"] + one["dead"], one
        return found


class Writer(threading.Thread):
    """Counts up an entity of its own; remembers every number that was acknowledged."""

    def __init__(self, address: str, name: str) -> None:
        super().__init__(daemon=True)
        self.id = f"urn:ngsi-ld:Counter:{name}"
        self.acknowledged: list[int] = []
        self._address = address

    def run(self) -> None:
        with httpx.Client(base_url=self._address, timeout=10) as http:
            try:
                for number in range(1_000_000):
                    if number == 0:
                        body = {"id": self.id, "type": "Counter", "count": {"type": "Property", "value": 0}}
                        http.post("/ngsi-ld/v1/entities", json=body).raise_for_status()
                    else:
                        new = {"count": {"type": "Property", "value": number}}
                        http.patch(f"/ngsi-ld/v1/entities/{self.id}/attrs", json=new).raise_for_status()
                    self.acknowledged.append(number)
            except httpx.HTTPError:
                return


def settled(hub: Hub) -> dict[str, dict[str, int]]:
    """The accounts, once nothing is pending."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = hub.accounts()
        if not any(one["pending"] for one in found.values()):
            return found
        time.sleep(0.1)
    raise AssertionError(f"there are still notifications pending: {hub.accounts()}")


def kills(folder: Path, times: int) -> tuple[int, int, int]:
    """Kill so many times: acknowledged writes, notifications that were taken twice, and told values that are lost."""
    receiver, hub = Receiver(), Hub(folder)
    hub.start()
    ids = [hub.subscribe(receiver, number) for number in range(SUBSCRIPTIONS)]
    everything: list[Writer] = []
    try:
        for round_ in range(times):
            writers = [Writer(hub.address, f"{round_}-{number}") for number in range(WRITERS)]
            everything += writers
            for writer in writers:
                writer.start()
            time.sleep(random.uniform(0.3, 1.0))
            hub.kill()
            for writer in writers:
                writer.join()
            hub.start()
            hub.accounts()
        accounts = settled(hub)
    finally:
        hub.kill()
    written = {(writer.id, number) for writer in everything for number in writer.acknowledged}
    lost = sum(len(written - receiver.told.get(id, set())) for id in ids)
    assert set(accounts) == set(ids)
    assert all(one["dead"] == 0 for one in accounts.values()), accounts
    assert sum(one["delivered"] for one in accounts.values()) <= sum(receiver.ids.values())
    return len(written), sum(count - 1 for count in receiver.ids.values()), lost


def test_what_was_due_survives_kill_9(tmp_path: Path) -> None:
    acknowledged, _, lost = kills(tmp_path, 3)
    assert acknowledged > 50
    assert lost == 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as place:
        told_, twice, lost_ = kills(Path(place), int(sys.argv[1]))
        print(f"kills {sys.argv[1]}, acknowledged {told_}, taken twice {twice}, lost {lost_}")
