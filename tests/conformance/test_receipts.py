"""Receipts: a read with ``Prefer: receipt`` leads to a statement that is in the log and checked offline."""

import asyncio
import hashlib
import sys
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from madang.account.check import check_receipt
from madang.account.ledger import Account
from madang.api import receipts

from .conftest import CAR
from .test_city_and_decisions import decision

pytestmark = pytest.mark.parametrize("hub", ["memory"], indirect=True)

PREFER = {"Prefer": "receipt"}
SCRIPT = Path(__file__).parents[2] / "docs" / "verify.py"


async def said(site: httpx.AsyncClient, answer: httpx.Response, account: Account) -> dict[str, Any]:
    """The statement of the receipt that the answer leads to, checked."""
    assert answer.headers["preference-applied"] == "receipt"
    assert f'<{answer.headers["receipt"]}>; rel="receipt"' in answer.headers["link"]
    got = await site.get(answer.headers["receipt"])
    assert got.status_code == 200 and check_receipt(got.content, account.log.key.public).bodies == 1
    statement: dict[str, Any] = msgspec.json.decode(got.json()["body"])
    assert statement["request"]["sha256"] == hashlib.sha256(answer.content).hexdigest()
    return statement


async def test_a_read_is_receipted(site: httpx.AsyncClient, account: Account, car: str, tmp_path: Path) -> None:
    address = f"/ngsi-ld/v1/entities?type={CAR['type']}"
    without = await site.get(address)
    answer = await site.get(address, headers={**PREFER, "Madang-Purpose": "planning"})
    assert answer.content == without.content and "receipt" not in without.headers
    statement = await said(site, answer, account)
    assert (statement["decision"], statement["purpose"]) == ("allowed", "planning")
    (dataset,) = statement["datasets"]
    assert (dataset["id"], dataset["decision"], dataset["basis"]["name"]) == ("anything", "allowed", "public-task")
    assert statement["request"]["query"] == f"type={CAR['type']}" and len(statement["policy"]) == 64
    (tmp_path / "r.json").write_bytes((await site.get(answer.headers["receipt"])).content)
    command = [sys.executable, "-I", str(SCRIPT), str(tmp_path / "r.json"), account.log.key.public]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0


async def test_what_is_closed_is_denied_and_counted_by_declaration(site: httpx.AsyncClient, account: Account) -> None:
    answer = await site.get("/ngsi-ld/v1/entities?type=CaseFile", headers=PREFER)
    statement = await said(site, answer, account)
    assert statement["decision"] == "denied" and statement["withheld"]["datasets"] == 1
    both = await said(site, await site.get("/ngsi-ld/v1/entities?type=CaseFile,Vehicle", headers=PREFER), account)
    assert [(each["id"], each["decision"]) for each in both["datasets"]] == [
        ("anything", "allowed"),
        ("files", "denied"),
    ]
    assert both["decision"] == "partly"
    missing = await site.get("/ngsi-ld/v1/entities/urn:x:none", headers=PREFER)
    assert missing.status_code == 404 and (await said(site, missing, account))["request"]["status"] == 404


@pytest.mark.parametrize(
    "address",
    ["/decisions", "/decisions/signals-1"]
    + ["/ngsi-ld/v1/" + one for one in ("temporal/entities/urn:x:9", "types", "types/Vehicle", "attributes/speed")],
)
async def test_decisions_the_past_and_the_types_are_receipted_too(
    site: httpx.AsyncClient, account: Account, address: str
) -> None:
    await account.write([decision(1)])
    assert (await said(site, await site.get(address, headers=PREFER), account))["request"]["path"] == address


async def test_only_who_asked_gets_the_receipt(site: httpx.AsyncClient, account: Account, car: str) -> None:
    answer = await site.get("/ngsi-ld/v1/entities?type=Vehicle&q=owner==%22x%22", headers=PREFER)
    where = answer.headers["receipt"].partition("?")[0]
    for address in (where, f"{where}?salt=00", f"{where}?salt={'0' * 32}", "/receipts/none-1?salt=00"):
        assert (await site.get(address)).status_code == 404
    listed = (await site.get("/ledger/entries")).json()["entries"]
    assert [each["kind"] for each in listed] == ["access"] and "body" not in listed[0] and "salt" not in listed[0]


async def test_other_preferences_stay(site: httpx.AsyncClient, account: Account, car: str) -> None:
    answer = await site.get(f"/ngsi-ld/v1{car}", headers={"Prefer": "receipt, ngsi-ld=1.6"})
    assert "json-ld#context" in answer.headers["link"] and 'rel="receipt"' in answer.headers["link"]
    assert "receipt" in answer.headers["preference-applied"] and "ngsi-ld=1.6" in answer.headers["preference-applied"]
    assert "receipt" not in (await site.get("/health", headers=PREFER)).headers


async def test_too_many_receipts_do_not_stop_the_answers(
    site: httpx.AsyncClient, account: Account, car: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "_BURST", 0)
    answer = await site.get(f"/ngsi-ld/v1{car}", headers=PREFER)
    assert answer.status_code == 200 and "too often" in answer.headers["receipt-missing"]
    assert (await account.log.head()).size == 0
