"""The past: ETSI GS CIM 009 v1.8.1, 4.5.6, 4.5.8, 4.11, 5.6.11, 5.7.3, 5.7.4, over HTTP (6.18, 6.19)."""

import httpx
import pytest

ID = "urn:ngsi-ld:Tank:1"
PAST = f"/temporal/entities/{ID}"
LEVELS = [{"type": "Property", "value": n, "observedAt": f"2026-03-01T07:0{n}:00Z"} for n in range(5)]


@pytest.fixture
async def tank(api: httpx.AsyncClient) -> str:
    answer = await api.post("/temporal/entities", json={"id": ID, "type": "Tank", "level": LEVELS})
    assert (answer.status_code, answer.headers["location"]) == (201, f"/ngsi-ld/v1{PAST}")
    return PAST


async def levels(api: httpx.AsyncClient, **query: str) -> list[int]:
    answer = await api.get(PAST, params=query)
    assert answer.status_code == 200, answer.text
    return [each["value"] for each in answer.json().get("level", [])]


async def test_5_7_3_retrieves_the_past(api: httpx.AsyncClient, tank: str) -> None:
    body = (await api.get(tank)).json()
    assert (body["id"], body["type"], body["level"]) == (ID, "Tank", LEVELS)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"timerel": "before", "timeAt": "2026-03-01T07:02:00Z"}, [0, 1]),
        ({"timerel": "after", "timeAt": "2026-03-01T07:02:00Z"}, [3, 4]),
        ({"timerel": "between", "timeAt": "2026-03-01T07:01:00Z", "endTimeAt": "2026-03-01T07:03:00Z"}, [1, 2]),
        ({"timerel": "after", "timeAt": "2026-03-01T16:02:00+09:00"}, [3, 4]),
    ],
)
async def test_4_11_a_part_of_the_past(
    api: httpx.AsyncClient, tank: str, query: dict[str, str], expected: list[int]
) -> None:
    assert await levels(api, **query) == expected


async def test_5_7_3_the_last_n(api: httpx.AsyncClient, tank: str) -> None:
    assert sorted(await levels(api, lastN="2")) == [3, 4]


async def test_4_5_8_values_with_times(api: httpx.AsyncClient, tank: str) -> None:
    body = (await api.get(tank, params={"options": "temporalValues"})).json()
    assert body["level"] == {"type": "Property", "values": [[each["value"], each["observedAt"]] for each in LEVELS]}
    assert (await api.get(tank, params={"format": "temporalValues"})).json() == body


async def test_5_7_4_queries_the_past(api: httpx.AsyncClient, tank: str) -> None:
    answer = await api.get("/temporal/entities", params={"type": "Tank", "q": "level>3", "lastN": "1", "count": "true"})
    assert answer.headers["ngsild-results-count"] == "1"
    assert [each["value"] for each in answer.json()[0]["level"]] == [4]
    none = await api.get("/temporal/entities", params={"type": "Tank", "q": "level>5"})
    assert none.json() == []


async def test_5_6_11_the_newest_instance_is_the_current_state(api: httpx.AsyncClient, tank: str) -> None:
    assert (await api.get(f"/entities/{ID}")).json()["level"]["value"] == 4
    late = [{"type": "Property", "value": 9, "observedAt": "2026-03-01T06:00:00Z"}]
    again = await api.post("/temporal/entities", json={"id": ID, "type": "Tank", "level": late})
    assert again.status_code == 204
    assert (await api.get(f"/entities/{ID}")).json()["level"]["value"] == 4
    assert (await levels(api))[0] == 9


async def test_a_write_leaves_a_trace(api: httpx.AsyncClient, car: str) -> None:
    body = {"value": 44, "observedAt": "2026-03-01T07:31:00Z"}
    assert (await api.patch(f"{car}/attrs/speed", json=body)).status_code == 204
    past = (await api.get(f"/temporal{car}", params={"attrs": "speed"})).json()
    assert [each["value"] for each in past["speed"]] == [30, 44]


async def test_5_6_16_deletes_the_past(api: httpx.AsyncClient, tank: str) -> None:
    assert (await api.delete(tank)).status_code == 204
    assert await levels(api) == []


@pytest.mark.parametrize(
    "query",
    [
        {"timerel": "before"},
        {"timeAt": "2026-03-01T07:02:00Z"},
        {"timerel": "between", "timeAt": "2026-03-01T07:02:00Z"},
        {"timerel": "between", "timeAt": "2026-03-01T07:02:00Z", "endTimeAt": "2026-03-01T07:02:00Z"},
        {"timerel": "during", "timeAt": "2026-03-01T07:02:00Z"},
        {"timerel": "before", "timeAt": "noon"},
        {"lastN": "0"},
        {"timeproperty": "madeAt"},
    ],
)
async def test_4_11_says_what_is_wrong(api: httpx.AsyncClient, tank: str, query: dict[str, str]) -> None:
    assert (await api.get(tank, params=query)).status_code == 400


async def test_5_7_3_no_such_past(api: httpx.AsyncClient) -> None:
    assert (await api.get("/temporal/entities/urn:ngsi-ld:Tank:none")).status_code == 404
