"""A disk that fills and a database that goes away, under ``madang serve`` with clients and a receiver: each write is
acknowledged and stays, or is refused with words that say what to do; reads go on where they can; and when there is room
again, or the server is back, the hub goes on by itself."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from .cluster import Cluster, programs
from .test_kills import Hub, Receiver, server

TYPE = "application/problem+json"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)], check=False, capture_output=True
    )
    if not mounted or mounted.returncode:
        pytest.skip("a small file system cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def create(http: httpx.Client, number: int, size: int) -> httpx.Response:
    body = {"id": f"urn:x:{number}", "type": "Counter", "count": number, "text": "x" * size}
    return http.post("/entities", json=body)


def there(http: httpx.Client, number: int) -> bool:
    return http.get(f"/entities/urn:x:{number}").status_code == 200


def until(holds: Callable[[], bool], *, patience_s: float = 60.0) -> None:
    ends = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < ends, "it does not come to be"
        time.sleep(0.1)


def told(receiver: Receiver, id: str) -> set[int]:
    return {number for _, number in receiver.told.get(id, set())}


def test_a_disk_that_fills(tmp_path: Path, small_disk: Path) -> None:
    receiver, hub = Receiver(), Hub(tmp_path)
    hub.data = small_disk / "data"
    hub.start()
    try:
        id = hub.subscribe(receiver, "", 1)
        with hub.client("") as http:
            kept: list[int] = []
            refusals: list[httpx.Response] = []

            for number in range(400):
                answer = create(http, number, 20_000)
                refusals += [answer] if answer.status_code == 503 else []
                kept += [number] if answer.status_code == 201 else []
                if len(refusals) == 5:
                    break
            assert len(refusals) == 5
            for answer in refusals:
                assert answer.headers["content-type"] == TYPE
                assert "full; free some space" in answer.json()["detail"], answer.text
            assert len(kept) > 20
            assert all(there(http, number) for number in kept), "what was acknowledged is read, disk full or not"

            subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
            until(lambda: create(http, 1000, 20_000).status_code in (201, 409))
            kept.append(1000)
            until(lambda: set(kept) <= told(receiver, id))
            until(lambda: hub.accounts("")[id]["pending"] == 0)
        hub.kill()
        hub.start()
        with hub.client("") as http:
            assert all(there(http, number) for number in kept)
    finally:
        hub.kill()


def test_a_database_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    found = programs()
    if found is None:
        with server("postgres"):
            pass
        return
    with Cluster(found) as cluster:
        receiver, hub = Receiver(), Hub(tmp_path, cluster.url)
        hub.start()
        try:
            id = hub.subscribe(receiver, "", 1)
            with hub.client("") as http:
                kept = [number for number in range(30) if create(http, number, 10).status_code == 201]
                assert len(kept) == 30
                for start in (100, 200):
                    cluster.crash()
                    for answer in (create(http, start, 10), http.get("/entities/urn:x:1")):
                        assert (answer.status_code, answer.headers["content-type"]) == (503, TYPE), answer.text
                        assert "start it" in answer.json()["detail"], answer.text
                    assert http.get(f"{hub.address}/health").status_code == 200
                    cluster.start()
                    until(lambda start=start: create(http, start + 1, 10).status_code in (201, 409))
                    kept.append(start + 1)
                    assert all(there(http, number) for number in kept)
                until(lambda: set(kept) <= told(receiver, id))
                until(lambda: hub.accounts("")[id]["pending"] == 0)
        finally:
            hub.kill()
