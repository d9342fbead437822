"""Linked entities: ETSI GS CIM 009 v1.9.1, 4.5.23, 4.9 (examples 13, 14), 4.21, 5.7.1, 5.7.2."""

from typing import Any

import httpx
import pytest

ROOM, HOUSE, TOWN = "urn:x:Room:1", "urn:x:House:1", "urn:x:Town:1"
THINGS = [
    {"id": ROOM, "type": "Room", "name": "kitchen", "in": {"type": "Relationship", "object": HOUSE}},
    {"id": "urn:x:Room:2", "type": "Room", "name": "hall", "in": {"type": "Relationship", "object": "urn:x:House:9"}},
    {
        "id": HOUSE,
        "type": "House",
        "name": "townhouse",
        "floors": 3,
        "in": {"type": "Relationship", "object": TOWN},
        "rooms": {"type": "ListRelationship", "objectList": ["urn:x:Room:2", ROOM]},
    },
    {"id": TOWN, "type": "Town", "name": "Testville", "mayor": {"type": "Relationship", "object": [ROOM, HOUSE]}},
]


@pytest.fixture(autouse=True)
async def things(api: httpx.AsyncClient) -> None:
    assert (await api.post("/entityOperations/create", json=THINGS)).status_code == 201


async def get(api: httpx.AsyncClient, address: str, **query: str) -> Any:
    answer = await api.get(address, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_inline_puts_them_into_the_relationship(api: httpx.AsyncClient) -> None:
    room = await get(api, f"/entities/{ROOM}", join="inline", joinLevel="2")
    house = room["in"]["entity"]
    assert (room["in"]["object"], house["id"], house["floors"]["value"]) == (HOUSE, HOUSE, 3)
    assert house["in"]["entity"]["name"]["value"] == "Testville"
    # The way back ends where it began, and the second room has no more levels.
    assert [one["id"] for one in house["rooms"]["entityList"]] == ["urn:x:Room:2"]
    assert "entity" not in house["rooms"]["entityList"][0]["in"]
    assert "entity" not in (await get(api, f"/entities/{ROOM}", join="inline"))["in"]["entity"]["in"]


async def test_inline_in_the_other_forms(api: httpx.AsyncClient) -> None:
    simple = await get(api, f"/entities/{ROOM}", join="inline", options="keyValues")
    assert (simple["in"]["name"], simple["in"]["in"]) == ("townhouse", TOWN)
    town = await get(api, f"/entities/{TOWN}", join="inline", format="simplified")
    assert [one["name"] for one in town["mayor"]] == ["kitchen", "townhouse"]
    short = await get(api, f"/entities/{ROOM}", join="inline", format="concise")
    assert (short["in"]["object"], short["in"]["entity"]["floors"]) == (HOUSE, 3)
    stamped = await get(api, f"/entities/{ROOM}", join="inline", options="sysAttrs")
    assert "createdAt" in stamped["in"]["entity"]


async def test_flat_puts_them_beside_each_once_by_level(api: httpx.AsyncClient) -> None:
    found = await get(api, f"/entities/{ROOM}", join="flat", joinLevel="2")
    assert [one["id"] for one in found] == [ROOM, HOUSE, TOWN, "urn:x:Room:2"]
    assert "entity" not in found[0]["in"]
    rooms = await api.get("/entities", params={"type": "Room", "join": "flat", "count": "true"})
    assert [one["id"] for one in rooms.json()] == [ROOM, "urn:x:Room:2", HOUSE]
    assert rooms.headers["ngsild-results-count"] == "2"
    geo = await api.get(f"/entities/{ROOM}?join=flat", headers={"Accept": "application/geo+json"})
    assert [one["id"] for one in geo.json()["features"]] == [ROOM, HOUSE]


async def test_what_is_not_there_is_not_joined(api: httpx.AsyncClient) -> None:
    for join in ("inline", "flat"):
        room = await get(api, "/entities/urn:x:Room:2", join=join)
        assert (room["id"], room["in"]) == ("urn:x:Room:2", {"type": "Relationship", "object": "urn:x:House:9"})
    assert "entity" not in (await get(api, f"/entities/{ROOM}", join="inline", containedBy=HOUSE))["in"]
    assert "entity" not in (await get(api, f"/entities/{ROOM}", join="@none"))["in"]


async def test_pick_and_omit_reach_into_them(api: httpx.AsyncClient) -> None:
    picked = await get(api, f"/entities/{ROOM}", join="inline", joinLevel="2", pick="id,in{id,floors,in{name}}")
    assert picked.keys() == {"id", "in"}
    assert picked["in"]["entity"].keys() == {"id", "floors", "in"}
    assert picked["in"]["entity"]["in"]["entity"].keys() == {"name"}
    flat = await get(api, f"/entities/{ROOM}", join="flat", joinLevel="2", pick="id,in{id,name}")
    assert [set(one) for one in flat] == [{"id", "in"}, {"id", "name"}]
    omitted = await get(api, f"/entities/{ROOM}", join="inline", omit="type,in{name,rooms}")
    assert omitted.keys() == {"id", "name", "in"}
    assert omitted["in"]["entity"].keys() == {"id", "type", "floors", "in"}


@pytest.mark.parametrize(
    "query",
    [
        {"pick": "in{name}"},
        {"pick": "in{in{name}}", "join": "inline"},
        {"omit": "in{in{name}}", "join": "flat", "joinLevel": "1"},
        {"join": "sideways"},
        {"join": "flat", "joinLevel": "0"},
        {"join": "flat", "joinLevel": "11"},
        {"join": "flat", "containedBy": "house"},
        {"pick": "in{name", "join": "inline"},
    ],
)
async def test_refuses(api: httpx.AsyncClient, query: dict[str, str]) -> None:
    for address in ("/entities", f"/entities/{ROOM}"):
        answer = await api.get(address, params={"type": "Room", **query})
        assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData")


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("in{floors}==3", [ROOM]),
        ("in{House:floors}>2", [ROOM]),
        ("in{Town,House:floors}", [ROOM]),
        ("in{Town:floors}", []),
        ('in{in{name}}=="Testville"', [ROOM]),
        ('name=="hall"|in{floors}==3', [ROOM, "urn:x:Room:2"]),
        ('name=="hall";in{floors}==3', []),
        ("in{nothing}", []),
    ],
)
async def test_4_9_conditions_on_linked_entities(api: httpx.AsyncClient, q: str, found: list[str]) -> None:
    rooms = await get(api, "/entities", type="Room", q=q, join="inline", joinLevel="2")
    assert [one["id"] for one in rooms] == found
    body = {"type": "Query", "entities": [{"type": "Room"}], "q": q, "join": "flat", "joinLevel": 2}
    posted = (await api.post("/entityOperations/query", json=body)).json()
    assert [one["id"] for one in posted if one["type"] == "Room"][: len(found)] == found


async def test_4_9_conditions_on_linked_entities_need_join(api: httpx.AsyncClient) -> None:
    for query in ({}, {"join": "inline", "joinLevel": "1"}):
        answer = await api.get("/entities", params={"type": "Room", "q": 'in{in{name}}=="x"', **query})
        assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData")


async def test_what_the_caller_may_not_see_is_not_joined(api: httpx.AsyncClient) -> None:
    secret = {"id": "urn:x:Case:1", "type": "CaseFile", "name": "secret"}
    link = {"id": "urn:x:Room:3", "type": "Room", "case": {"type": "Relationship", "object": "urn:x:Case:1"}}
    assert (await api.post("/entityOperations/create", json=[secret, link])).status_code == 201
    assert "entity" not in (await get(api, "/entities/urn:x:Room:3", join="inline"))["case"]
    assert await get(api, "/entities", type="Room", q="case{name}", join="inline") == []
