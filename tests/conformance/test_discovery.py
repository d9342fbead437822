"""Types and attributes in use: ETSI GS CIM 009 v1.9.1, 5.7.5 to 5.7.10, 5.2.24 to 5.2.28."""

from typing import Any

import httpx
import pytest

VOCABULARY = "https://uri.etsi.org/ngsi-ld/default-context/"


@pytest.fixture(autouse=True)
async def things(api: httpx.AsyncClient) -> None:
    things: list[dict[str, Any]] = [
        {"id": "urn:x:1", "type": "Car", "speed": 3, "at": {"type": "Relationship", "object": "urn:x:2"}},
        {"id": "urn:x:2", "type": ["Car", "Bus"], "speed": {"type": "ListProperty", "valueList": [1]}, "scope": "/a"},
        {"id": "urn:x:3", "type": "Stop"},
        {"id": "urn:x:4", "type": "CaseFile", "speed": 4, "secret": 1},
        {"id": "urn:x:5", "type": ["Bus", "CaseFile"], "secret": 1},
    ]
    assert (await api.post("/entityOperations/create", json=things)).status_code == 201


async def get(api: httpx.AsyncClient, address: str, **query: str) -> Any:
    answer = await api.get(address, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_5_7_5_types(api: httpx.AsyncClient) -> None:
    found = await get(api, "/types/")
    assert (found["type"], found["typeList"]) == ("EntityTypeList", ["Bus", "Car", "Stop"])


async def test_5_7_6_details_of_types(api: httpx.AsyncClient) -> None:
    found = {one["typeName"]: one for one in await get(api, "/types", details="true")}
    assert list(found) == ["Bus", "Car", "Stop"]
    assert found["Car"] == {
        "id": VOCABULARY + "Car",
        "type": "EntityType",
        "typeName": "Car",
        "attributeNames": ["at", "speed"],
    }
    assert (found["Bus"]["attributeNames"], found["Stop"]["attributeNames"]) == (["speed"], [])


async def test_5_7_7_a_type(api: httpx.AsyncClient) -> None:
    found = await get(api, "/types/Car")
    assert (found["id"], found["type"], found["entityCount"]) == (VOCABULARY + "Car", "EntityTypeInfo", 2)
    details = {one["attributeName"]: one for one in found["attributeDetails"]}
    assert details["speed"] == {
        "id": VOCABULARY + "speed",
        "type": "Attribute",
        "attributeName": "speed",
        "attributeTypes": ["ListProperty", "Property"],
    }
    assert (await get(api, "/types/" + VOCABULARY.replace("/", "%2F") + "Bus"))["entityCount"] == 1


async def test_5_7_8_attributes(api: httpx.AsyncClient) -> None:
    found = await get(api, "/attributes")
    assert (found["type"], found["attributeList"]) == ("AttributeList", ["at", "speed"])


async def test_5_7_9_details_of_attributes(api: httpx.AsyncClient) -> None:
    assert await get(api, "/attributes", details="true") == [
        {"id": VOCABULARY + "at", "type": "Attribute", "attributeName": "at", "typeNames": ["Car"]},
        {"id": VOCABULARY + "speed", "type": "Attribute", "attributeName": "speed", "typeNames": ["Bus", "Car"]},
    ]


async def test_5_7_10_an_attribute(api: httpx.AsyncClient) -> None:
    assert await get(api, "/attributes/speed") == {
        "id": VOCABULARY + "speed",
        "type": "Attribute",
        "attributeName": "speed",
        "attributeCount": 2,
        "attributeTypes": ["ListProperty", "Property"],
        "typeNames": ["Bus", "Car"],
    }


@pytest.mark.parametrize(
    "address",
    ["/types/Boat", "/types/CaseFile", "/attributes/secret", "/attributes/none"]
    + [f"/attributes/{name}" for name in ("id", "type", "scope", "createdAt")],
)
async def test_what_there_is_not_or_may_not_be_seen(api: httpx.AsyncClient, address: str) -> None:
    answer = await api.get(address)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (404, "ResourceNotFound")


async def test_only_the_parameters_of_each(api: httpx.AsyncClient) -> None:
    for address in (
        "/types?limit=5",
        "/types/Car?details=true",
        "/attributes?limit=5",
        "/attributes/speed?details=true",
    ):
        answer = await api.get(address)
        assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "InvalidRequest")


async def test_with_the_context_in_the_body(api: httpx.AsyncClient) -> None:
    headers = {"Accept": "application/ld+json"}
    for address in ("/types", "/types/Car", "/attributes", "/attributes/speed"):
        assert "@context" in (await api.get(address, headers=headers)).json()
    for address in ("/types", "/attributes"):
        listed = (await api.get(address, params={"details": "true"}, headers=headers)).json()
        assert all("@context" in one for one in listed)
