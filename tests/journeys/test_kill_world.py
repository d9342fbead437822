"""The world dies: its twin ends with it, the hub hears who is gone, and its successor goes on in time."""

import asyncio
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from madang.act.world import WorldActuator
from madang.clock import monotonic_s
from madang.model.world import Hello, Orders, Tick
from madang.sense.world import WorldSource

ROOT = Path(__file__).parents[2]


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """Ingolstadt with a smaller network, so that it starts quickly."""
    folder = tmp_path / "city"
    shutil.copytree(ROOT / "cities" / "ingolstadt", folder)
    text = (folder / "city.toml").read_text("utf-8")
    (folder / "city.toml").write_text(re.sub(r"ingolstadt21", "ingolstadt1", text), "utf-8")
    return folder


async def start(city: Path, socket: Path) -> asyncio.subprocess.Process:
    command = ("-m", "madang", "world", str(city), "--socket", str(socket), "--speed", "max")
    return await asyncio.create_subprocess_exec(sys.executable, *command)


class Hub:
    """The hub's end of the line, answering every message."""

    def __init__(self, socket: Path) -> None:
        source = WorldSource(socket)
        self._stream = source.observations()
        self._actuator = WorldActuator(source.send)

    async def next(self) -> Hello | Tick:
        async with asyncio.timeout(60):
            message = await anext(self._stream)
        await self._actuator.send(Orders(at=message.at))
        return message

    async def close(self) -> None:
        await self._stream.aclose()  # type: ignore[attr-defined]


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    made = Hub(tmp_path / "s")
    yield made
    await made.close()


def children(pid: int) -> set[int]:
    """The processes that the process has started, as the kernel lists them."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        found |= {int(child) for child in (task / "children").read_text().split()}
    return found


def ended(pids: set[int], *, within_s: float) -> None:
    """Wait until none of them is alive."""
    until_s = monotonic_s() + within_s
    while any(map(alive, pids)):
        assert monotonic_s() < until_s, "a child outlives the world"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_killed_world_takes_its_twin_and_its_buses_and_its_successor_goes_on(
    city: Path, hub: Hub, tmp_path: Path
) -> None:
    world = await start(city, tmp_path / "s")
    buses: set[str] = set()
    twin_heard = False
    last = await hub.next()
    assert isinstance(last, Hello)
    while not (buses and twin_heard):
        last = await hub.next()
        assert isinstance(last, Tick)
        buses = (buses | {e.id for e in last.entities if "Vehicle" in e.types}) - set(last.gone)
        twin_heard = twin_heard or any(e.id == "urn:ngsi-ld:TrafficKpi:fixed" for e in last.entities)
    offspring = children(world.pid)
    assert offspring
    os.kill(world.pid, signal.SIGKILL)
    await world.wait()
    gone: tuple[str, ...] = ()
    while not gone:
        message = await hub.next()
        assert isinstance(message, Tick)
        last, gone = message, message.gone
    assert set(gone) == buses
    await asyncio.to_thread(ended, offspring, within_s=20)
    successor = await start(city, tmp_path / "s")
    try:
        hello = await hub.next()
        assert isinstance(hello, Hello) and hello.at >= last.at
        assert isinstance(await hub.next(), Tick)
    finally:
        successor.terminate()
        await successor.wait()
