"""The past queried: ETSI GS CIM 009 v1.9.1, 5.7.4, by GET (6.18) and by POST (6.24)."""

from typing import Any

import httpx
import pytest

from .conftest import ids

IN, OUT = "2026-03-01T12:00:00Z", "2026-01-05T00:00:00Z"
WINDOW = {"timerel": "between", "timeAt": "2026-03-01T00:00:00Z", "endTimeAt": "2026-03-02T00:00:00Z"}
EVER = {"timerel": "after", "timeAt": "2020-01-01T00:00:00Z"}


def one(value: Any, at: str = IN, **members: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, "observedAt": at, **members}


def place(lon: float, at: str = IN) -> dict[str, Any]:
    return {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [lon, 48.0]}, "observedAt": at}


BOB = {"type": "Relationship", "object": "urn:x:bob", "observedAt": IN}
BOATS: dict[str, dict[str, Any]] = {
    "fast": {"speed": [one(30), one(90, OUT)], "heading": [one(45)], "location": [place(2.0)]},
    "slow": {"speed": [one(10), one(80, OUT)], "heading": [one(170)], "location": [place(5.0), place(2.0, OUT)]},
    "multi": {"speed": [one(5), one(60, datasetId="urn:x:d")]},
    "named": {"name": [one("m")], "tags": [one(["a", "b"])], "owner": [BOB]},
    "early": {"speed": [one(99, OUT)]},
}  # fmt: skip


@pytest.fixture
async def boats(api: httpx.AsyncClient) -> httpx.AsyncClient:
    for name, attributes in BOATS.items():
        body = {"id": f"urn:ngsi-ld:Boat:{name}", "type": "Boat", **attributes}
        assert (await api.post("/temporal/entities", json=body)).status_code == 201
    raft = {"id": "urn:ngsi-ld:Raft:r", "type": "Raft", "speed": [one(1)]}
    assert (await api.post("/temporal/entities", json=raft)).status_code == 201
    return api


async def found(api: httpx.AsyncClient, **query: str) -> list[str]:
    return ids(await api.get("/temporal/entities", params={"type": "Boat", **WINDOW, **query}))


async def test_5_7_4_who_has_something_in_the_range(boats: httpx.AsyncClient) -> None:
    assert await found(boats) == ["fast", "multi", "named", "slow"]
    assert await found(boats, type="Boat,Raft") == ["fast", "multi", "named", "slow", "r"]
    assert await found(boats, id="urn:ngsi-ld:Boat:slow,urn:ngsi-ld:Boat:early") == ["slow"]
    assert await found(boats, idPattern="Boat:[fm]") == ["fast", "multi"]
    assert await found(boats, attrs="heading") == ["fast", "slow"]
    assert await found(boats, pick="id,heading") == ["fast", "slow"]
    assert await found(boats, orderBy="id;desc") == ["slow", "named", "multi", "fast"]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("speed>25", ["fast", "multi"]),
        ("speed>=5;heading<90", ["fast"]),
        ("speed>25|heading>100", ["fast", "multi", "slow"]),
        ('speed>25|name~="^m"', ["fast", "multi", "named"]),
        ("!heading;speed>25", ["multi"]),
        ("speed==10..40", ["fast", "slow"]),
        ('owner=="urn:x:bob"', ["named"]),
        ('tags=="a"', ["named"]),
        ("speed>80", []),
    ],
)
async def test_5_7_4_4_q_is_about_the_instances_of_the_range(
    boats: httpx.AsyncClient, q: str, expected: list[str]
) -> None:
    assert await found(boats, q=q) == expected


async def test_5_7_4_4_what_is_found_is_told_whole(boats: httpx.AsyncClient) -> None:
    answer = await boats.get("/temporal/entities", params={"type": "Boat", "q": "heading==45", **EVER})
    assert [each["value"] for each in answer.json()[0]["speed"]] == [90, 30]


async def test_5_7_4_4_the_place_is_that_of_the_range(boats: httpx.AsyncClient) -> None:
    near = {"georel": "near;maxDistance==2000", "geometry": "Point", "coordinates": "[2.0,48.0]"}
    assert await found(boats, **near) == ["fast"]
    far = {"georel": "disjoint", "geometry": "Point", "coordinates": "[2.0,48.0]"}
    assert await found(boats, **far) == ["slow"]


async def test_6_3_13_pages_and_the_count_are_of_true_matches(boats: httpx.AsyncClient) -> None:
    query = {"type": "Boat", "q": "speed>25", "limit": "1", "count": "true", **WINDOW}
    first = await boats.get("/temporal/entities", params=query)
    second = await boats.get("/temporal/entities", params={**query, "offset": "1"})
    third = await boats.get("/temporal/entities", params={**query, "offset": "2"})
    assert (ids(first), ids(second), ids(third)) == (["fast"], ["multi"], [])
    assert [answer.headers["ngsild-results-count"] for answer in (first, second, third)] == ["2"] * 3
    assert 'rel="next"' in first.headers["link"] and 'rel="next"' not in second.headers["link"]
    assert 'rel="prev"' in second.headers["link"]


async def test_entities_that_are_gone_are_in_the_past(boats: httpx.AsyncClient) -> None:
    assert (await boats.delete("/entities/urn:ngsi-ld:Boat:fast")).status_code == 204
    assert await found(boats, q="speed>25") == ["fast", "multi"]


async def test_4_9_terms_are_expanded_where_it_is_asked_for(api: httpx.AsyncClient) -> None:
    shop = {"id": "urn:ngsi-ld:Shop:1", "type": "Shop", "kind": {"type": "VocabProperty", "vocab": "corner"}}
    await api.post("/temporal/entities", json=shop)
    query = {"type": "Shop", "q": "kind==corner", "timeproperty": "createdAt", **EVER}
    assert ids(await api.get("/temporal/entities", params={**query, "expandValues": "kind"})) == ["1"]


# 4.18, C.5.16: a scope is valid from when it was set.


@pytest.fixture
async def scoped(api: httpx.AsyncClient) -> httpx.AsyncClient:
    at = "2026-03-01T12:{:02}:00Z".format
    pasts: dict[str, Any] = {
        "always": ([one("/A/B", "2026-03-01T10:00:00Z")], [one("x", at(5))]),
        "both": ([one(["/A/B", "/C"], "2026-03-01T10:00:00Z")], [one("x", at(5))]),
        "later": ([one("/M", at(10))], [one("before", at(5)), one("after", at(15))]),
        "moved": ([one("/R", "2026-03-01T10:00:00Z"), one("/S", at(30))], [one("old", at(15)), one("new", at(45))]),
        "late": ([one("/Z", "2026-03-01T14:00:00Z")], [one("x", at(5))]),
        "nowhere": ([], [one("x", at(5))]),
    }
    for name, (scope, speed) in pasts.items():
        body: dict[str, Any] = {"id": f"urn:ngsi-ld:Boat:{name}", "type": "Boat", "speed": speed}
        assert (
            await api.post("/temporal/entities", json=body | ({"scope": scope} if scope else {}))
        ).status_code == 201
    return api


HOUR = {"timerel": "between", "timeAt": "2026-03-01T12:00:00Z", "endTimeAt": "2026-03-01T13:00:00Z"}


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        ("/A/B", {"always": ["x"], "both": ["x"]}),
        ("/A/#", {"always": ["x"], "both": ["x"]}),
        ("(/A/B;/C)", {"both": ["x"]}),
        ("/M", {"later": ["after"]}),
        ("/R", {"moved": ["old"]}),
        ("/S", {"moved": ["new"]}),
        ("/R|/S", {"moved": ["old", "new"]}),
        ("/Z", {}),
        ("/Y", {}),
    ],
)
async def test_5_7_4_4_scopes_are_valid_for_a_time(
    scoped: httpx.AsyncClient, scopes: str, expected: dict[str, list[str]]
) -> None:
    answer = await scoped.get("/temporal/entities", params={"type": "Boat", "scopeQ": scopes, **HOUR})
    told = {each["id"].rsplit(":", 1)[1]: [one["value"] for one in each["speed"]] for each in answer.json()}
    assert told == expected
    assert all("scope" in each for each in answer.json())


# What may not be asked.


@pytest.mark.parametrize(
    "query",
    [
        {"type": "Boat"},
        EVER,
        {"id": "urn:ngsi-ld:Boat:fast", **EVER},
        {"attrs": "createdAt", **EVER},
        {"type": "Boat", "q": 'owner{name}=="x"', **EVER},
        {"type": "Boat", "pick": "owner{name}", **EVER},
        {"type": "Boat", "id": "not a uri", **EVER},
        {"type": "Boat", "csf": "))bad((", **EVER},
        {"type": "Boat", "orderBy": "name", **EVER},
        {"type": "Boat", "aggrMethods": "avg", "format": "aggregatedValues", "aggrPeriodDuration": "1h", **EVER},
        {"type": "Boat", "format": "aggregatedValues", **EVER},
        {"type": "Boat", "format": "aggregatedValues", "aggrMethods": "median", **EVER},
    ],
)
async def test_5_7_4_4_says_what_is_wrong(boats: httpx.AsyncClient, query: dict[str, str]) -> None:
    answer = await boats.get("/temporal/entities", params=query)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData")


async def test_5_7_4_4_everything_that_is_local(boats: httpx.AsyncClient) -> None:
    answer = await boats.get("/temporal/entities", params={"local": "true", **WINDOW})
    assert ids(answer) == ["fast", "multi", "named", "slow", "r"]


# 6.24: the query in the body.


def body(**members: Any) -> dict[str, Any]:
    return {"type": "Query", "entities": [{"type": "Boat"}], "temporalQ": WINDOW, **members}


QUERY = "/temporal/entityOperations/query"


async def test_6_24_queries_by_post(boats: httpx.AsyncClient) -> None:
    assert ids(await boats.post(QUERY, json=body())) == ["fast", "multi", "named", "slow"]
    assert ids(await boats.post(QUERY, json=body(q="speed>25"))) == ["fast", "multi"]
    both = body(entities=[{"type": "Boat"}, {"type": "Raft"}], attrs=["speed"])
    assert ids(await boats.post(QUERY, json=both)) == ["fast", "multi", "slow", "r"]
    pairs = await boats.post(QUERY, json=body(q="heading==45"), params={"options": "temporalValues"})
    assert pairs.json()[0]["speed"] == {"type": "Property", "values": [[30, IN]]}
    last = await boats.post(QUERY, json=body(temporalQ={**EVER, "lastN": 1}, attrs=["speed"]), params={"limit": "1"})
    assert [each["value"] for each in last.json()[0]["speed"]] == [99]


@pytest.mark.parametrize(
    "members",
    [
        {"temporalQ": {**EVER, "aggrMethods": ["max"]}},
        {"temporalQ": {**EVER, "aggrMethods": "max"}},
        {"aggrParams": {"aggrMethods": ["max"], "aggrPeriodDuration": "PT0S"}, "temporalQ": EVER},
    ],
)
async def test_5_2_44_aggregates_by_post(boats: httpx.AsyncClient, members: dict[str, Any]) -> None:
    answer = await boats.post(
        QUERY, json=body(attrs=["speed"], entities=[{"type": "Boat", "id": "urn:ngsi-ld:Boat:fast"}], **members)
    )
    assert answer.json() == [
        {
            "id": "urn:ngsi-ld:Boat:fast",
            "type": "Boat",
            "speed": {"type": "Property", "max": [[90, EVER["timeAt"], IN]]},
        }
    ]


@pytest.mark.parametrize(
    "members",
    [
        {"temporalQ": None},
        {"temporalQ": {"timerel": "during", "timeAt": IN}},
        {"temporalQ": {"timerel": "between", "timeAt": IN}},
        {"temporalQ": {**EVER, "lastN": 0}},
        {"temporalQ": {**EVER, "lastN": 1.5}},
        {"temporalQ": {**EVER, "lastN": True}},
        {"temporalQ": {**EVER, "timeproperty": "madeAt"}},
        {"temporalQ": {**EVER, "timeAt": 5}},
        {"temporalQ": {**EVER, "aggrMethods": ["avg"], "aggrPeriodDuration": "soon"}},
        {"aggrParams": {"aggrMethods": ["median"]}},
        {"aggrParams": {"aggrPeriodDuration": "PT1H"}},
        {"aggrParams": []},
        {"unknown": 1},
    ],
)
async def test_5_2_21_says_what_is_wrong(boats: httpx.AsyncClient, members: dict[str, Any]) -> None:
    answer = await boats.post(QUERY, json=body(**members))
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData")


async def test_6_3_10_a_page_of_instances_of_each_entity(api: httpx.AsyncClient) -> None:
    many = [one(n, f"2026-03-01T12:{n:02}:00Z") for n in range(20)]
    few = [one(n, f"2026-04-01T12:{n:02}:00Z") for n in range(3)]
    for name, speed in (("a", many), ("b", few)):
        await api.post("/temporal/entities", json={"id": f"urn:ngsi-ld:Boat:{name}", "type": "Boat", "speed": speed})
    answer = await api.get("/temporal/entities", params={"type": "Boat", **EVER})
    assert [len(each["speed"]) for each in answer.json()] == [19, 3]
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"date-time {EVER['timeAt']}-2026-04-01T12:02:00Z/*"
    assert (await api.post(QUERY, json=body(temporalQ=EVER))).status_code == 206
