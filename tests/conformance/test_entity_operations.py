"""Whole entities: ETSI GS CIM 009 v1.8.1, 5.6.1, 5.6.6, 5.6.17, 5.6.18, 5.7.1, over HTTP (6.4, 6.5)."""

from typing import Any

import httpx
import pytest

CAR = "urn:ngsi-ld:Vehicle:A1"


async def test_5_6_1_creates_an_entity_and_says_where(api: httpx.AsyncClient) -> None:
    answer = await api.post("/entities", json={"id": CAR, "type": "Vehicle", "speed": 30})
    assert (answer.status_code, answer.headers["location"]) == (201, f"/ngsi-ld/v1/entities/{CAR}")
    assert answer.content == b""
    found = (await api.get(f"/entities/{CAR}")).json()
    assert found == {"id": CAR, "type": "Vehicle", "speed": {"type": "Property", "value": 30}}


async def test_5_6_1_refuses_an_id_that_is_taken(api: httpx.AsyncClient, car: str) -> None:
    answer = await api.post("/entities", json={"id": CAR, "type": "Vehicle"})
    assert answer.status_code == 409
    assert answer.json()["type"] == "https://uri.etsi.org/ngsi-ld/errors/AlreadyExists"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"type": "Vehicle"}, "no id"),
        ({"id": CAR}, "no type"),
        ({"id": "A1", "type": "Vehicle"}, "not a URI"),
        ({"id": "urn:ngsi-ld:Vehicle:A 1", "type": "Vehicle"}, "not a URI"),
        ({"id": CAR, "type": ""}, "type"),
        ({"id": CAR, "type": []}, "type"),
        ({"id": CAR, "type": "Ve(hicle"}, "not allowed"),
        ({"id": CAR, "type": "Vehicle", "spe ed": 1}, "'spe ed'"),
        ({"id": CAR, "type": "Vehicle", "speed": None}, "null"),
        ({"id": CAR, "type": "Vehicle", "speed": {"type": "Property"}}, "'value'"),
        ({"id": CAR, "type": "Vehicle", "speed": {"type": "Prop", "value": 1}}, "'Prop'"),
        ({"id": CAR, "type": "Vehicle", "speed": {"type": "Property", "value": 1, "object": "urn:a:b"}}, "'object'"),
        ({"id": CAR, "type": "Vehicle", "speed": {"value": 1, "object": "urn:a:b"}}, "exclude"),
        ({"id": CAR, "type": "Vehicle", "speed": {"value": 1, "observedAt": "yesterday"}}, "observedAt"),
        ({"id": CAR, "type": "Vehicle", "speed": {"value": 1, "observedAt": "2026-03-01T07:30:00"}}, "observedAt"),
        ({"id": CAR, "type": "Vehicle", "speed": {"value": 1, "datasetId": "a b"}}, "datasetId"),
        ({"id": CAR, "type": "Vehicle", "speed": {"value": 1, "unitCode": 5}}, "unitCode"),
        ({"id": CAR, "type": "Vehicle", "speed": {"value": "urn:ngsi-ld:null"}}, "PATCH"),
        ({"id": CAR, "type": "Vehicle", "owner": {"type": "Relationship", "object": "Bob"}}, "URI"),
        ({"id": CAR, "type": "Vehicle", "owner": {"type": "Relationship", "object": []}}, "URI"),
        ({"id": CAR, "type": "Vehicle", "at": {"type": "GeoProperty", "value": 5}}, "geometry"),
        (
            {
                "id": CAR,
                "type": "Vehicle",
                "at": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [1]}},
            },
            "position",
        ),
        (
            {"id": CAR, "type": "Vehicle", "at": {"type": "Point", "coordinates": [48.7, 111.4]}},
            "longitude",
        ),
        ({"id": CAR, "type": "Vehicle", "says": {"type": "LanguageProperty", "languageMap": {"en": 5}}}, "languageMap"),
        ({"id": CAR, "type": "Vehicle", "a": [{"value": 1}, {"value": 2}]}, "datasetId"),
        ({"id": CAR, "type": "Vehicle", "number": 2**64}, "64 bits"),
        ({"id": CAR, "type": "Vehicle", "scope": "/a b"}, "scope"),
        ([], "object"),
        (5, "object"),
    ],
)
async def test_5_5_4_says_what_is_wrong_with_an_entity(api: httpx.AsyncClient, body: Any, says: str) -> None:
    answer = await api.post("/entities", json=body)
    problem = answer.json()
    assert answer.status_code == 400
    assert problem["type"] == "https://uri.etsi.org/ngsi-ld/errors/BadRequestData"
    assert says in problem["detail"]


async def test_a_deep_value_is_refused(api: httpx.AsyncClient) -> None:
    value: Any = 1
    for _ in range(60):
        value = {"deeper": value}
    answer = await api.post("/entities", json={"id": CAR, "type": "Vehicle", "a": {"type": "Property", "value": value}})
    assert answer.status_code == 400
    assert "deep" in answer.json()["detail"]


async def test_5_7_1_retrieves_only_what_is_there(api: httpx.AsyncClient, car: str) -> None:
    assert (await api.get(car)).status_code == 200
    missing = await api.get("/entities/urn:ngsi-ld:Vehicle:none")
    assert missing.status_code == 404
    assert missing.json()["type"] == "https://uri.etsi.org/ngsi-ld/errors/ResourceNotFound"
    assert (await api.get("/entities/none")).status_code == 400


async def test_5_7_1_narrows_by_type_and_attributes(api: httpx.AsyncClient, car: str) -> None:
    assert (await api.get(car, params={"type": "Boat"})).status_code == 404
    assert (await api.get(car, params={"type": "Boat|Vehicle"})).status_code == 200
    some = (await api.get(car, params={"attrs": "speed"})).json()
    assert set(some) == {"id", "type", "speed"}


async def test_an_id_that_is_a_url_is_found_by_its_encoded_address(api: httpx.AsyncClient) -> None:
    created = await api.post("/entities", json={"id": "http://example.org/cars/1", "type": "Vehicle", "speed": 3})
    found = await api.get(created.headers["location"].removeprefix("/ngsi-ld/v1"))
    assert found.json()["id"] == "http://example.org/cars/1"
    attribute = f"{created.headers['location'].removeprefix('/ngsi-ld/v1')}/attrs/speed"
    assert (await api.patch(attribute, json={"value": 4})).status_code == 204


async def test_5_6_6_deletes_an_entity_once(api: httpx.AsyncClient, car: str) -> None:
    first, second = await api.delete(car), await api.delete(car)
    assert (first.status_code, first.content, second.status_code) == (204, b"", 404)
    assert "content-length" not in first.headers


async def test_5_6_18_replaces_an_entity_and_keeps_when_it_was_created(api: httpx.AsyncClient, car: str) -> None:
    before = (await api.get(car, params={"options": "sysAttrs"})).json()
    answer = await api.put(car, json={"id": CAR, "type": "Boat", "depth": 2})
    after = (await api.get(car, params={"options": "sysAttrs"})).json()
    assert answer.status_code == 204
    assert (after["type"], "speed" in after, after["depth"]["value"]) == ("Boat", False, 2)
    assert after["createdAt"] == before["createdAt"]
    assert after["modifiedAt"] > before["modifiedAt"]


async def test_5_6_18_keeps_the_type_that_the_body_leaves_out(api: httpx.AsyncClient, car: str) -> None:
    assert (await api.put(car, json={"depth": 2})).status_code == 204
    assert (await api.get(car)).json()["type"] == "Vehicle"


async def test_5_6_18_does_not_create(api: httpx.AsyncClient) -> None:
    assert (await api.put(f"/entities/{CAR}", json={"id": CAR, "type": "Boat"})).status_code == 404


async def test_5_6_17_merges_and_deletes_with_the_null(api: httpx.AsyncClient, car: str) -> None:
    patch = {"speed": {"value": 40}, "owner": {"object": "urn:ngsi-ld:null"}, "colour": "red"}
    answer = await api.patch(car, json=patch)
    after = (await api.get(car)).json()
    assert answer.status_code == 204
    assert (after["speed"]["value"], after["speed"]["unitCode"]) == (40, "KMH")
    assert after["colour"]["value"] == "red"
    assert "owner" not in after


async def test_5_5_12_merges_inside_of_values(api: httpx.AsyncClient, car: str) -> None:
    await api.patch(car, json={"address": {"value": {"city": "Here", "street": "Main", "no": 1}}})
    await api.patch(car, json={"address": {"value": {"street": "Side", "no": "urn:ngsi-ld:null"}}})
    assert (await api.get(car)).json()["address"]["value"] == {"city": "Here", "street": "Side"}


async def test_5_6_17_takes_a_merge_patch_and_a_simplified_body(api: httpx.AsyncClient, car: str) -> None:
    headers = {"Content-Type": "application/merge-patch+json"}
    assert (await api.patch(car, content=b'{"speed": {"value": 41}}', headers=headers)).status_code == 204
    assert (await api.patch(car, json={"speed": 42}, params={"format": "simplified"})).status_code == 204
    assert (await api.get(car)).json()["speed"]["value"] == 42


async def test_the_id_in_the_body_has_to_be_that_of_the_address(api: httpx.AsyncClient, car: str) -> None:
    answer = await api.patch(car, json={"id": "urn:ngsi-ld:Vehicle:other", "speed": 1})
    assert answer.status_code == 400


async def test_4_18_scopes_are_kept_and_queried(api: httpx.AsyncClient) -> None:
    await api.post("/entities", json={"id": CAR, "type": "Vehicle", "scope": ["/depot/north", "/fleet"]})
    assert (await api.get(f"/entities/{CAR}")).json()["scope"] == ["/depot/north", "/fleet"]
    assert len((await api.get("/entities", params={"type": "Vehicle", "scopeQ": "/depot/+"})).json()) == 1
    assert len((await api.get("/entities", params={"type": "Vehicle", "scopeQ": "/depot/+"})).json()) == 1
    assert (await api.get("/entities", params={"type": "Vehicle", "scopeQ": "/depot"})).json() == []
    assert len((await api.get("/entities", params={"type": "Vehicle", "scopeQ": "/depot/#"})).json()) == 1


async def test_what_governance_refuses_says_why(api: httpx.AsyncClient) -> None:
    station = {"id": "urn:ngsi-ld:AirQualityObserved:1", "type": "AirQualityObserved"}
    unit = await api.post("/entities", json={**station, "no2": {"value": 20, "unitCode": "KMH"}})
    name = await api.post("/entities", json={**station, "noise": 20})
    assert (unit.status_code, name.status_code) == (400, 400)
    assert "GQ" in unit.json()["detail"] and "KMH" in unit.json()["detail"]
    assert "noise" in name.json()["detail"]


async def test_what_is_not_public_is_not_there_for_the_public(api: httpx.AsyncClient) -> None:
    file = {"id": "urn:ngsi-ld:CaseFile:1", "type": "CaseFile", "speed": 1}
    assert (await api.post("/entities", json=file)).status_code == 201
    assert (await api.get("/entities/urn:ngsi-ld:CaseFile:1")).status_code == 404
    assert (await api.get("/entities", params={"type": "CaseFile"})).json() == []
    assert (await api.get("/entities", params={"q": "speed==1"})).json() == []
    assert "CaseFile" not in (await api.get("/types")).json()["typeList"]
