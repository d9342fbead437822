"""Queries: ETSI GS CIM 009 v1.8.1, 4.9, 4.10, 4.17, 4.21, 5.5.9, 5.7.2, over HTTP (6.4.3.2, 6.23)."""

from typing import Any

import httpx
import pytest

from .conftest import ids

ALL = [str(n) for n in range(10)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"type": "Vehicle"}, ALL),
        ({"type": "Bus"}, ["1", "3", "5", "7", "9"]),
        ({"type": "Bus,Boat"}, ["1", "3", "5", "7", "9"]),
        ({"type": "(Bus;Vehicle)"}, ["1", "3", "5", "7", "9"]),
        ({"type": "Boat|(Bus;Train)"}, []),
        ({"type": "*"}, ALL),
        ({"type": "Vehicle", "id": "urn:ngsi-ld:Vehicle:3,urn:ngsi-ld:Vehicle:5"}, ["3", "5"]),
        ({"local": "true"}, ALL),
        ({"q": "colour==red"}, ["0", "2", "4", "6", "8"]),
        ({"type": "((Bus|Boat);Vehicle)", "csf": 'name=="x"'}, ["1", "3", "5", "7", "9"]),
        ({"type": "Vehicle", "idPattern": ".*:[12]$"}, ["1", "2"]),
        ({"attrs": "colour,nothing"}, ALL),
        ({"attrs": "nothing"}, []),
        ({"q": "speed>70"}, ["8", "9"]),
        ({"q": "speed>=70;speed<90"}, ["7", "8"]),
        ({"q": "speed==70|speed==10"}, ["1", "7"]),
        ({"q": 'speed==70|speed==10;colour=="red"'}, ["7"]),
        ({"q": '(speed==70|speed==10);colour=="red"'}, []),
        ({"q": "speed==20..40"}, ["2", "3", "4"]),
        ({"q": "speed!=20..80"}, ["0", "1", "9"]),
        ({"q": "speed==20,40"}, ["2", "4"]),
        ({"q": "speed!=0,10,20,30,40,50"}, ["6", "7", "8", "9"]),
        ({"q": 'colour=="red"'}, ["0", "2", "4", "6", "8"]),
        ({"q": 'colour!="red"'}, ["1", "3", "5", "7", "9"]),
        ({"q": "colour~=^r"}, ["0", "2", "4", "6", "8"]),
        ({"q": "colour!~=^r"}, ["1", "3", "5", "7", "9"]),
        ({"q": "speed.observedAt>=2026-03-01T07:38:00Z"}, ["8", "9"]),
        ({"q": "speed.observedAt==2026-03-01T07:38:00Z"}, ["8"]),
        ({"q": "address[number]<2"}, ["0", "1"]),
        ({"q": 'address[city]=="Testville"'}, ALL),
        ({"q": "address[nowhere]"}, []),
        ({"q": "nothing"}, []),
        ({"q": 'speed>"70"'}, []),
        ({"georel": "near;maxDistance==160", "geometry": "Point", "coordinates": "[11.0,48.0]"}, ["0", "1", "2"]),
        ({"georel": "near;minDistance==600", "geometry": "Point", "coordinates": "[11.0,48.0]"}, ["9"]),
        (
            {
                "georel": "within",
                "geometry": "Polygon",
                "coordinates": "[[[11.0015,47],[11.0035,47],[11.0035,49],[11.0015,49],[11.0015,47]]]",
            },
            ["2", "3"],
        ),
        ({"georel": "equals", "geometry": "Point", "coordinates": "[11.004,48.0]"}, ["4"]),
        (
            {
                "georel": "near;maxDistance==9",
                "geometry": "Point",
                "coordinates": "[11.0,48.0]",
                "geoproperty": "place",
            },
            [],
        ),
    ],
)
async def test_5_7_2_finds(
    api: httpx.AsyncClient, fleet: list[str], query: dict[str, str], expected: list[str]
) -> None:
    assert ids(await api.get("/entities", params=query)) == expected


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({}, "which entities"),
        ({"type": ""}, "empty"),
        ({"type": "A("}, "type"),
        ({"type": "A;;B"}, "type"),
        ({"q": "speed="}, "q:"),
        ({"q": "speed==-fast"}, "quote"),
        ({"id": "urn:ngsi-ld:Vehicle:3"}, "which entities"),
        ({"idPattern": ".*"}, "which entities"),
        ({"scopeQ": "/a"}, "which entities"),
        ({"attrs": "createdAt"}, "which entities"),
        ({"q": 'modifiedAt>"2020-01-01T00:00:00Z"'}, "which entities"),
        ({"type": "*", "local": "false"}, "local"),
        ({"type": "Vehicle", "csf": "))bad(("}, "q:"),
        ({"type": "Vehicle", "attrs": "speed", "omit": "colour"}, "attrs"),
        ({"type": "Vehicle", "geometryProperty": "location"}, "GeoJSON"),
        ({"q": "(speed==1"}, "expected )"),
        ({"q": "speed==1;"}, "name"),
        ({"q": "colour~=(("}, "expression"),
        ({"id": "none"}, "URI"),
        ({"type": "Vehicle", "idPattern": "(("}, "expression"),
        ({"georel": "near"}, "together"),
        ({"georel": "near;maxDistance==-1", "geometry": "Point", "coordinates": "[1,2]"}, "georel"),
        ({"georel": "beside", "geometry": "Point", "coordinates": "[1,2]"}, "georel"),
        ({"georel": "within", "geometry": "Circle", "coordinates": "[1,2]"}, "geometry"),
        ({"georel": "within", "geometry": "Point", "coordinates": "[1"}, "coordinates"),
        ({"type": "Vehicle", "limit": "-1"}, "limit"),
        ({"type": "Vehicle", "limit": "many"}, "limit"),
        ({"type": "Vehicle", "limit": "0"}, "count"),
        ({"type": "Vehicle", "offset": "x"}, "offset"),
        ({"type": "Vehicle", "count": "yes"}, "count"),
        ({"type": "Vehicle", "options": "keyValue"}, "keyValues"),
        ({"type": "Vehicle", "format": "xml"}, "format"),
        ({"type": "Vehicle", "pick": "speed", "omit": "speed"}, "same"),
        ({"type": "Vehicle", "pick": "speed,,colour"}, "empty item"),
        ({"colour": "red"}, "'colour'"),
    ],
)
async def test_says_what_is_wrong_with_a_query(api: httpx.AsyncClient, query: dict[str, str], says: str) -> None:
    answer = await api.get("/entities", params=query)
    assert answer.status_code == 400
    assert says in answer.json()["detail"]


async def test_refuses_more_than_it_gives(api: httpx.AsyncClient) -> None:
    answer = await api.get("/entities", params={"type": "Vehicle", "limit": "1001"})
    assert (answer.status_code, answer.json()["type"]) == (403, "https://uri.etsi.org/ngsi-ld/errors/TooManyResults")
    deep = await api.get("/entities", params={"q": "(" * 60 + "a" + ")" * 60})
    assert (deep.status_code, deep.json()["type"]) == (403, "https://uri.etsi.org/ngsi-ld/errors/TooComplexQuery")
    twice = await api.get("/entities?type=A&type=B")
    assert (twice.status_code, "twice" in twice.json()["detail"]) == (400, True)


async def test_5_5_9_pages_with_links_and_counts(api: httpx.AsyncClient, fleet: list[str]) -> None:
    first = await api.get("/entities", params={"type": "Vehicle", "limit": "4", "count": "true", "q": "speed>=0"})
    assert first.headers["ngsild-results-count"] == "10"
    seen, answer = ids(first), first
    while "next" in answer.links:
        answer = await api.get("http://127.0.0.1" + answer.links["next"]["url"])
        seen += ids(answer)
    assert seen == ALL
    assert "prev" in answer.links and "prev" not in first.links
    back = await api.get("http://127.0.0.1" + answer.links["prev"]["url"])
    assert ids(back) == ["4", "5", "6", "7"]


async def test_5_5_9_counts_without_results(api: httpx.AsyncClient, fleet: list[str]) -> None:
    answer = await api.get("/entities", params={"type": "Bus", "limit": "0", "options": "count"})
    assert (answer.json(), answer.headers["ngsild-results-count"]) == ([], "5")


async def test_4_21_picks_and_omits(api: httpx.AsyncClient, fleet: list[str]) -> None:
    one = {"type": "Vehicle", "id": fleet[0], "options": "keyValues"}
    picked = (await api.get("/entities", params={**one, "pick": "id,speed"})).json()[0]
    omitted = (await api.get("/entities", params={**one, "omit": "id,speed,location,address"})).json()[0]
    assert picked == {"id": fleet[0], "speed": 0}
    assert omitted == {"type": "Vehicle", "colour": "red"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"type": "Query", "entities": [{"type": "Bus"}]}, ["1", "3", "5", "7", "9"]),
        ({"type": "Query", "entities": [{"type": "Vehicle"}], "q": "speed<20"}, ["0", "1"]),
        ({"type": "Query", "entities": [{"type": "Vehicle", "id": "urn:ngsi-ld:Vehicle:2"}]}, ["2"]),
        ({"type": "Query", "entities": [{"type": "Vehicle", "idPattern": ":[23]$"}]}, ["2", "3"]),
        ({"type": "Query", "entities": [{"type": "Boat"}, {"type": "Bus"}]}, ["1", "3", "5", "7", "9"]),
        (
            {
                "type": "Query",
                "geoQ": {"georel": "near;maxDistance==100", "geometry": "Point", "coordinates": [11.0, 48.0]},
            },
            ["0", "1"],
        ),
    ],
)
async def test_5_7_2_queries_by_post(
    api: httpx.AsyncClient, fleet: list[str], body: dict[str, Any], expected: list[str]
) -> None:
    assert ids(await api.post("/entityOperations/query", json=body)) == expected


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"type": "Query"},
        {"type": "Search", "q": "a"},
        {"type": "Query", "q": ""},
        {"type": "Query", "entities": []},
        {"type": "Query", "entities": [{"id": "urn:a:b"}]},
        {"type": "Query", "q": "a", "other": 1},
        {"type": "Query", "geoQ": {"georel": "near"}},
    ],
)
async def test_refuses_a_query_by_post_that_is_none(api: httpx.AsyncClient, body: Any) -> None:
    assert (await api.post("/entityOperations/query", json=body)).status_code == 400


async def test_values_never_become_sql(api: httpx.AsyncClient, fleet: list[str]) -> None:
    hostile = "x' OR 1=1; DROP TABLE entities; --"
    for query in ({"q": f'colour=="{hostile}"'}, {"type": "Vehicle", "q": f'colour~="{hostile}"'}):
        assert ids(await api.get("/entities", params=query)) == []
    assert ids(await api.get("/entities", params={"type": "Vehicle"})) == ALL
