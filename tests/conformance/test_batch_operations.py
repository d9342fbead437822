"""Many entities at once: ETSI GS CIM 009 v1.8.1, 5.6.7 to 5.6.10, 5.6.20, over HTTP (6.14 to 6.17, 6.31)."""

from typing import Any

import httpx
import pytest

from .conftest import ids

A, B, C = ({"id": f"urn:ngsi-ld:Vehicle:{n}", "type": "Vehicle", "speed": i} for i, n in enumerate("ABC"))
BAD = {"id": "urn:ngsi-ld:Vehicle:X", "type": "Vehicle", "speed": {"type": "Property"}}
WRONG_UNIT = {"id": "urn:ngsi-ld:Air:1", "type": "AirQualityObserved", "no2": {"value": 1, "unitCode": "KMH"}}


async def test_5_6_7_creates_all(api: httpx.AsyncClient) -> None:
    answer = await api.post("/entityOperations/create", json=[A, B])
    assert (answer.status_code, answer.json()) == (201, [A["id"], B["id"]])


async def test_5_6_7_one_bad_entity_leaves_the_others(api: httpx.AsyncClient) -> None:
    answer = await api.post("/entityOperations/create", json=[A, BAD, "text", WRONG_UNIT, B])
    result = answer.json()
    assert answer.status_code == 207
    assert sorted(result["success"]) == [A["id"], B["id"]]
    errors = {each["entityId"]: each["error"] for each in result["errors"]}
    assert set(errors) == {BAD["id"], WRONG_UNIT["id"], "text"}
    assert "'value'" in errors[BAD["id"]]["detail"] and errors[BAD["id"]]["status"] == 400
    assert ids(await api.get("/entities", params={"type": "Vehicle"})) == ["A", "B"]


async def test_5_6_7_names_those_that_exist(api: httpx.AsyncClient) -> None:
    await api.post("/entityOperations/create", json=[A])
    answer = await api.post("/entityOperations/create", json=[A, B])
    assert answer.status_code == 207
    assert answer.json()["success"] == [B["id"]]
    assert answer.json()["errors"][0]["error"]["type"].endswith("AlreadyExists")


async def test_5_6_8_upserts(api: httpx.AsyncClient) -> None:
    first = await api.post("/entityOperations/upsert", json=[A])
    mixed = await api.post("/entityOperations/upsert", json=[{**A, "colour": "red"}, B])
    again = await api.post("/entityOperations/upsert", json=[{"id": A["id"], "type": "Vehicle", "depth": 1}])
    assert (first.status_code, first.json()) == (201, [A["id"]])
    assert (mixed.status_code, mixed.json()) == (201, [B["id"]])
    assert (again.status_code, again.content) == (204, b"")
    assert set((await api.get(f"/entities/{A['id']}")).json()) == {"id", "type", "depth"}


async def test_5_6_8_updates_when_asked_to(api: httpx.AsyncClient) -> None:
    await api.post("/entityOperations/upsert", json=[A])
    answer = await api.post(
        "/entityOperations/upsert", json=[{"id": A["id"], "type": "Vehicle", "depth": 1}], params={"options": "update"}
    )
    assert answer.status_code == 204
    assert set((await api.get(f"/entities/{A['id']}")).json()) == {"id", "type", "speed", "depth"}


async def test_5_5_11_the_same_entity_twice_is_taken_in_order(api: httpx.AsyncClient) -> None:
    answer = await api.post("/entityOperations/upsert", json=[{**A, "speed": 1}, {**A, "speed": 2}])
    assert answer.status_code == 201
    assert (await api.get(f"/entities/{A['id']}")).json()["speed"]["value"] == 2


async def test_5_6_9_updates_what_exists(api: httpx.AsyncClient) -> None:
    await api.post("/entityOperations/create", json=[A])
    answer = await api.post("/entityOperations/update", json=[{"id": A["id"], "speed": 9, "depth": 1}, B])
    assert answer.status_code == 207
    assert (answer.json()["success"], answer.json()["errors"][0]["entityId"]) == ([A["id"]], B["id"])
    only_new = {"id": A["id"], "type": "Vehicle", "speed": 5}
    await api.post("/entityOperations/update", json=[only_new], params={"options": "noOverwrite"})
    after = (await api.get(f"/entities/{A['id']}", params={"options": "keyValues"})).json()
    assert (after["speed"], after["depth"]) == (9, 1)


async def test_5_6_20_merges(api: httpx.AsyncClient) -> None:
    await api.post("/entityOperations/create", json=[A, B])
    patches = [{"id": A["id"], "speed": {"value": "urn:ngsi-ld:null"}, "depth": 1}, {"id": B["id"], "depth": 2}]
    assert (await api.post("/entityOperations/merge", json=patches)).status_code == 204
    assert "speed" not in (await api.get(f"/entities/{A['id']}")).json()
    assert (await api.get(f"/entities/{B['id']}")).json()["speed"]["value"] == 1


async def test_5_6_10_deletes(api: httpx.AsyncClient) -> None:
    await api.post("/entityOperations/create", json=[A, B, C])
    done = await api.post("/entityOperations/delete", json=[A["id"], B["id"]])
    partly = await api.post("/entityOperations/delete", json=[A["id"], C["id"]])
    assert (done.status_code, done.content) == (204, b"")
    assert (partly.status_code, partly.json()["success"]) == (207, [C["id"]])
    assert partly.json()["errors"][0]["entityId"] == A["id"]
    assert partly.json()["errors"][0]["error"]["type"].endswith("ResourceNotFound")


@pytest.mark.parametrize("operation", ["create", "upsert", "update", "merge", "delete"])
@pytest.mark.parametrize("body", [{}, [], "x", 5])
async def test_a_batch_is_an_array_with_something_in_it(api: httpx.AsyncClient, operation: str, body: Any) -> None:
    answer = await api.post(f"/entityOperations/{operation}", json=body)
    assert answer.status_code == 400
    assert answer.json()["type"].endswith(("BadRequestData", "InvalidRequest"))


async def test_5_6_9_without_overwriting_what_stayed_is_reported(api: httpx.AsyncClient) -> None:
    await api.post("/entityOperations/create", json=[A, B, C])
    without = {"options": "noOverwrite"}
    items = [{"id": A["id"], "speed": 7, "depth": 1}, {"id": B["id"], "depth": 2}, {"id": C["id"], "speed": 7}]
    answer = await api.post("/entityOperations/update", json=items, params=without)
    assert (answer.status_code, answer.json()["success"]) == (207, [B["id"]])
    errors = {each["entityId"]: each["error"] for each in answer.json()["errors"]}
    assert set(errors) == {A["id"], C["id"]} and "speed" in errors[A["id"]]["detail"]
    after = (await api.get(f"/entities/{A['id']}", params={"options": "keyValues"})).json()
    assert (after["speed"], after["depth"]) == (0, 1)
    new = [{"id": A["id"], "width": 1}, {"id": B["id"], "width": 2}]
    assert (await api.post("/entityOperations/update", json=new, params=without)).status_code == 204
