"""Where a world's source listens, and what it says of its line. What all sources keep to: tests/contracts."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from madang.errors import BadRequestData, Unavailable
from madang.model.frames import Frames, encode
from madang.model.world import Orders, Tick
from madang.sense.world import LONGEST_PATH, WAITING_BYTES, WorldSource

AT = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)


def test_a_path_that_is_too_long_for_a_socket_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadRequestData, match="shorter"):
        WorldSource(tmp_path / ("s" * LONGEST_PATH))


async def test_a_place_where_nobody_can_listen_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no/such/place"):
        await anext(WorldSource(tmp_path / "no" / "such" / "place").observations())


async def test_a_socket_left_by_a_killed_hub_is_replaced_but_a_file_is_not(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("somebody's")
    with pytest.raises(Unavailable):
        await anext(WorldSource(tmp_path / "file").observations())
    assert (tmp_path / "file").read_text() == "somebody's"
    for _ in range(2):
        hearing = asyncio.ensure_future(anext(WorldSource(tmp_path / "s").observations()))
        await asyncio.sleep(0.05)
        assert (tmp_path / "s").stat().st_mode & 0o077 == 0, "others may not speak for the streets"
        assert not hearing.done()
        hearing.cancel()


async def test_a_world_is_greeted_with_the_last_time_heard(tmp_path: Path) -> None:
    source = WorldSource(tmp_path / "s")
    stream = source.observations()
    hearing = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.05)
    assert not source.connected
    for greeting in (datetime.fromtimestamp(0, UTC), AT):
        reader, world = await asyncio.open_unix_connection(tmp_path / "s")
        frames = Frames()
        async with asyncio.timeout(10):
            assert frames.feed(await reader.read(1000)) == [Orders(at=greeting)]
        assert source.connected
        world.write(encode(Tick(at=AT, entities=())))
        assert await hearing == Tick(at=AT, entities=())
        hearing = asyncio.ensure_future(anext(stream))
        world.close()
    hearing.cancel()


async def test_a_world_that_reads_nothing_is_hung_up_on(tmp_path: Path) -> None:
    source = WorldSource(tmp_path / "s")
    hearing = asyncio.ensure_future(anext(source.observations()))
    await asyncio.sleep(0.05)
    _, world = await asyncio.open_unix_connection(tmp_path / "s")
    await asyncio.sleep(0.05)
    much = Orders(at=AT, leased=("x" * (WAITING_BYTES // 4),))
    assert [source.send(much) for _ in range(8)].count(False) > 0
    assert not source.send(much)
    world.close()
    hearing.cancel()
