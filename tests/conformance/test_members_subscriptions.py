"""Subscriptions of members: told what they are granted, for as long as people agree and the member is known; and what
happens to notifications when a person is erased. OWASP API Security Top 10 2023: API1, API3, API4 (how many), API7
(where to); GDPR art. 17, 19.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

from madang.account.ledger import Account
from madang.bus.local import LocalBus
from madang.govern import SYSTEM, Caller, Policy
from madang.govern.consents import Consents
from madang.govern.opening import Terms
from madang.hub import Hub, delivery, subscriptions
from madang.model.consent import Consent
from madang.model.entity import Attribute, Entity, Kind, point
from madang.notify import EveryCourier
from madang.store.memory import MemoryLedger

from .conftest import dataset
from .governing import FILES, KIM, LAMPS, LEE, VISITS, People, asked
from .receiving import Receiver, receiving

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATH = "/ngsi-ld/v1/subscriptions"
HOMES = dataset("homes", "Home", sensitivity="personal", subject="id", purposes=("care",), history=("*",))


class Time:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class City:
    def __init__(self, store: Any) -> None:
        self.clock, self.people, self.known = Time(), People(), True
        self.account, self.courier = Account(MemoryLedger()), EveryCourier(loopback=True)
        self.consents = Consents(self.clock.now)
        policy = Policy((VISITS, HOMES, FILES, LAMPS), Terms("KR", {}, b"secret", self.consents))
        more: Any = {"courier": self.courier, "attempts": 3, "account": self.account, "stands": self.stands}
        self.hub = Hub(store, policy, self.clock, LocalBus(), **more)
        self.client: Any = None
        self.receiver = Receiver()

    def stands(self, caller: Caller) -> bool:
        return self.known

    def agree(self, *people: str, purpose: str = "research") -> None:
        for one in people:
            self.consents.put(
                Consent(
                    id=f"urn:x:{one}", subject=one, datasets=("visits",), purposes=(purpose,), notice="n",
                    language="en", by=one, given_at=NOW,
                )
            )  # fmt: skip

    async def visit(self, n: int, person: str, **values: Any) -> None:
        given = {"illness": "flu", "age": 43, **values}
        attributes = {name: (Attribute(value=value),) for name, value in given.items()}
        attributes["person"] = (Attribute(kind=Kind.RELATIONSHIP, value=person),)
        attributes["place"] = (Attribute(kind=Kind.GEO, value=point(127.0003, 37.5031)),)
        await self.hub.batch.upsert(SYSTEM, [Entity(id=f"urn:x:Visit:{n}", types=("Visit",), attributes=attributes)])

    async def subscribe(self, headers: dict[str, str], type: str = "Visit", **more: Any) -> httpx.Response:
        given = more.pop("notification", {})
        body = {"type": "Subscription", "entities": [{"type": type}], **more}
        body["notification"] = {"endpoint": {"uri": self.receiver.url + "/"}, "format": "keyValues", **given}
        return await self.client.post(PATH, json=body, headers=headers)

    def study(self) -> dict[str, str]:
        return self.people.key("study-7", "researcher", purposes=("research",))


@pytest.fixture
async def city(_application: Litestar, some_store: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[City]:
    monkeypatch.setattr(delivery, "FIRST_S", 0.05)
    made = City(some_store)
    async with (
        receiving() as receiver,
        asked(_application, made.hub, made.account, made.people, clock=made.clock) as client,
    ):
        made.client, made.receiver = client, receiver
        yield made
        await made.hub.stop()
        await made.courier.close()


async def test_a_member_is_told_what_it_is_granted_and_the_use_is_on_record(city: City) -> None:
    study = city.study()
    assert (await city.subscribe(study)).status_code == 201
    city.agree(KIM)
    await city.visit(1, KIM)
    await city.visit(2, LEE)
    got = await city.receiver.next()
    (told,) = got.data
    assert told["id"] == "urn:x:Visit:1"
    assert told["age"] == 40 and "illness" not in told
    assert told["person"].startswith("urn:madang:pseudonym:") and KIM not in str(got.body)
    assert told["place"]["coordinates"] != [127.0003, 37.5031]
    await city.receiver.nothing()
    kim = city.people.key("kim", "resident", subject=KIM)
    (use,) = (await city.client.get(f"/subjects/uses?subject={KIM}", headers=kim)).json()["uses"]
    assert (use["by"], use["purpose"], use["dataset"]) == ("study-7", "research", "visits")


async def test_a_withdrawal_reaches_what_waits(city: City) -> None:
    await city.subscribe(city.study())
    city.agree(KIM, LEE)
    city.receiver.status = 500
    await city.visit(1, KIM)
    await city.receiver.next()
    # While it waits to be tried again, Kim withdraws; what comes then is not told at all.
    city.consents.remove(f"urn:x:{KIM}")
    city.receiver.status = 200
    await city.visit(2, LEE)
    got = await city.receiver.next()
    assert [one["id"] for one in got.data] == ["urn:x:Visit:2"]
    await city.visit(1, KIM, age=50)
    await city.receiver.nothing()


async def test_it_ends_with_what_the_member_is_known_by(city: City) -> None:
    await city.subscribe(city.study())
    city.agree(KIM)
    city.known = False
    await city.visit(1, KIM)
    await city.receiver.nothing()
    refused = await city.subscribe(city.study())
    assert (refused.status_code, "a token passes" in refused.json()["detail"]) == (403, True)


async def test_who_comes_with_a_passing_token_has_one_for_a_while_and_renews_it(city: City) -> None:
    city.known = False
    study, hour = city.study(), "2026-03-01T13:00:00Z"
    assert (await city.subscribe(study, expiresAt="2026-03-01T13:00:01Z")).status_code == 403
    made = await city.subscribe(study, expiresAt=hour)
    assert made.status_code == 201, made.text
    mine = made.headers["location"]
    city.agree(KIM)
    await city.visit(1, KIM)
    assert (await city.receiver.next()).data[0]["id"] == "urn:x:Visit:1"
    # Nobody makes it last: not its owner, and not the house either.
    for headers in (study, city.people.key("desk", "operator")):
        assert (
            await city.client.patch(mine, json={"expiresAt": "2027-03-01T13:00:00Z"}, headers=headers)
        ).status_code == 403
    city.clock.at = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    assert (await city.client.patch(mine, json={"expiresAt": "2026-03-01T13:20:00Z"}, headers=study)).status_code == 204
    city.clock.at = datetime(2026, 3, 1, 13, 10, tzinfo=UTC)
    await city.visit(1, KIM, age=50)
    assert (await city.receiver.next()).data[0]["age"] == 50
    # It is renewed as what the member is then: who lost the role is told no more.
    lost = city.people.key("study-7", "visitor", purposes=("lighting",))
    await city.client.patch(mine, json={"expiresAt": "2026-03-01T14:00:00Z"}, headers=lost)
    await city.visit(1, KIM, age=60)
    await city.receiver.nothing()
    assert (await city.client.patch(mine, json={"expiresAt": "2026-03-01T14:00:00Z"}, headers=study)).status_code == 204
    city.clock.at = datetime(2026, 3, 1, 14, 0, 1, tzinfo=UTC)
    await city.visit(1, KIM, age=70)
    await city.receiver.nothing()


async def test_members_have_their_own_and_not_too_many(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "MOST_OWN", 2)
    study, other = city.study(), city.people.key("study-8", "researcher", purposes=("research",))
    mine = (await city.subscribe(study)).headers["location"]
    await city.subscribe(other)
    assert len((await city.client.get(PATH, headers=study)).json()) == 1
    for method in ("GET", "DELETE"):
        assert (await city.client.request(method, mine, headers=other)).status_code == 404
    assert (await city.client.patch(mine, json={"isActive": False}, headers=other)).status_code == 404
    await city.subscribe(study)
    assert (await city.subscribe(study)).status_code == 403
    operator = city.people.key("desk", "operator")
    assert len((await city.client.get(PATH, headers=operator)).json()) == 3
    nobody = city.people.key("x", "stranger", purposes=("nothing",))
    assert (await city.subscribe({})).status_code == 403
    # What is public may be told to anybody who is somebody; of what is not granted nothing is.
    assert (await city.subscribe(nobody)).status_code == 201
    assert (await city.client.delete(mine, headers=study)).status_code == 204


async def test_an_erasure_is_told_to_who_was_told_and_takes_what_waits_with_it(city: City) -> None:
    await city.subscribe(city.study())
    city.agree(KIM, LEE)
    await city.visit(1, KIM)
    assert [one["id"] for one in (await city.receiver.next()).data] == ["urn:x:Visit:1"]
    city.receiver.status = 500
    await city.visit(1, KIM, age=77)
    await city.receiver.next()
    desk = city.people.key("desk", "operator")
    wish = {"subject": KIM, "wish": "erasure"}
    request = (await city.client.post("/subjects/requests", json=wish, headers=desk)).json()
    answer = {"granted": True, "words": "done"}
    done = await city.client.post(f"/subjects/requests/{request['id']}/answer", json=answer, headers=desk)
    found = done.json()
    assert (found["erased"], found["told"], found["letters"]) == (1, 1, 1), found
    city.receiver.status = 200
    rest = city.receiver.got[2:] or [await city.receiver.next()]
    last = rest[-1] if rest[-1].data[0].get("deletedAt") else await city.receiver.next()
    (gone,) = last.data
    assert set(gone) == {"id", "type", "deletedAt"}
    outbox = city.hub.letters
    kept = [one.body for one in await outbox.dead(Caller("desk", "operator"))]
    assert not any(b"person" in body or KIM.encode() in body for body in kept)


async def test_dead_letters_are_emptied_too(city: City) -> None:
    operator = city.people.key("desk", "operator", purposes=("care",))
    await city.subscribe(operator, "Home", notificationTrigger=["attributeUpdated", "attributeCreated"])
    city.receiver.status = 500
    value = {"rooms": (Attribute(value="a secret"),)}
    await city.hub.entities.create(SYSTEM, Entity(id=KIM, types=("Home",), attributes=value))
    await city.hub.entities.create(SYSTEM, Entity(id=LEE, types=("Home",), attributes=value))
    desk, dead = Caller("desk", "operator"), list[Any]()
    async with asyncio.timeout(10):
        while len(dead) < 2:
            await asyncio.sleep(0.02)
            dead = [*await city.hub.letters.dead(desk)]
    wish = {"subject": KIM, "wish": "erasure"}
    request = (await city.client.post("/subjects/requests", json=wish, headers=operator)).json()
    path = f"/subjects/requests/{request['id']}/answer"
    answer = await city.client.post(path, json={"granted": True, "words": "done"}, headers=operator)
    assert answer.json()["letters"] >= 1
    bodies = [msgspec.json.decode(one.body)["body"]["data"] for one in await city.hub.letters.dead(desk)]
    told = {one["id"]: one for data in bodies for one in data}
    assert set(told[KIM]) == {"id", "type", "deletedAt"}
    assert told[LEE]["rooms"] == "a secret"
    tallies = await city.hub.letters.tallies(desk)
    assert all(one.due == one.delivered + one.pending + one.dead for one in tallies.values())


async def test_a_person_is_told_of_and_erased_in_every_tenant(city: City) -> None:
    desk = city.people.key("desk", "operator", purposes=("care",))
    north = desk | {"NGSILD-Tenant": "north"}
    address = city.receiver.url + "/"
    body = {"type": "Subscription", "entities": [{"type": "Home"}], "notification": {"endpoint": {"uri": address}}}
    assert (await city.client.post(PATH, json=body, headers=north)).status_code == 201
    for number, headers in ((5, desk), (6, north)):
        home = {"id": KIM, "type": "Home", "rooms": {"type": "Property", "value": number}}
        assert (await city.client.post("/ngsi-ld/v1/entities", json=home, headers=headers)).status_code == 201
    assert (await city.receiver.next()).data[0]["rooms"]["value"] == 6
    kim = city.people.key("kim", "resident", subject=KIM)
    held = (await city.client.get(f"/subjects/data?subject={KIM}", headers=kim)).json()
    assert [one["rooms"]["value"] for one in held["datasets"]["homes"]] == [5]
    assert [one["rooms"]["value"] for one in held["tenants"]["north"]["datasets"]["homes"]] == [6]
    assert [one["rooms"]["value"] for one in held["tenants"]["north"]["past"]] == [6]
    asked = {"subject": KIM, "wish": "erasure"}
    request = (await city.client.post("/subjects/requests", json=asked, headers=kim)).json()
    path = f"/subjects/requests/{request['id']}/answer"
    done = (await city.client.post(path, json={"granted": True, "words": "done"}, headers=desk)).json()
    assert (done["erased"], done["told"]) == (2, 1)
    assert set((await city.receiver.next()).data[0]) == {"id", "type", "deletedAt"}
    for headers in (desk, north):
        for where in ("entities", "temporal/entities"):
            assert (await city.client.get(f"/ngsi-ld/v1/{where}/{KIM}", headers=headers)).status_code == 404
    empty = (await city.client.get(f"/subjects/data?subject={KIM}", headers=kim)).json()
    assert (empty["datasets"], empty["past"], empty["tenants"]) == ({}, [], {})


async def test_who_was_told_before_a_withdrawal_hears_of_the_erasure_and_nobody_else(city: City) -> None:
    """GDPR art. 19: whom it was disclosed to is told, though the consent ended before."""
    await city.subscribe(city.study())
    notice = city.hub.consents.notice("visits")["hash"]
    given = {"dataset": "visits", "purposes": ["research"], "notice": notice, "language": "en"}
    consent = await city.hub.consents.give(SYSTEM, {**given, "subject": KIM})
    for n, person in ((1, KIM), (2, LEE)):
        await city.visit(n, person)
    assert [one["id"] for one in (await city.receiver.next()).data] == ["urn:x:Visit:1"]
    await city.hub.consents.withdraw(SYSTEM, consent.id)
    desk = Caller("desk", "operator")
    for person, told in ((LEE, 0), (KIM, 1)):
        asked = await city.hub.subjects.ask(desk, {"subject": person, "wish": "erasure"})
        done = await city.hub.subjects.answer(desk, asked.id, granted=True, words="done")
        assert (done.erased, done.told) == (1, told)
    (gone,) = (await city.receiver.next()).data
    assert gone["id"] == "urn:x:Visit:1" and set(gone) == {"id", "type", "deletedAt"}
    await city.receiver.nothing()
