"""The account: ids, the chain, large inputs by their hash, outcomes, and what tampering does."""

from datetime import UTC, datetime

import msgspec
import pytest

from madang.account.ledger import GENESIS, Account, LedgerError, Outcome, chain
from madang.errors import ResourceNotFound
from madang.model.decision import DecisionRecord, Input
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
    return msgspec.structs.replace(plain, **changes)


async def test_records_come_back_with_ids_in_order() -> None:
    account = Account(MemoryLedger())
    first, second = await account.write([record(), record(action="release")])
    assert (first.id, second.id) == ("lamps-1", "lamps-2")
    found = await account.records()
    assert [each.id for _, each in found] == ["lamps-2", "lamps-1"]
    entry, again = await account.record("lamps-1")
    assert again == first
    assert entry.hash == chain(GENESIS, entry.body)
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


async def test_the_chain_goes_on_after_a_restart() -> None:
    ledger = MemoryLedger()
    await Account(ledger).write([record()])
    (second,) = await Account(ledger).write([record()])
    assert second.id == "lamps-2"
    assert await Account(ledger).verify() == 2


async def test_any_changed_body_breaks_the_chain() -> None:
    for place in range(3):
        ledger = MemoryLedger()
        account = Account(ledger)
        await account.write([record(), record(), record()])
        entries = sorted(await ledger.find(), key=lambda entry: entry.sequence)
        altered = entries[place]
        forged = msgspec.structs.replace(altered, body=altered.body.replace(b"because", b"becauze"))
        rewritten = MemoryLedger()
        await rewritten.append([*entries[:place], forged, *entries[place + 1 :]])
        with pytest.raises(LedgerError):
            await Account(rewritten).verify()


async def test_a_dropped_entry_breaks_the_chain() -> None:
    ledger = MemoryLedger()
    await Account(ledger).write([record(), record(), record()])
    entries = sorted(await ledger.find(), key=lambda entry: entry.sequence)
    shorter = MemoryLedger()
    await shorter.append([entries[0], msgspec.structs.replace(entries[2], sequence=2)])
    with pytest.raises(LedgerError):
        await Account(shorter).verify()


async def test_an_unknown_decision_is_not_found() -> None:
    with pytest.raises(ResourceNotFound, match="lamps-9"):
        await Account(MemoryLedger()).record("lamps-9")
