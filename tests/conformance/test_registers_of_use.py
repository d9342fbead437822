"""The registers say what was done with data: reads, transfers, releases, breaches; with counts, and without names."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from msgspec.structs import replace

from madang.account.ledger import Account, Note
from madang.app.regimes import matrix
from madang.bus.local import LocalBus
from madang.govern import SYSTEM, Policy
from madang.govern.consents import Consents
from madang.govern.opening import Terms
from madang.hub import Hub
from madang.model.dataset import Grant
from madang.model.entity import Attribute, Entity
from madang.store.memory import MemoryLedger, MemoryStore

from .conftest import a_city, dataset
from .governing import KIM, LAMPS, People, asked

HOMES = dataset(
    "homes",
    "Home",
    sensitivity="personal",
    subject="id",
    purposes=("care",),
    grants=(
        Grant(roles=("operator",)),
        Grant(roles=("study",), to=("JP",), mechanism="separate_consent", transform={"rooms": "round 5"}),
        Grant(roles=("firm",), to=("IN",), mechanism="nonsense"),
    ),
)


class Time:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, 12, 10, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


class Place:
    def __init__(self, client: httpx.AsyncClient, people: People, hub: Hub, account: Account, clock: Time) -> None:
        self.client, self.people, self.hub, self.account, self.clock = client, people, hub, account, clock

    async def register(self, name: str) -> Any:
        answer = await self.client.get(f"/registers/{name}")
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["log"]["size"] == (await self.account.log.tree()).size
        return body[name if name != "accesses" else "datasets"]


@pytest.fixture
async def place(_application: Litestar) -> AsyncIterator[Place]:
    clock, people, account = Time(), People(), Account(MemoryLedger())
    terms = Terms("KR", matrix(), b"secret", Consents(clock.now))
    hub = Hub(MemoryStore(), Policy((HOMES, LAMPS), terms), clock, LocalBus(), account=account)
    city = replace(a_city((HOMES, LAMPS)), jurisdiction="KR")
    async with asked(_application, hub, account, people, clock=clock, city=city) as client:
        yield Place(client, people, hub, account, clock)


async def test_reads_are_counted_by_purpose_and_small_numbers_are_not_told(place: Place) -> None:
    for person in (KIM, *(f"urn:x:Person:{n}" for n in range(11))):
        home = Entity(id=person, types=("Home",), attributes={"rooms": (Attribute(value=3),)})
        await place.hub.entities.create(SYSTEM, home)
    study = place.people.key("study-7", "study", purposes=("care",), country="JP")
    nurse = place.people.key("nurse", "operator", purposes=("care",))
    for _ in range(3):
        assert len((await place.client.get("/ngsi-ld/v1/entities?type=Home", headers=study)).json()) == 12
    await place.client.get(f"/ngsi-ld/v1/entities/{KIM}", headers=nurse)
    place.clock.at += timedelta(hours=1)
    await place.client.get(f"/ngsi-ld/v1/entities/{KIM}", headers=nurse)
    await place.hub.uses.close()
    (homes,) = await place.register("accesses")
    assert (homes["dataset"], homes["persons_hours"]) == ("homes", 14)
    told = {(one["role"], one["country"], one["from"][11:13]): one for one in homes["hours"]}
    assert told["member", "JP", "12"]["reads"] == 3 and told["member", "JP", "12"]["people"] == 12
    assert told["operator", "", "12"]["people"] == "fewer than 10"
    assert "nurse" not in str(homes) and KIM not in str(homes)
    to_japan, to_india = await place.register("transfers")
    assert (to_japan["to"], to_japan["allowed"], to_japan["reads"]) == ("JP", True, 3)
    assert "28-8" in to_japan["article"] and to_japan["transforms"] == {"rooms": "round 5"}
    assert (to_india["allowed"], to_india["reads"]) == (False, 0)
    assert "separate_consent" in to_india["missing"]


async def test_releases_are_told_without_who_asked_what(place: Place) -> None:
    made = {"act": "made", "dataset": "lamps", "version": 1, "by": "desk"}
    spent = {"dataset": "homes", "recipient": "study-7", "epsilon": 0.5, "delta": 0.0, "question": "count"}
    at = place.clock.now()
    await place.account.add([Note(kind="release", at=at, body=made), Note(kind="privacy", at=at, body=spent)])
    second, first = await place.register("releases")
    assert (first["act"], first["version"], second["epsilon"]) == ("made", 1, 0.5)
    assert not {"by", "recipient", "question"} & {*first, *second}


async def test_a_breach_is_on_record_with_every_deadline_of_the_law(place: Place) -> None:
    desk, kim = place.people.key("desk", "operator"), place.people.key("kim", "resident", subject=KIM)
    told = {
        "what": "A list went to the wrong agency.",
        "aware": "2026-03-01T07:30:00Z",
        "people": 3,
    }
    assert (await place.client.post("/registers/breaches", json=told, headers=kim)).status_code == 403
    wrong: list[dict[str, Any]] = [{**told, "what": ""}, {**told, "who": "x"}, {**told, "aware": "2026-03-01T07:30:00"}]
    wrong += [{**told, "aware": "2099-03-01T07:30:00Z"}, {**told, "people": -1}, {**told, "datasets": ["nope"]}]
    wrong += [{**told, "about": "breach-4711"}, {**told, "jurisdictions": ["ZZ"]}]
    for given in wrong:
        assert (await place.client.post("/registers/breaches", json=given, headers=desk)).status_code == 400
    made = await place.client.post("/registers/breaches", json=told, headers=desk)
    assert made.status_code == 201, made.text
    (found,) = await place.register("breaches")
    due = {one["whom"]: one["due"] for one in found["deadlines"]}
    assert due["authority"] == due["people"] == "2026-03-04T07:30:00Z"
    assert (found["entry"], found["regime"], found["people"]) == (made.json()["entry"], "KR", 3)
    # People of other places: each law's own clock, at once.
    abroad = {**told, "jurisdictions": ["DE", "KR-11", "VN"], "about": found["entry"], "datasets": ["homes"]}
    several = (await place.client.post("/registers/breaches", json=abroad, headers=desk)).json()
    assert {one["regime"] for one in several["deadlines"]} == {"EU", "KR", "VN"}
    # It is a public act: the log shows its body to anybody.
    assert "wrong agency" in (await place.client.get("/ledger/export")).text
