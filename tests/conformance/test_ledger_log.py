"""The ledger's log over HTTP: heads, proofs, entries, the whole of it as a file; what is not public is not in it."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from madang.account.check import check_export, check_receipt
from madang.account.ledger import Account, Note
from madang.account.merkle import consistent
from madang.model.decision import Input

from .test_city_and_decisions import decision

pytestmark = pytest.mark.parametrize("hub", ["memory"], indirect=True)

AT = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)


@pytest.fixture
async def forty(account: Account) -> None:
    for n in range(20):
        await account.add([Note(kind="outcome", at=AT, body={"n": n}), Note(kind="access", at=AT, body={"n": n})])


async def test_the_log_grows_and_proves_it(site: httpx.AsyncClient, account: Account, forty: None) -> None:
    key = (await site.get("/ledger/key")).json()["public"]
    head = (await site.get("/ledger/head")).json()
    assert (head["size"], len(head["root"]), head["log"]) == (40, 64, account.log.key.id)
    await account.add([Note(kind="outcome", at=AT, body={})])
    proof = (await site.get("/ledger/consistency", params={"from": 40})).json()
    assert proof["first"]["root"] == head["root"] and proof["second"]["size"] == 41
    path = [bytes.fromhex(step) for step in proof["path"]]
    old, new = (bytes.fromhex(proof[which]["root"]) for which in ("first", "second"))
    assert consistent(40, 41, path=path, old=old, new=new)
    receipt = await site.get("/ledger/proof", params={"entry": "outcome-7"})
    assert check_receipt(receipt.content, key).bodies == 1
    older = await site.get("/ledger/proof", params={"entry": "outcome-7", "size": 9})
    assert older.json()["proof"]["head"]["size"] == 9 and check_receipt(older.content, key)


async def test_the_whole_log_is_a_file(site: httpx.AsyncClient, account: Account, forty: None) -> None:
    answer = await site.get("/ledger/export")
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    found = check_export(answer.content.splitlines(), account.log.key.public)
    assert (found.entries, found.bodies) == (40, 20), "accesses are there, what they were is not"


async def test_entries_come_in_pages(site: httpx.AsyncClient, forty: None) -> None:
    body = (await site.get("/ledger/entries", params={"from": 3, "to": 6})).json()
    assert [each["sequence"] for each in body["entries"]] == [3, 4, 5, 6]
    assert ["body" in each for each in body["entries"]] == [True, False, True, False]
    assert (body["next"], body["size"]) == (None, 40)
    assert (await site.get("/ledger/entries", params={"from": 41})).json()["entries"] == []


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/ledger/proof", 400),
        ("/ledger/proof?entry=none-1", 404),
        ("/ledger/proof?entry=outcome-7&size=3", 400),
        ("/ledger/head?size=41", 400),
        ("/ledger/consistency", 400),
        ("/ledger/consistency?from=9&to=3", 400),
        ("/ledger/consistency?from=9&to=99", 400),
        ("/ledger/entries?from=0", 400),
        ("/ledger/export?all=1", 400),
    ],
)
async def test_what_cannot_be_proven_is_said(site: httpx.AsyncClient, forty: None, address: str, status: int) -> None:
    answer = await site.get(address)
    assert answer.status_code == status and answer.json()["detail"]


async def test_data_that_is_not_public_is_not_shown_in_decisions(site: httpx.AsyncClient, account: Account) -> None:
    given: dict[str, Any] = {"entity": "urn:x:1", "attribute": "name"}
    secret = Input(type="CaseFile", value="Ada Lovelace", **given)
    large = Input(type="CaseFile", value=["Ada Lovelace"] * 500, **given)
    plain = Input(type="Vehicle", value="red", **given)
    for inputs in ((secret, plain), (large,), (plain,)):
        (record,) = await account.write([_with(inputs)])
        for address in (f"/decisions/{record.id}", "/decisions", f"/ledger/proof?entry={record.id}", "/ledger/export"):
            answer = await site.get(address)
            assert answer.status_code == 200 and "Lovelace" not in answer.text, address
    whole = (await site.get(f"/decisions/{record.id}")).json()
    assert whole["inputs"][0]["value"] == "red"
    first = (await site.get("/decisions/signals-1")).json()
    assert [each.get("value") for each in first["inputs"]] == [None, "red"] and first["inputs"][0]["withheld"]
    assert "withheld" in first["memory"]


def _with(inputs: tuple[Input, ...]) -> Any:
    seen = {"urn:x:1": "red" if inputs[0].value == "red" else "Ada Lovelace"}
    return replace(decision(1), inputs=inputs, memory=seen, previous=seen)
