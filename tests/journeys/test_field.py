"""A city on real streets: a camera sees a queue, the service decides, the order goes over a broker to a controller, and
when the city dies the controller runs its own plan."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from madang import city as cities
from madang.listen import free_port

from ..contracts.controllers import starting  # noqa: TID252 the same controllers as the contracts are tried with

FIELD = """\
[mqtt]
host = "127.0.0.1"
prefix = "{prefix}"

[junctions.crossing]
speaks = "mqtt"

[junctions.dead]
speaks = "ntcip"
host = "192.0.2.1"          # RFC 5737: nobody's address
stages = {{ s1 = [2, 6] }}
"""
# The first decision may compile the service's arithmetic: this journey is about the way, not about that.
ENVIRONMENT = {**os.environ, "MADANG_DECIDE_TIMEOUT_S": "120"}
LANES = ("main_0", "side_0")
LAYOUT = {
    "links": [
        {"index": n, "from_lane": lane, "to_lane": f"out{n}_0", "direction": "s", "kind": "car", "street": ""}
        for n, lane in enumerate(LANES)
    ],
    "stages": [{"id": "s1", "green": "Gr", "added": False}, {"id": "s2", "green": "rG", "added": False}],
    "plan": [
        {"state": state, "duration_s": length}
        for state, length in (("Gr", 10.0), ("yr", 3.0), ("rr", 2.0), ("rG", 10.0), ("ry", 3.0), ("rr", 2.0))
    ],
    "plan_offset_s": 0.0,
    "foes": [[1], [0]],
    "yields": [[], []],
    "lanes": {lane: {"length_m": 200.0, "speed_mps": 13.9} for lane in (*LANES, "out0_0", "out1_0")},
    "feeders": {},
}


def entity(type: str, name: str, value: Any) -> dict[str, Any]:
    """An entity of the junction `crossing` as a device posts it."""
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    given = {"type": "JsonProperty", "json": value, "observedAt": now}
    return {"id": f"urn:ngsi-ld:{type}:crossing", "type": type, name: given}


class Running:
    def __init__(self, folder: Path, *more: str) -> None:
        self.port = free_port("127.0.0.1")
        data = folder.parent / "data"
        command = [sys.executable, "-m", "madang", "serve", str(folder), "--data", str(data), "--port", str(self.port)]
        self.process = subprocess.Popen([*command, *more], stderr=(folder.parent / "log").open("ab"), env=ENVIRONMENT)
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=10)

    async def health(self) -> dict[str, Any]:
        return (await self.http.get("/health")).json()

    async def up(self) -> None:
        async with asyncio.timeout(60):
            while True:
                try:
                    if (await self.health())["ready"]:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.2)

    async def upsert(self, *entities: dict[str, Any]) -> None:
        answer = await self.http.post("/ngsi-ld/v1/entityOperations/upsert", json=list(entities))
        assert answer.is_success, answer.text

    async def look(self, lamps: str) -> None:
        """The camera's report: a queue before the lane that is red."""
        rows = [[4.0 + 7.5 * place, 0.0, -1, "car", 20.0] for place in range(8)]
        waiting = {lane: rows for lane, lamp in zip(LANES, lamps, strict=True) if lamp == "r"}
        await self.upsert(entity("ApproachObserved", "vehicles", {"main_0": [], "side_0": [], **waiting}))

    async def signal(self) -> dict[str, Any]:
        address = "/ngsi-ld/v1/entities/urn:ngsi-ld:TrafficSignal:crossing"
        return (await self.http.get(address, params={"options": "keyValues"})).json()

    async def close(self) -> None:
        self.process.kill()
        self.process.wait()
        await self.http.aclose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A city without a world; its field has a controller that lives and one that does not."""
    starting.broker()
    cities.init(tmp_path / "city")
    file = tmp_path / "city" / "city.toml"
    file.write_text(file.read_text("utf-8").partition("\n# The world")[0], "utf-8")
    return tmp_path / "city"


@asynccontextmanager
async def running(folder: Path, *more: str) -> AsyncIterator[tuple[Running, starting.Process]]:
    prefix = starting.prefix()
    (folder / "field.toml").write_text(FIELD.format(prefix=prefix), "utf-8")
    async with starting.start("cabinet.py", "1883", prefix, "crossing") as cabinet:
        city = Running(folder, *more)
        try:
            await city.up()
            await city.upsert(entity("SignalLayout", "layout", LAYOUT))
            yield city, cabinet
        finally:
            await city.close()


async def see(city: Running, cabinet: starting.Process, decisions: int) -> list[dict[str, Any]]:
    """The camera looks once a second, until there are so many decisions that the field has answered."""
    async with asyncio.timeout(150):
        while True:
            await city.look(cabinet.lines[-1].split()[2])
            await asyncio.sleep(1)
            page = (await city.http.get("/decisions", params={"service": "signals"})).json()
            found = [(await city.http.get(f"/decisions/{each['id']}")).json() for each in page["decisions"]]
            settled = [each for each in found if each["outcome"]]
            if len(settled) >= decisions:
                return settled


async def test_a_queue_becomes_green_over_the_broker_and_silence_the_controllers_plan(folder: Path) -> None:
    async with running(folder) as (city, cabinet):
        await see(city, cabinet, 2)
        assert any(" service " in line for line in cabinet.lines), cabinet.lines
        assert (await city.signal())["control"] == "service"
        parts = (await city.health())["parts"]
        assert parts["act"] == {"status": "running", "reason": "", "sends": "field"}
        assert parts["field"]["status"] == "running"
        assert parts["controller:crossing"]["status"] == "running"
        assert parts["controller:dead"]["status"] == "silent" and parts["controller:dead"]["reason"]
        said = len(cabinet.lines)
        city.process.kill()
        await cabinet.until(" plan ", after=said, within_s=8)


async def test_in_a_rehearsal_the_field_is_read_and_not_ordered(folder: Path) -> None:
    async with running(folder, "--dry-run") as (city, cabinet):
        settled = await see(city, cabinet, 2)
        assert not any(" service " in line for line in cabinet.lines)
        assert (await city.signal())["control"] == "plan"
        act = (await city.health())["parts"]["act"]
        assert act == {"status": "dry run", "reason": "orders are recorded and not sent", "sends": "field"}
        assert {each["outcome"]["refused"] for each in settled} == {"dry run: recorded, not sent"}
