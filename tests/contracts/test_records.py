"""The contract of `ports.Records`, the same for every backend."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from madang.errors import AlreadyExists
from madang.model.record import Record, RecordKind
from madang.ports import Store

from .stores import STORES

SUBSCRIPTION, REGISTRATION = RecordKind.SUBSCRIPTION, RecordKind.REGISTRATION


@pytest.fixture(params=list(STORES))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(kind: str, tmp_path: Path) -> Iterator[Store]:
    made = STORES[kind](tmp_path)
    yield made
    made.close()


def record(id: str, body: bytes = b"{}", kind: RecordKind = SUBSCRIPTION) -> Record:
    return Record(kind, id, body)


async def test_what_is_put_is_read_back_byte_for_byte(store: Store) -> None:
    body = '{"name": "마당 \\u0000", "n": [1, null]}'.encode() + bytes(range(256))
    await store.records.put(record("urn:s:1", body))
    assert await store.records.get(SUBSCRIPTION, "urn:s:1") == record("urn:s:1", body)
    assert await store.records.get(SUBSCRIPTION, "urn:s:2") is None


async def test_a_record_takes_the_place_of_the_one_with_its_id(store: Store) -> None:
    await store.records.put(record("urn:s:1", b"1"))
    await store.records.put(record("urn:s:1", b"2"))
    assert await store.records.all(SUBSCRIPTION) == [record("urn:s:1", b"2")]


async def test_a_new_one_is_refused_where_there_is_one(store: Store) -> None:
    await store.records.put(record("urn:s:1", b"1"), new=True)
    with pytest.raises(AlreadyExists):
        await store.records.put(record("urn:s:1", b"2"), new=True)
    assert await store.records.get(SUBSCRIPTION, "urn:s:1") == record("urn:s:1", b"1")


async def test_of_many_at_once_one_is_new(store: Store) -> None:
    async def put(n: int) -> bool:
        try:
            await store.records.put(record("urn:s:1", str(n).encode()), new=True)
        except AlreadyExists:
            return False
        return True

    assert sum(await asyncio.gather(*map(put, range(10)))) == 1


async def test_kinds_know_nothing_of_each_other(store: Store) -> None:
    for kind in RecordKind:
        await store.records.put(record("urn:a:1", kind.value.encode(), kind), new=True)
    for kind in RecordKind:
        assert await store.records.all(kind) == [record("urn:a:1", kind.value.encode(), kind)]
    assert await store.records.remove(REGISTRATION, "urn:a:1")
    assert await store.records.get(SUBSCRIPTION, "urn:a:1") is not None


async def test_all_of_a_kind_by_id_in_code_point_order(store: Store) -> None:
    ids = ["urn:s:b", "urn:s:a", "urn:s:B", "urn:s:ä", "urn:s:10", "urn:s:9", "urn:s:가"]
    for id in ids:
        await store.records.put(record(id))
    assert [one.id for one in await store.records.all(SUBSCRIPTION)] == sorted(ids)
    assert await store.records.all(REGISTRATION) == []


async def test_removed_is_gone(store: Store) -> None:
    await store.records.put(record("urn:s:1"))
    assert await store.records.remove(SUBSCRIPTION, "urn:s:1")
    assert not await store.records.remove(SUBSCRIPTION, "urn:s:1")
    assert await store.records.get(SUBSCRIPTION, "urn:s:1") is None
    await store.records.put(record("urn:s:1"), new=True)


async def test_tenants_have_their_own(store: Store) -> None:
    other = store.tenant("works", create=True)
    await store.records.put(record("urn:s:1", b"1"))
    await other.records.put(record("urn:s:1", b"2"), new=True)
    assert [one.body for one in await store.records.all(SUBSCRIPTION)] == [b"1"]
    assert [one.body for one in await other.records.all(SUBSCRIPTION)] == [b"2"]


async def test_records_survive_a_restart(kind: str, tmp_path: Path) -> None:
    if kind == "memory":
        pytest.skip("what is in memory only does not")
    first = STORES[kind](tmp_path)
    await first.records.put(record("urn:s:1", b"1"))
    first.close()
    again = STORES[kind](tmp_path)
    assert await again.records.get(SUBSCRIPTION, "urn:s:1") == record("urn:s:1", b"1")
    again.close()
