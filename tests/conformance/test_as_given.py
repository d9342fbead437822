"""What is given is answered as it was given: times, terms as values (ETSI GS CIM 009 v1.9.1, 4.5.20, 4.6.3, 4.6.4)."""

from typing import Any

import httpx
import pytest

T = "urn:x:as-given"
FULL, SHORT = "2026-03-01T07:30:00.000Z", "2026-03-01T07:30:00Z"


async def write(api: httpx.AsyncClient, **attributes: Any) -> None:
    body = {"id": T, "type": "Meter", **attributes}
    assert (await api.post("/entities", json=body)).status_code == 201


async def read(api: httpx.AsyncClient, **parameters: str) -> dict[str, Any]:
    return (await api.get(f"/entities/{T}", params=parameters)).json()


@pytest.mark.parametrize(
    "written", [FULL, SHORT, "2026-03-01T07:30:00.120Z", "2026-03-01T07:30:00.12Z", "2026-03-01T07:30:00.000012Z"]
)
async def test_4_6_4_a_time_keeps_its_decimals(api: httpx.AsyncClient, written: str) -> None:
    reading = {"type": "Property", "value": 1, "observedAt": written}
    await write(api, level=reading, owner={"type": "Relationship", "object": "urn:x:o", "observedAt": written})
    found = await read(api)
    assert (found["level"], found["owner"]["observedAt"]) == (reading, written)
    asked = await api.get("/entities", params={"type": "Meter", "q": "level.observedAt==2026-03-01T07:30:00.0Z"})
    assert len(asked.json()) == (1 if written in (FULL, SHORT) else 0)


@pytest.mark.parametrize(
    ("method", "address", "body", "expected"),
    [
        ("PATCH", "/attrs/level", {"value": 2}, FULL),
        ("PATCH", "/attrs/level", {"value": 2, "observedAt": "2026-03-01T08:00:00.500Z"}, "2026-03-01T08:00:00.500Z"),
        ("PATCH", "/attrs/level", {"value": 2, "observedAt": SHORT}, SHORT),
        ("PATCH", "", {"level": {"value": 2}}, FULL),
        ("PATCH", "", {"level": {"observedAt": SHORT}}, SHORT),
        ("PATCH", "", {"level": {"value": 2, "observedAt": "urn:ngsi-ld:null"}}, None),
        ("PATCH", "?observedAt=2026-03-02T00:00:00Z", {"level": {"value": 2}}, "2026-03-02T00:00:00Z"),
        ("PATCH", "/attrs", {"level": {"type": "Property", "value": 2}}, None),
        ("POST", "/attrs", {"level": {"type": "Property", "value": 2, "observedAt": SHORT}}, SHORT),
        ("PUT", "/attrs/level", {"type": "Property", "value": 2, "observedAt": FULL}, FULL),
    ],
)
async def test_4_6_4_the_time_last_written_is_answered(
    api: httpx.AsyncClient, method: str, address: str, body: dict[str, Any], expected: str | None
) -> None:
    await write(api, level={"type": "Property", "value": 1, "observedAt": FULL})
    assert (await api.request(method, f"/entities/{T}{address}", json=body)).status_code == 204
    assert (await read(api))["level"].get("observedAt") == expected


async def test_4_5_6_history_answers_times_as_times(api: httpx.AsyncClient) -> None:
    await write(api, level={"type": "Property", "value": 1, "observedAt": FULL})
    past = await api.get(
        f"/temporal/entities/{T}", params={"timerel": "after", "timeAt": "2020-01-01T00:00:00Z", "attrs": "level"}
    )
    found = past.json()["level"]
    one = found[0] if isinstance(found, list) else found
    assert (one["value"], one["observedAt"]) == (1, SHORT)


async def test_4_5_20_any_text_is_a_term_of_a_vocabulary(api: httpx.AsyncClient) -> None:
    given = {"type": "VocabProperty", "vocab": ["read-only", "2nd hand", "plain"]}
    await write(api, use=given, state={"type": "VocabProperty", "vocab": "out-of-order"})
    found = await read(api)
    assert (found["use"], found["state"]["vocab"]) == (given, "out-of-order")
    assert (await read(api, format="simplified"))["state"] == {"vocab": "out-of-order"}
    empty = {"id": "urn:x:e", "type": "Meter", "use": {"type": "VocabProperty", "vocab": ""}}
    assert (await api.post("/entities", json=empty)).status_code == 400


async def test_4_5_20_a_term_with_a_hyphen_is_expanded(api: httpx.AsyncClient) -> None:
    context = {"out-of-order": "https://x.example/states#broken", "state": "https://x.example/state"}
    body = {
        "id": T,
        "type": "Meter",
        "state": {"type": "VocabProperty", "vocab": "out-of-order"},
        "@context": [context],
    }
    made = await api.post("/entities", json=body, headers={"content-type": "application/ld+json"})
    assert made.status_code == 201
    assert (await read(api))["https://x.example/state"]["vocab"] == "https://x.example/states#broken"


async def test_4_9_a_name_in_a_query_may_be_an_iri(api: httpx.AsyncClient) -> None:
    sub = {"https://v.example/terms#by": {"type": "Property", "value": "Kim"}}
    await write(api, **{"https://v.example/v1.2/terms#level": {"type": "Property", "value": 5, **sub}})
    await write_other(api, "urn:x:other")
    name = "https://v.example/v1.2/terms#level"
    for query, found in (
        (f"{name}==5", [T]),
        (f"{name}>5", []),
        (name, [T]),
        (f"!{name}", ["urn:x:other"]),
        (f"({name}==1|{name}==5);https://v.example/v1.2/terms#level<6", [T]),
        ("https://uri.etsi.org/ngsi-ld/default-context/depth==1", ["urn:x:other"]),
    ):
        answer = await api.get("/entities", params={"type": "Meter", "q": query})
        assert [one["id"] for one in answer.json()] == found, query


async def write_other(api: httpx.AsyncClient, id: str) -> None:
    assert (await api.post("/entities", json={"id": id, "type": "Meter", "depth": 1})).status_code == 201


async def test_5_2_23_a_query_in_a_body_says_its_language_and_geometry(api: httpx.AsyncClient) -> None:
    points = [{"type": "Point", "coordinates": [float(n), 48.0]} for n in range(2)]
    await write(api, label={"languageMap": {"ko": "계량기", "de": "Zähler"}}, location=points[0], inlet=points[1])
    body = {"type": "Query", "entities": [{"type": "Meter"}], "lang": "de"}
    found = (await api.post("/entityOperations/query", json=body)).json()[0]["label"]
    assert (found["value"], found["lang"], "languageMap" in found) == ("Zähler", "de", False)
    placed = {"type": "Query", "entities": [{"type": "Meter"}], "geometryProperty": "inlet"}
    answer = await api.post("/entityOperations/query", json=placed, headers={"accept": "application/geo+json"})
    assert answer.json()["features"][0]["geometry"] == points[1]
    assert (await api.post("/entityOperations/query", json=placed)).status_code == 400
    assert (await api.post("/entityOperations/query", json={**body, "lang": 7})).status_code == 400


async def test_4_9_expanded_values_may_be_quoted(api: httpx.AsyncClient) -> None:
    context = {
        "open": "https://v.example/states#open",
        "state": "https://v.example/state",
        "Meter": "https://v.example/M",
    }
    body = {"id": T, "type": "Meter", "state": {"type": "VocabProperty", "vocab": "open"}, "@context": [context]}
    made = await api.post("/entities", json=body, headers={"content-type": "application/ld+json"})
    assert made.status_code == 201
    for query, expanded, found in (
        ("state==open", "state", 1),
        ('state=="open"', "state", 1),
        ('state=="shut","open"', "state", 1),
        ('state=="open"', None, 0),
        ('state=="half open"', "state", 0),
    ):
        asked: dict[str, Any] = {"type": "Query", "entities": [{"type": "Meter"}], "q": query, "@context": context}
        if expanded:
            asked["expandValues"] = [expanded]
        answer = await api.post("/entityOperations/query", json=asked, headers={"content-type": "application/ld+json"})
        assert len(answer.json()) == found, (query, answer.text)
