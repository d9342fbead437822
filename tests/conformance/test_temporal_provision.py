"""The past provided: ETSI GS CIM 009 v1.9.1, 5.6.11 to 5.6.16, over HTTP (6.18 to 6.22), and what changes of the
current state leave in it (4.5.6 to 4.5.8)."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar

from madang.bus.local import LocalBus
from madang.clock import WallClock
from madang.govern import Policy
from madang.hub import Hub
from madang.store.memory import MemoryStore

from .conftest import ROOT, dataset

ID = "urn:ngsi-ld:Tank:1"
PAST, NOW = f"/temporal/entities/{ID}", f"/entities/{ID}"
LEVELS = [{"type": "Property", "value": n, "observedAt": f"2026-03-01T07:0{n}:00Z"} for n in range(3)]
LATER = {"type": "Property", "value": 9, "observedAt": "2026-03-01T08:00:00Z"}


@pytest.fixture
async def tank(api: httpx.AsyncClient) -> str:
    answer = await api.post("/temporal/entities", json={"id": ID, "type": "Tank", "level": LEVELS})
    assert answer.status_code == 201
    return PAST


async def told(api: httpx.AsyncClient, name: str = "level", **query: str) -> list[Any]:
    answer = await api.get(PAST, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json().get(name, [])


async def values(api: httpx.AsyncClient, name: str = "level", **query: str) -> list[Any]:
    return [one["value"] for one in await told(api, name, **query)]


async def test_5_6_11_the_newest_instance_is_the_current_state(api: httpx.AsyncClient, tank: str) -> None:
    assert (await api.get(NOW)).json()["level"]["value"] == 2
    late = [{"type": "Property", "value": 9, "observedAt": "2026-03-01T06:00:00Z"}]
    again = await api.post("/temporal/entities", json={"id": ID, "type": "Tank", "level": late})
    assert (again.status_code, again.content) == (204, b"")
    assert (await api.get(NOW)).json()["level"]["value"] == 2
    assert (await values(api))[0] == 9


async def test_5_6_11_types_come_together(api: httpx.AsyncClient, tank: str) -> None:
    more = {"id": ID, "type": ["Tank", "Pool"], "level": [LATER]}
    assert (await api.post("/temporal/entities", json=more)).status_code == 204
    assert set((await api.get(PAST)).json()["type"]) == {"Tank", "Pool"}


async def test_5_6_11_is_new_again_when_its_past_is_gone(api: httpx.AsyncClient, tank: str) -> None:
    assert (await api.delete(tank)).status_code == 204
    again = await api.post("/temporal/entities", json={"id": ID, "type": "Tank", "level": LEVELS})
    assert again.status_code == 201


async def test_5_6_11_instances_without_a_time_are_all_kept(api: httpx.AsyncClient) -> None:
    bare = [{"type": "Property", "value": n} for n in range(3)]
    await api.post("/temporal/entities", json={"id": ID, "type": "Tank", "level": bare})
    assert await values(api) == [0, 1, 2]
    assert (await api.get(NOW)).json()["level"]["value"] == 2


@pytest.mark.parametrize(
    "body",
    [
        {"type": "Tank", "level": LEVELS},
        {"id": "tank", "type": "Tank", "level": LEVELS},
        {"id": ID, "level": LEVELS},
        {"id": ID, "type": "Tank", "expiresAt": "urn:ngsi-ld:null", "level": LEVELS},
        {"id": ID, "type": "Tank", "level": [{**LATER, "observedAt": "noon"}]},
        {"id": ID, "type": "Tank", "scope": [{"type": "Property", "value": "a b"}]},
    ],
)
async def test_5_6_11_what_is_no_temporal_representation(api: httpx.AsyncClient, body: dict[str, Any]) -> None:
    assert (await api.post("/temporal/entities", json=body)).status_code == 400
    assert (await api.get(PAST)).status_code == 404


async def test_5_6_12_adds_instances(api: httpx.AsyncClient, tank: str) -> None:
    body = {"level": [LATER], "depth": [LATER]}
    assert (await api.post(f"{tank}/attrs", json=body)).status_code == 204
    assert (await values(api), await values(api, "depth")) == ([0, 1, 2, 9], [9])
    assert (await api.get(NOW)).json()["depth"]["value"] == 9


async def test_5_6_12_of_no_such_entity(api: httpx.AsyncClient) -> None:
    assert (await api.post(f"{PAST}/attrs", json={"level": [LATER]})).status_code == 404
    assert (await api.post("/temporal/entities/tank/attrs", json={"level": [LATER]})).status_code == 400
    assert (await api.post("/entities", json={"id": ID, "type": "Tank", "colour": {"value": "red"}})).status_code == 201
    assert (await api.post(f"{PAST}/attrs", json={"level": [LATER]})).status_code == 404


@pytest.fixture
async def two(api: httpx.AsyncClient) -> str:
    both = [*LEVELS, {**LATER, "datasetId": "urn:x:d"}]
    body = {"id": ID, "type": "Tank", "level": both, "depth": LEVELS}
    assert (await api.post("/temporal/entities", json=body)).status_code == 201
    return f"{PAST}/attrs/level"


@pytest.mark.parametrize(
    ("query", "left"),
    [({}, [9]), ({"datasetId": "@none"}, [9]), ({"datasetId": "urn:x:d"}, [0, 1, 2]), ({"deleteAll": "true"}, [])],
)
async def test_5_6_13_deletes_an_attribute(
    api: httpx.AsyncClient, two: str, query: dict[str, str], left: list[int]
) -> None:
    answer = await api.delete(two, params=query)
    assert (answer.status_code, answer.content) == (204, b"")
    assert await values(api) == left
    assert await values(api, "depth") == [0, 1, 2]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{PAST}/attrs/unknown", 404),
        ("/temporal/entities/urn:ngsi-ld:Tank:2/attrs/level", 404),
        ("/temporal/entities/tank/attrs/level", 400),
        (f"{PAST}/attrs/bad(name", 400),
        (f"{PAST}/attrs/%2e%2e", 400),
        (f"{PAST}/attrs/%252e%252e", 400),
        (f"{PAST}/attrs/level?datasetId=urn:x:other", 404),
        (f"{PAST}/attrs/level?datasetId=other", 400),
    ],
)
async def test_5_6_13_what_cannot_be_deleted(api: httpx.AsyncClient, two: str, address: str, status: int) -> None:
    answer = await api.request("DELETE", httpx.URL(f"http://127.0.0.1{ROOT}{address}"))
    assert answer.status_code == status, answer.text
    assert await values(api) == [0, 1, 2, 9]


async def test_5_6_14_replaces_one_instance(api: httpx.AsyncClient, tank: str) -> None:
    before = await told(api, options="sysAttrs")
    first = f"{tank}/attrs/level/{before[0]['instanceId']}"
    body = {"type": "Property", "value": 7, "observedAt": "2026-03-01T07:00:00Z", "unitCode": "MTR"}
    assert (await api.patch(first, json=body)).status_code == 204
    one, *rest = await told(api, options="sysAttrs")
    assert {**body, "instanceId": before[0]["instanceId"], "createdAt": before[0]["createdAt"]}.items() <= one.items()
    assert one["modifiedAt"] > one["createdAt"]
    assert rest == before[1:]
    moved = {"level": [{"type": "Property", "value": 8, "observedAt": "2026-03-01T09:00:00Z"}]}
    assert (await api.patch(first, json=moved)).status_code == 204
    assert await values(api) == [1, 2, 8]
    assert (await told(api))[-1]["instanceId"] == before[0]["instanceId"]


async def test_5_6_15_deletes_one_instance(api: httpx.AsyncClient, tank: str) -> None:
    middle = (await told(api))[1]["instanceId"]
    answer = await api.delete(f"{tank}/attrs/level/{middle}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert await values(api) == [0, 2]
    assert (await api.delete(f"{tank}/attrs/level/{middle}")).status_code == 404


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/temporal/entities/urn:ngsi-ld:Tank:2/attrs/level/urn:x:i", 404),
        (f"{PAST}/attrs/depth/urn:x:i", 404),
        (f"{PAST}/attrs/level/urn:x:i", 404),
        (f"{PAST}/attrs/level/i", 400),
        (f"{PAST}/attrs/bad(name/urn:x:i", 400),
        ("/temporal/entities/tank/attrs/level/urn:x:i", 400),
    ],
)
async def test_5_6_14_what_cannot_be_replaced(api: httpx.AsyncClient, tank: str, address: str, status: int) -> None:
    assert (await api.patch(address, json=LATER)).status_code == status
    assert (await api.delete(address)).status_code == status


async def test_5_6_14_a_body_is_one_instance(api: httpx.AsyncClient, tank: str) -> None:
    first = f"{tank}/attrs/level/{(await told(api))[0]['instanceId']}"
    assert (await api.patch(first, json=[LATER, LATER])).status_code == 400
    assert (await api.patch(first, json={"type": "Property"})).status_code == 400
    assert await values(api) == [0, 1, 2]


@pytest.mark.parametrize(("address", "status"), [(f"{PAST}/attrs/level/", 405), (f"{PAST}/attrs//urn:x:i", 405)])
async def test_6_22_an_address_without_one_of_its_parts(
    api: httpx.AsyncClient, tank: str, address: str, status: int
) -> None:
    assert (await api.patch(address, json=LATER)).status_code == status


async def test_5_6_16_deletes_the_past(api: httpx.AsyncClient, tank: str) -> None:
    assert (await api.delete(tank)).status_code == 204
    assert (await api.get(tank)).status_code == 404
    assert (await api.delete(tank)).status_code == 404


async def test_5_6_16_what_is_there_because_of_its_past_goes_with_it(api: httpx.AsyncClient, tank: str) -> None:
    assert (await api.delete(tank)).status_code == 204
    assert (await api.get(NOW)).status_code == 404
    assert (await api.get(tank)).status_code == 404


@pytest.mark.parametrize("name", ["level", "depth"])
async def test_5_6_16_what_was_written_otherwise_stays(api: httpx.AsyncClient, tank: str, name: str) -> None:
    assert (await api.post(f"{NOW}/attrs", json={name: {"value": 5}})).status_code == 204
    assert (await api.delete(tank)).status_code == 204
    assert (await api.get(NOW)).json()[name]["value"] == 5


# What happens to the current state. The dataset keeps the past of everything.


@pytest.fixture
async def everything(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    hub = Hub(MemoryStore(), Policy((dataset("all", "*", history=("*",)),)), WallClock(), LocalBus())
    rooms = app.state["rooms"]
    app.state["rooms"] = type(rooms)(**{name: getattr(rooms, name) for name in rooms.__slots__} | {"hub": hub})
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1{ROOT}") as client:
        yield client
    hub.close()


KINDS: dict[str, Any] = {
    "level": ({"type": "Property", "value": 1}, "value", "urn:ngsi-ld:null"),
    "owner": ({"type": "Relationship", "object": "urn:x:bob"}, "object", "urn:ngsi-ld:null"),
    "says": ({"type": "LanguageProperty", "languageMap": {"en": "x"}}, "languageMap", {"@none": "urn:ngsi-ld:null"}),
}


@pytest.mark.parametrize("name", KINDS)
async def test_4_5_7_a_deleted_attribute_leaves_a_deletion(everything: httpx.AsyncClient, name: str) -> None:
    api, (given, member, null) = everything, KINDS[name]
    assert (await api.post("/entities", json={"id": ID, "type": "Tank", name: given})).status_code == 201
    assert (await api.delete(f"{NOW}/attrs/{name}")).status_code == 204
    (one,) = await told(api, name, timeproperty="deletedAt")
    assert (one["type"], one[member]) == (given["type"], null)
    assert one["deletedAt"] and one["instanceId"] and "observedAt" not in one
    pairs = (await api.get(PAST, params={"timeproperty": "deletedAt", "options": "temporalValues"})).json()[name]
    ((value, at),) = pairs[{"value": "values", "object": "objects", "languageMap": "languageMaps"}[member]]
    assert (value, at) == ({"languageMap": null} if name == "says" else null, one["deletedAt"])
    whole = await told(api, name)
    assert [each.get("deletedAt") for each in whole] == [None, one["deletedAt"]]


async def test_4_5_7_a_deleted_entity_leaves_deletions_and_stays_in_the_past(everything: httpx.AsyncClient) -> None:
    api = everything
    body = {"id": ID, "type": "Tank", "level": KINDS["level"][0], "owner": KINDS["owner"][0]}
    await api.post("/entities", json=body)
    assert (await api.delete(NOW)).status_code == 204
    past = (await api.get(PAST, params={"timeproperty": "deletedAt"})).json()
    assert {name for name in past if name not in ("id", "type")} == {"level", "owner"}
    window = {"type": "Tank", "timerel": "after", "timeAt": "2020-01-01T00:00:00Z", "timeproperty": "createdAt"}
    assert [one["id"] for one in (await api.get("/temporal/entities", params=window)).json()] == [ID]
    assert (await api.get(NOW)).status_code == 404


async def test_4_5_7_a_deletion_may_be_told_as_an_instance(api: httpx.AsyncClient, tank: str) -> None:
    gone = {"type": "Property", "value": "urn:ngsi-ld:null", "observedAt": "2026-03-01T08:00:00Z"}
    more = {"id": ID, "type": "Tank", "level": [gone]}
    assert (await api.post("/temporal/entities", json=more)).status_code == 204
    assert await values(api) == [0, 1, 2, "urn:ngsi-ld:null"]
    assert "level" not in (await api.get(NOW)).json()


async def test_4_5_6_a_scope_has_a_past(everything: httpx.AsyncClient) -> None:
    api = everything
    await api.post("/entities", json={"id": ID, "type": "Tank", "scope": "/Old", "level": KINDS["level"][0]})
    assert (await api.patch(NOW, json={"scope": "/New"})).status_code == 204
    instances = await told(api, "scope", options="sysAttrs")
    assert [one["value"] for one in instances] == ["/Old", "/New"]
    assert all(one["observedAt"] == one["modifiedAt"] and one["type"] == "Property" for one in instances)
    assert set(instances[0]) == {"type", "value", "instanceId", "createdAt", "modifiedAt", "observedAt"}


async def test_4_5_6_a_scope_is_told_with_its_times(api: httpx.AsyncClient) -> None:
    scopes = [{"type": "Property", "value": ["/A", "/B/C"], "observedAt": "2026-03-01T07:00:00Z"}]
    body = {"id": ID, "type": "Tank", "scope": scopes, "level": LEVELS}
    assert (await api.post("/temporal/entities", json=body)).status_code == 201
    (one,) = await told(api, "scope")
    assert {**scopes[0], "instanceId": one["instanceId"]} == one
    assert (await api.get(NOW)).json()["scope"] == ["/A", "/B/C"]
    pairs = (await api.get(PAST, params={"options": "temporalValues"})).json()["scope"]
    assert pairs == {"type": "Property", "values": [[["/A", "/B/C"], "2026-03-01T07:00:00Z"]]}
