"""A body of 100 MB over a real socket: refused at once, not read, and nobody else is disturbed (6.3.2: 413)."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar

from .conftest import serving

pytestmark = pytest.mark.parametrize("hub", ["memory"], indirect=True)
"""The store plays no part here."""

HUNDRED_MB = 100_000_000


@pytest.fixture
async def url(app: Litestar) -> AsyncIterator[str]:
    async with serving(app) as address:
        yield address


async def ask(url: str, head: str, sent: bytes = b"", chunks: int = 0) -> tuple[str, int]:
    """Send a request by hand: the head, then chunks until an answer comes; its status line, and how much was sent."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.encode())
    taken = 0
    answer = asyncio.create_task(reader.readline())
    for _ in range(chunks):
        if answer.done():
            break
        try:
            writer.write(sent)
            await writer.drain()
        except ConnectionError:
            break
        taken += len(sent)
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        line = await answer
    writer.close()
    return line.decode(), taken


async def test_its_length_is_enough_to_refuse_it(url: str) -> None:
    head = (
        "POST /ngsi-ld/v1/entities HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {HUNDRED_MB}\r\n\r\n"
    )
    line, _ = await ask(url, head)
    assert " 413 " in line


async def test_a_stream_is_not_taken(url: str) -> None:
    head = (
        "POST /ngsi-ld/v1/entities HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    block = b"%x\r\n" % 65536 + b" " * 65536 + b"\r\n"
    line, taken = await ask(url, head, block, chunks=1600)
    assert " 411 " in line
    assert taken < HUNDRED_MB / 2


async def test_others_are_served_meanwhile(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        body = b"[" + b" " * HUNDRED_MB + b"]"
        large = asyncio.create_task(
            client.post("/ngsi-ld/v1/entities", content=body, headers={"Content-Type": "application/json"})
        )
        small = [(await client.get("/health")).status_code for _ in range(10)]
        assert small == [200] * 10
        assert (await large).status_code == 413
        assert (await client.get("/health")).status_code == 200
