"""``madang serve`` killed while clients write over HTTP: what it acknowledged is there when it is back.

Five kills in the test run; ``python tests/journeys/test_kill_http.py 50 FOLDER`` does as many as you say.
"""

import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

WRITERS = 8


class Hub:
    """``madang serve`` of a fresh city that takes any type, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.city, self.data = folder / "town", folder / "data"
        subprocess.run([sys.executable, "-m", "madang", "init", str(self.city)], check=True, capture_output=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; seconds until it answers."""
        began = time.monotonic()
        command = [sys.executable, "-m", "madang", "serve", str(self.city), "--port", str(self.port)]
        self.process = subprocess.Popen([*command, "--data", str(self.data)], stderr=subprocess.DEVNULL)
        while time.monotonic() - began < 60:
            try:
                httpx.get(f"{self.address}/health").raise_for_status()
                return time.monotonic() - began
            except httpx.HTTPError:
                assert self.process.poll() is None, "the hub ended by itself"
                time.sleep(0.02)
        raise AssertionError("the hub does not answer")

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Writer(threading.Thread):
    """Creates an entity, then writes ever higher numbers to it; remembers the last one that was acknowledged."""

    def __init__(self, address: str, name: str) -> None:
        super().__init__(daemon=True)
        self.id = f"urn:ngsi-ld:Counter:{name}"
        self.acknowledged = -1
        self.asked = -1
        self._address = address

    def run(self) -> None:
        with httpx.Client(base_url=self._address, timeout=10) as http:
            body = {"id": self.id, "type": "Counter", "count": {"type": "Property", "value": 0}}
            try:
                while True:
                    self.asked += 1
                    if self.asked == 0:
                        http.post("/ngsi-ld/v1/entities", json=body).raise_for_status()
                    else:
                        new = {"count": {"type": "Property", "value": self.asked}}
                        http.patch(f"/ngsi-ld/v1/entities/{self.id}/attrs", json=new).raise_for_status()
                    self.acknowledged = self.asked
            except httpx.HTTPError:
                return


def killed(hub: Hub, round_: int) -> tuple[int, int]:
    """Write, kill, start again: how many writes were acknowledged, and how many of the counters fell behind."""
    writers = [Writer(hub.address, f"{round_}-{number}") for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    time.sleep(random.uniform(0.2, 1.0))
    hub.kill()
    for writer in writers:
        writer.join()
    hub.start()
    lost = 0
    for writer in writers:
        if writer.acknowledged < 0:
            continue
        answer = httpx.get(f"{hub.address}/ngsi-ld/v1/entities/{writer.id}", params={"options": "keyValues"})
        stored = answer.json()["count"] if answer.is_success else -1
        lost += not writer.acknowledged <= stored <= writer.asked
    return sum(writer.acknowledged + 1 for writer in writers), lost


def kills(folder: Path, times: int) -> tuple[int, int]:
    """Kill so many times; all that was acknowledged, and all that was lost."""
    hub = Hub(folder)
    hub.start()
    try:
        rounds = [killed(hub, number) for number in range(times)]
    finally:
        hub.kill()
    return sum(each[0] for each in rounds), sum(each[1] for each in rounds)


def test_what_was_acknowledged_over_http_survives_kill_9(tmp_path: Path) -> None:
    acknowledged, lost = kills(tmp_path, 5)
    assert acknowledged > 100
    assert lost == 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as place:
        told, lost_ = kills(Path(place), int(sys.argv[1]))
        print(f"kills {sys.argv[1]}, acknowledged {told}, lost {lost_}")
