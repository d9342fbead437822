"""Attributes of an entity: ETSI GS CIM 009 v1.8.1, 5.6.2 to 5.6.5, 5.6.19, over HTTP (6.6, 6.7)."""

import httpx
import pytest


async def test_5_6_3_appends_and_overwrites(api: httpx.AsyncClient, car: str) -> None:
    answer = await api.post(f"{car}/attrs", json={"speed": {"type": "Property", "value": 50}, "colour": "red"})
    after = (await api.get(car)).json()
    assert answer.status_code == 204
    assert (after["speed"], after["colour"]["value"]) == ({"type": "Property", "value": 50}, "red")


async def test_5_6_3_does_not_overwrite_when_asked_not_to(api: httpx.AsyncClient, car: str) -> None:
    body = {"speed": 50, "colour": "red"}
    answer = await api.post(f"{car}/attrs", json=body, params={"options": "noOverwrite"})
    after = (await api.get(car)).json()
    assert answer.status_code == 207
    assert answer.json()["updated"] == ["https://uri.etsi.org/ngsi-ld/default-context/colour"]
    assert answer.json()["notUpdated"][0]["attributeName"].endswith("/speed")
    assert (after["speed"]["value"], after["colour"]["value"]) == (30, "red")


async def test_5_6_3_adds_types(api: httpx.AsyncClient, car: str) -> None:
    assert (await api.post(f"{car}/attrs", json={"type": "Taxi", "colour": "beige"})).status_code == 204
    assert sorted((await api.get(car)).json()["type"]) == ["Taxi", "Vehicle"]


async def test_5_6_2_updates_what_is_there_and_adds_the_rest(api: httpx.AsyncClient, car: str) -> None:
    answer = await api.patch(f"{car}/attrs", json={"speed": {"type": "Property", "value": 51}, "colour": "red"})
    after = (await api.get(car)).json()
    assert answer.status_code == 204
    assert (after["speed"]["value"], after["colour"]["value"]) == (51, "red")


async def test_5_6_2_4_adds_no_scope(api: httpx.AsyncClient, car: str) -> None:
    answer = await api.patch(f"{car}/attrs", json={"scope": "/a", "colour": "red"})
    assert answer.status_code == 207
    assert [one["attributeName"] for one in answer.json()["notUpdated"]] == ["https://uri.etsi.org/ngsi-ld/scope"]
    assert (await api.post(f"{car}/attrs", json={"scope": "/a"})).status_code == 204
    assert (await api.patch(f"{car}/attrs", json={"scope": "/b"})).status_code == 204
    assert (await api.get(car)).json()["scope"] == "/b"


async def test_5_5_8_the_null_deletes_in_an_update(api: httpx.AsyncClient, car: str) -> None:
    null = "urn:ngsi-ld:null"
    assert (await api.patch(f"{car}/attrs", json={"owner": {"object": null}})).status_code == 204
    assert (await api.patch(f"{car}/attrs/speed", json={"value": null})).status_code == 204
    assert set((await api.get(car)).json()) == {"id", "type", "location"}
    absent = await api.patch(f"{car}/attrs", json={"owner": {"object": null}})
    appended = await api.post(f"{car}/attrs", json={"owner": {"object": null}})
    inside = await api.patch(f"{car}/attrs", json={"location": {"type": "Property", "value": {"a": null}}})
    assert (absent.status_code, appended.status_code, inside.status_code) == (204, 400, 400)


async def test_5_6_4_updates_members_of_one_attribute(api: httpx.AsyncClient, car: str) -> None:
    assert (await api.patch(f"{car}/attrs/speed", json={"value": 31})).status_code == 204
    assert (await api.patch(f"{car}/attrs/speed", json={"observedAt": "2026-03-01T08:00:00Z"})).status_code == 204
    speed = (await api.get(car)).json()["speed"]
    assert (speed["value"], speed["unitCode"], speed["observedAt"]) == (31, "KMH", "2026-03-01T08:00:00Z")


async def test_5_6_4_takes_a_bare_value(api: httpx.AsyncClient, car: str) -> None:
    assert (await api.patch(f"{car}/attrs/speed", json=33)).status_code == 204
    assert (await api.get(car)).json()["speed"]["value"] == 33


async def test_5_6_4_of_a_relationship(api: httpx.AsyncClient, car: str) -> None:
    body = {"type": "Relationship", "object": "urn:ngsi-ld:Person:Eve"}
    assert (await api.patch(f"{car}/attrs/owner", json=body)).status_code == 204
    assert (await api.get(car)).json()["owner"]["object"] == "urn:ngsi-ld:Person:Eve"


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
async def test_an_attribute_that_is_not_there_is_not_found(api: httpx.AsyncClient, car: str, method: str) -> None:
    body = None if method == "DELETE" else {"type": "Property", "value": 1}
    assert (await api.request(method, f"{car}/attrs/colour", json=body)).status_code == 404
    assert (await api.request(method, "/entities/urn:none:1/attrs/speed", json=body)).status_code == 404


async def test_5_6_19_replaces_one_attribute(api: httpx.AsyncClient, car: str) -> None:
    body = {"type": "Property", "value": 1}
    assert (await api.put(f"{car}/attrs/speed", json=body)).status_code == 204
    assert (await api.get(car)).json()["speed"] == body


async def test_5_6_5_deletes_one_attribute(api: httpx.AsyncClient, car: str) -> None:
    assert (await api.delete(f"{car}/attrs/speed")).status_code == 204
    assert "speed" not in (await api.get(car)).json()


async def test_4_5_5_instances_live_beside_each_other(api: httpx.AsyncClient, car: str) -> None:
    gps = {"type": "Property", "value": 32, "datasetId": "urn:ngsi-ld:Dataset:gps"}
    assert (await api.post(f"{car}/attrs", json={"speed": gps})).status_code == 204
    both = (await api.get(car)).json()["speed"]
    assert sorted(each["value"] for each in both) == [30, 32]
    simple = (await api.get(car, params={"format": "simplified"})).json()["speed"]
    assert simple == {"dataset": {"@none": 30, "urn:ngsi-ld:Dataset:gps": 32}}
    one = (await api.get(car, params={"datasetId": "urn:ngsi-ld:Dataset:gps"})).json()
    assert one["speed"]["value"] == 32
    changed = {"value": 35, "datasetId": "urn:ngsi-ld:Dataset:gps"}
    assert (await api.patch(f"{car}/attrs/speed", json=changed)).status_code == 204
    deleted = await api.delete(f"{car}/attrs/speed", params={"datasetId": "urn:ngsi-ld:Dataset:gps"})
    assert deleted.status_code == 204
    assert (await api.get(car)).json()["speed"]["value"] == 30


async def test_5_6_5_deletes_all_instances(api: httpx.AsyncClient, car: str) -> None:
    gps = {"type": "Property", "value": 32, "datasetId": "urn:ngsi-ld:Dataset:gps"}
    await api.post(f"{car}/attrs", json={"speed": gps})
    assert (await api.delete(f"{car}/attrs/speed", params={"deleteAll": "true"})).status_code == 204
    assert "speed" not in (await api.get(car)).json()


async def test_attributes_have_attributes(api: httpx.AsyncClient, car: str) -> None:
    body = {
        "speed": {"type": "Property", "value": 30, "accuracy": {"type": "Property", "value": 0.5, "unitCode": "KMH"}}
    }
    assert (await api.post(f"{car}/attrs", json=body)).status_code == 204
    assert (await api.get(car)).json()["speed"]["accuracy"] == body["speed"]["accuracy"]
    assert len((await api.get("/entities", params={"q": "speed.accuracy<1"})).json()) == 1
