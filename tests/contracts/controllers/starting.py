"""Starts the controllers: each a process, ended with the test."""

import asyncio
import socket
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from madang.listen import free_port
from madang.settings import service_required

HERE = Path(__file__).parent
BROKER_PORT = 1883


class Process:
    """A controller's process; `lines` is what it has said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.lines: list[str] = []
        self._process = process
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.lines.append(line.decode().strip())

    async def until(self, text: str, *, after: int = 0, within_s: float = 20) -> str:
        """The first line with the text, behind so many lines."""
        async with asyncio.timeout(within_s):
            while True:
                for line in self.lines[after:]:
                    if text in line:
                        return line
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reading


@asynccontextmanager
async def start(script: str, *arguments: str) -> AsyncIterator[Process]:
    command = (sys.executable, str(HERE / script), *arguments)
    process = Process(await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE))
    try:
        await process.until("ready")
        yield process
    finally:
        await process.kill()


def broker() -> None:
    """Skips, or fails where servers are required, without an MQTT broker on this machine."""
    try:
        socket.create_connection(("127.0.0.1", BROKER_PORT), timeout=1).close()
    except OSError:
        if service_required():
            pytest.fail("no MQTT broker at 127.0.0.1:1883")
        pytest.skip("no MQTT broker at 127.0.0.1:1883")


def prefix() -> str:
    """Topics of this test alone: a broker serves everybody on the machine."""
    return f"madang-test/{uuid.uuid4().hex}"


def port() -> int:
    """A port for an agent: UDP, but what is free for TCP is likely free."""
    return free_port("127.0.0.1")
