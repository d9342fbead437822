"""Subscriptions to context source registrations, to a real receiver: ETSI GS CIM 009 v1.9.1, 5.11, 5.3.2, 6.12."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import SYSTEM, Policy
from madang.hub import Hub, delivery
from madang.hub.subscriptions import Given
from madang.model.context import CORE, CORE_URL
from madang.model.subscription import read_members
from madang.notify import EveryCourier
from madang.store.memory import MemoryStore
from madang.store.sqlite import SqliteStore

from .conftest import DATASETS
from .receiving import Receiver, receiving

PATH = "/csourceSubscriptions"
ID = "urn:ngsi-ld:Subscription:sources"
AT = f"{PATH}/{ID}"
SOURCE = "urn:ngsi-ld:ContextSourceRegistration:water"
LD = {"Content-Type": "application/ld+json"}
CONTEXT = {"Pumpe": "https://example.org/Pump"}
INTERVAL = {"startAt": "2025-01-01T00:00:00Z", "endAt": "2025-07-01T00:00:00Z"}
AFTER = {"timerel": "after", "timeAt": "2025-03-01T00:00:00Z"}


@pytest.fixture(params=["memory", "sqlite"])
async def hub(request: pytest.FixtureRequest, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A hub that delivers to this machine only, and is not patient."""
    monkeypatch.setattr(delivery, "FIRST_S", 0.05)
    store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path)
    courier = EveryCourier(loopback=True)
    made = Hub(store, Policy(DATASETS), WallClock(), LocalBus(), courier=courier, attempts=3)
    yield made
    await made.stop()
    await courier.close()
    store.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


def subscription(receiver: Receiver | None = None, **changed: Any) -> dict[str, Any]:
    """A subscription; None leaves a member out."""
    uri = receiver.url + "/notify" if receiver else "http://127.0.0.1:9/notify"
    body = {
        "id": ID,
        "type": "Subscription",
        "entities": [{"type": "Pump"}],
        "notification": {"endpoint": {"uri": uri, "accept": "application/json"}},
        **changed,
    }
    return {name: value for name, value in body.items() if value is not None}


def source(id: str = SOURCE, type: str = "Pump", **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "type": "ContextSourceRegistration",
        "information": [{"entities": [{"type": type}]}],
        "endpoint": "https://water.example.org",
        **more,
    }


class Town:
    def __init__(self, api: httpx.AsyncClient, receiver: Receiver) -> None:
        self.api, self.receiver = api, receiver

    async def subscribe(self, *, headers: Any = None, **changed: Any) -> None:
        answer = await self.api.post(PATH, json=subscription(self.receiver, **changed), headers=headers)
        assert answer.status_code == 201, answer.text

    async def register(self, *args: str, **more: Any) -> None:
        answer = await self.api.post("/csourceRegistrations", json=source(*args, **more))
        assert answer.status_code == 201, answer.text

    async def update(self, id: str = SOURCE, **members: Any) -> None:
        assert (await self.api.patch(f"/csourceRegistrations/{id}", json=members)).status_code == 204

    async def told(self) -> tuple[str, list[str]]:
        """The next notification: why, and of which registrations."""
        body = (await self.receiver.next()).body
        return body["triggerReason"], [one["id"].rsplit(":", 1)[1] for one in body["data"]]


@pytest.fixture
def town(api: httpx.AsyncClient, receiver: Receiver) -> Town:
    return Town(api, receiver)


async def test_5_11_2_what_is_subscribed_is_read_back(api: httpx.AsyncClient) -> None:
    whole = subscription(
        temporalQ={"timerel": "after", "timeAt": "2025-01-01T00:00:00Z", "timeproperty": "createdAt"},
        watchedAttributes=["flow"],
        csf='endpoint=="https://water.example.org"',
        description="All sources of water",
    )
    answer = await api.post(PATH, json=whole)
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["location"] == f"/ngsi-ld/v1{AT}"
    kept = (await api.get(AT)).json()
    assert kept == {**whole, "status": "active"}
    again = await api.post(PATH, json=whole)
    assert (again.status_code, again.json()["type"].rsplit("/", 1)[1]) == (409, "AlreadyExists")


async def test_5_11_2_an_id_is_given_where_there_is_none(api: httpx.AsyncClient) -> None:
    answer = await api.post(PATH, json=subscription(id=None))
    own = answer.headers["location"].rsplit("/", 1)[1]
    assert (await api.get(f"{PATH}/{own}")).json()["id"] == own
    # They are not those to entities.
    assert (await api.get(f"/subscriptions/{own}")).status_code == 404


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"notification": None}, "notification"),
        ({"notification": {}}, "endpoint"),
        ({"notification": {"endpoint": {"uri": "here"}}}, "uri"),
        ({"type": "Building"}, "type"),
        ({"id": "sources"}, "URI"),
        ({"id": 5}, "URI"),
        ({"entities": None}, "entities"),
        ({"entities": []}, "entities"),
        ({"watchedAttributes": []}, "watchedAttributes"),
        ({"q": "(flow"}, "q"),
        ({"csf": "(flow"}, "q"),
        ({"geoQ": {"georel": "within"}}, "geoQ"),
        ({"temporalQ": 5}, "temporalQ"),
        ({"temporalQ": {"timerel": "around", "timeAt": "2025-01-01T00:00:00Z"}}, "timerel"),
        ({"temporalQ": {"timerel": "before"}}, "timeAt"),
        ({"temporalQ": {"timerel": "between", "timeAt": "2025-01-01T00:00:00Z"}}, "endTimeAt"),
        (
            {
                "temporalQ": {
                    "timerel": "between",
                    "timeAt": "2025-01-02T00:00:00Z",
                    "endTimeAt": "2025-01-01T00:00:00Z",
                }
            },
            "endTimeAt",
        ),
        ({"temporalQ": {"timerel": "after", "timeAt": "2025-01-01T00:00:00Z", "timeproperty": "x"}}, "timeproperty"),
        ({"expiresAt": "2001-01-01T00:00:00Z"}, "past"),
        ({"timeInterval": 5, "throttling": 5}, "timeInterval"),
    ],
)
async def test_5_2_12_a_subscription_that_is_none(api: httpx.AsyncClient, changed: dict[str, Any], says: str) -> None:
    answer = await api.post(PATH, json=subscription(**changed))
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData"), answer.text
    assert says in answer.json()["detail"]


async def test_5_11_4_one_that_is_not_there(api: httpx.AsyncClient) -> None:
    for method in ("GET", "DELETE", "PATCH"):
        for id, status, type in (("urn:ngsi-ld:none", 404, "ResourceNotFound"), ("none", 400, "BadRequestData")):
            content = {"json": {"isActive": False}} if method == "PATCH" else {}
            answer = await api.request(method, f"{PATH}/{id}", **content)
            assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (status, type)


async def test_5_11_3_members_are_replaced_and_removed(api: httpx.AsyncClient) -> None:
    await api.post(PATH, json=subscription(description="x"))
    endpoint = {"uri": "http://127.0.0.1:9/other", "accept": "application/ld+json"}
    answer = await api.patch(AT, json={"notification": {"endpoint": endpoint}, "description": None})
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await api.get(AT)).json() == {
        **subscription(notification={"endpoint": endpoint}),
        "status": "active",
    }
    for wrong in ({"type": "Building"}, {"notification": {"endpoint": "x"}}, {"temporalQ": "x"}, {"entities": None}):
        assert (await api.patch(AT, json=wrong)).status_code == 400
    past = {"timerel": "after", "timeAt": "2025-01-01T00:00:00Z"}
    await api.patch(AT, json={"temporalQ": past})
    assert (await api.get(AT)).json()["temporalQ"] == past
    await api.patch(AT, json={"temporalQ": None})
    assert "temporalQ" not in (await api.get(AT)).json()


async def test_5_11_5_a_page_at_a_time(api: httpx.AsyncClient) -> None:
    for n in range(3):
        assert (await api.post(PATH, json=subscription(id=f"{ID}{n}"))).status_code == 201
    whole = await api.get(PATH, params={"count": "true"})
    assert [one["id"][-1] for one in whole.json()] == ["0", "1", "2"]
    assert whole.headers["ngsild-results-count"] == "3"
    part = await api.get(PATH, params={"limit": "1", "offset": "1"})
    assert [one["id"][-1] for one in part.json()] == ["1"]
    assert 'rel="next"' in part.headers["link"] and 'rel="prev"' in part.headers["link"]
    assert (await api.get(PATH, params={"limit": "-1"})).status_code == 400


async def test_5_11_7_every_change_is_told_with_its_reason(town: Town) -> None:
    await town.subscribe()
    await town.receiver.nothing()
    await town.register()
    first = await town.receiver.next()
    assert first.body.keys() == {"id", "type", "subscriptionId", "notifiedAt", "triggerReason", "data"}
    assert (first.body["type"], first.body["subscriptionId"]) == ("ContextSourceNotification", ID)
    assert first.body["triggerReason"] == "newlyMatching"
    assert first.body["data"] == [source(information=[{"entities": [{"type": ["Pump"]}]}], id=SOURCE)]
    assert first.headers["Content-Type"] == "application/json"
    assert first.headers["Link"].startswith(f"<{CORE_URL}>")
    await town.update(description="new")
    assert await town.told() == ("updated", ["water"])
    await town.update(information=[{"entities": [{"type": "Tank"}]}])
    assert await town.told() == ("noLongerMatching", ["water"])
    await town.update(description="newer")
    await town.receiver.nothing()
    await town.update(information=[{"entities": [{"type": "Pump"}]}])
    assert await town.told() == ("newlyMatching", ["water"])
    await town.api.delete(f"/csourceRegistrations/{SOURCE}")
    assert await town.told() == ("noLongerMatching", ["water"])


async def test_5_11_2_what_matches_at_the_start_is_told_together(town: Town) -> None:
    await town.register(SOURCE + "1")
    await town.register(SOURCE + "2")
    await town.register(SOURCE + "3", "Tank")
    await town.subscribe()
    assert await town.told() == ("newlyMatching", ["water1", "water2"])
    await town.api.patch(AT, json={"entities": [{"type": "Tank"}]})
    assert await town.told() == ("newlyMatching", ["water3"])


async def test_5_11_7_only_what_matches_is_told(town: Town) -> None:
    both = [{"entities": [{"type": "Pump"}]}, {"entities": [{"type": "Tank"}]}]
    secret = [{"key": "Authorization", "value": "Bearer x"}]
    await town.subscribe()
    await town.register(information=both, contextSourceInfo=secret)
    found = (await town.receiver.next()).data[0]
    assert found["information"] == [{"entities": [{"type": ["Pump"]}]}]
    assert "contextSourceInfo" not in found


NEAR = {"georel": "near;maxDistance==1000", "geometry": "Point", "coordinates": [11.4, 48.7]}
HERE = {"type": "Point", "coordinates": [11.4, 48.7]}


@pytest.mark.parametrize(
    ("asked", "registered", "told"),
    [
        ({"temporalQ": AFTER}, {"observationInterval": INTERVAL}, True),
        ({"temporalQ": AFTER}, {"managementInterval": INTERVAL}, False),
        ({"temporalQ": {**AFTER, "timeproperty": "modifiedAt"}}, {"managementInterval": INTERVAL}, True),
        ({"temporalQ": AFTER}, {}, False),
        ({}, {"observationInterval": INTERVAL}, False),
        ({"geoQ": NEAR}, {"location": HERE}, True),
        ({"geoQ": {**NEAR, "geoproperty": "operationSpace"}}, {"location": HERE}, False),
        ({"geoQ": NEAR}, {}, False),
        ({"scopeQ": "/a/#"}, {"scope": "/a/b"}, True),
        ({"scopeQ": "/b"}, {"scope": "/a/b"}, False),
        ({"csf": 'description=="x"'}, {"description": "x"}, True),
        ({"csf": 'description=="x"'}, {"description": "y"}, False),
        ({"watchedAttributes": ["flow"]}, {"information": [{"propertyNames": ["level"]}]}, True),
        ({"entities": [{"type": "Pump", "id": "urn:a:1"}]}, {}, True),
        ({"entities": [{"type": "Pump,Tank"}]}, {}, True),
        ({"entities": [{"type": "Tank"}]}, {}, False),
        (
            {
                "entities": [{"type": "Pump", "id": "urn:a:1"}],
            },
            {"information": [{"entities": [{"type": "Pump", "id": "urn:a:2"}]}]},
            False,
        ),
    ],
)
async def test_5_11_2_which_registrations_match(
    town: Town, asked: dict[str, Any], registered: dict[str, Any], told: bool
) -> None:
    await town.subscribe(**asked)
    await town.register(**registered)
    if told:
        assert await town.told() == ("newlyMatching", ["water"])
    else:
        await town.receiver.nothing(0.15)


async def test_5_12_attributes_count_where_both_kinds_are_named(town: Town) -> None:
    endpoint = {"uri": town.receiver.url + "/notify"}
    await town.subscribe(watchedAttributes=["flow"], notification={"endpoint": endpoint, "attributes": ["pressure"]})
    await town.register(SOURCE + "1", information=[{"propertyNames": ["level"]}])
    await town.register(SOURCE + "2", information=[{"propertyNames": ["pressure"]}])
    assert await town.told() == ("newlyMatching", ["water2"])


@pytest.mark.parametrize(
    ("change", "status"), [({"isActive": False}, "paused"), ({"expiresAt": "2020-01-01T00:00:00Z"}, "expired")]
)
async def test_5_11_7_who_is_paused_or_expired_is_not_told(town: Town, change: dict[str, Any], status: str) -> None:
    await town.subscribe()
    assert (await town.api.patch(AT, json=change)).status_code == 204
    assert (await town.api.get(AT)).json()["status"] == status
    await town.register()
    await town.receiver.nothing()
    await town.api.delete(AT)
    assert (await town.api.get(AT)).status_code == 404


async def test_5_11_2_in_its_time_a_subscription_expires(town: Town) -> None:
    await town.subscribe(expiresAt=(datetime.now(UTC) + timedelta(seconds=0.3)).isoformat())
    assert (await town.api.get(AT)).json()["status"] == "active"
    await asyncio.sleep(0.35)
    assert (await town.api.get(AT)).json()["status"] == "expired"
    await town.register()
    await town.receiver.nothing()


async def test_5_11_7_a_time_interval_tells_whatever_there_is(town: Town) -> None:
    await town.register()
    await town.subscribe(timeInterval=0.3)
    assert await town.told() == ("newlyMatching", ["water"])
    await town.update(description="x")
    await town.api.delete(f"/csourceRegistrations/{SOURCE}")
    reasons = [await town.told() for _ in range(2)]
    assert ("newlyMatching", []) in reasons
    assert all(reason == "newlyMatching" for reason, _ in reasons)


async def test_5_2_14_how_notifications_went(town: Town) -> None:
    await town.subscribe()
    assert "timesSent" not in (await town.api.get(AT)).json()["notification"]
    await town.register()
    await town.receiver.next()
    sent = (await town.api.get(AT)).json()["notification"]
    assert (sent["status"], sent["timesSent"]) == ("ok", 1)
    assert sent["lastNotification"]
    town.receiver.status = 500
    await town.update(description="x")
    await town.receiver.next()
    await asyncio.sleep(0.05)
    failed = (await town.api.get(AT)).json()["notification"]
    assert failed["status"] == "failed" and failed["lastFailure"] >= failed["lastSuccess"]


async def test_5_13_1_a_context_without_an_address_is_given_one(town: Town) -> None:
    inline = {**subscription(town.receiver, entities=[{"type": "Pumpe"}]), "@context": CONTEXT}
    assert (await town.api.post(PATH, json=inline, headers=LD)).status_code == 201
    await town.register(information=[{"entities": [{"type": "https://example.org/Pump"}]}])
    got = await town.receiver.next()
    assert got.data[0]["information"] == [{"entities": [{"type": ["Pumpe"]}]}]
    url = got.headers["Link"].split(">")[0].lstrip("<")
    served = await town.api.get(f"/jsonldContexts/{url.rsplit('/', 1)[1]}")
    assert served.json() == {"@context": CONTEXT}
    listed = (await town.api.get("/jsonldContexts", params={"kind": "ImplicitlyCreated"})).json()
    assert listed == [url]


async def test_5_3_2_in_json_ld_the_context_is_in_the_body(town: Town) -> None:
    await town.subscribe(
        notification={"endpoint": {"uri": town.receiver.url + "/notify", "accept": "application/ld+json"}}
    )
    await town.register()
    got = await town.receiver.next()
    assert got.body["@context"] == CORE_URL
    assert got.headers["Content-Type"] == "application/ld+json" and "Link" not in got.headers


async def test_subscriptions_survive_a_restart(tmp_path: Any, receiver: Receiver) -> None:

    for start in range(2):
        store, courier = SqliteStore(tmp_path), EveryCourier(loopback=True)
        hub = Hub(store, Policy(DATASETS), WallClock(), LocalBus(), courier=courier)
        await hub.start()
        if start == 0:
            members, phrases = read_members(subscription(receiver, timeInterval=None), CORE)
            await hub.registration_subscriptions.create(SYSTEM, ID, Given(members, phrases, CORE))
        else:
            await hub.registrations.create(SYSTEM, source())
            assert (await receiver.next()).body["triggerReason"] == "newlyMatching"
        await hub.stop()
        await courier.close()
        store.close()


async def test_who_may_see_them(api: httpx.AsyncClient) -> None:
    outside = {"X-Forwarded-For": "192.0.2.1"}
    assert (await api.post(PATH, json=subscription(), headers=outside)).status_code == 403
    await api.post(PATH, json=subscription())
    assert (await api.get(AT, headers=outside)).status_code == 403
    assert (await api.get(PATH, headers=outside)).status_code == 403
