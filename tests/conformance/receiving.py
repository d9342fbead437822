"""Receivers of notifications: real servers on this machine that keep what they got; and a town that tells them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx
import msgspec
from aiohttp import web

ID = "urn:ngsi-ld:Subscription:S1"
AT = f"/subscriptions/{ID}"
CAR = "urn:ngsi-ld:Vehicle:1"
NULL = "urn:ngsi-ld:null"


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


class Town:
    """Subscriptions and entities of the tests."""

    def __init__(self, api: httpx.AsyncClient, receiver: Receiver) -> None:
        self.api, self.receiver = api, receiver

    async def subscribe(
        self, *, notification: Any = None, endpoint: Any = None, headers: Any = None, **more: Any
    ) -> None:
        endpoint = {"uri": self.receiver.url + "/notify", **(endpoint or {})}
        body = {"id": ID, "type": "Subscription", "entities": [{"type": "Vehicle"}], **more}
        body["notification"] = {"endpoint": endpoint, **(notification or {})}
        body = {name: value for name, value in body.items() if value is not None}
        answer = await self.api.post("/subscriptions", json=body, headers=headers)
        assert answer.status_code == 201, answer.text

    async def create(self, id: str = CAR, type: str = "Vehicle", *, headers: Any = None, **attributes: Any) -> None:
        body = {"id": id, "type": type, **attributes}
        assert (await self.api.post("/entities", json=body, headers=headers)).status_code == 201

    async def update(self, *, id: str = CAR, **attributes: Any) -> None:
        answer = await self.api.patch(f"/entities/{id}/attrs", json=attributes)
        assert answer.status_code == 204, answer.text

    async def params(self) -> Any:
        return (await self.api.get(AT)).json()["notification"]

    async def until(self, **wanted: Any) -> Any:
        """How notifications went, once it says what is wanted."""
        async with asyncio.timeout(5):
            while True:
                found = await self.params()
                if all(found.get(name) == value for name, value in wanted.items()):
                    return found
                await asyncio.sleep(0.01)


def prop(value: Any, **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, **more}
