"""The account: ids, the log, large inputs by their hash, outcomes, erasure, and what tampering does."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from madang.account import adoption, leaf, merkle
from madang.account.adoption import GENESIS, chain
from madang.account.leaf import canonical, sealed
from madang.account.ledger import Account, LedgerError, Outcome
from madang.account.merkle import leaf_hash
from madang.errors import ResourceNotFound, Unavailable
from madang.model.decision import DecisionRecord, Input
from madang.model.ledger import Entry
from madang.store.memory.ledger import MemoryLedger

AT = datetime(2026, 5, 1, 8, tzinfo=UTC)


def record(**changes: object) -> DecisionRecord:
    plain = DecisionRecord(
        id="",
        service="lamps",
        version="1",
        at=AT,
        target="urn:ngsi-ld:Lamp:1",
        action="stage",
        parameters={"stage": "A"},
        rule="r",
        reason="because",
        previous={},
        inputs=(Input(entity="urn:ngsi-ld:Lamp:1", attribute="queue", value=3, observed_at=AT),),
        alternatives=(),
        score_unit="vehicles",
        expected={},
        permission=None,
        memory={},
        settings={},
    )
    return replace(plain, **changes)


async def test_records_come_back_with_ids_in_order() -> None:
    account = Account(MemoryLedger())
    first, second = await account.write([record(), record(action="release")])
    assert (first.id, second.id) == ("lamps-1", "lamps-2")
    found = await account.records()
    assert [each.id for _, each in found] == ["lamps-2", "lamps-1"]
    entry, again = await account.record("lamps-1")
    assert again == first
    assert entry.hash == leaf.hash_of(leaf.leaf_of(entry)).hex()
    assert await account.verify() == 2


async def test_a_large_input_is_kept_once_and_filled_in_again() -> None:
    ledger = MemoryLedger()
    account = Account(ledger)
    layout = {"links": list(range(2000))}
    large = record(inputs=(Input(entity="urn:ngsi-ld:Layout:1", attribute="layout", value=layout),))
    kept = await account.write([large, large])
    assert kept[0].inputs[0].value is None
    assert kept[0].inputs[0].digest == kept[1].inputs[0].digest
    _, filled = await account.record("lamps-2")
    assert filled.inputs[0].value == layout


async def test_outcomes_belong_to_their_decision() -> None:
    account = Account(MemoryLedger())
    (written,) = await account.write([record()])
    assert await account.outcome(written.id) is None
    refused = Outcome(decision=written.id, at=AT, refused="minimum green")
    await account.conclude([refused], targets={written.id: written.target})
    assert await account.outcome(written.id) == refused
    assert [each.id for _, each in await account.records()] == [written.id]


async def test_the_log_goes_on_after_a_restart() -> None:
    ledger = MemoryLedger()
    for count in range(1, 40):
        (written,) = await Account(ledger).write([record()])
        assert written.id == f"lamps-{count}"
    assert await Account(ledger).verify() == 39


Forge = Callable[[list[Entry]], list[Entry]]

FORGERIES: dict[str, Forge] = {
    "a body is changed": lambda entries: [replace(entries[0], body=entries[0].body + b" "), *entries[1:]],
    "a salt is changed": lambda entries: [replace(entries[0], salt=b"x" * 16), *entries[1:]],
    "a commitment is changed": lambda entries: [replace(entries[0], commitment="00" * 32), *entries[1:]],
    "a time is changed": lambda entries: [*entries[:-1], replace(entries[-1], at=AT + timedelta(days=1))],
    "a kind is changed": lambda entries: [entries[0], replace(entries[1], kind="outcome"), *entries[2:]],
    "one is dropped": lambda entries: renumbered([*entries[:1], *entries[2:]]),
    "two change places": lambda entries: renumbered([entries[1], entries[0], *entries[2:]]),
    "one is put in its place, well sealed": lambda entries: [sealed(replace(entries[0], body=b"{}")), *entries[1:]],
}


def renumbered(entries: list[Entry]) -> list[Entry]:
    """As a forger would store them: without a gap."""
    return [replace(entry, sequence=number) for number, entry in enumerate(entries, 1)]


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_whatever_is_forged_is_found(forgery: str) -> None:
    ledger = MemoryLedger()
    account = Account(ledger)
    await account.write([record() for _ in range(20)])
    assert await account.verify() == 20
    entries = await account.entries(1, 20)
    rewritten = MemoryLedger()
    tiles = {(0, 0): await ledger.tile((0, 0))}
    await rewritten.append(FORGERIES[forgery](entries), tiles={k: v for k, v in tiles.items() if v})
    with pytest.raises(LedgerError):
        await Account(rewritten).verify()


async def test_erasure_leaves_the_log_as_it_is() -> None:
    account = Account(MemoryLedger())
    big = record(inputs=(Input(entity="urn:x:1", attribute="seen", value=["Ada Lovelace"] * 500),))
    written = await account.write([record(), big])
    before = await account.log.head()
    entry = await account.entry(written[1].id)
    assert entry is not None and entry.body and entry.salt
    digest = written[1].inputs[0].digest
    await account.erase(written[1].id, at=AT, reason="the subject asked")
    erased = await account.entry(written[1].id)
    assert erased is not None and (erased.body, erased.salt, erased.hash) == (b"", b"", entry.hash)
    assert await account.verify() == 3, "two decisions and the note of the erasure"
    assert (await account.log.head(2)).root == before.root
    proof = await account.log.proof(written[1].id)
    assert merkle.included(
        leaf_hash(canonical(proof.leaf)),
        index=proof.index,
        size=proof.head.size,
        path=[bytes.fromhex(step) for step in proof.path],
        root=bytes.fromhex(proof.head.root),
    )
    with pytest.raises(ResourceNotFound, match="erased"):
        await account.record(written[1].id)
    assert [each.id for _, each in await account.records()] == [written[0].id]
    assert digest is not None and await account._ledger.blob(digest) is None
    with pytest.raises(ResourceNotFound):
        await account.erase(written[1].id, at=AT, reason="again")


async def test_what_could_not_be_stored_is_not_in_the_log() -> None:
    class Full(MemoryLedger):
        full = False

        async def append(self, *entries: Any, **more: Any) -> None:
            if self.full:
                raise Unavailable("the disk is full")
            await super().append(*entries, **more)

    ledger = Full()
    account = Account(ledger)
    await account.write([record()])
    ledger.full = True
    with pytest.raises(Unavailable):
        await account.write([record()])
    assert (await account.log.head()).size == 1
    ledger.full = False
    await account.write([record()])
    assert await account.verify() == 2


async def test_entries_from_before_the_log_become_its_first_leaves() -> None:
    old = chained(50)
    ledger = MemoryLedger()
    await ledger.append(old)
    half = Account(ledger)
    assert await half.start() == 50
    await half.write([record()])
    again = Account(ledger)
    assert await again.start() == 51 and await again.verify() == 51
    (entry,) = await again.entries(7, 7)
    assert (entry.body, entry.id, entry.at) == (old[6].body, old[6].id, old[6].at)


async def test_an_adoption_that_was_cut_short_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adoption, "PORTION", 20)

    class Dying(MemoryLedger):
        left = 2

        async def adopt(self, entries: Any, tiles: Any) -> None:
            self.left -= 1
            if self.left < 0:
                raise Unavailable("killed")
            await super().adopt(entries, tiles)

    ledger = Dying()
    await ledger.append(chained(90))
    with pytest.raises(Unavailable):
        await Account(ledger).start()
    assert sum(1 for entry in await ledger.find(limit=100) if entry.commitment) == 40
    ledger.left = 99
    assert await Account(ledger).start() == 90
    assert await Account(ledger).verify() == 90


async def test_a_broken_chain_is_not_adopted() -> None:
    entries = chained(30)
    entries[12] = replace(entries[12], body=b'{"forged":true}')
    ledger = MemoryLedger()
    await ledger.append(entries)
    with pytest.raises(LedgerError, match=r"entry 13 .* does not follow"):
        await Account(ledger).start()


def chained(count: int) -> list[Entry]:
    """Entries as they were before the log."""
    entries: list[Entry] = []
    last = GENESIS
    for number in range(1, count + 1):
        body = canonical(record(id=f"lamps-{number}"))
        last = chain(last, body)
        named = {"id": f"lamps-{number}", "kind": "decision", "service": "lamps", "target": "t"}
        entries.append(Entry(sequence=number, at=AT, body=body, hash=last, **named))
    return entries


async def test_an_unknown_decision_is_not_found() -> None:
    with pytest.raises(ResourceNotFound, match="lamps-9"):
        await Account(MemoryLedger()).record("lamps-9")
