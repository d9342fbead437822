"""The past in aggregates: ETSI GS CIM 009 v1.9.1, 4.5.19, over HTTP."""

from typing import Any

import httpx
import pytest

ID = "urn:ngsi-ld:Tank:1"
PAST = f"/temporal/entities/{ID}"


def one(value: Any, hour: int, minute: int = 3, **members: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, "observedAt": f"2026-03-01T{hour:02}:{minute:02}:00Z", **members}


@pytest.fixture
async def tank(api: httpx.AsyncClient) -> str:
    body = {
        "id": ID,
        "type": "Tank",
        "level": [one(120, 12), one(80, 12, 5), one(100, 12, 7)],
        "fuel": [one(67, 12), one(53, 13, 5), one(40, 14, 7)],
        "open": [one(True, 12), one(False, 13)],
        "name": [one("b", 12), one("a", 13)],
        "owner": [{"type": "Relationship", "object": "urn:x:bob", "observedAt": "2026-03-01T12:00:00Z"}],
    }
    assert (await api.post("/temporal/entities", json=body)).status_code == 201
    return PAST


async def asked(api: httpx.AsyncClient, methods: str, **query: str) -> Any:
    answer = await api.get(PAST, params={"format": "aggregatedValues", "aggrMethods": methods, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_4_5_19_each_method_over_each_period(api: httpx.AsyncClient, tank: str) -> None:
    told = await asked(api, "avg,max", aggrPeriodDuration="PT1H", attrs="level,fuel")
    ends = [f"2026-03-01T{hour}:03:00Z" for hour in (12, 13, 14, 15)]
    assert told == {
        "id": ID,
        "type": "Tank",
        "level": {"type": "Property", "avg": [[100, ends[0], ends[1]]], "max": [[120, ends[0], ends[1]]]},
        "fuel": {
            "type": "Property",
            "avg": [[value, *ends[n : n + 2]] for n, value in enumerate((67, 53, 40))],
            "max": [[value, *ends[n : n + 2]] for n, value in enumerate((67, 53, 40))],
        },
    }


async def test_4_5_19_periods_begin_with_the_range(api: httpx.AsyncClient, tank: str) -> None:
    told = await asked(
        api, "sum", aggrPeriodDuration="P1D", timerel="after", timeAt="2026-02-01T00:00:00Z", attrs="fuel"
    )
    assert told["fuel"]["sum"] == [[160, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"]]
    last = await asked(api, "sum", aggrPeriodDuration="PT1H", lastN="1", attrs="fuel")
    assert [value for value, _, _ in last["fuel"]["sum"]] == [40]


async def test_4_5_19_1_no_period_is_the_whole_range(api: httpx.AsyncClient, tank: str) -> None:
    expected = [[53, "2026-03-01T12:30:00Z", "2026-03-01T14:00:00Z"]]
    window = {"timerel": "between", "timeAt": "2026-03-01T12:30:00Z", "endTimeAt": "2026-03-01T14:00:00Z"}
    for period in ({}, {"aggrPeriodDuration": "PT0S"}, {"aggrPeriodDuration": "P0D"}):
        assert (await asked(api, "min", attrs="fuel", **period, **window))["fuel"]["min"] == expected


async def test_4_5_19_1_what_counts_as_what(api: httpx.AsyncClient, tank: str) -> None:
    told = await asked(api, "totalCount,distinctCount,sum,min")
    values = {
        name: {method: pairs[0][0] for method, pairs in told[name].items() if method != "type"}
        for name in told
        if name not in ("id", "type")
    }
    assert values == {
        "level": {"totalCount": 3, "distinctCount": 3, "sum": 300, "min": 80},
        "fuel": {"totalCount": 3, "distinctCount": 3, "sum": 160, "min": 40},
        "open": {"totalCount": 2, "distinctCount": 2, "sum": 1, "min": 0},
        "name": {"totalCount": 2, "distinctCount": 2, "min": "a"},
        "owner": {"totalCount": 1, "distinctCount": 1},
    }
    assert told["owner"]["type"] == "Relationship"


async def test_5_7_4_4_a_named_attribute_has_to_have_an_answer(api: httpx.AsyncClient, tank: str) -> None:
    query = {"format": "aggregatedValues", "aggrMethods": "avg", "attrs": "name"}
    answer = await api.get(tank, params=query)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "InvalidRequest")


async def test_4_5_19_each_dataset_for_itself(api: httpx.AsyncClient, tank: str) -> None:
    more = {"id": ID, "type": "Tank", "level": [one(1, 12, datasetId="urn:x:d")]}
    await api.post("/temporal/entities", json=more)
    told = (await asked(api, "max", attrs="level"))["level"]
    assert [(each.get("datasetId"), each["max"][0][0]) for each in told] == [(None, 120), ("urn:x:d", 1)]
    assert (await asked(api, "max", attrs="level", datasetId="urn:x:d"))["level"]["max"][0][0] == 1


async def test_4_5_19_of_what_there_is_not(api: httpx.AsyncClient, tank: str) -> None:
    query = {"format": "aggregatedValues", "aggrMethods": "sum"}
    assert (await api.get("/temporal/entities/urn:ngsi-ld:Tank:2", params=query)).status_code == 404
    assert (await api.get(tank, params={**query, "attrs": "unknown"})).status_code == 404
    early = {**query, "timerel": "before", "timeAt": "2020-01-01T00:00:00Z"}
    assert set((await api.get(tank, params=early)).json()) == {"id", "type"}


async def test_4_5_19_of_a_page_of_entities(api: httpx.AsyncClient, tank: str) -> None:
    for n in (2, 3):
        body = {"id": f"urn:ngsi-ld:Tank:{n}", "type": "Tank", "level": [one(n, 12)]}
        await api.post("/temporal/entities", json=body)
    query = {"type": "Tank", "attrs": "level", "timerel": "after", "timeAt": "2026-03-01T00:00:00Z", "limit": "2"}
    answer = await api.get("/temporal/entities", params={**query, "options": "aggregatedValues", "aggrMethods": "max"})
    assert [each["level"]["max"][0][0] for each in answer.json()] == [120, 2]
    assert 'rel="next"' in answer.headers["link"]
