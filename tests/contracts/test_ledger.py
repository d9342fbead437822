"""The contract of `ports.Ledger`, the same for every backend."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from madang.errors import BadRequestData
from madang.model.ledger import Entry
from madang.ports import Ledger

from .stores import STORES, at, ledger_of


@pytest.fixture(params=list(STORES))
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    store = STORES[request.param](tmp_path)
    yield ledger_of(store)
    store.close()


def entry(n: int, **members: str) -> Entry:
    named = {"id": f"signals-{n}", "kind": "decision", "service": "signals", "target": f"t{n % 3}"} | members
    return Entry(sequence=n, at=at(n), body=b"{}", hash=f"{n:064x}", **named)


async def test_entries_come_back_in_order_newest_first(ledger: Ledger) -> None:
    assert await ledger.last() is None
    await ledger.append([entry(1), entry(2)])
    await ledger.append([])
    await ledger.append([entry(3)])
    assert await ledger.last() == entry(3)
    assert list(await ledger.find()) == [entry(3), entry(2), entry(1)]
    assert await ledger.read("signals-2") == entry(2)
    assert await ledger.read("signals-9") is None


async def test_a_gap_or_a_known_id_is_refused_as_a_whole(ledger: Ledger) -> None:
    await ledger.append([entry(1)])
    for wrong in ([entry(3)], [entry(1)], [entry(2), entry(2)], [entry(2), entry(3, id="signals-1")]):
        with pytest.raises(BadRequestData, match="takes entry"):
            await ledger.append(wrong, blobs={"f" * 64: b"x"})
    assert await ledger.last() == entry(1)
    assert await ledger.blob("f" * 64) is None


async def test_find_filters_and_pages(ledger: Ledger) -> None:
    await ledger.append([entry(n, service="buses") if n % 2 else entry(n) for n in range(1, 11)])
    assert [one.sequence for one in await ledger.find(service="buses", limit=2)] == [9, 7]
    assert [one.sequence for one in await ledger.find(service="buses", before=7)] == [5, 3, 1]
    assert [one.sequence for one in await ledger.find(target="t0", kind="decision")] == [9, 6, 3]
    assert [one.sequence for one in await ledger.find(since=at(4), until=at(6))] == [5, 4]
    assert list(await ledger.find(kind="access")) == []


async def test_blobs_are_kept_once_by_digest(ledger: Ledger) -> None:
    await ledger.append([entry(1)], blobs={"a" * 64: b"\x00large"})
    await ledger.append([entry(2)], blobs={"a" * 64: b"\x00large"})
    assert await ledger.blob("a" * 64) == b"\x00large"
    assert await ledger.blob("b" * 64) is None


async def test_salt_commitment_and_tiles_come_back(ledger: Ledger) -> None:
    one = replace(entry(1), salt=b"\x00" * 16, commitment="c" * 64)
    await ledger.append([one], tiles={(0, 0): b"h" * 512, (3, 2**33): b"i" * 512})
    assert await ledger.read("signals-1") == one
    assert (await ledger.tile((0, 0)), await ledger.tile((3, 2**33))) == (b"h" * 512, b"i" * 512)
    assert await ledger.tile((0, 1)) is None


async def test_entries_are_adopted_in_place(ledger: Ledger) -> None:
    await ledger.append([entry(1), entry(2)])
    adopted = [replace(entry(n), salt=b"s" * 16, commitment="c" * 64, hash="d" * 64) for n in (1, 2)]
    await ledger.adopt(adopted, {(0, 0): b"h" * 512})
    assert list(await ledger.find()) == adopted[::-1]
    assert await ledger.read("signals-2") == adopted[1] == await ledger.last()
    assert await ledger.tile((0, 0)) == b"h" * 512


async def test_what_is_erased_is_gone_and_its_place_stays(ledger: Ledger) -> None:
    one = replace(entry(1), salt=b"s" * 16, commitment="c" * 64)
    await ledger.append([one, entry(2)], blobs={"a" * 64: b"large", "b" * 64: b"other"})
    assert await ledger.erase("signals-1", ["a" * 64])
    assert await ledger.read("signals-1") == replace(one, body=b"", salt=b"", target="")
    assert (await ledger.blob("a" * 64), await ledger.blob("b" * 64)) == (None, b"other")
    assert not await ledger.erase("signals-1") and not await ledger.erase("signals-9")
    assert await ledger.read("signals-2") == entry(2)


async def test_entries_of_a_kind_about_a_service_are_counted(ledger: Ledger) -> None:
    await ledger.append([entry(n, service="buses" if n % 2 else "signals") for n in range(1, 11)])
    await ledger.append([entry(11, kind="outcome", service="buses")])
    assert await ledger.count(kind="decision", service="buses") == 5
    assert await ledger.count(kind="decision", service="buses", after=5) == 2
    assert await ledger.count(kind="outcome", service="buses") == 1
    assert await ledger.count(kind="outcome", service="none") == 0
