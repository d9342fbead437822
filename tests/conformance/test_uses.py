"""Who used whose data for what: every read of personal data is in the ledger before its answer leaves, and the person
sees it. ASVS 5.0 V16 (logging); OWASP API Security Top 10 2023, API1.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

from madang.account.ledger import Account
from madang.bus.local import LocalBus
from madang.errors import Unavailable
from madang.govern import SYSTEM, Caller, Policy
from madang.govern.consents import Consents
from madang.govern.opening import Terms
from madang.hub import Hub
from madang.model.dataset import Sensitivity
from madang.model.entity import Attribute, Entity
from madang.model.query import EntityQuery
from madang.store.memory import MemoryLedger, MemoryStore

from .conftest import dataset
from .governing import KIM, LAMPS, LEE, VISITS, People, asked

STARTED = datetime(2026, 3, 1, 12, 10, tzinfo=UTC)
HOMES = dataset("homes", "Home", sensitivity=Sensitivity.PERSONAL, subject="id", purposes=("care",), history=("*",))
DOCTOR = Caller("dr-lee", "operator", "care")
ENTITIES = "/ngsi-ld/v1/entities"


class Time:
    def __init__(self) -> None:
        self.at = STARTED

    def now(self) -> datetime:
        return self.at


class City:
    def __init__(self) -> None:
        self.clock, self.ledger = Time(), MemoryLedger()
        self.account = Account(self.ledger)
        terms = Terms("KR", {}, b"secret", Consents(self.clock.now))
        self.hub = Hub(
            MemoryStore(), Policy((VISITS, HOMES, LAMPS), terms), self.clock, LocalBus(), account=self.account
        )

    async def home(self, *people: str) -> None:
        for person in people:
            value = (Attribute(value=3, observed_at=STARTED),)
            await self.hub.entities.create(SYSTEM, Entity(id=person, types=("Home",), attributes={"rooms": value}))

    async def bodies(self, kind: str) -> list[dict[str, Any]]:
        return [msgspec.json.decode(one.body) for one in reversed(await self.account.find(kind, limit=1000))]


@pytest.fixture
def city() -> City:
    return City()


async def test_every_way_of_reading_is_on_record_before_the_answer(city: City) -> None:
    await city.home(KIM, LEE)
    hub, every = city.hub, EntityQuery(types=(("Home",),))
    listener = hub.changes.listen(DOCTOR)
    for n, read in enumerate(
        (
            lambda by: hub.entities.retrieve(by, KIM),
            lambda by: hub.entities.query(by, every),
            lambda by: hub.entities.read(by, [KIM]),
            lambda by: hub.evolution.retrieve(by, KIM),
            lambda by: hub.evolution.query(by, every),
        )
    ):
        await read(_as(DOCTOR, f"reader-{n}"))
        found = [one for one in await city.bodies("use") if one["by"] == f"reader-{n}"]
        assert {KIM} <= {one["subject"] for one in found}, n
        assert {(one["purpose"], one["dataset"]) for one in found} == {("care", "homes")}
    assert await hub.entities.values(DOCTOR, msgspec.structs.replace(every, pick=("rooms",))) is None
    await hub.entities.delete(SYSTEM, LEE)
    await anext(listener)
    assert [one["subject"] for one in await city.bodies("use") if one["by"] == "dr-lee"] == [LEE]
    listener.close()
    hub.close()


def _as(caller: Caller, name: str) -> Caller:
    return msgspec.structs.replace(caller, name=name)


async def test_nobody_is_on_record_for_what_is_about_nobody_or_was_not_told(city: City) -> None:
    await city.home(KIM)
    await city.hub.entities.create(SYSTEM, Entity(id="urn:x:Lamp:1", types=("Lamp",), attributes={}))
    await city.hub.entities.query(DOCTOR, EntityQuery(types=(("Lamp",),)))
    await city.hub.entities.query(SYSTEM, EntityQuery())
    await city.hub.entities.query(Caller("", "public", "public-information"), EntityQuery())
    assert await city.bodies("use") == []


async def test_an_hour_of_one_reader_is_one_entry_and_the_counts_follow(city: City) -> None:
    await city.home(KIM)
    for _ in range(50):
        await city.hub.entities.retrieve(DOCTOR, KIM)
    assert len(await city.bodies("use")) == 1
    city.clock.at += timedelta(hours=1)
    await city.hub.entities.retrieve(DOCTOR, KIM)
    assert len(await city.bodies("use")) == 2
    await city.hub.uses.close()
    first, second = await city.bodies("use-count")
    assert (first["reads"], first["entities"], first["people"]) == (50, 50, 1)
    assert (second["reads"], second["from"]) == (1, "2026-03-01T13:00:00Z")
    assert "subject" not in first


async def test_readers_who_come_at_once_share_an_append(city: City) -> None:
    people = [f"urn:ngsi-ld:Person:{n}" for n in range(40)]
    await city.home(*people)
    await asyncio.gather(*[city.hub.entities.retrieve(DOCTOR, one) for one in people for _ in range(3)])
    assert sorted(one["subject"] for one in await city.bodies("use")) == sorted(people)


async def test_an_answer_that_cannot_be_accounted_for_does_not_leave(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    await city.home(KIM)

    async def full(*_: Any, **__: Any) -> None:
        raise Unavailable("the disk is full")

    async def strange(*_: Any, **__: Any) -> None:
        raise ValueError("nobody foresaw this")

    append = city.ledger.append
    for fails in (full, strange):
        monkeypatch.setattr(city.ledger, "append", fails)
        with pytest.raises(Unavailable):
            await asyncio.wait_for(city.hub.entities.retrieve(DOCTOR, KIM), 5)
    monkeypatch.setattr(city.ledger, "append", append)
    await city.hub.entities.retrieve(DOCTOR, KIM)
    assert len(await city.bodies("use")) == 1
    await city.account.verify()


class Site:
    def __init__(self, city: City, client: httpx.AsyncClient, people: People) -> None:
        self.city, self.client, self.people = city, client, people

    async def uses(self, headers: dict[str, str], subject: str = KIM) -> Sequence[Any]:
        answer = await self.client.get(f"/subjects/uses?subject={subject}", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["uses"]


@pytest.fixture
async def site(_application: Litestar, city: City) -> AsyncIterator[Site]:
    people = People()
    async with asked(_application, city.hub, city.account, people, clock=city.clock) as client:
        yield Site(city, client, people)


async def test_a_person_sees_who_used_the_data_for_what_and_nobody_else_does(site: Site) -> None:
    await site.city.home(KIM, LEE)
    doctor = site.people.key("dr-lee", "operator", purposes=("care",))
    kim, lee = site.people.key("kim", "resident", subject=KIM), site.people.key("lee", "resident", subject=LEE)
    assert (await site.client.get(f"{ENTITIES}?type=Home", headers=doctor)).status_code == 200
    (use,) = await site.uses(kim)
    assert (use["by"], use["role"], use["purpose"], use["dataset"]) == ("dr-lee", "operator", "care", "homes")
    assert (use["since"], use["until"]) == ("2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z")
    assert (await site.client.get(f"/subjects/uses?subject={KIM}", headers=lee)).status_code == 403
    assert (await site.client.get(f"/subjects/uses?subject={KIM}")).status_code == 403
    assert (await site.client.get("/subjects/uses", headers=kim)).status_code == 400
    # The log has it for everybody, and says nothing of it to anybody.
    listed = (await site.client.get("/ledger/entries", headers=doctor)).json()["entries"]
    assert any(one["id"] == use["entry"] for one in listed)
    assert KIM not in (await site.client.get("/ledger/export", headers=lee)).text
    # Who is told all that is held on the person is on record, too.
    await site.client.get(f"/subjects/data?subject={KIM}", headers=doctor)
    assert [one["purpose"] for one in await site.uses(kim)] == ["access-request", "care"]


async def test_an_erasure_takes_the_uses_with_it_and_the_log_holds(site: Site) -> None:
    await site.city.home(KIM, LEE)
    doctor = site.people.key("dr-lee", "operator", purposes=("care",))
    await site.client.get(f"{ENTITIES}?type=Home", headers=doctor)
    wish = {"subject": KIM, "wish": "erasure"}
    asked = (await site.client.post("/subjects/requests", json=wish, headers=doctor)).json()
    answer = {"granted": True, "words": "done"}
    done = await site.client.post(f"/subjects/requests/{asked['id']}/answer", json=answer, headers=doctor)
    assert done.status_code == 200, done.text
    assert await site.uses(doctor) == []
    (other,) = await site.uses(doctor, LEE)
    assert other["by"] == "dr-lee"
    kept = [
        one for one in await site.city.account.find("use", limit=10) if KIM in one.target or KIM.encode() in one.body
    ]
    assert kept == []
    assert await site.city.account.verify() > 3


async def test_a_receipt_is_bound_to_the_consents_that_the_read_stood_on(site: Site) -> None:
    city, clinic = site.city, site.people.key("desk", "clinic")
    for n, person in enumerate((KIM, LEE)):
        visit = {"id": f"urn:x:Visit:{n}", "type": "Visit", "person": {"type": "Relationship", "object": person}}
        age = {"age": {"type": "Property", "value": 43}}
        assert (await site.client.post(ENTITIES, json=visit | age, headers=clinic)).status_code == 201
    notice = city.hub.consents.notice("visits")["hash"]
    given = {"dataset": "visits", "notice": notice, "language": "en", "purposes": ["research", "care"]}
    consent = await city.hub.consents.give(SYSTEM, {**given, "subject": KIM})

    async def statement(role: str, purpose: str, path: str, **body: Any) -> Any:
        headers = site.people.key(role, role, purposes=(purpose,)) | {"Prefer": "receipt"}
        method = "POST" if body else "GET"
        answer = await site.client.request(method, "/ngsi-ld/v1/" + path, headers=headers, **body)
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode((await site.client.get(answer.headers["receipt"])).json()["body"])

    query = {"type": "Query", "entities": [{"type": "Visit"}]}
    for ask in ({}, {"json": query}):
        said = await statement(
            "researcher", "research", "entityOperations/query" if ask else "entities?type=Visit", **ask
        )
        bound = said["consents"]
        assert bound["sha256"] == sha256(f"{bound['nonce']}\n{consent.id}".encode()).hexdigest()
        (visits,) = said["datasets"]
        assert visits["transforms"] == {"person": "pseudonym", "place": "grid 1000 m", "age": "round 10"}
        assert ("body" in said["request"]) == bool(ask)
    # Another grant's transforms are none of this reader's.
    assert (await statement("doctor", "care", "entities?type=Visit"))["datasets"][0]["transforms"] == {}
    assert (await statement("doctor", "care", "types/Visit"))["consents"] is None
    assert (await statement("nobody", "x", "entities?type=Lamp"))["consents"] is None
