"""The past retrieved: ETSI GS CIM 009 v1.9.1, 4.5.6 to 4.5.9, 4.11, 5.7.3, over HTTP (6.19)."""

from typing import Any

import httpx
import pytest

ID = "urn:ngsi-ld:Tank:1"
PAST = f"/temporal/entities/{ID}"
LEVELS = [{"type": "Property", "value": n, "observedAt": f"2026-03-01T07:0{n}:00Z"} for n in range(5)]
MINUTES = "2026-03-01T07:{:02}:00Z"


def bare(instances: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without their ids, which are the hub's own."""
    return [{name: value for name, value in one.items() if name != "instanceId"} for one in instances]


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
    assert (body["id"], body["type"], bare(body["level"])) == (ID, "Tank", LEVELS)
    assert all(one["instanceId"].startswith("urn:") for one in body["level"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"timerel": "before", "timeAt": "2026-03-01T07:02:00Z"}, [0, 1]),
        ({"timerel": "after", "timeAt": "2026-03-01T07:02:00Z"}, [2, 3, 4]),
        ({"timerel": "after", "timeAt": "2026-03-01T07:02:00.000Z"}, [2, 3, 4]),
        ({"timerel": "between", "timeAt": "2026-03-01T07:01:00Z", "endTimeAt": "2026-03-01T07:03:00Z"}, [1, 2]),
        ({"timerel": "before", "timeAt": "2026-03-01T06:00:00Z"}, []),
    ],
)
async def test_4_11_a_part_of_the_past(
    api: httpx.AsyncClient, tank: str, query: dict[str, str], expected: list[int]
) -> None:
    assert await levels(api, **query) == expected


async def test_5_7_3_the_last_n(api: httpx.AsyncClient, tank: str) -> None:
    assert await levels(api, lastN="2") == [3, 4]
    assert await levels(api, lastN="2", timerel="before", timeAt="2026-03-01T07:04:00Z") == [2, 3]


async def test_4_5_9_values_with_times(api: httpx.AsyncClient, tank: str) -> None:
    body = (await api.get(tank, params={"options": "temporalValues"})).json()
    assert body["level"] == {"type": "Property", "values": [[each["value"], each["observedAt"]] for each in LEVELS]}
    assert (await api.get(tank, params={"format": "temporalValues"})).json() == body
    assert (await api.get(tank, params={"options": "keyValues"})).json() == body
    both = {"format": "temporalValues", "options": "aggregatedValues", "aggrMethods": "sum"}
    assert (await api.get(tank, params=both)).json() == body


KINDS: dict[str, Any] = {
    "place": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [1.0, 2.0]}},
    "says": {"type": "LanguageProperty", "languageMap": {"en": "yes", "ko": "네"}},
    "ticket": {"type": "JsonProperty", "json": {"a": [1]}},
    "mood": {"type": "VocabProperty", "vocab": "calm"},
    "depths": {"type": "ListProperty", "valueList": [1.5, 2]},
    "route": {"type": "ListRelationship", "objectList": [{"object": "urn:x:a"}, {"object": "urn:x:b"}]},
    "owner": {"type": "Relationship", "object": "urn:x:bob"},
}


@pytest.fixture
async def kinds(api: httpx.AsyncClient) -> str:
    body = {name: [{**one, "observedAt": MINUTES.format(1)}] for name, one in KINDS.items()}
    assert (await api.post("/temporal/entities", json={"id": ID, "type": "Tank", **body})).status_code == 201
    return PAST


async def test_4_5_7_every_kind_of_attribute_has_a_past(api: httpx.AsyncClient, kinds: str) -> None:
    body = (await api.get(kinds)).json()
    assert {name: bare(body[name]) for name in KINDS} == {
        name: [{**one, "observedAt": MINUTES.format(1)}] for name, one in KINDS.items()
    }


async def test_4_5_9_every_kind_has_its_pairs(api: httpx.AsyncClient, kinds: str) -> None:
    body = (await api.get(kinds, params={"options": "temporalValues"})).json()
    at = MINUTES.format(1)
    assert {name: body[name] for name in KINDS} == {
        "place": {"type": "GeoProperty", "values": [[KINDS["place"]["value"], at]]},
        "says": {"type": "LanguageProperty", "languageMaps": [[{"languageMap": {"en": "yes", "ko": "네"}}, at]]},
        "ticket": {"type": "JsonProperty", "jsons": [[{"json": {"a": [1]}}, at]]},
        "mood": {"type": "VocabProperty", "vocabs": [[{"vocab": "calm"}, at]]},
        "depths": {"type": "ListProperty", "valueLists": [[[1.5, 2], at]]},
        "route": {"type": "ListRelationship", "objectLists": [[["urn:x:a", "urn:x:b"], at]]},
        "owner": {"type": "Relationship", "objects": [["urn:x:bob", at]]},
    }


async def test_4_15_texts_in_the_language_wanted(api: httpx.AsyncClient, kinds: str) -> None:
    told = (await api.get(kinds, params={"lang": "ko"})).json()["says"]
    assert (told[0]["type"], told[0]["value"], told[0]["lang"]) == ("Property", "네", "ko")
    pairs = (await api.get(kinds, params={"lang": "ko", "options": "temporalValues"})).json()["says"]
    assert pairs == {"type": "Property", "values": [["네", MINUTES.format(1)]]}


@pytest.mark.parametrize(
    ("query", "members"),
    [
        ({"pick": "owner"}, {"owner"}),
        ({"pick": "id,owner"}, {"id", "owner"}),
        ({"omit": "type,owner,route,depths,ticket,mood,place"}, {"id", "says"}),
        ({"attrs": "owner,mood"}, {"id", "type", "owner", "mood"}),
    ],
)
async def test_4_21_only_the_members_wanted(
    api: httpx.AsyncClient, kinds: str, query: dict[str, str], members: set[str]
) -> None:
    assert set((await api.get(kinds, params=query)).json()) == members


async def test_4_5_5_instances_by_dataset(api: httpx.AsyncClient) -> None:
    both = [*LEVELS[:2], *({**one, "datasetId": "urn:x:d"} for one in LEVELS[2:4])]
    await api.post("/temporal/entities", json={"id": ID, "type": "Tank", "level": both})
    assert await levels(api) == [0, 1, 2, 3]
    assert await levels(api, datasetId="urn:x:d") == [2, 3]
    assert await levels(api, datasetId="@none") == [0, 1]
    assert await levels(api, datasetId="@none,urn:x:d") == [0, 1, 2, 3]
    assert "level" not in (await api.get(PAST, params={"datasetId": "urn:x:other"})).json()
    pairs = (await api.get(PAST, params={"options": "temporalValues"})).json()["level"]
    assert [(one.get("datasetId"), len(one["values"])) for one in pairs] == [(None, 2), ("urn:x:d", 2)]


async def test_system_times_and_the_concise_form(api: httpx.AsyncClient, tank: str) -> None:
    one = (await api.get(tank, params={"options": "sysAttrs", "lastN": "1"})).json()["level"][0]
    assert one["createdAt"] == one["modifiedAt"]
    concise = (await api.get(tank, params={"format": "concise", "lastN": "1"})).json()["level"][0]
    assert set(concise) == {"value", "observedAt", "instanceId"}
    named = (await api.get(tank, params={"timeproperty": "modifiedAt", "lastN": "1"})).json()["level"][0]
    assert named["modifiedAt"] == one["modifiedAt"]


async def test_a_write_leaves_a_trace(api: httpx.AsyncClient, car: str) -> None:
    body = {"value": 44, "observedAt": "2026-03-01T07:31:00Z"}
    assert (await api.patch(f"{car}/attrs/speed", json=body)).status_code == 204
    past = (await api.get(f"/temporal{car}", params={"attrs": "speed"})).json()
    assert [each["value"] for each in past["speed"]] == [30, 44]


async def test_6_3_6_the_context_is_in_the_body_of_json_ld(api: httpx.AsyncClient, tank: str) -> None:
    assert "@context" in (await api.get(tank, headers={"Accept": "application/ld+json"})).json()
    assert "json-ld#context" in (await api.get(tank)).headers["link"]
    assert (await api.get(tank, headers={"Accept": "application/geo+json"})).status_code == 406


@pytest.mark.parametrize(
    "query",
    [
        {"timerel": "before"},
        {"timeAt": "2026-03-01T07:02:00Z"},
        {"timerel": "between", "timeAt": "2026-03-01T07:02:00Z"},
        {"timerel": "before", "timeAt": "2026-03-01T07:02:00Z", "endTimeAt": "2026-03-01T07:03:00Z"},
        {"timerel": "between", "timeAt": "2026-03-01T07:02:00Z", "endTimeAt": "2026-03-01T07:02:00Z"},
        {"timerel": "during", "timeAt": "2026-03-01T07:02:00Z"},
        {"timerel": "before", "timeAt": "noon"},
        {"timerel": "before", "timeAt": "2026-03-01"},
        {"lastN": "0"},
        {"lastN": "1.5"},
        {"timeproperty": "madeAt"},
        {"pick": "level", "omit": "level"},
        {"pick": "owner{name}"},
    ],
)
async def test_4_11_says_what_is_wrong(api: httpx.AsyncClient, tank: str, query: dict[str, str]) -> None:
    answer = await api.get(tank, params=query)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "BadRequestData")


@pytest.mark.parametrize("query", [{"format": "loud"}, {"options": "loud"}, {"options": "temporalValues,loud"}])
async def test_6_3_20_a_form_that_is_not_known(api: httpx.AsyncClient, tank: str, query: dict[str, str]) -> None:
    answer = await api.get(tank, params=query)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (400, "InvalidRequest")


async def test_5_7_3_what_there_is_not(api: httpx.AsyncClient, tank: str) -> None:
    assert (await api.get("/temporal/entities/urn:ngsi-ld:Tank:none")).status_code == 404
    assert (await api.get("/temporal/entities/tank")).status_code == 400
    assert (await api.get(tank, params={"attrs": "unknown"})).status_code == 404
    early = {"attrs": "level", "timerel": "before", "timeAt": "2020-01-01T00:00:00Z"}
    assert set((await api.get(tank, params=early)).json()) == {"id", "type"}
    assert (await api.get(tank, params={"lastN": "100000"})).status_code == 403


# 6.3.10: more than a page.


@pytest.fixture
async def long(api: httpx.AsyncClient) -> str:
    """A level every minute, and a depth every two for the second half of the hour."""
    level = [{"type": "Property", "value": n, "observedAt": MINUTES.format(n)} for n in range(30)]
    depth = [{"type": "Property", "value": n, "observedAt": MINUTES.format(n)} for n in range(10, 60, 2)]
    body = {"id": ID, "type": "Tank", "level": level, "depth": depth}
    assert (await api.post("/temporal/entities", json=body)).status_code == 201
    return PAST


async def test_6_3_10_forwards_to_the_same_time(api: httpx.AsyncClient, long: str) -> None:
    answer = await api.get(long)
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"date-time {MINUTES.format(0)}-{MINUTES.format(18)}/*"
    body = answer.json()
    assert [one["value"] for one in body["level"]] == list(range(19))
    assert [one["value"] for one in body["depth"]] == [10, 12, 14, 16, 18]


async def test_6_3_10_page_after_page_is_everything(api: httpx.AsyncClient, long: str) -> None:
    seen: dict[str, list[int]] = {"level": [], "depth": []}
    query: dict[str, str] = {}
    while True:
        answer = await api.get(long, params=query)
        for name, instances in seen.items():
            instances += [one["value"] for one in answer.json().get(name, []) if one["value"] not in instances]
        if answer.status_code == 200:
            break
        end = answer.headers["content-range"].split("Z-")[1].split("/")[0]
        query = {"timerel": "after", "timeAt": end}
    assert seen == {"level": list(range(30)), "depth": list(range(10, 60, 2))}


async def test_6_3_10_what_is_later_than_the_page_is_an_empty_array(api: httpx.AsyncClient) -> None:
    level = [{"type": "Property", "value": n, "observedAt": MINUTES.format(n)} for n in range(25)]
    depth = [{"type": "Property", "value": 1, "observedAt": MINUTES.format(50)}]
    await api.post("/temporal/entities", json={"id": ID, "type": "Tank", "level": level, "depth": depth})
    body = (await api.get(PAST, params={"timerel": "after", "timeAt": MINUTES.format(0)})).json()
    assert body["depth"] == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, f"{MINUTES.format(58)}-{MINUTES.format(5)}"),
        ({"timerel": "before", "timeAt": "2026-04-01T00:00:00Z"}, f"2026-04-01T00:00:00Z-{MINUTES.format(5)}"),
        ({"timerel": "after", "timeAt": "2026-02-01T00:00:00Z"}, f"{MINUTES.format(58)}-{MINUTES.format(5)}"),
    ],
)
async def test_6_3_10_backwards_with_last_n(
    api: httpx.AsyncClient, long: str, query: dict[str, str], expected: str
) -> None:
    answer = await api.get(long, params={**query, "lastN": "25"})
    assert (answer.status_code, answer.headers["content-range"]) == (206, f"date-time {expected}/25")
    assert [len(answer.json()[name]) for name in ("level", "depth")] == [25, 25]


async def test_6_3_10_pairs_are_cut_alike(api: httpx.AsyncClient, long: str) -> None:
    answer = await api.get(long, params={"options": "temporalValues"})
    assert (answer.status_code, len(answer.json()["level"]["values"])) == (206, 19)
