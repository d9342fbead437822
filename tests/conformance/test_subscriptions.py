"""Subscriptions as resources: ETSI GS CIM 009 v1.9.1, 5.8.1 to 5.8.5, 5.2.12 to 5.2.15."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from madang.hub import Hub

ID = "urn:ngsi-ld:Subscription:S1"
AT = f"/subscriptions/{ID}"
CONTEXT = {"Motor": "https://voc.example/Motor", "tempo": "https://voc.example/tempo"}


@pytest.fixture
def hub(telling_hub: Hub) -> Hub:
    return telling_hub


def subscription(**more: Any) -> dict[str, Any]:
    """The least that a subscription needs, and more (None: without)."""
    body = {
        "id": ID,
        "type": "Subscription",
        "entities": [{"type": "Vehicle"}],
        "notification": {"endpoint": {"uri": "http://127.0.0.1:9/notify"}},
        **more,
    }
    return {name: value for name, value in body.items() if value is not None}


def told(**more: Any) -> dict[str, Any]:
    return {"endpoint": {"uri": "http://127.0.0.1:9/notify"}, **more}


def at(endpoint: Any) -> dict[str, Any]:
    return {"endpoint": endpoint}


async def test_what_is_created_is_retrieved_as_it_was_given(api: httpx.AsyncClient) -> None:
    given = subscription(
        subscriptionName="fast cars",
        description="of the city",
        watchedAttributes=["speed", "owner"],
        notificationTrigger=["entityCreated", "attributeUpdated"],
        q='speed>50;owner=="urn:ngsi-ld:Person:Bob"',
        geoQ={"georel": "near;maxDistance==2000", "geometry": "Point", "coordinates": [11.4, 48.7]},
        scopeQ="/streets/#",
        expiresAt="2099-01-01T00:00:00Z",
        throttling=0.5,
        lang="ko",
        datasetId=["urn:d:1", "@none"],
        isActive=True,
        localOnly=True,
        csf="speed",
        entities=[{"type": "Vehicle|(Bus;Tram)", "idPattern": "urn:.*"}, {"type": "Car", "id": ["urn:a:1", "urn:a:2"]}],
        notification={
            "attributes": ["speed"],
            "format": "concise",
            "sysAttrs": True,
            "showChanges": True,
            "endpoint": {
                "uri": "https://city.example/notify?x=1",
                "accept": "application/ld+json",
                "timeout": 2000,
                "cooldown": 500,
                "receiverInfo": [{"key": "Authorization", "value": "Bearer abc"}],
                "notifierInfo": [{"key": "Prefer", "value": "body=json"}],
            },
        },
    )
    answer = await api.post("/subscriptions", json=given)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/ngsi-ld/v1/subscriptions/{ID}"
    assert (await api.get(AT)).json() == {**given, "status": "active"}


async def test_default_triggers_and_status_are_shown_and_read_only_members_ignored(api: httpx.AsyncClient) -> None:
    await api.post(
        "/subscriptions", json=subscription(status="expired", unknown=1, notification=told(timesSent=42, status="ok"))
    )
    assert (await api.get(AT)).json() == {
        **subscription(),
        "status": "active",
        "notificationTrigger": ["attributeCreated", "attributeUpdated"],
    }
    system = (await api.get(AT, params={"options": "sysAttrs"})).json()
    assert system["createdAt"] == system["modifiedAt"]


async def test_an_id_is_made_up_where_none_is_given(api: httpx.AsyncClient) -> None:
    answer = await api.post("/subscriptions", json=subscription(id=None))
    assert answer.status_code == 201
    assert (await api.get(answer.headers["location"].removeprefix("/ngsi-ld/v1"))).status_code == 200


async def test_the_same_id_twice_is_a_conflict(api: httpx.AsyncClient) -> None:
    assert (await api.post("/subscriptions", json=subscription())).status_code == 201
    again = await api.post("/subscriptions", json=subscription())
    assert (again.status_code, again.json()["type"].rsplit("/", 1)[1]) == (409, "AlreadyExists")


FAR = {"georel": "near", "geometry": "Point", "coordinates": [1, 2]}
WRONG: dict[str, dict[str, Any]] = {
    "no URI": {"id": "invalid"},
    "an empty id": {"id": ""},
    "another type": {"type": "Entity"},
    "about nothing": {"entities": None},
    "no notification": {"notification": None},
    "no endpoint": {"notification": {}},
    "no uri": {"notification": at({"accept": "application/json"})},
    "an empty list of entities": {"entities": []},
    "a selector without type": {"entities": [{"id": "urn:x:1"}]},
    "a selector with a wrong id": {"entities": [{"type": "A", "id": "no uri"}]},
    "a selector with a wrong pattern": {"entities": [{"type": "A", "idPattern": "("}]},
    "a wrong type expression": {"entities": [{"type": "A||B"}]},
    "an empty list of watched attributes": {"watchedAttributes": []},
    "an unknown trigger": {"notificationTrigger": ["entityChanged"]},
    "a wrong q": {"q": "speed>>1"},
    "a wrong csf": {"csf": "(("},
    "a wrong georel": {"geoQ": FAR},
    "a geoQ without geometry": {"geoQ": {"georel": "within"}},
    "a wrong scopeQ": {"scopeQ": "#/a"},
    "an interval and watched attributes": {"timeInterval": 5, "watchedAttributes": ["a"]},
    "an interval and throttling": {"timeInterval": 5, "throttling": 1},
    "an interval of nothing": {"timeInterval": 0},
    "an interval of a word": {"timeInterval": "5"},
    "an interval of an unknown set": {"timeInterval": 5, "entities": None},
    "a negative throttling": {"throttling": -1},
    "an expiry in the past": {"expiresAt": "2020-01-01T00:00:00Z"},
    "an expiry that is no time": {"expiresAt": "tomorrow"},
    "isActive of a word": {"isActive": "yes"},
    "a null": {"description": None, "q": "x" * 9000},
    "a datasetId that is none": {"datasetId": ["x y"]},
    "a jsonldContext that is no URI": {"jsonldContext": "here"},
    "an unknown format": {"notification": told(format="xml")},
    "no attributes": {"notification": told(attributes=[])},
    "no pick": {"notification": told(pick=[])},
    "no omit": {"notification": told(omit=[])},
    "pick and attributes": {"notification": told(pick=["a"], attributes=["a"])},
    "omit and attributes": {"notification": told(omit=["a"], attributes=["b"])},
    "pick and omit the same": {"notification": told(pick=["a"], omit=["a"])},
    "an id among the attributes": {"notification": told(attributes=["a", "id"])},
    "an open brace in pick": {"notification": told(pick=["a{b"], join="flat")},
    "pick of linked ones without join": {"notification": told(pick=["a{b}"])},
    "pick deeper than they are joined": {"notification": told(pick=["a{b{c}}"], join="inline", joinLevel=1)},
    "changes without a place": {"notification": told(format="keyValues", showChanges=True)},
    "changes without a place again": {"notification": told(format="simplified", showChanges=True)},
    "an unknown media type": {"notification": at({"uri": "http://127.0.0.1:9/", "accept": "text/html"})},
    "a uri that is none": {"notification": at({"uri": "notify"})},
    "a scheme that nobody knows": {"notification": at({"uri": "ftp://127.0.0.1/x"})},
    "a timeout of nothing": {"notification": at({"uri": "http://127.0.0.1:9/", "timeout": 0})},
    "a pair without value": {"notification": at({"uri": "http://127.0.0.1:9/", "receiverInfo": [{"key": "K"}]})},
    "a pair of a number": {
        "notification": at({"uri": "http://127.0.0.1:9/", "notifierInfo": [{"key": "K", "value": 42}]})
    },
    "a header in a header": {
        "notification": at({"uri": "http://127.0.0.1:9/", "receiverInfo": [{"key": "K", "value": "a\r\nHost: b"}]})
    },
    "a header of ours": {
        "notification": at({"uri": "http://127.0.0.1:9/", "receiverInfo": [{"key": "Host", "value": "b"}]})
    },
    "MQTT without a topic": {"notification": at({"uri": "mqtt://127.0.0.1/"})},
    "MQTT of no quality": {
        "notification": at({"uri": "mqtt://127.0.0.1/t", "notifierInfo": [{"key": "MQTT-QoS", "value": "3"}]})
    },
    "a private address": {"notification": at({"uri": "http://192.168.1.1/"})},
    "the cloud's own address": {"notification": at({"uri": "http://169.254.169.254/latest"})},
    "a private address in disguise": {"notification": at({"uri": "http://[::ffff:10.0.0.1]/"})},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=list(WRONG))
async def test_what_is_wrong_is_refused(api: httpx.AsyncClient, wrong: dict[str, Any]) -> None:
    answer = await api.post("/subscriptions", json=subscription(**wrong))
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData"), answer.text
    assert (await api.get("/subscriptions")).json() == []


async def test_a_null_is_refused_when_it_is_created(api: httpx.AsyncClient) -> None:
    assert (await api.post("/subscriptions", json={**subscription(), "description": None})).status_code == 400


async def test_names_are_read_in_one_context_and_written_in_another(api: httpx.AsyncClient) -> None:
    given = subscription(
        entities=[{"type": "Motor"}],
        watchedAttributes=["tempo"],
        q="tempo>3",
        geoQ={"georel": "within", "geometry": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
        notification=told(pick=["id", "tempo"]),
    )
    answer = await api.post(
        "/subscriptions", json={**given, "@context": CONTEXT}, headers={"Content-Type": "application/ld+json"}
    )
    assert answer.status_code == 201, answer.text
    plain = (await api.get(AT)).json()
    assert plain["entities"] == [{"type": "https://voc.example/Motor"}]
    assert plain["watchedAttributes"] == ["https://voc.example/tempo"]
    assert plain["q"] == "https://voc.example/tempo>3"
    assert plain["notification"]["pick"] == ["id", "https://voc.example/tempo"]
    linked = (await api.get(AT, headers={"Accept": "application/ld+json"})).json()
    assert linked["@context"].startswith("https://uri.etsi.org")


async def test_members_are_updated_replaced_and_deleted(api: httpx.AsyncClient) -> None:
    await api.post("/subscriptions", json=subscription(description="old", q="speed>1", throttling=5))
    fragment = {"type": "Subscription", "description": None, "q": "speed>2", "subscriptionName": "new"}
    assert (await api.patch(AT, json=fragment)).status_code == 204
    await api.patch(AT, json={"throttling": "urn:ngsi-ld:null"})
    await api.patch(AT, json={"notification": {"format": "keyValues", "endpoint": {"accept": "application/ld+json"}}})
    found = (await api.get(AT)).json()
    assert "description" not in found
    assert "throttling" not in found
    assert (found["q"], found["subscriptionName"]) == ("speed>2", "new")
    uri = subscription()["notification"]["endpoint"]["uri"]
    assert found["notification"] == {"format": "keyValues", "endpoint": {"uri": uri, "accept": "application/ld+json"}}
    times = (await api.get(AT, params={"options": "sysAttrs"})).json()
    assert times["createdAt"] < times["modifiedAt"]


@pytest.mark.parametrize(
    "fragment",
    [
        {"notification": None},
        {"notification": {"format": "keyValues", "endpoint": None}},
        {"entities": None},
        {"expiresAt": "2020-01-01T00:00:00Z"},
        {"expiresAt": "2020-01-01T00:00:00Z", "isActive": True},
        {"timeInterval": -1},
        {"type": "Entity"},
        {"id": "urn:ngsi-ld:Subscription:other"},
        {"id": None},
        {"q": "(("},
        {"notification": {"endpoint": {"uri": "http://10.1.2.3/"}}},
    ],
)
async def test_a_wrong_update_leaves_everything(api: httpx.AsyncClient, fragment: dict[str, Any]) -> None:
    await api.post("/subscriptions", json=subscription())
    before = (await api.get(AT)).json()
    answer = await api.patch(AT, json=fragment)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData")
    assert (await api.get(AT)).json() == before


async def test_status_is_active_paused_or_expired(api: httpx.AsyncClient) -> None:
    await api.post("/subscriptions", json=subscription(isActive=False))
    assert (await api.get(AT)).json()["status"] == "paused"
    await api.patch(AT, json={"isActive": True})
    assert (await api.get(AT)).json()["status"] == "active"
    soon = datetime.now(UTC) + timedelta(seconds=0.2)
    await api.patch(AT, json={"expiresAt": soon.isoformat().replace("+00:00", "Z")})
    while datetime.now(UTC) <= soon:
        assert (await api.get(AT)).json()["status"] in ("active", "expired")
    assert (await api.get(AT)).json()["status"] == "expired"
    await api.patch(AT, json={"expiresAt": "2099-01-01T00:00:00Z"})
    assert (await api.get(AT)).json()["status"] == "active"


async def test_what_is_not_there_or_no_uri(api: httpx.AsyncClient) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        body = {"json": {"description": "x"}} if method == "PATCH" else {}
        missing = await api.request(method, "/subscriptions/urn:ngsi-ld:Subscription:none", **body)
        assert (missing.status_code, missing.json()["type"].rsplit("/", 1)[1]) == (404, "ResourceNotFound")
        wrong = await api.request(method, "/subscriptions/InvalidUri", **body)
        assert (wrong.status_code, wrong.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData")


async def test_deleted_is_gone(api: httpx.AsyncClient) -> None:
    await api.post("/subscriptions", json=subscription())
    answer = await api.delete(AT)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await api.get(AT)).status_code == 404
    assert (await api.post("/subscriptions", json=subscription())).status_code == 201


async def test_a_list_has_pages(api: httpx.AsyncClient) -> None:
    for number in range(3):
        await api.post("/subscriptions", json=subscription(id=f"urn:s:{number}"))
    everything = await api.get("/subscriptions", params={"count": "true"})
    assert [one["id"] for one in everything.json()] == ["urn:s:0", "urn:s:1", "urn:s:2"]
    assert everything.headers["ngsild-results-count"] == "3"
    middle = await api.get(
        "/subscriptions", params={"limit": "1", "offset": "1"}, headers={"Accept": "application/ld+json"}
    )
    assert [one["id"] for one in middle.json()] == ["urn:s:1"]
    assert middle.headers["link"] == (
        '</ngsi-ld/v1/subscriptions?limit=1&offset=0>;rel="prev";type="application/ld+json", '
        '</ngsi-ld/v1/subscriptions?limit=1&offset=2>;rel="next";type="application/ld+json"'
    )
    none = await api.get("/subscriptions", params={"limit": "0", "count": "true"})
    assert (none.json(), none.headers["ngsild-results-count"]) == ([], "3")
    assert (await api.get("/subscriptions", params={"limit": "0"})).status_code == 400


async def test_tenants_have_their_own(api: httpx.AsyncClient) -> None:
    north = {"NGSILD-Tenant": "north"}
    assert (await api.get(AT, headers=north)).status_code == 404
    assert (await api.post("/subscriptions", json=subscription(), headers=north)).status_code == 201
    assert (await api.get(AT)).status_code == 404
    assert (await api.get(AT, headers=north)).status_code == 200


async def test_only_who_may_write_sees_them(api: httpx.AsyncClient, site: httpx.AsyncClient) -> None:
    await api.post("/subscriptions", json=subscription())
    public = {"X-Forwarded-For": "203.0.113.9"}
    for path in ("/subscriptions", AT):
        assert (await api.get(path, headers=public)).status_code == 403
    assert (await api.post("/subscriptions", json=subscription(id=None), headers=public)).status_code == 403
    assert (await api.delete(AT, headers=public)).status_code == 403
    assert (await site.get("/outbox", headers=public)).status_code == 403
    assert (await site.get("/outbox/dead", headers=public)).status_code == 403
    assert (await site.post("/outbox/resend", headers=public)).status_code == 403


async def test_unknown_parameters_and_media_types_are_refused(api: httpx.AsyncClient) -> None:
    assert (await api.get("/subscriptions", params={"invalidParams": "x"})).status_code == 400
    assert (await api.post("/subscriptions", content=b"{}", headers={"Content-Type": "text/plain"})).status_code == 415
    broken = await api.post("/subscriptions", content=b"{", headers={"Content-Type": "application/json"})
    assert broken.json()["type"].endswith("InvalidRequest")
    assert (await api.post("/subscriptions", json=[1])).status_code == 400


async def test_the_id_may_be_said_again(api: httpx.AsyncClient) -> None:
    await api.post("/subscriptions", json=subscription())
    assert (await api.patch(AT, json={"id": ID, "description": "x"})).status_code == 204
    assert (await api.get(AT)).json()["description"] == "x"


async def test_names_in_a_projection_are_answered_as_given(api: httpx.AsyncClient) -> None:
    members = ["id", "owner{name,home{street}}"]
    notification = told(pick=members, join="inline", joinLevel=2)
    assert (await api.post("/subscriptions", json=subscription(notification=notification))).status_code == 201
    assert (await api.get(AT)).json()["notification"]["pick"] == members


async def test_many_are_made_found_and_deleted(api: httpx.AsyncClient) -> None:
    for n in range(200):
        body = subscription(id=f"urn:s:{n}", entities=[{"type": "A", "idPattern": f":{n}$"}])
        assert (await api.post("/subscriptions", json=body)).status_code == 201
    answer = await api.get("/subscriptions", params={"limit": 1, "offset": 199, "count": "true"})
    assert (answer.json()[0]["id"], answer.headers["NGSILD-Results-Count"]) == ("urn:s:199", "200")
    for n in range(0, 200, 2):
        assert (await api.delete(f"/subscriptions/urn:s:{n}")).status_code == 204
    answer = await api.get("/subscriptions", params={"limit": 0, "count": "true"})
    assert answer.headers["NGSILD-Results-Count"] == "100"
