"""What subscribers are told, and how it went: ETSI GS CIM 009 v1.9.1, 5.8.6, 5.3.1, 6.3.8, to a real receiver."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from madang.govern import Caller
from madang.hub import Hub
from madang.hub.subscriptions import Given
from madang.model.context import CORE, CORE_URL, Context
from madang.model.subscription import read_members
from madang.notify import EveryCourier

from .receiving import AT, CAR, ID, Town, prop, receiving

CORE_LINK = f'<{CORE_URL}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'


@pytest.fixture
def hub(telling_hub: Hub) -> Hub:
    return telling_hub


async def test_a_notification_has_its_members_and_headers(town: Town) -> None:
    await town.subscribe()
    await town.create(speed=prop(30), colour=prop("red"))
    got = await town.receiver.next()
    body = dict(got.body)
    assert body.pop("id").startswith("urn:ngsi-ld:Notification:")
    assert datetime.fromisoformat(body.pop("notifiedAt")).tzinfo is not None
    entity = {"id": CAR, "type": "Vehicle", "speed": prop(30), "colour": prop("red")}
    assert body == {"type": "Notification", "subscriptionId": ID, "data": [entity]}
    assert got.headers["Content-Type"] == "application/json"
    assert got.headers["Link"] == CORE_LINK
    assert "NGSILD-Tenant" not in got.headers
    assert got.path == "/notify"


async def test_nothing_is_told_when_a_subscription_is_made(town: Town) -> None:
    await town.create(speed=prop(30))
    await town.subscribe()
    await town.receiver.nothing()


async def test_only_another_value_is_a_change(town: Town) -> None:
    await town.create(speed=prop(30, observedAt="2026-01-01T00:00:00Z", accuracy=prop(1)))
    await town.subscribe()
    await town.update(speed=prop(30, observedAt="2026-01-01T00:00:00Z", accuracy=prop(1)))
    await town.receiver.nothing()
    await town.update(speed=prop(30, observedAt="2026-01-01T00:00:01Z", accuracy=prop(1)))
    assert (await town.receiver.next()).data[0]["speed"]["observedAt"] == "2026-01-01T00:00:01Z"
    await town.update(speed=prop(30, observedAt="2026-01-01T00:00:01Z", accuracy=prop(2)))
    assert (await town.receiver.next()).data[0]["speed"]["accuracy"]["value"] == 2


@pytest.mark.parametrize(
    ("triggers", "told"),
    [
        (["entityCreated"], ["create"]),
        (["attributeCreated"], ["create", "append"]),
        (["attributeUpdated"], ["update"]),
        (["attributeDeleted"], ["drop", "delete"]),
        (["entityDeleted"], ["delete"]),
        (["entityUpdated"], ["create", "append", "update", "drop", "delete"]),
        (None, ["create", "append", "update"]),
    ],
)
async def test_each_trigger_tells_of_its_changes(town: Town, triggers: Any, told: list[str]) -> None:
    await town.subscribe(notificationTrigger=triggers)
    seen: list[str] = []
    steps = {
        "create": town.create(speed=prop(30), colour=prop("red")),
        "append": town.api.post(f"/entities/{CAR}/attrs", json={"doors": prop(4)}),
        "update": town.update(speed=prop(31)),
        "drop": town.api.delete(f"/entities/{CAR}/attrs/colour"),
        "delete": town.api.delete(f"/entities/{CAR}"),
    }
    for name, step in steps.items():
        await step
        try:
            await town.receiver.next(0.12)
            seen.append(name)
        except TimeoutError:
            continue
    assert seen == told


async def test_only_watched_attributes_trigger(town: Town) -> None:
    await town.create(speed=prop(30), colour=prop("red"))
    await town.subscribe(watchedAttributes=["speed"])
    await town.update(colour=prop("blue"))
    await town.receiver.nothing()
    await town.update(speed=prop(31))
    assert (await town.receiver.next()).data[0]["colour"]["value"] == "blue"


async def test_watched_attributes_alone_are_enough(town: Town) -> None:
    await town.subscribe(entities=None, watchedAttributes=["speed"])
    await town.create("urn:x:1", "Boat", speed=prop(3))
    await town.create("urn:x:2", "Boat", length=prop(3))
    assert (await town.receiver.next()).data[0]["id"] == "urn:x:1"
    await town.receiver.nothing()


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ({"entities": [{"type": "Vehicle", "id": "urn:x:2"}]}, "2"),
        ({"entities": [{"type": "Vehicle", "id": ["urn:x:2", "urn:x:3"]}]}, "23"),
        ({"entities": [{"type": "Vehicle", "idPattern": ".*3$"}]}, "3"),
        ({"entities": [{"type": "Boat"}, {"type": "Vehicle", "id": "urn:x:1"}]}, "14"),
        ({"entities": [{"type": "(Vehicle;Bus)|Boat"}]}, "34"),
        ({"entities": [{"type": "*"}]}, "1234"),
        ({"q": "speed>15"}, "23"),
        ({"q": 'colour=="red"|speed==20'}, "12"),
        ({"geoQ": {"georel": "near;maxDistance==1000", "geometry": "Point", "coordinates": [2, 0]}}, "2"),
        ({"scopeQ": "/a/#"}, "13"),
    ],
)
async def test_only_what_matches_is_told(town: Town, condition: dict[str, Any], told: str) -> None:
    await town.subscribe(**condition)
    for number, (type, scope) in enumerate([("Vehicle", "/a/b"), ("Vehicle", "/b"), (["Vehicle", "Bus"], "/a")], 1):
        await town.api.post(
            "/entities",
            json={
                "id": f"urn:x:{number}",
                "type": type,
                "scope": scope,
                "speed": prop(number * 10),
                "colour": prop("red" if number == 1 else "blue"),
                "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [number, 0]}},
            },
        )
    await town.create("urn:x:4", "Boat", length=prop(3))
    got = "".join([(await town.receiver.next()).data[0]["id"][-1] for _ in told])
    assert got == told
    await town.receiver.nothing(0.1)


async def test_a_batch_makes_one_notification(town: Town) -> None:
    await town.subscribe()
    cars = [{"id": f"urn:x:{number}", "type": "Vehicle", "speed": prop(number)} for number in range(5)]
    await town.api.post("/entityOperations/create", json=cars)
    assert [one["id"] for one in (await town.receiver.next()).data] == [one["id"] for one in cars]
    await town.receiver.nothing()


async def test_json_ld_has_its_context_in_the_body(town: Town) -> None:
    await town.subscribe(endpoint={"accept": "application/ld+json"})
    await town.create(speed=prop(30))
    got = await town.receiver.next()
    assert got.headers["Content-Type"] == "application/ld+json"
    assert "Link" not in got.headers
    assert got.data[0]["@context"] == got.body["@context"] == CORE_URL


async def test_geojson_is_a_collection_of_features(town: Town) -> None:
    await town.subscribe(endpoint={"accept": "application/geo+json"}, notification={"format": "keyValues"})
    point = {"type": "Point", "coordinates": [1.0, 2.0]}
    await town.create(speed=prop(30), location={"type": "GeoProperty", "value": point})
    got = await town.receiver.next()
    assert got.headers["Content-Type"] == "application/geo+json"
    assert got.data == {
        "type": "FeatureCollection",
        "features": [
            {
                "id": CAR,
                "type": "Feature",
                "geometry": point,
                "properties": {"type": "Vehicle", "speed": 30, "location": point},
            }
        ],
        "@context": CORE_URL,
    }


async def test_names_are_told_in_the_context_of_the_subscription(town: Town, hub: Hub) -> None:
    """As if it had been fetched: the API's own tests fetch contexts."""
    url = "https://voc.example/context.jsonld"
    context = Context({"tempo": "https://voc.example/speed"}, source=[url])
    body = {
        "type": "Subscription",
        "entities": [{"type": "Vehicle"}],
        "q": "tempo>3",
        "watchedAttributes": ["tempo"],
        "notification": {"endpoint": {"uri": town.receiver.url}},
    }
    members, phrases = read_members(body, context)
    caller = Caller("operator", "operator")
    await hub.subscriptions.create(caller, ID, Given(members, phrases, context))
    await town.create(**{"https://voc.example/speed": prop(30), "other": prop(1)})
    got = await town.receiver.next()
    assert got.data == [{"id": CAR, "type": "Vehicle", "tempo": prop(30), "other": prop(1)}]
    assert got.headers["Link"] == CORE_LINK.replace(CORE_URL, url)
    inline = Context({"tempo": "https://voc.example/speed"}, source={"tempo": "https://voc.example/speed"})
    await hub.subscriptions.update(caller, ID, Given({"jsonldContext": url}, {}, inline), retold=True)
    await town.update(**{"https://voc.example/speed": prop(31)})
    got = await town.receiver.next()
    assert got.data[0]["https://voc.example/speed"] == prop(31)
    assert got.headers["Link"] == CORE_LINK
    assert CORE.plain


async def test_a_context_without_an_address_is_kept_here_and_named(town: Town, site: httpx.AsyncClient) -> None:
    context = {"tempo": "https://voc.example/speed"}
    body = {
        "id": ID,
        "type": "Subscription",
        "entities": [{"type": "Vehicle"}],
        "notification": {"endpoint": {"uri": town.receiver.url}},
        "@context": context,
    }
    headers = {"Content-Type": "application/ld+json"}
    assert (await town.api.post("/subscriptions", json=body, headers=headers)).status_code == 201
    await town.create(**{"https://voc.example/speed": prop(30)})
    got = await town.receiver.next()
    assert got.data[0]["tempo"] == prop(30)
    url = got.headers["Link"].split(">")[0].removeprefix("<")
    assert (await site.get(url)).json() == {"@context": context}


async def test_what_the_receiver_asked_for_is_in_the_headers(town: Town) -> None:
    await town.subscribe(endpoint={"receiverInfo": [{"key": "X-Key", "value": "abc"}]})
    await town.create(speed=prop(30))
    assert (await town.receiver.next()).headers["X-Key"] == "abc"


async def test_tenants_are_told_of_their_own(town: Town) -> None:
    north = {"NGSILD-Tenant": "north"}
    await town.subscribe(headers=north)
    await town.create(speed=prop(1))
    await town.create(speed=prop(2), headers=north)
    got = await town.receiver.next()
    assert (got.data[0]["speed"]["value"], got.headers["NGSILD-Tenant"]) == (2, "north")
    await town.receiver.nothing()


async def test_the_account_of_what_was_sent(town: Town) -> None:
    await town.subscribe()
    assert "timesSent" not in await town.params()
    await town.create(speed=prop(30))
    await town.receiver.next()
    params = await town.params()
    assert params["timesSent"] == 1
    params = await town.until(status="ok", timesSent=1)
    assert params["lastNotification"] <= params["lastSuccess"]
    assert "lastFailure" not in params


async def given_up(site: httpx.AsyncClient) -> None:
    for _ in range(100):
        if (await site.get("/outbox/dead")).json()["dead"]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nothing was given up")


async def test_what_fails_is_counted_tried_again_and_given_up(town: Town, site: httpx.AsyncClient) -> None:
    town.receiver.status = 503
    await town.subscribe()
    await town.create(speed=prop(30))
    for _ in range(3):
        await town.receiver.next()
    await town.until(status="failed", timesSent=1, timesFailed=1)
    await given_up(site)
    params = await town.params()
    assert params["lastFailure"] == params["lastNotification"]
    (letter,) = (await site.get("/outbox/dead")).json()["dead"]
    assert (letter["subscription"], letter["attempts"], letter["error"]) == (ID, 3, "the receiver answered 503")
    assert letter["notification"]["data"][0]["id"] == CAR
    account = (await site.get("/outbox")).json()["subscriptions"][ID]
    assert (account["due"], account["delivered"], account["pending"], account["dead"]) == (1, 0, 0, 1)
    town.receiver.status = 204
    assert (await site.post("/outbox/resend", params={"number": letter["number"]})).json() == {"resent": 1}
    assert (await town.receiver.next()).body["id"] == letter["notification"]["id"]
    await town.until(status="ok")
    assert (await site.get("/outbox/dead")).json() == {"dead": []}


async def test_a_slow_receiver_has_its_own_timeout(town: Town) -> None:
    town.receiver.delay_s = 0.5
    await town.subscribe(endpoint={"timeout": 50})
    await town.create(speed=prop(30))
    await town.until(status="failed")


async def test_paused_is_not_told_and_resumed_is(town: Town) -> None:
    await town.subscribe(isActive=False)
    await town.create(speed=prop(30))
    await town.receiver.nothing()
    await town.api.patch(AT, json={"isActive": True})
    await town.receiver.nothing()
    await town.update(speed=prop(31))
    assert (await town.receiver.next()).data[0]["speed"]["value"] == 31
    await town.api.patch(AT, json={"isActive": False})
    await town.update(speed=prop(32))
    await town.receiver.nothing()


async def test_expired_is_not_told(town: Town) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=0.15)
    await town.subscribe(expiresAt=soon.isoformat().replace("+00:00", "Z"))
    await asyncio.sleep(0.2)
    await town.create(speed=prop(30))
    await town.receiver.nothing()


async def test_deleted_is_not_told(town: Town) -> None:
    await town.subscribe()
    await town.api.delete(AT)
    await town.create(speed=prop(30))
    await town.receiver.nothing()


async def test_updated_is_told_as_updated(town: Town) -> None:
    await town.create(speed=prop(30))
    await town.subscribe(q="speed>100")
    await town.update(speed=prop(31))
    await town.api.patch(AT, json={"q": None, "notification": {"format": "keyValues"}})
    await town.update(speed=prop(32))
    assert (await town.receiver.next()).data == [{"id": CAR, "type": "Vehicle", "speed": 32}]


async def test_throttling_leaves_out_what_comes_too_soon(town: Town) -> None:
    await town.create(speed=prop(0))
    await town.subscribe(throttling=0.4)
    await town.update(speed=prop(1))
    assert (await town.receiver.next()).data[0]["speed"]["value"] == 1
    await town.update(speed=prop(2))
    await town.receiver.nothing(0.2)
    await asyncio.sleep(0.25)
    await town.update(speed=prop(3))
    assert (await town.receiver.next()).data[0]["speed"]["value"] == 3


async def test_an_interval_tells_again_and_again_what_matches(town: Town) -> None:
    await town.create("urn:x:1", speed=prop(10))
    await town.create("urn:x:2", speed=prop(20))
    await town.subscribe(timeInterval=0.3, q="speed>15", notification={"format": "keyValues"})
    await town.receiver.nothing(0.1)
    first, second = await town.receiver.next(), await town.receiver.next()
    assert first.data == second.data == [{"id": "urn:x:2", "type": "Vehicle", "speed": 20}]
    apart = datetime.fromisoformat(second.body["notifiedAt"]) - datetime.fromisoformat(first.body["notifiedAt"])
    assert timedelta(seconds=0.2) < apart < timedelta(seconds=1)
    await town.api.patch("/entities/urn:x:2/attrs", json={"speed": prop(1)})
    await asyncio.sleep(0.1)
    await town.api.delete(AT)
    count = len(town.receiver.got)
    await asyncio.sleep(0.4)
    assert len(town.receiver.got) == count


async def test_a_subscription_shows_what_its_owner_may_see(town: Town, hub: Hub) -> None:
    """A caller who sees public datasets only is not told of the others."""
    members = {"entities": [{"type": "CaseFile"}, {"type": "Vehicle"}], "notification": {"endpoint": {"uri": ""}}}
    members["notification"] = {"endpoint": {"uri": town.receiver.url}}
    await hub.subscriptions.create(Caller("signals", "service"), ID, Given(members, {}, CORE))
    await town.create("urn:x:1", "CaseFile", secret=prop(1))
    await town.create("urn:x:2", "Vehicle", speed=prop(1))
    await town.receiver.nothing()
    await hub.subscriptions.create(Caller("operator", "operator"), ID + "2", Given(members, {}, CORE))
    await town.create("urn:x:3", "CaseFile", secret=prop(1))
    assert (await town.receiver.next()).body["subscriptionId"] == ID + "2"
    await town.receiver.nothing()


async def test_one_dead_receiver_slows_no_other(town: Town) -> None:
    async with receiving() as other:
        other.delay_s = 3
        await town.subscribe(id="urn:s:slow", notification={"endpoint": {"uri": other.url}})
        await town.subscribe(id="urn:s:shut", notification={"endpoint": {"uri": "http://127.0.0.1:9/"}})
        await town.subscribe()
        for number in range(20):
            await town.create(f"urn:x:{number}", speed=prop(number))
        for number in range(20):
            assert (await town.receiver.next(1)).data[0]["id"] == f"urn:x:{number}"
        other.delay_s = 0


async def test_a_name_that_leads_into_a_private_network_is_not_followed(town: Town, hub: Hub) -> None:
    """The address that is connected to is the one that is checked: localhost by name, for a hub that may not."""
    courier = EveryCourier(loopback=False)
    assert hub.delivery.courier is not None
    hub.delivery.courier = courier
    members = {"entities": [{"type": "Vehicle"}]}
    port = town.receiver.url.rsplit(":", 1)[1]
    members["notification"] = {"endpoint": {"uri": f"http://ip6-localhost:{port}/"}}
    await hub.subscriptions.create(Caller("operator", "operator"), ID, Given(members, {}, CORE))
    await town.create(speed=prop(1))
    await town.until(status="failed")
    assert town.receiver.got == []
    await courier.close()
