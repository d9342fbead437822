"""The server: serves until told, ends with what runs beside it, and says so when its port is taken."""

import asyncio
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from madang import listen as module
from madang.errors import Unavailable
from madang.listen import check_port, free_port, listen


async def hello(scope: dict, receive: object, send: object) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})


async def test_it_serves_while_the_other_runs_and_ends_with_it() -> None:
    port, over = free_port("127.0.0.1"), asyncio.Event()

    async def over_wait() -> None:
        await over.wait()

    serving = asyncio.create_task(listen(hello, "127.0.0.1", port, beside=over_wait))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(100):
            try:
                answer = await client.get("/")
                break
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
    assert answer.text == "hello"
    over.set()
    await asyncio.wait_for(serving, 10)


async def test_what_runs_beside_it_may_fail_and_is_heard() -> None:
    async def fail() -> None:
        raise Unavailable("no socket")

    with pytest.raises(Unavailable, match="no socket"):
        await listen(hello, "127.0.0.1", free_port("127.0.0.1"), beside=fail)


async def test_a_taken_port_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match=rf"{port}.*--port"):
            await listen(hello, "127.0.0.1", port, beside=None)


async def test_a_port_is_checked_before_anything_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    await check_port("127.0.0.1", free_port("127.0.0.1"))
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Unavailable, match="--port"):
        await check_port("127.0.0.1", taken.getsockname()[1])


_ENDLESS = """
import asyncio, sys
from madang.listen import listen, run

over = asyncio.Event()

async def endless(scope, receive, send):
    if scope["type"] == "lifespan":
        while (kind := (await receive())["type"]):
            await send({"type": kind + ".complete"})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"begun", "more_body": True})
    await over.wait()
    await send({"type": "http.response.body", "body": b" and ended"})

run(listen(endless, "127.0.0.1", int(sys.argv[1]), beside=None, leaving=over.set))
print("closed", flush=True)
"""


def test_a_signal_ends_what_has_no_end_and_leaves_the_rest_to_be_closed() -> None:
    port = free_port("127.0.0.1")
    with subprocess.Popen([sys.executable, "-c", _ENDLESS, str(port)], stdout=subprocess.PIPE, text=True) as process:
        for _ in range(200):
            try:
                with httpx.stream("GET", f"http://127.0.0.1:{port}/", timeout=30) as answer:
                    process.send_signal(signal.SIGTERM)
                    # Cut off, it would raise RemoteProtocolError.
                    read = answer.read()
                break
            except httpx.ConnectError:
                time.sleep(0.05)
        told, _ = process.communicate(timeout=20)
    assert (read, told, process.returncode) == (b"begun and ended", "closed\n", 0)
