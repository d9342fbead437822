"""A consent as a record (ISO/IEC TS 27560, DPV) and its signed receipt (JWS), checked by others' tools."""

import hashlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jws as other
from joserfc.errors import BadSignatureError
from joserfc.jwk import OKPKey
from litestar import Litestar
from msgspec.structs import replace
from pyld import jsonld

from madang.account.ledger import Account
from madang.app.regimes import matrix
from madang.bus.local import LocalBus
from madang.govern import Policy
from madang.govern.consents import Consents
from madang.govern.opening import Terms
from madang.hub import Hub
from madang.store.memory import MemoryLedger, MemoryStore

from .governing import KIM, LAMPS, LEE, VISITS, People, asked

SCRIPT = Path(__file__).parents[2] / "docs/verify_consent.py"


class Time:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


class City:
    def __init__(self) -> None:
        self.clock, self.store, self.people = Time(), MemoryStore(), People()
        self.account = Account(MemoryLedger())
        self.client: Any = None
        self.declare()

    def declare(self, **changed: Any) -> Hub:
        terms = Terms("KR", matrix(), b"secret", Consents(self.clock.now))
        datasets = (replace(VISITS, **changed), LAMPS)
        self.hub = Hub(self.store, Policy(datasets, terms), self.clock, LocalBus(), account=self.account)
        return self.hub

    @property
    def kim(self) -> dict[str, str]:
        return self.people.key("kim", "resident", subject=KIM)

    async def agree(self, **more: Any) -> dict[str, Any]:
        told = (await self.client.get("/notices/visits")).json()
        body = {"subject": KIM, "dataset": "visits", "purposes": ["care"], "notice": told["hash"], "language": "en"}
        answer = await self.client.post("/consents", json={**body, **more}, headers=self.kim)
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.fixture
async def city(_application: Litestar) -> AsyncIterator[City]:
    made = City()
    async with asked(_application, made.hub, made.account, made.people, clock=made.clock) as client:
        made.client = client
        yield made


async def public_key(client: httpx.AsyncClient) -> OKPKey:
    return OKPKey.import_key((await client.get("/ledger/key")).json()["jwk"])


FIELDS = {
    "schema version": ["dcterms:conformsTo", "@id"],
    "record id": ["dcterms:identifier"],
    "PII principal id": ["dpv:hasDataSubject", "@id"],
    "privacy notice": ["dpv:hasNotice", "dcterms:identifier"],
    "notice version": ["dpv:hasNotice", "dcterms:hasVersion"],
    "language": ["dpv:hasNotice", "dcterms:language"],
    "purpose": ["dpv:hasProcess", "dpv:hasPurpose"],
    "lawful basis": ["dpv:hasProcess", "dpv:hasLegalBasis"],
    "PII types": ["dpv:hasProcess", "dpv:hasPersonalData"],
    "PII controllers": ["dpv:hasDataController"],
    "processing": ["dpv:hasProcess", "dpv:hasProcessing"],
    "storage locations and retention": ["dpv:hasProcess", "dpv:hasStorageCondition"],
    "jurisdiction": ["dpv:hasJurisdiction"],
    "recipients": ["dpv:hasProcess", "dpv:hasRecipient"],
    "withdrawal method": ["madang:withdrawalMethod"],
    "privacy rights": ["dpv:hasRight"],
    "events": ["dpv:hasConsentStatus"],
}
"""Of ISO/IEC TS 27560:2023, clause 6, and where they are."""


async def test_a_record_has_the_fields_of_the_standard_in_terms_of_dpv(city: City) -> None:
    made = await city.agree(expiresAt="2026-04-01T00:00:00Z")
    answer = await city.client.get(f"/consents/{made['id']}", headers=city.kim)
    assert answer.headers["content-type"] == "application/ld+json"
    record = answer.json()
    for field, path in FIELDS.items():
        found: Any = record
        for name in path:
            found = found[name]
        assert found, field
    (event,) = record["dpv:hasConsentStatus"]
    assert (event["@type"], event["dcterms:valid"]) == ("dpv:ConsentGiven", "2026-04-01T00:00:00Z")
    assert {one["@type"] for one in record["dpv:hasProcess"]["dpv:hasPersonalData"]} == {
        "dpv:SpecialCategoryPersonalData"
    }
    # To a JSON-LD processor it is more than JSON: every member is a term with an address.
    (expanded,) = jsonld.expand(record)
    assert set(expanded) >= {"https://w3id.org/dpv#hasProcess", "http://purl.org/dc/terms/identifier"}
    assert len(expanded) == len(record) - 1
    (process,) = expanded["https://w3id.org/dpv#hasProcess"]
    assert len(process) == len(record["dpv:hasProcess"])
    stranger = city.people.key("lee", "resident", subject=LEE)
    for path in ("", "/receipt"):
        assert (await city.client.get(f"/consents/{made['id']}{path}", headers=stranger)).status_code == 404


async def test_a_receipt_is_verified_by_a_library_that_is_not_ours(city: City) -> None:
    made = await city.agree()
    key = await public_key(city.client)
    found = other.deserialize_compact(made["receipt"], key, algorithms=["Ed25519"])
    body = json.loads(found.payload)
    assert found.headers()["typ"] == "consent-receipt+jwt"
    assert (body["iss"], body["sub"]) == ("urn:madang:city:testville", KIM)
    assert body["receipt"]["dpv:hasRecordOfActivity"]["madang:state"] == "given"
    await city.client.post(f"/consents/{made['id']}/withdrawal", headers=city.kim)
    later = await city.client.get(f"/consents/{made['id']}/receipt", headers=city.kim)
    assert later.headers["content-type"] == "application/jose"
    record = json.loads(other.deserialize_compact(later.text, key, algorithms=["Ed25519"]).payload)["receipt"]
    states = [one["@type"] for one in record["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"]]
    assert states == ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"]
    head, payload, signature = made["receipt"].split(".")
    forged = ".".join((head, payload[:-4] + ("AAAA" if payload[-4:] != "AAAA" else "BBBB"), signature))
    with pytest.raises(BadSignatureError):
        other.deserialize_compact(forged, key, algorithms=["Ed25519"])


async def test_a_receipt_is_verified_offline_by_the_script(city: City, tmp_path: Path) -> None:
    made = await city.agree()
    notice = (await city.client.get("/notices/visits")).json()
    public = (await city.client.get("/ledger/key")).json()["public"]
    receipt, told = tmp_path / "receipt.jws", tmp_path / "notice.json"
    receipt.write_text(made["receipt"])
    told.write_text(json.dumps(notice))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(SCRIPT), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=30)

    good = run(str(receipt), public, str(told))
    assert (good.returncode, KIM in good.stdout) == (0, True), good.stderr
    told.write_text(json.dumps({**notice, "purposes": ["sales"]}))
    assert "not the notice" in run(str(receipt), public, str(told)).stderr
    assert run(str(receipt), hashlib.sha256(b"other").hexdigest()).returncode == 1
    assert len(SCRIPT.read_text().splitlines()) < 60


async def test_a_consent_ends_by_itself_and_the_record_says_so(city: City) -> None:
    made = await city.agree(expiresAt="2026-03-02T00:00:00Z")
    given = city.hub.policy.terms.consents.given
    assert given("visits", "care", KIM)
    city.clock.at += timedelta(days=1)
    assert not given("visits", "care", KIM)
    (listed,) = (await city.client.get(f"/consents?subject={KIM}", headers=city.kim)).json()
    assert listed["state"] == "expired"
    record = (await city.client.get(f"/consents/{made['id']}", headers=city.kim)).json()
    assert [one["@type"] for one in record["dpv:hasConsentStatus"]] == ["dpv:ConsentGiven", "dpv:ConsentExpired"]


async def test_a_notice_has_versions_and_the_old_one_can_still_be_read(city: City, _application: Litestar) -> None:
    made = await city.agree()
    assert made["version"] == 1
    title = {"en": "Visits to the clinic", "ko": "진료 방문"}
    hub = city.declare(title=title, retention="P2Y")
    await hub.consents.start()
    async with asked(_application, hub, city.account, city.people, clock=city.clock) as client:
        present = await client.get("/notices/visits?lang=ko")
        assert present.headers["content-language"] == "ko"
        assert (present.json()["told"]["title"], present.json()["version"]) == ("진료 방문", 2)
        old = (await client.get(f"/notices/visits?hash={made['notice']}")).json()
        assert (old["version"], old["retention"]) == (1, "P1Y")
        assert (await client.get("/notices/visits?hash=00")).status_code == 404
        assert (await client.get("/notices/visits?lang=de")).status_code == 400
        city.client = client
        again = await city.agree(language="ko")
        assert again["version"] == 2
        record = (await client.get(f"/consents/{made['id']}", headers=city.kim)).json()
        assert record["dpv:hasProcess"]["dpv:hasStorageCondition"]["dpv:hasDuration"] == "P1Y"


async def test_for_a_child_the_guardian_is_in_the_record(city: City) -> None:
    notice = (await city.client.get("/notices/visits")).json()
    desk = city.people.key("desk", "operator")
    body = {"subject": KIM, "dataset": "visits", "purposes": ["care"], "notice": notice["hash"], "language": "en"}
    child = {**body, "age": 11, "guardian": LEE}
    made = await city.client.post("/consents", json=child, headers=desk)
    record = (await city.client.get(f"/consents/{made.json()['id']}", headers=city.kim)).json()
    assert record["dpv:hasDataSubject"]["dpv:hasGuardian"]["@id"] == LEE
    assert "11" not in json.dumps(record["dpv:hasDataSubject"])
