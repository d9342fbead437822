"""The order of entities: ETSI GS CIM 009 v1.9.1, 4.23, 5.2.43."""

from typing import Any

import httpx
import pytest


def place(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [lon, lat]}}


THINGS: list[dict[str, Any]] = [
    {"id": "urn:x:1", "type": "T", "name": "b", "rank": "one", "address": {"city": "Ulm"}, "location": place(8, 40)},
    {"id": "urn:x:2", "type": "T", "name": "A", "rank": 10, "address": {"city": "Bonn"}, "location": place(10, 45)},
    {"id": "urn:x:3", "type": "T", "name": "\u00e1", "rank": 9, "address": {"city": "Jena"}, "location": place(9, 41)},
    {"id": "urn:x:4", "type": ["T", "U"], "name": "B", "rank": True, "level": 1},
    {"id": "urn:x:5", "type": "T", "rank": {"type": "Property", "value": {"@type": "Date", "@value": "2026-01-01"}}},
]


@pytest.fixture(autouse=True)
async def things(api: httpx.AsyncClient) -> None:
    assert (await api.post("/entityOperations/create", json=THINGS)).status_code == 201


def order(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return "".join(one["id"][-1] for one in answer.json())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"orderBy": "name"}, "24135"),
        ({"orderBy": "name;desc"}, "31425"),
        ({"orderBy": "name", "collation": "und"}, "23145"),
        ({"orderBy": "name", "collation": "und-u-ks-level1"}, "23145"),
        ({"orderBy": "rank"}, "32145"),
        ({"orderBy": "rank;desc"}, "54123"),
        ({"orderBy": "address[city]"}, "23145"),
        ({"orderBy": "id;desc"}, "54321"),
        ({"orderBy": "createdAt,id;desc"}, "54321"),
        ({"orderBy": "level,name;asc"}, "42135"),
        ({"orderBy": "name.modifiedAt,name"}, "24135"),
        ({"orderBy": "location;dist-asc", "orderFrom": "[8,40]"}, "13245"),
        ({"orderBy": "location;dist-desc", "orderFrom": "[8,40]"}, "23145"),
        ({"orderBy": "location;dist-asc", "orderFrom": "[[9,46],[11,46]]", "orderGeometry": "LineString"}, "23145"),
        ({"orderBy": "name", "limit": "2", "offset": "1"}, "41"),
    ],
)
async def test_orders(api: httpx.AsyncClient, query: dict[str, str], expected: str) -> None:
    assert order(await api.get("/entities", params={"type": "T", **query})) == expected


async def test_pages_in_order_with_the_count(api: httpx.AsyncClient) -> None:
    answer = await api.get("/entities", params={"type": "T", "orderBy": "name", "limit": "2", "count": "true"})
    assert (order(answer), answer.headers["ngsild-results-count"]) == ("24", "5")
    assert 'rel="next"' in answer.headers["link"]


@pytest.mark.parametrize(
    "query",
    [
        {"orderBy": "location;dist-asc"},
        {"orderBy": "name;up"},
        {"orderBy": "name==3"},
        {"orderBy": "!name"},
        {"orderBy": "a b"},
        {"orderBy": "name", "collation": "!!nope"},
        {"orderBy": "name", "collation": "de-u-co-phonebk"},
        {"orderBy": "location;dist-asc", "orderFrom": "[8"},
        {"orderBy": "location;dist-asc", "orderFrom": "[8,40]", "orderGeometry": "Circle"},
        {"orderBy": ",".join(["a"] * 21)},
    ],
)
async def test_refuses(api: httpx.AsyncClient, query: dict[str, str]) -> None:
    answer = await api.get("/entities", params={"type": "T", **query})
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData")


async def test_5_2_43_in_a_body(api: httpx.AsyncClient) -> None:
    async def post(ordering: Any) -> httpx.Response:
        body = {"type": "Query", "entities": [{"type": "T"}], "ordering": ordering}
        return await api.post("/entityOperations/query", json=body)

    near = {"orderBy": ["location;dist-asc"], "coordinates": [8, 40], "geometry": "Point"}
    assert order(await post(near)) == "13245"
    for wrong in (
        {"orderBy": ["location;dist-asc"]},
        {"orderBy": ["location;dist-asc"], "coordinates": "8,40"},
        {"orderBy": ["id;asc"], "geometry": 5},
        {"orderBy": ["id;asc"], "collation": "de-u-co-phonebk"},
        {"orderBy": "id", "up": True},
        {},
        5,
    ):
        assert (await post(wrong)).status_code == 400, wrong


async def test_what_is_hidden_gives_no_order(api: httpx.AsyncClient, app: Any) -> None:
    # no2 of stations is public; a case file is not there at all, whatever it is ordered by.
    cases = [{"id": f"urn:x:c{n}", "type": ["T", "CaseFile"], "name": "z"} for n in range(2)]
    assert (await api.post("/entityOperations/create", json=cases)).status_code == 201
    assert order(await api.get("/entities", params={"type": "T", "orderBy": "name"})) == "24135"


async def test_6_3_10_the_address_of_a_page_is_the_same_with_and_without_a_slash(api: httpx.AsyncClient) -> None:
    for n in range(3):
        await api.post("/entities", json={"id": f"urn:x:slash{n}", "type": "Slashed"})
    for address in ("/entities", "/entities/"):
        answer = await api.get(address, params={"type": "Slashed", "limit": "1", "offset": "1"})
        assert [one["id"] for one in answer.json()] == ["urn:x:slash1"]
        for rel, offset in (("next", 2), ("prev", 0)):
            link = f'</ngsi-ld/v1/entities?limit=1&offset={offset}&type=Slashed>; rel="{rel}";type="application/json"'
            assert link in answer.headers["link"], address
