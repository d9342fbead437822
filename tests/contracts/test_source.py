"""What every source keeps to: it yields what devices report, for ever, and nothing that they do raises out of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from madang.model.entity import observed
from madang.model.frames import LARGEST_FRAME, encode
from madang.model.world import Hello, Orders, Tick
from madang.ports import Source
from madang.sense.world import WorldSource

AT = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
BUS = observed("urn:ngsi-ld:Vehicle:1", "Vehicle", AT, {"speed": 3.5})
HELLO = Hello(scenario="x", scenario_hash="", seed=1, at=AT, speed=1.0, entities=(), streets={})

SOURCES: dict[str, Callable[[Path], Source]] = {"world": WorldSource}
"""Every source that listens on a socket."""


def tick(second: int) -> Tick:
    return Tick(at=AT + timedelta(seconds=second), entities=(BUS,))


class Hearing:
    """A source that somebody listens to."""

    def __init__(self, source: Source, socket: Path) -> None:
        self.socket = socket
        self.messages: asyncio.Queue[Hello | Tick] = asyncio.Queue()
        self.task = asyncio.create_task(self._hear(source))

    async def _hear(self, source: Source) -> None:
        async for message in source.observations():
            await self.messages.put(message)

    async def next(self) -> Hello | Tick:
        async with asyncio.timeout(10):
            return await self.messages.get()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A world's end of a new line."""
        async with asyncio.timeout(10):
            while True:
                try:
                    return await asyncio.open_unix_connection(self.socket)
                except OSError:
                    await asyncio.sleep(0.02)


@pytest.fixture(params=SOURCES)
async def hearing(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Hearing]:
    made = Hearing(SOURCES[request.param](tmp_path / "s"), tmp_path / "s")
    yield made
    assert not made.task.done(), "a source ended by itself"
    made.task.cancel()
    await asyncio.gather(made.task, return_exceptions=True)
    assert not made.socket.exists()


async def test_messages_come_in_order(hearing: Hearing) -> None:
    _, world = await hearing.connect()
    world.write(b"".join(map(encode, [HELLO, tick(1), tick(2)])))
    assert [await hearing.next() for _ in range(3)] == [HELLO, tick(1), tick(2)]
    world.close()


async def test_a_world_that_dies_within_a_frame_is_gone_and_another_is_heard(hearing: Hearing) -> None:
    reader, world = await hearing.connect()
    assert await reader.read(1000), "a world is greeted"
    world.write(encode(HELLO) + encode(tick(1)) + encode(tick(2))[:40])
    await world.drain()
    world.transport.abort()
    assert [await hearing.next() for _ in range(2)] == [HELLO, tick(1)]
    assert await hearing.next() == Tick(at=tick(1).at, entities=(), gone=(BUS.id,))
    _, again = await hearing.connect()
    again.write(encode(HELLO))
    assert await hearing.next() == HELLO
    again.close()


@pytest.mark.parametrize(
    "stream",
    [
        (LARGEST_FRAME + 1).to_bytes(4) + b"x",
        b"\xff" * 64,
        (5).to_bytes(4) + b"hello",
        (100_000).to_bytes(4) + b"\x91" * 100_000,
        encode(Orders(at=AT)),
        b"GET / HTTP/1.1\r\n\r\n" + b" " * 10_000,
    ],
    ids=["too large", "noise", "no message", "too deep", "orders", "a browser"],
)
async def test_a_hostile_stream_is_closed_and_the_next_world_is_heard(hearing: Hearing, stream: bytes) -> None:
    reader, world = await hearing.connect()
    world.write(stream)
    async with asyncio.timeout(10):
        while await reader.read(1000):
            pass
    world.close()
    _, again = await hearing.connect()
    again.write(encode(HELLO))
    assert await hearing.next() == HELLO
    again.close()


async def test_the_newest_world_counts(hearing: Hearing) -> None:
    first_reader, first = await hearing.connect()
    first.write(encode(HELLO))
    assert await hearing.next() == HELLO
    _, second = await hearing.connect()
    async with asyncio.timeout(10):
        while await first_reader.read(1000):
            pass
    second.write(encode(tick(5)))
    assert await hearing.next() == tick(5)
    first.close()
    second.close()


async def test_a_slow_listener_holds_the_world_back(tmp_path: Path) -> None:
    source = WorldSource(tmp_path / "s")
    stream = source.observations()
    first = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.1)
    _, world = await asyncio.open_unix_connection(tmp_path / "s")
    world.write(encode(HELLO))
    assert await first == HELLO
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            for second in range(100_000):
                world.write(encode(tick(second)))
                await world.drain()
    assert await anext(stream) == tick(0)
    world.transport.abort()
    await stream.aclose()  # type: ignore[attr-defined]
