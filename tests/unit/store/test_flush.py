"""Nobody is told of a write before the disk has it."""

import asyncio
import errno
import os
import threading
from pathlib import Path

import pytest

from madang.errors import Unavailable
from madang.model.change import Edited
from madang.model.entity import Attribute, Entity
from madang.store.sqlite import SqliteStore, flush

ID = "urn:ngsi-ld:Bench:1"


def bench(value: int) -> Entity:
    return Entity(id=ID, types=("Bench",), attributes={"seats": (Attribute(value=value),)})


def put(value: int) -> list[tuple[str, object]]:
    return [(ID, lambda old: Edited(bench(value), ("seats",)))]


async def test_writes_are_answered_after_their_flush_and_seen_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, free = threading.Event(), threading.Event()

    def slow(log: int) -> None:
        busy.set()
        assert free.wait(10)
        os.fsync(log)

    monkeypatch.setattr(flush, "_flush", slow)
    store = SqliteStore(tmp_path)
    try:
        first = asyncio.create_task(store.write(put(1)))
        second = asyncio.create_task(store.write(put(2)))
        await asyncio.to_thread(busy.wait, 10)
        for _ in range(200):
            found = await store.get(ID)
            if found is not None and found.attributes["seats"][0].value == 2:
                break
            await asyncio.sleep(0.01)
        else:
            pytest.fail("the second write was not committed")
        assert not first.done()
        assert not second.done()
        free.set()
        await asyncio.wait_for(asyncio.gather(first, second), 10)
    finally:
        free.set()
        store.close()


async def test_what_cannot_be_flushed_is_an_error_and_nothing_is_taken_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(log: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    store = SqliteStore(tmp_path)
    try:
        await store.write(put(1))
        monkeypatch.setattr(flush, "_flush", failing)
        with pytest.raises(Unavailable, match="could not be flushed"):
            await store.write(put(2))
        monkeypatch.undo()
        with pytest.raises(Unavailable, match="start the hub again"):
            await store.write(put(3))
    finally:
        store.close()
