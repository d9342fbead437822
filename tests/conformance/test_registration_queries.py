"""Which context source registrations a query finds: ETSI GS CIM 009 v1.9.1, 5.10.2, 5.12, 6.8.3.2."""

import httpx
import pytest

from .test_registrations import ID, PATH, body, found

PAST = {"startAt": "2025-01-01T00:00:00Z", "endAt": "2025-07-01T00:00:00Z"}


@pytest.fixture
async def water(api: httpx.AsyncClient) -> str:
    answer = await api.post(PATH, json=body())
    assert answer.status_code == 201, answer.text
    return f"{PATH}/{ID}"


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ({"type": "Pump"}, True),
        ({"type": "Tank"}, True),
        ({"type": "Pump,Car"}, True),
        ({"type": "Car"}, False),
        ({"attrs": "flow"}, True),
        ({"attrs": "feeds"}, True),
        ({"attrs": "colour", "type": "Pump"}, False),
        ({"attrs": "colour", "type": "Tank"}, True),
        ({"pick": "flow", "type": "Pump"}, True),
        ({"type": "Pump", "id": "urn:ngsi-ld:Pump:1"}, True),
        ({"type": "Pump", "id": "urn:ngsi-ld:Pump:2,urn:ngsi-ld:Pump:1"}, True),
        ({"type": "Pump", "id": "urn:ngsi-ld:Pump:2"}, False),
        ({"type": "Pump", "idPattern": ".*Pump.*"}, True),
        ({"type": "Pump", "idPattern": ".*Tank.*"}, False),
        ({"type": "Tank", "id": "urn:ngsi-ld:Tank:north7"}, True),
        ({"type": "Tank", "id": "urn:ngsi-ld:Tank:south7"}, False),
        ({"type": "Tank", "idPattern": "south"}, True),
        ({"id": "urn:ngsi-ld:Pump:1"}, True),
        ({"id": "urn:ngsi-ld:Pump:2"}, False),
        ({"q": "flow>5"}, True),
        ({"type": "Pump", "q": "colour==1|temperature>5"}, False),
        ({"type": "Pump", "q": "colour==1|pressure>5"}, True),
        ({"type": "Pump", "csf": 'endpoint=="https://water.example.org/"'}, True),
        ({"type": "Pump", "csf": 'endpoint=="https://air.example.org/"'}, False),
        ({"type": "Pump", "csf": 'sourceKind=="utility";district=="north"'}, True),
        ({"type": "Pump", "csf": "!sourceKind"}, False),
        ({"type": "Pump", "scopeQ": "/city/#"}, True),
        ({"type": "Pump", "scopeQ": "/country/#"}, False),
        ({"type": "Pump", "datasetId": "urn:x:1"}, True),
    ],
)
async def test_5_12_which_match(api: httpx.AsyncClient, water: str, query: dict[str, str], matches: bool) -> None:
    assert await found(api, **query) == (["water"] if matches else [])


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ({"q": 'district=="north"'}, ["water"]),
        ({"q": 'sourceKind=="utility";district=="north"'}, ["water"]),
        ({"q": 'district=="south"'}, ["air", "water"]),
        ({"q": "!district"}, ["air", "water"]),
        ({"type": "Pump", "q": 'district=="north"'}, ["air"]),
    ],
)
async def test_5_10_2_a_q_alone_may_be_about_the_sources(
    api: httpx.AsyncClient, water: str, query: dict[str, str], matches: list[str]
) -> None:
    other = {
        "id": ID.replace("water", "air"),
        "type": "ContextSourceRegistration",
        "information": [{"entities": [{"type": "Pump"}]}],
        "endpoint": "https://air.example.org",
    }
    assert (await api.post(PATH, json=other)).status_code == 201
    assert await found(api, **query) == matches


@pytest.mark.parametrize(
    ("georel", "point", "matches"),
    [
        ("near;maxDistance==2000", [11.5, 48.1], True),
        ("near;maxDistance==2000", [15, 50], False),
        ("near;minDistance==50000", [11.5, 48.1], True),
        ("intersects", [11.5, 48.1], True),
        ("disjoint", [15, 50], True),
        ("contains", [11.9, 48.5], True),
        ("equals", [15, 50], False),
    ],
)
async def test_5_10_2_a_place_that_may_hold_it(
    api: httpx.AsyncClient, water: str, georel: str, point: list[float], matches: bool
) -> None:
    query = {"type": "Tank", "georel": georel, "geometry": "Point", "coordinates": str(point)}
    assert await found(api, **query) == (["water"] if matches else [])
    # A registration without the place that is asked for does not match.
    assert await found(api, **query, geoproperty="operationSpace") == []


async def test_5_10_2_a_region_may_reach_into_another(api: httpx.AsyncClient, water: str) -> None:
    part = "[[[11.9,48.0],[13.0,48.0],[13.0,50.0],[11.9,50.0],[11.9,48.0]]]"
    query = {"type": "Tank", "georel": "within", "geometry": "Polygon", "coordinates": part}
    assert await found(api, **query) == ["water"]


@pytest.mark.parametrize("interval", ["observationInterval", "managementInterval"])
@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ({}, False),
        ({"timerel": "before", "timeAt": "2025-03-01T00:00:00Z"}, True),
        ({"timerel": "before", "timeAt": "2026-03-01T00:00:00Z"}, True),
        ({"timerel": "before", "timeAt": "2024-03-01T00:00:00Z"}, False),
        ({"timerel": "after", "timeAt": "2024-03-01T00:00:00Z"}, True),
        ({"timerel": "after", "timeAt": "2025-07-01T00:00:00Z"}, True),
        ({"timerel": "after", "timeAt": "2025-08-01T00:00:00Z"}, False),
        ({"timerel": "between", "timeAt": "2024-01-01T00:00:00Z", "endTimeAt": "2025-02-01T00:00:00Z"}, True),
        ({"timerel": "between", "timeAt": "2023-01-01T00:00:00Z", "endTimeAt": "2024-02-01T00:00:00Z"}, False),
    ],
)
async def test_5_10_2_sources_of_the_past(
    api: httpx.AsyncClient, interval: str, query: dict[str, str], matches: bool
) -> None:
    assert (await api.post(PATH, json=body(**{interval: PAST}))).status_code == 201
    own, other = ({}, {"timeproperty": "deletedAt"})[:: 1 if interval == "observationInterval" else -1]
    assert await found(api, type="Pump", **query, **own) == (["water"] if matches else [])
    if query:
        assert await found(api, type="Pump", **query, **other) == []


async def test_5_10_2_sources_of_now_are_not_of_the_past(api: httpx.AsyncClient, water: str) -> None:
    assert await found(api, type="Pump", timerel="before", timeAt="2025-03-01T00:00:00Z") == []


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"idPattern": ".*"},
        {"scopeQ": "/a"},
        {"id": "pump"},
        {"q": "(flow"},
        {"type": "Pump", "csf": "(flow"},
        {"georel": "within"},
        {"timerel": "before"},
        {"type": "Pump", "idPattern": "("},
        {"type": "Pump", "limit": "x"},
    ],
)
async def test_5_10_2_a_query_that_is_none(api: httpx.AsyncClient, query: dict[str, str]) -> None:
    answer = await api.get(PATH, params=query)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData"), answer.text


async def test_5_10_2_an_unknown_parameter_is_named(api: httpx.AsyncClient) -> None:
    answer = await api.get(PATH, params={"type": "Pump", "colour": "red"})
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "InvalidRequest")


async def test_5_5_9_a_page_at_a_time(api: httpx.AsyncClient) -> None:
    for n in range(5):
        await api.post(PATH, json=body(id=f"urn:ngsi-ld:ContextSourceRegistration:{n}"))
    answer = await api.get(PATH, params={"type": "Pump", "limit": "2", "offset": "1", "count": "true"})
    assert [one["id"][-1] for one in answer.json()] == ["1", "2"]
    assert answer.headers["ngsild-results-count"] == "5"
    assert 'rel="next"' in answer.headers["link"] and 'rel="prev"' in answer.headers["link"]
    last = await api.get(PATH, params={"type": "Pump", "limit": "2", "offset": "4"})
    assert [one["id"][-1] for one in last.json()] == ["4"]
    assert 'rel="next"' not in last.headers["link"]
