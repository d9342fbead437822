"""Live changes as server-sent events (HTML standard, 9.2), over a real socket."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

from madang.hub import Hub
from madang.listen import Wired

from .conftest import serving

CAR = {"id": "urn:ngsi-ld:Vehicle:1", "type": "Vehicle", "speed": 30, "colour": "red"}
ENTITIES = "/ngsi-ld/v1/entities"
UPSERT = "/ngsi-ld/v1/entityOperations/upsert"


class Events:
    """The events of a stream, one after the other."""

    def __init__(self, answer: httpx.Response) -> None:
        self.comments: list[str] = []
        self.retry = ""
        self._lines = answer.aiter_lines()

    async def next(self) -> tuple[str, Any]:
        """The name and the data of the next event."""
        name = ""
        async with asyncio.timeout(10):
            async for line in self._lines:
                field, _, value = line.partition(": ")
                if field == "event":
                    name = value
                elif field == "retry":
                    self.retry = value
                elif field == "data":
                    return name, msgspec.json.decode(value)
                elif line.startswith(":"):
                    self.comments.append(line)
        raise EOFError


@asynccontextmanager
async def following(client: httpx.AsyncClient, **query: str) -> AsyncIterator[Events]:
    async with client.stream("GET", "/events", params=query) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        yield Events(answer)


@pytest.fixture(params=["auto", Wired], ids=["any server", "ours"])
async def live(app: Litestar, request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(app, request.param) as url, httpx.AsyncClient(base_url=url, timeout=20) as client:
        yield client


async def test_tells_what_changes(live: httpx.AsyncClient) -> None:
    async with following(live, type="Vehicle", format="keyValues") as events:
        await live.post(ENTITIES, json=CAR)
        await live.post(ENTITIES, json={"id": "urn:ngsi-ld:Boat:1", "type": "Boat"})
        created = await events.next()
        await live.patch(f"{ENTITIES}/{CAR['id']}/attrs/speed", json={"value": 31})
        changed = await events.next()
        await live.delete(f"{ENTITIES}/{CAR['id']}")
        gone = await events.next()
    assert created == ("entity", {**CAR, "changed": ["speed", "colour"]})
    assert changed == ("entity", {**CAR, "speed": 31, "changed": ["speed"]})
    assert gone == ("gone", {"id": CAR["id"], "type": ["Vehicle"]})
    assert events.retry == "2000"


async def test_begins_with_a_snapshot_when_asked_to(live: httpx.AsyncClient) -> None:
    await live.post(ENTITIES, json=CAR)
    async with following(live, type="Vehicle,Boat", format="keyValues", snapshot="true") as events:
        assert (await events.next())[1]["speed"] == 30
        await live.patch(f"{ENTITIES}/{CAR['id']}", json={"speed": {"value": 32}})
        assert (await events.next())[1]["speed"] == 32


async def test_a_quiet_stream_has_a_heartbeat(live: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madang.api.events.HEARTBEAT_S", 0.05)
    async with following(live, type="Vehicle") as events:
        await asyncio.sleep(0.3)
        await live.post(ENTITIES, json=CAR)
        await events.next()
    assert events.comments


async def test_what_is_not_public_is_not_told(live: httpx.AsyncClient) -> None:
    async with following(live) as events:
        await live.post(ENTITIES, json={"id": "urn:ngsi-ld:CaseFile:1", "type": "CaseFile", "speed": 1})
        await live.post(ENTITIES, json=CAR)
        assert (await events.next())[1]["id"] == CAR["id"]


async def test_a_listener_who_leaves_is_forgotten(live: httpx.AsyncClient, hub: Hub) -> None:
    async with following(live, type="Vehicle") as events:
        await live.post(ENTITIES, json=CAR)
        await events.next()
        assert hub.changes.followers == 1
    async with asyncio.timeout(5):
        while hub.changes.followers:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_slow_reader_gets_the_newest_state(live: httpx.AsyncClient) -> None:
    async with following(live, type="Vehicle", format="keyValues") as events:
        await live.post(ENTITIES, json=CAR)
        for speed in range(40):
            await live.patch(f"{ENTITIES}/{CAR['id']}/attrs/speed", json={"value": speed})
        while (await events.next())[1]["speed"] != 39:
            pass


async def test_the_hub_ends_its_streams_when_it_closes(live: httpx.AsyncClient, hub: Hub) -> None:
    async with following(live, type="Vehicle") as events:
        await live.post(ENTITIES, json=CAR)
        await events.next()
        hub.close()
        with pytest.raises(EOFError):
            await events.next()


async def test_a_stream_that_the_hub_ends_is_gzip_to_its_last_byte(
    live: httpx.AsyncClient, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madang.hub.changes.FEW", 2)
    query = {"type": "Vehicle", "format": "keyValues", "snapshot": "true"}
    await live.post(ENTITIES, json=CAR)

    async def read() -> bytes:
        async with live.stream("GET", "/events", params=query, headers={"Accept-Encoding": "gzip"}) as answer:
            return b"".join([part async for part in answer.aiter_raw()])

    reading = [asyncio.create_task(read()) for _ in range(5)]
    for _ in range(1000):
        if hub.changes.followers == len(reading):
            break
        await asyncio.sleep(0.01)
    # Some of these go the short way out, to a crowd, and some by the task of each.
    for speed in range(60):
        await live.post(UPSERT, json=[{**CAR, "speed": speed}])
        await asyncio.sleep(0.01 * (speed % 3))
    await asyncio.sleep(0.5)
    hub.close()
    for packed in await asyncio.gather(*reading):
        # It raises where the stream has no end, or another check or length than it says.
        text = gzip.decompress(packed)
        assert text.startswith(b"retry: ")
        assert b'"speed":59' in text


async def test_says_what_is_wrong_before_it_streams(site: httpx.AsyncClient) -> None:
    assert (await site.get("/events", params={"types": "Vehicle"})).status_code == 400
    assert (await site.get("/events", params={"format": "xml"})).status_code == 400


async def test_a_crowd_misses_nothing_and_one_who_does_not_read_holds_up_nobody(
    app: Litestar, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madang.hub.changes.FEW", 2)
    colour = "x" * 90_000
    async with serving(app, Wired) as url, AsyncExitStack() as opened:
        # Compressed the same letter ninety thousand times would fill nobody's line.
        plain = httpx.AsyncClient(base_url=url, timeout=20, headers={"Accept-Encoding": "identity"})
        client = await opened.enter_async_context(plain)
        idle, *crowd = [
            await opened.enter_async_context(following(client, type="Vehicle", format="keyValues")) for _ in range(5)
        ]
        for speed in range(80):
            stored = await client.post(UPSERT, json=[{**CAR, "speed": speed, "colour": f"{speed}{colour}"}])
            assert stored.is_success
            await asyncio.sleep(0.01)
        for events in (*crowd, idle):
            told = await until(events, 79)
            assert told == sorted(set(told)), "in order, and nothing twice"
            assert len(told) < 80, "the newest state instead of every step"
        assert hub.changes.followers == 5


async def until(events: Events, speed: int) -> list[int]:
    """The speeds that were told, to this one."""
    told: list[int] = []
    while speed not in told:
        told.append((await events.next())[1]["speed"])
    return told


async def test_who_takes_gzip_hears_the_same_in_fewer_bytes_and_as_soon(live: httpx.AsyncClient) -> None:
    many = [{**CAR, "id": f"urn:ngsi-ld:Vehicle:{number}"} for number in range(100)]
    heard: dict[str, tuple[list[Any], int, str | None]] = {}
    for coding in ("identity", "gzip"):
        headers = {"Accept-Encoding": coding}
        query = {"type": "Vehicle", "format": "keyValues", "snapshot": "true"}
        async with live.stream("GET", "/events", params=query, headers=headers) as answer:
            events = Events(answer)
            await live.post(UPSERT, json=many, headers={"Content-Type": "application/json"})
            found = [await events.next() for _ in many]
            assert answer.headers["vary"] == "Accept-Encoding"
            heard[coding] = (found, answer.num_bytes_downloaded, answer.headers.get("content-encoding"))
    assert sorted(map(str, heard["gzip"][0])) == sorted(map(str, heard["identity"][0]))
    assert (heard["identity"][2], heard["gzip"][2]) == (None, "gzip")
    assert heard["gzip"][1] < 0.3 * heard["identity"][1]
