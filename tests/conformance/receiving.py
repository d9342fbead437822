"""A receiver of notifications: a real server on this machine that keeps what it got."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec
from aiohttp import web


class Received(NamedTuple):
    """One request: its headers and its JSON."""

    headers: Mapping[str, str]
    body: Any
    path: str

    @property
    def data(self) -> Any:
        return self.body["data"]


class Receiver:
    """Answers `status`; `delay_s` later."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.delay_s = 0.0
        self.got: list[Received] = []
        self._read = 0

    async def next(self, timeout_s: float = 5.0) -> Received:
        """The next request that was not asked for yet."""
        async with asyncio.timeout(timeout_s):
            while len(self.got) <= self._read:  # noqa: ASYNC110 (of this test's own server)
                await asyncio.sleep(0.005)
        self._read += 1
        return self.got[self._read - 1]

    async def nothing(self, wait_s: float = 0.25) -> None:
        """Nothing comes."""
        await asyncio.sleep(wait_s)
        assert self.got[self._read :] == []

    async def handle(self, request: web.Request) -> web.Response:
        body = msgspec.json.decode(await request.read())
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        self.got.append(Received(dict(request.headers), body, request.path))
        return web.Response(status=self.status)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver while it lasts."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{rest:.*}", receiver.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield receiver
    finally:
        await runner.cleanup()
