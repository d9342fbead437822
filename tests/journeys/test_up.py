"""A whole city from one command: it starts, survives the death of each of its parts by itself, and ends cleanly."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
CITY = ROOT / "cities" / "ingolstadt"
CYCLE_S = 90
"""The longest cycle of the fixed plans, in the city's seconds."""
SPEED = 5


class RunningCity:
    """``madang up`` as a stranger starts it, and what its public API says."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        command = [sys.executable, "-m", "madang", "up", str(CITY), "--no-browser", "--speed", str(SPEED)]
        command += ["--port", str(self.port), "--data", str(data)]
        self.log = (data / "log").open("w+b")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=10)

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(path, params=query).raise_for_status().json()

    def entities(self, type: str) -> list[dict[str, Any]]:
        return self.get("/ngsi-ld/v1/entities", type=type, options="keyValues", limit=100)

    def controls(self) -> set[str]:
        return {signal_["control"] for signal_ in self.entities("TrafficSignal")}

    def service(self) -> dict[str, Any]:
        return self.get("/ngsi-ld/v1/entities/urn:ngsi-ld:CityService:signals", options="keyValues")

    def part(self, pattern: str) -> int:
        """The process of this city whose command line matches: a child, or a child's child, of ``madang up``."""
        tree = {self.process.pid}
        found: list[int] = []
        for _ in range(3):
            for folder in Path("/proc").iterdir():
                if folder.name.isdigit() and _parent(folder) in tree:
                    tree.add(int(folder.name))
        for pid in sorted(tree - {self.process.pid}):
            text = _command(Path("/proc") / str(pid))
            if re.search(pattern, text):
                found.append(pid)
        assert found, f"no process of this city matches {pattern}"
        return found[0]

    def until(self, holds: Callable[[], bool], what: str, *, within_s: float = 60) -> None:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            try:
                if holds():
                    return
            except (httpx.HTTPError, KeyError):
                pass
            assert self.process.poll() is None, self._said()
            time.sleep(0.1)
        raise AssertionError(f"{what}: not within {within_s} s\n{self._said()}")

    def close(self) -> int:
        self.process.terminate()
        try:
            return self.process.wait(15)
        finally:
            self.process.kill()
            self.http.close()
            self.log.close()

    def _said(self) -> str:
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-3000:]


def _parent(folder: Path) -> int:
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return -1


def _command(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCity]:
    running = RunningCity(tmp_path_factory.mktemp("data"))
    try:
        running.until(lambda: running.get("/health")["ready"], "ready")
        running.until(lambda: "service" in running.controls(), "signals under the service")
        yield running
    finally:
        assert running.close() == 0


def test_signals_are_decided_each_with_its_reason(city: RunningCity) -> None:
    city.until(lambda: len(city.get("/decisions")["decisions"]) >= 5, "decisions")
    for record in city.get("/decisions")["decisions"]:
        assert record["reason"] and record["inputs"] and record["service"] == "signals"


def test_a_decision_is_computed_again_from_its_record(city: RunningCity) -> None:
    newest = city.get("/decisions", limit=1)["decisions"][0]["id"]
    data = Path(city.log.name).parent
    command = [sys.executable, "-m", "madang", "replay", newest, "--city", str(CITY), "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the same" in done.stdout


def test_a_killed_service_leaves_the_fixed_plan_and_comes_back(city: RunningCity) -> None:
    os.kill(city.part(r"madang\.decide\.worker signals"), signal.SIGKILL)
    city.until(lambda: city.service()["status"] == "fallback", "the status says so", within_s=10)
    city.until(lambda: city.controls() == {"plan"}, "every signal on its plan", within_s=CYCLE_S / SPEED)
    city.until(lambda: city.service()["status"] == "running", "the service is back")
    city.until(lambda: "service" in city.controls(), "signals under the service again")


def test_a_killed_world_is_said_and_comes_back(city: RunningCity) -> None:
    os.kill(city.part(r"madang world"), signal.SIGKILL)
    city.until(lambda: city.get("/health")["parts"]["world"]["status"] == "gone", "the world is gone", within_s=10)
    city.until(lambda: city.service()["status"] == "fallback", "the status says so", within_s=10)
    city.until(lambda: city.get("/health")["parts"]["world"]["status"] == "running", "the world is back")
    city.until(lambda: city.service()["status"] == "running", "the service is back")
    city.until(lambda: "service" in city.controls(), "signals under the service again")


def test_a_killed_hub_comes_back_with_all_it_knew(city: RunningCity) -> None:
    newest = city.get("/decisions", limit=1)["decisions"][0]
    os.kill(city.part(r"madang serve"), signal.SIGKILL)
    city.until(lambda: city.get("/health")["ready"], "ready again")
    assert city.get(f"/decisions/{newest['id']}")["reason"] == newest["reason"]
    city.until(lambda: "service" in city.controls(), "signals under the service again")


def test_the_link_that_is_printed_makes_a_browser_the_operators_once(city: RunningCity) -> None:
    printed = re.search(r"within 15 minutes, once: (http\S+)", Path(city.log.name).read_text())
    assert printed and printed[1].startswith(f"http://127.0.0.1:{city.port}/sign-in/")
    origin = {"Origin": f"http://127.0.0.1:{city.port}", "User-Agent": "Mozilla/5.0"}
    with httpx.Client(headers=origin, timeout=20) as browser:
        outbox = f"http://127.0.0.1:{city.port}/outbox"
        assert browser.get(outbox).status_code == 403
        assert browser.post(printed[1]).status_code == 303
        assert browser.get(outbox).status_code == 200
        browser.cookies.clear()
        assert browser.post(printed[1]).status_code == 401


def test_two_cities_do_not_share_a_port(city: RunningCity, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "madang", "up", str(CITY), "--no-browser", "--port", str(city.port)]
    done = subprocess.run([*command, "--data", str(tmp_path)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert str(city.port) in done.stderr and "--port" in done.stderr


def test_two_cities_do_not_share_their_data(city: RunningCity) -> None:
    data = Path(city.log.name).parent
    command = [sys.executable, "-m", "madang", "up", str(CITY), "--no-browser", "--port", "0", "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "--data" in done.stderr


def test_anybody_asks_what_other_settings_would_have_decided(city: RunningCity) -> None:
    # The last story here: the process that thinks about it looks like the service's own, which others look for.
    decided = [one for one in city.get("/decisions", service="signals")["decisions"] if len(one["alternatives"]) > 1]
    path = f"/decisions/{decided[0]['id']}/what-if"
    other = city.http.post(path, json={"settings": {"switch_cost": 90}}, timeout=60).raise_for_status().json()
    assert other["replayed"], other["difference"]
    assert other["recorded"]["reason"] == decided[0]["reason"]
    now, then = other["supposed"], other["recorded"]
    assert now is None or now["alternatives"] != then["alternatives"], "dearer changes weigh otherwise"
    looser = city.http.post(path, json={"settings": {"min_green_s": 1}}, timeout=60)
    assert looser.status_code == 400 and "at least 7 s" in looser.json()["detail"]
    page = city.http.get(f"/why/{decided[0]['id']}/what-if", params={"switch_cost": 90}, timeout=60)
    assert page.status_code == 200 and "With these settings" in page.text
    _and_what_another_stage_would_have_brought(city, decided[0])


def _and_what_another_stage_would_have_brought(city: RunningCity, decided: dict[str, Any]) -> None:
    told = city.http.get(f"/decisions/{decided['id']}/expected", timeout=60).raise_for_status().json()
    stages = {one["parameters"]["stage"]: one for one in told["choices"] if one["action"] == "stage"}
    assert told["horizon_s"] == 60 and told["chosen"]["parameters"]["stage"] in stages
    assert {one["parameters"]["stage"] for one in decided["alternatives"]} <= set(stages)
    plan = next(one for one in told["choices"] if one["action"] == "release")
    assert plan["least_vehicle_s"] <= plan["waits_vehicle_s"] <= plan["most_vehicle_s"]
    assert all(sum(one["approaches"].values()) == pytest.approx(one["waits_vehicle_s"]) for one in stages.values())
    here = f"/junctions/{decided['target'].rpartition(':')[2]}/what-if"
    page = city.http.get(here, params={"at": decided["at"], "choice": "fixed-plan"}, timeout=60)
    assert page.status_code == 200 and "a model&#39;s estimate" in page.text and decided["id"] in page.text
    assert city.http.get(here, params={"at": "yesterday"}).status_code == 400
    assert city.http.get("/junctions/nope/what-if").status_code == 404
