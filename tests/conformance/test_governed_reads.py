"""Who may read what for which purpose, over HTTP: keys, purposes, what datasets grant, borders, consent and its end.

OWASP API Security Top 10 2023: API1, API3, API5 (function level); ASVS 5.0 V8, V9 (tokens), V16 (what is told).
"""

import dataclasses
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from madang.account.ledger import Account
from madang.api.contexts import Contexts
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import Policy
from madang.govern.consents import Consents
from madang.govern.opening import Terms
from madang.hub import Hub
from madang.model.dataset import Aggregate, Grant, Sensitivity
from madang.store.memory import MemoryLedger, MemoryStore

from .conftest import dataset
from .governing import FILES, KIM, LAMPS, LEE, NOW, VISITS, People

STAYS = dataset(
    "stays",
    "Stay",
    sensitivity=Sensitivity.PERSONAL,
    subject="person",
    purposes=("research",),
    history=("nights",),
    grants=(Grant(roles=("statistician",), aggregate=Aggregate(minimum=3, epsilon=1.0)),),
)


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def governed(_application: Litestar, people: People, store: MemoryStore) -> Iterator[Litestar]:
    before = _application.state["rooms"]
    clock = WallClock()
    policy = Policy((VISITS, STAYS, FILES, LAMPS), Terms("KR", {}, b"secret", Consents(clock.now)))
    hub = Hub(store, policy, clock, LocalBus())
    _application.state["rooms"] = dataclasses.replace(
        before,
        hub=hub,
        account=Account(MemoryLedger()),
        contexts=Contexts(kept=lambda: hub.contexts),
        known=people.known,
        home=False,
    )
    yield _application
    _application.state["rooms"] = before
    hub.close()


@pytest.fixture
async def city(governed: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=governed)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


ENTITIES = "/ngsi-ld/v1/entities"
VISIT = {
    "id": "urn:ngsi-ld:Visit:1",
    "type": "Visit",
    "person": {"type": "Relationship", "object": KIM},
    "place": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [127.0, 37.5]}},
    "age": {"type": "Property", "value": 43},
    "illness": {"type": "Property", "value": "flu"},
}


async def agree(city: httpx.AsyncClient, people: People, *purposes: str, **more: Any) -> dict[str, Any]:
    notice = (await city.get("/notices/visits")).json()
    body = {"subject": KIM, "dataset": "visits", "purposes": purposes, "notice": notice["hash"], "language": "en"}
    headers = people.key("kim", "resident", subject=KIM)
    answer = await city.post("/consents", json={**body, **more}, headers=headers)
    assert answer.status_code == 201, answer.text
    return {**answer.json(), "headers": headers}


async def seen(city: httpx.AsyncClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    answer = await city.get(f"{ENTITIES}?type=Visit&options=keyValues", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_consent_opens_and_withdrawal_closes(city: httpx.AsyncClient, people: People) -> None:
    clinic, doctor = people.key("ward", "clinic"), people.key("dr-lee", "doctor", purposes=("care",))
    assert (await city.post(ENTITIES, json=VISIT, headers=clinic)).status_code == 201
    assert await seen(city, doctor) == []
    consent = await agree(city, people, "care")
    (visit,) = await seen(city, doctor)
    assert (visit["illness"], visit["person"]) == ("flu", KIM)
    taken = await city.post(f"/consents/{consent['id']}/withdrawal", headers=consent["headers"])
    assert taken.status_code == 200
    assert taken.json()["withdrawnAt"]
    assert await seen(city, doctor) == []
    answer = await city.get(f"{ENTITIES}/{VISIT['id']}", headers=doctor)
    missing = await city.get(f"{ENTITIES}/urn:ngsi-ld:Visit:2", headers=doctor)
    assert answer.status_code == missing.status_code == 404
    told = [each.json()["detail"].replace(":1'", ":n'").replace(":2'", ":n'") for each in (answer, missing)]
    assert told[0] == told[1]


async def test_a_purpose_is_asked_of_every_read(city: httpx.AsyncClient, people: People) -> None:
    operator = people.key("control-room", "operator")
    assert (await city.post(ENTITIES, json=VISIT, headers=operator)).status_code == 201
    await agree(city, people, "research")
    researcher = people.key("study-7", "researcher", purposes=("research",))
    (visit,) = await seen(city, researcher)
    assert visit["age"] == 40
    assert visit["person"].startswith("urn:madang:pseudonym:")
    assert "illness" not in visit
    # The operator is of the house, and has not said what for; nor did anybody agree to care.
    assert await seen(city, operator) == []
    assert await seen(city, {**operator, "Madang-Purpose": "care"}) == []
    wrong = await city.get(f"{ENTITIES}?type=Visit", headers={**researcher, "Madang-Purpose": "care"})
    assert wrong.status_code == 403
    assert "is for research, not for care" in wrong.json()["detail"]


@pytest.mark.parametrize("q", ["illness==%22flu%22", "age==43", "age>42", "illness"])
async def test_what_is_hidden_cannot_be_asked_after(city: httpx.AsyncClient, people: People, q: str) -> None:
    operator = people.key("control-room", "operator")
    await city.post(ENTITIES, json=VISIT, headers=operator)
    await agree(city, people, "research")
    researcher = people.key("study-7", "researcher", purposes=("research",))
    asked = f"{ENTITIES}?type=Visit&q={q}&count=true"
    answer = await city.get(asked, headers=researcher)
    assert (answer.json(), answer.headers["NGSILD-Results-Count"]) == ([], "0")
    found = await city.get(f"{ENTITIES}?type=Visit&q=age==40", headers=researcher)
    assert len(found.json()) == 1


async def test_a_member_writes_what_names_its_role_and_nothing_else(city: httpx.AsyncClient, people: People) -> None:
    clinic = people.key("ward", "clinic")
    assert (await city.post(ENTITIES, json=VISIT, headers=clinic)).status_code == 201
    # Who writes it and reads none of it goes on writing.
    age = {"age": {"type": "Property", "value": 44}}
    assert (await city.patch(f"{ENTITIES}/{VISIT['id']}/attrs", json=age, headers=clinic)).status_code == 204
    assert (await city.get(f"{ENTITIES}/{VISIT['id']}", headers=clinic)).status_code == 404
    lamp = {"id": "urn:ngsi-ld:Lamp:1", "type": "Lamp", "power": {"type": "Property", "value": 1}}
    refused = await city.post(ENTITIES, json=lamp, headers=clinic)
    assert refused.status_code == 403
    assert "writers of Lamp" in refused.json()["detail"]
    assert (await city.post(ENTITIES, json=lamp)).status_code == 403
    operator = people.key("control-room", "operator")
    assert (await city.post(ENTITIES, json=lamp, headers=operator)).status_code == 201
    assert (await city.delete(f"{ENTITIES}/urn:ngsi-ld:Lamp:1", headers=clinic)).status_code == 403
    patch = {"power": {"type": "Property", "value": 2}}
    assert (await city.patch(f"{ENTITIES}/urn:ngsi-ld:Lamp:1/attrs", json=patch, headers=clinic)).status_code == 403
    assert (await city.get("/ngsi-ld/v1/subscriptions", headers=clinic)).json() == []
    for path in ("/ngsi-ld/v1/csourceSubscriptions", "/outbox"):
        assert (await city.get(path, headers=clinic)).status_code == 403


@pytest.mark.parametrize("text", ["", "mdg_", "mdg_0123456789ab_" + "x" * 43, "Bearer", "mdg_" + "a" * 4000])
async def test_a_key_that_is_none_opens_nothing(city: httpx.AsyncClient, text: str) -> None:
    for path in (f"{ENTITIES}?type=Lamp", "/ngsi-ld/v1/types", "/consents?subject=urn:x:a"):
        answer = await city.get(path, headers={"Authorization": f"Bearer {text}"})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    basic = await city.get(f"{ENTITIES}?type=Lamp", headers={"Authorization": "Basic Zm9vOmJhcg=="})
    assert basic.status_code == 401


async def test_a_key_ends_and_is_revoked(city: httpx.AsyncClient, people: People) -> None:
    ended = people.key("gone", "operator", expires_at=NOW - timedelta(days=1))
    answer = await city.get(f"{ENTITIES}?type=Lamp", headers=ended)
    assert answer.status_code == 401
    assert "ended on 2026-02-28" in answer.json()["detail"]
    known = people.key("here", "operator")
    assert (await city.get(f"{ENTITIES}?type=CaseFile", headers=known)).status_code == 200
    people.keys.clear()
    assert (await city.get(f"{ENTITIES}?type=CaseFile", headers=known)).status_code == 401


async def test_a_reader_abroad_sees_what_may_cross(city: httpx.AsyncClient, people: People) -> None:
    operator = people.key("control-room", "operator")
    lamp = {"id": "urn:ngsi-ld:Lamp:1", "type": "Lamp", "power": {"type": "Property", "value": 1}}
    file = {"id": "urn:ngsi-ld:CaseFile:1", "type": "CaseFile", "words": {"type": "Property", "value": "x"}}
    for one in (lamp, file, VISIT):
        await city.post(ENTITIES, json=one, headers=operator)
    await agree(city, people, "care")
    abroad = people.key("twin-city", "doctor", "operator", purposes=("care",), country="JP")
    for type, count in (("Lamp", 1), ("CaseFile", 0), ("Visit", 0)):
        answer = await city.get(f"{ENTITIES}?type={type}", headers=abroad)
        assert len(answer.json()) == count, type


async def test_a_consent_is_ones_own_and_on_the_present_notice(city: httpx.AsyncClient, people: People) -> None:
    notice = (await city.get("/notices/visits")).json()
    assert notice["legalBasis"] == "dpv:Consent"
    body = {"subject": KIM, "dataset": "visits", "purposes": ["care"], "notice": notice["hash"], "language": "en"}
    own, other = people.key("kim", "resident", subject=KIM), people.key("lee", "resident", subject="urn:x:lee")
    wrong = [
        ({**body, "notice": "old"}, own, 400, "not the present one"),
        ({**body, "purposes": ["sales"]}, own, 400, "the notice names research, care"),
        ({**body, "age": 12}, own, 400, "guardian"),
        ({**body, "age": -1}, own, 400, "from 0 to 150"),
        ({**body, "expiresAt": "2027-03-01T00:00:00"}, own, 400, "offset from UTC"),
        ({**body, "dataset": "lamps"}, own, 404, "asks for consent"),
        ({**body, "age": 12, "guardian": KIM}, own, 400, "nobody is their own"),
        ({**body, "language": "ko"}, own, 400, "told in en, not in ko"),
        ({**body, "strange": 1}, own, 400, "strange"),
        (body, other, 403, "person's own"),
        (body, {}, 403, "person's own"),
        ([body], own, 400, "object"),
    ]
    for given, headers, status, words in wrong:
        answer = await city.post("/consents", json=given, headers=headers)
        assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text
    for_a_child = {**body, "age": 12, "guardian": "urn:x:parent"}
    assert (await city.post("/consents", json=for_a_child, headers=own)).status_code == 403
    desk = people.key("desk", "operator")
    made = (await city.post("/consents", json=for_a_child, headers=desk)).json()
    assert made["entry"].startswith("consent-")
    assert (await city.post(f"/consents/{made['id']}/withdrawal", headers=other)).status_code == 404
    assert (await city.get(f"/consents?subject={KIM}", headers=other)).status_code == 403
    assert [one["id"] for one in (await city.get(f"/consents?subject={KIM}", headers=own)).json()] == [made["id"]]


async def test_consents_are_known_after_a_restart(city: httpx.AsyncClient, people: People, store: MemoryStore) -> None:
    await agree(city, people, "care")
    consents = Consents(WallClock().now)
    hub = Hub(store, Policy((VISITS,), Terms("KR", {}, b"s", consents)), WallClock(), LocalBus())
    await hub.consents.start()
    assert consents.given("visits", "care", KIM)


async def test_a_person_reads_what_is_held_and_has_it_erased(
    governed: Litestar, city: httpx.AsyncClient, people: People
) -> None:
    operator = people.key("control-room", "operator")
    for n, person in ((1, KIM), (2, LEE), (3, [KIM, LEE])):
        person = {"type": "Relationship", "object": person}
        one = {**VISIT, "id": f"urn:ngsi-ld:Visit:{n}", "person": person}
        assert (await city.post(ENTITIES, json=one, headers=operator)).status_code == 201
    consent = await agree(city, people, "care")
    kim, lee = consent["headers"], people.key("lee", "resident", subject=LEE)
    held = (await city.get(f"/subjects/data?subject={KIM}", headers=kim)).json()
    assert [one["id"] for one in held["datasets"]["visits"]] == ["urn:ngsi-ld:Visit:1"]
    assert (await city.get(f"/subjects/data?subject={KIM}", headers=lee)).status_code == 403
    assert (await city.get(f"/subjects/data?subject={KIM}")).status_code == 403
    wish = {"subject": KIM, "wish": "erasure", "words": "I moved away."}
    assert (await city.post("/subjects/requests", json=wish, headers=lee)).status_code == 403
    asked = (await city.post("/subjects/requests", json=wish, headers=kim)).json()
    assert (asked["state"], asked["overdue"]) == ("open", False)
    assert (await city.get("/subjects/requests", headers=kim)).status_code == 403
    (queued,) = (await city.get("/subjects/requests", headers=operator)).json()
    assert queued["id"] == asked["id"]
    answer = f"/subjects/requests/{asked['id']}/answer"
    assert (await city.post(answer, json={"granted": True, "words": "done"}, headers=kim)).status_code == 403
    assert (await city.post(answer, json={"granted": True}, headers=operator)).status_code == 400
    done = (await city.post(answer, json={"granted": True, "words": "done"}, headers=operator)).json()
    assert (done["state"], done["erased"]) == ("granted", 1)
    account = governed.state["rooms"].account
    for kind in ("consent", "access"):
        assert all(KIM.encode() not in entry.body for entry in await account.find(kind))
    assert (await city.post(answer, json={"granted": True, "words": "x"}, headers=operator)).status_code == 409
    assert (await city.get(f"/subjects/data?subject={KIM}", headers=kim)).json()["datasets"] == {}
    (ended,) = (await city.get(f"/consents?subject={KIM}", headers=kim)).json()
    assert ended["withdrawnAt"]
    left = (await city.get(f"/subjects/data?subject={LEE}", headers=lee)).json()
    assert [one["id"] for one in left["datasets"]["visits"]] == ["urn:ngsi-ld:Visit:2"]


async def test_who_may_know_of_many_gets_no_aggregate_of_one(city: httpx.AsyncClient, people: People) -> None:
    stay = {"id": "urn:x:Stay:1", "type": "Stay", "person": {"type": "Relationship", "object": KIM}}
    nights = {"nights": {"type": "Property", "value": 3, "observedAt": "2026-03-01T08:00:00Z"}}
    assert (await city.post(ENTITIES, json=stay | nights, headers=people.key("desk", "operator"))).status_code == 201
    counting, other = people.key("s", "statistician", purposes=("research",)), people.key("x", "stranger")
    temporal = "/ngsi-ld/v1/temporal/entities"
    when = "timerel=after&timeAt=2026-01-01T00:00:00Z"
    totals = f"{when}&options=aggregatedValues&aggrMethods=totalCount,max&aggrPeriodDuration=P1D"
    refused = await city.get(f"{temporal}?type=Stay&{totals}", headers=counting)
    assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
    assert "POST /datasets/stays/statistics" in refused.json()["detail"]
    # Whether there is any it does not say, nor to whom nothing is granted.
    assert (await city.get(f"{temporal}/urn:x:Stay:1?{totals}", headers=counting)).status_code == 404
    for path in (f"{temporal}?type=Stay&{when}", f"{temporal}?type=Lamp,Visit&{totals}", f"{ENTITIES}?type=Stay"):
        assert (await city.get(path, headers=counting)).json() == []
    assert (await city.get(f"{temporal}?type=Stay&{totals}", headers=other)).json() == []
