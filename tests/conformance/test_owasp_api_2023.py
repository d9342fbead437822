"""OWASP API Security Top 10 2023, items 1, 3, 4 and 7, over HTTP: each way round governance that the list names is
tried.

Items 2, 5 and 8 are tried where identity is; that no answer at all depends on what is hidden, `contracts/test_governed`
shows.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

from madang.account.ledger import Account
from madang.api.entities import PATH as ENTITIES
from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.errors import Undelivered
from madang.govern import SYSTEM, Policy
from madang.govern.consents import Consents
from madang.govern.opening import Terms
from madang.hub import Hub
from madang.model.entity import Attribute, Entity, Kind, point
from madang.model.parcel import Address, Parcel
from madang.notify import EveryCourier
from madang.store.memory import MemoryLedger, MemoryStore

from .governing import FILES, KIM, LAMPS, LEE, VISITS, People, asked

NONE = "urn:ngsi-ld:Visit:9"
VISIT, TEMPORAL, SUBSCRIPTIONS = "urn:ngsi-ld:Visit:1", "/ngsi-ld/v1/temporal/entities", "/ngsi-ld/v1/subscriptions"


class City:
    def __init__(self) -> None:
        self.people, self.account = People(), Account(MemoryLedger())
        clock = WallClock()
        policy = Policy((VISITS, FILES, LAMPS), Terms("KR", {}, b"secret", Consents(clock.now)))
        self.courier = EveryCourier(loopback=False)
        self.hub = Hub(MemoryStore(), policy, clock, LocalBus(), account=self.account, courier=self.courier)
        self.client: Any = None

    @property
    def kim(self) -> dict[str, str]:
        return self.people.key("kim", "resident", subject=KIM)

    @property
    def lee(self) -> dict[str, str]:
        return self.people.key("lee", "resident", subject=LEE)

    @property
    def study(self) -> dict[str, str]:
        return self.people.key("study-7", "researcher", purposes=("research",))

    async def agree(self) -> dict[str, Any]:
        notice = (await self.client.get("/notices/visits")).json()
        body = {"subject": KIM, "dataset": "visits", "purposes": ["research"], "notice": notice["hash"]}
        return (await self.client.post("/consents", json={**body, "language": "en"}, headers=self.kim)).json()

    async def visit(self) -> None:
        attributes = {
            "person": (Attribute(kind=Kind.RELATIONSHIP, value=KIM),),
            "place": (Attribute(kind=Kind.GEO, value=point(127.0003, 37.5031)),),
            "age": (Attribute(value=43),),
            "illness": (Attribute(value="influenza"),),
        }
        await self.hub.entities.create(SYSTEM, Entity(id=VISIT, types=("Visit",), attributes=attributes))


@pytest.fixture
async def city(_application: Litestar) -> AsyncIterator[City]:
    made = City()
    async with asked(_application, made.hub, made.account, made.people) as client:
        made.client = client
        yield made
        await made.hub.stop()
        await made.courier.close()


def same(one: httpx.Response, other: httpx.Response, *names: tuple[str, str]) -> bool:
    """Two answers differ in nothing but the names that were asked for."""
    texts = [one.text, other.text]
    for mine, theirs in names:
        texts = [text.replace(mine, "…").replace(theirs, "…") for text in texts]
    return one.status_code == other.status_code and texts[0] == texts[1]


async def test_api1_an_object_of_another_is_as_none_at_all(city: City) -> None:
    await city.visit()
    consent = await city.agree()
    mine, none = consent["id"], "urn:madang:consent:00000000-0000-0000-0000-000000000000"
    for path in ("/consents/{}", "/consents/{}/receipt"):
        found = [await city.client.get(path.format(id), headers=city.lee) for id in (mine, none)]
        assert found[0].status_code == 404 and same(*found, (mine, none))
    found = [await city.client.post(f"/consents/{id}/withdrawal", headers=city.lee) for id in (mine, none)]
    assert found[0].status_code == 404 and same(*found, (mine, none))
    for method in ("GET", "DELETE"):
        for base in (ENTITIES, TEMPORAL):
            found = [await city.client.request(method, f"{base}/{id}", headers=city.lee) for id in (VISIT, NONE)]
            assert found[0].status_code in (403, 404) and same(*found, (VISIT, NONE)), (method, base)
    for path in ("data", "uses", "requests"):
        answer = await city.client.get(f"/subjects/{path}?subject={KIM}", headers=city.lee)
        assert answer.status_code == 403
    request = await city.client.post("/subjects/requests", json={"subject": KIM, "wish": "access"}, headers=city.kim)
    answer = {"granted": True, "words": "so be it"}
    mine = f"/subjects/requests/{request.json()['id']}/answer"
    assert (await city.client.post(mine, json=answer, headers=city.kim)).status_code == 403


ASKED = (
    "attrs=illness",
    "pick=id,illness",
    "q=illness==%22influenza%22",
    "q=illness~=%22in.*%22",
    "q=illness",
    "orderBy=illness",
    "georel=near;maxDistance==5&geometry=Point&coordinates=[127.0003,37.5031]&geoproperty=place",
    "options=sysAttrs",
    "format=simplified&pick=illness",
    "geometryProperty=illness",
)
"""Ways to ask for what the researcher is not granted: the illness, and the exact place."""


@pytest.mark.parametrize("query", ASKED)
async def test_api3_a_property_that_is_not_granted_is_not_read(city: City, query: str) -> None:
    await city.visit()
    await city.agree()
    plain = await city.client.get(f"{ENTITIES}?type=Visit", headers=city.study)
    assert [one["age"]["value"] for one in plain.json()] == [40]
    accept = {"Accept": "application/geo+json"} if "geometryProperty" in query else {}
    for path in (ENTITIES, TEMPORAL):
        if path == TEMPORAL and ("orderBy" in query or "geometryProperty" in query):
            continue
        answer = await city.client.get(f"{path}?type=Visit&count=true&{query}", headers={**city.study, **accept})
        assert "influenza" not in answer.text and KIM not in answer.text and "127.0003" not in answer.text
        if query.startswith(("q=", "georel", "attrs")) and answer.status_code == 200:
            assert (answer.json(), answer.headers["NGSILD-Results-Count"]) == ([], "0"), answer.text


async def test_api3_what_is_given_too_much_is_not_taken(city: City) -> None:
    notice = (await city.client.get("/notices/visits")).json()
    good = {"subject": KIM, "dataset": "visits", "purposes": ["research"], "notice": notice["hash"], "language": "en"}
    for more in ({"id": "urn:x:mine"}, {"by": "operator"}, {"givenAt": "2020-01-01T00:00:00Z"}, {"withdrawnAt": None}):
        assert (await city.client.post("/consents", json={**good, **more}, headers=city.kim)).status_code == 400
    wish = {"subject": KIM, "wish": "erasure"}
    for more in ({"granted": True}, {"due_at": "2020-01-01T00:00:00Z"}, {"id": "urn:x:1"}):
        answer = await city.client.post("/subjects/requests", json={**wish, **more}, headers=city.kim)
        assert answer.status_code == 400
    clinic = city.people.key("ward", "clinic")
    body = {"id": VISIT, "type": "Visit", "person": {"type": "Relationship", "object": KIM}}
    undeclared = {**body, "salary": {"type": "Property", "value": 1}}
    assert (await city.client.post(ENTITIES, json=undeclared, headers=clinic)).status_code == 400
    stamped = {**body, "createdAt": "2001-01-01T00:00:00Z"}
    assert (await city.client.post(ENTITIES, json=stamped, headers=clinic)).status_code in (201, 400)
    kept = await city.hub.entities.read(SYSTEM, [VISIT])
    assert all(one.created_at and one.created_at.year > 2001 for one in kept.values())


async def test_api4_what_costs_much_is_bounded(city: City) -> None:
    deep = "(" * 500 + "a==1" + ")" * 500
    long = "%7C".join(f"a{n}==1" for n in range(5000))
    for query, statuses in (
        ("limit=1000000", (403,)),
        (f"q={deep}", (400, 403)),
        (f"q={long}", (400, 403, 414)),
        ("q=a~=%22(a%2B)%2B%24%22", (200, 400)),
        ("idPattern=(a%2B)%2B%24", (200, 400)),
        ("offset=99999999999999999999", (400,)),
        ("join=inline&joinLevel=1000000", (400, 403)),
    ):
        answer = await city.client.get(f"{ENTITIES}?type=Lamp&{query}", timeout=20)
        assert answer.status_code in statuses, (query[:40], answer.status_code, answer.text[:200])
    clinic = city.people.key("ward", "operator")
    text = f'{{"id":"urn:x:L:1","type":"Lamp","power":{{"type":"Property","value":{"[" * 3000 + "]" * 3000}}}}}'
    sent = {**clinic, "Content-Type": "application/json"}
    assert (await city.client.post(ENTITIES, content=text, headers=sent)).status_code == 400
    huge = json.dumps({"id": "urn:x:L:1", "type": "Lamp", "power": {"type": "Property", "value": "x" * 200_000}})
    assert (await city.client.post(ENTITIES, content=huge, headers=sent)).status_code == 413
    words = {"subject": KIM, "wish": "access", "words": "x" * 5000}
    assert (await city.client.post("/subjects/requests", json=words, headers=city.kim)).status_code == 400


INSIDE = (
    "http://127.0.0.1:9/",
    "http://localhost/",
    "http://[::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://[::ffff:10.0.0.1]/",
    "http://0.0.0.0/",
    "http://2130706433/",
    "http://0x7f.1/",
    "file:///etc/passwd",
    "gopher://10.0.0.1/",
    "mqtt://127.0.0.1/topic",
)
"""Addresses within: the machine's own, private networks, a cloud's metadata; also written in other ways."""


@pytest.mark.parametrize("uri", INSIDE)
async def test_api7_the_hub_sends_nothing_where_a_member_may_not(city: City, uri: str) -> None:
    body = {"type": "Subscription", "entities": [{"type": "Visit"}], "notification": {"endpoint": {"uri": uri}}}
    answer = await city.client.post(SUBSCRIPTIONS, json=body, headers=city.study)
    if answer.status_code == 201:
        # A name is looked up when something is sent, and where it leads is refused then.
        with pytest.raises(Undelivered, match=r"127\.0\.0\.1|canonical"):
            await city.courier.send(Address(uri=uri), Parcel({}, msgspec.Raw(b"{}")))
        return
    assert answer.status_code == 400, answer.text
    assert "refused" in answer.json()["detail"] or "uri" in answer.json()["detail"]


@pytest.mark.parametrize("uri", [one for one in INSIDE if one.startswith("http")])
async def test_api7_the_hub_fetches_no_context_from_within(city: City, uri: str) -> None:
    link = f'<{uri}context.jsonld>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
    answer = await city.client.get(f"{ENTITIES}?type=Lamp", headers={"Link": link})
    assert answer.status_code in (400, 503, 504) and "LdContextNotAvailable" in answer.text, answer.text
