"""How entities are written: ETSI GS CIM 009 v1.8.1, 4.5.1 to 4.5.5, 4.5.16 to 4.5.24, 4.15, 6.3.7."""

from typing import Any

import httpx
import pytest

ID = "urn:ngsi-ld:Thing:1"
NORMALIZED: dict[str, Any] = {
    "id": ID,
    "type": "Thing",
    "level": {"type": "Property", "value": 3, "unitCode": "MTR", "observedAt": "2026-03-01T07:30:00.5Z"},
    "name": {"type": "Property", "value": "Thing"},
    "tags": {"type": "Property", "value": ["a", "b"]},
    "made": {"type": "Property", "value": {"@type": "Date", "@value": "2026-03-01"}},
    "part": {"type": "Relationship", "object": "urn:ngsi-ld:Thing:2"},
    "parts": {"type": "Relationship", "object": ["urn:ngsi-ld:Thing:2", "urn:ngsi-ld:Thing:3"]},
    "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [11.4, 48.7]}},
    "says": {"type": "LanguageProperty", "languageMap": {"en": "yes", "de": "ja", "ko": "예"}},
    "raw": {"type": "JsonProperty", "json": {"id": "x", "type": "y", "value": None}},
    "kind": {"type": "VocabProperty", "vocab": "Round"},
    "row": {"type": "ListProperty", "valueList": [1, 2, 3]},
    "route": {"type": "ListRelationship", "objectList": [{"object": "urn:a:1"}, {"object": "urn:a:2"}]},
}
CONCISE: dict[str, Any] = {
    "id": ID,
    "type": "Thing",
    "level": {"value": 3, "unitCode": "MTR", "observedAt": "2026-03-01T07:30:00.5Z"},
    "name": "Thing",
    "tags": ["a", "b"],
    "made": {"value": {"@type": "Date", "@value": "2026-03-01"}},
    "part": {"object": "urn:ngsi-ld:Thing:2"},
    "parts": {"object": ["urn:ngsi-ld:Thing:2", "urn:ngsi-ld:Thing:3"]},
    "location": {"type": "Point", "coordinates": [11.4, 48.7]},
    "says": {"languageMap": {"en": "yes", "de": "ja", "ko": "예"}},
    "raw": {"json": {"id": "x", "type": "y", "value": None}},
    "kind": {"vocab": "Round"},
    "row": {"valueList": [1, 2, 3]},
    "route": {"objectList": [{"object": "urn:a:1"}, {"object": "urn:a:2"}]},
}
SIMPLIFIED: dict[str, Any] = {
    "id": ID,
    "type": "Thing",
    "level": 3,
    "name": "Thing",
    "tags": ["a", "b"],
    "made": {"@type": "Date", "@value": "2026-03-01"},
    "part": "urn:ngsi-ld:Thing:2",
    "parts": ["urn:ngsi-ld:Thing:2", "urn:ngsi-ld:Thing:3"],
    "location": {"type": "Point", "coordinates": [11.4, 48.7]},
    "says": {"languageMap": {"en": "yes", "de": "ja", "ko": "예"}},
    "raw": {"json": {"id": "x", "type": "y", "value": None}},
    "kind": {"vocab": "Round"},
    "row": [1, 2, 3],
    "route": ["urn:a:1", "urn:a:2"],
}


def same_times(body: Any) -> Any:
    """The body with times written one way: .5Z and .500000Z are the same instant."""
    if isinstance(body, dict):
        return {key: same_times(value) for key, value in body.items()}
    return body.replace(".500000Z", ".5Z") if isinstance(body, str) else body


@pytest.fixture(params=[NORMALIZED, CONCISE], ids=["normalized", "concise"])
async def thing(api: httpx.AsyncClient, request: pytest.FixtureRequest) -> str:
    answer = await api.post("/entities", json=request.param)
    assert answer.status_code == 201, answer.text
    return f"/entities/{ID}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, NORMALIZED),
        ({"format": "normalized"}, NORMALIZED),
        ({"format": "concise"}, CONCISE),
        ({"options": "concise"}, CONCISE),
        ({"format": "simplified"}, SIMPLIFIED),
        ({"options": "keyValues"}, SIMPLIFIED),
    ],
)
async def test_4_5_every_kind_in_every_form(
    api: httpx.AsyncClient, thing: str, query: dict[str, str], expected: dict[str, Any]
) -> None:
    assert same_times((await api.get(thing, params=query)).json()) == expected


async def test_4_5_4_a_simplified_body_is_read(api: httpx.AsyncClient) -> None:
    body = {**SIMPLIFIED, "address": {"type": "home", "city": "Testville"}}
    answer = await api.post("/entities", json=body, params={"options": "keyValues"})
    assert answer.status_code == 201, answer.text
    found = (await api.get(f"/entities/{ID}")).json()
    assert found["level"] == {"type": "Property", "value": 3}
    assert found["location"]["type"] == "GeoProperty"
    assert found["says"]["type"] == "LanguageProperty"
    assert found["address"]["value"] == body["address"]


async def test_4_8_system_attributes_on_demand(api: httpx.AsyncClient, thing: str) -> None:
    body = (await api.get(thing, params={"options": "sysAttrs"})).json()
    assert body["createdAt"].endswith("Z") and body["name"]["modifiedAt"].endswith("Z")
    assert "createdAt" not in (await api.get(thing)).json()


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("de", "ja"), ("fr,ko;q=0.5,en;q=0.1", "예"), ("en-GB", "yes"), ("fr", "yes"), ("*", "yes")],
)
async def test_4_15_one_language_of_many(api: httpx.AsyncClient, thing: str, lang: str, expected: str) -> None:
    simple = (await api.get(thing, params={"lang": lang, "format": "simplified"})).json()
    whole = (await api.get(thing, params={"lang": lang})).json()
    assert simple["says"] == expected
    assert (whole["says"]["type"], whole["says"]["value"]) == ("Property", expected)


async def test_4_5_16_geojson(api: httpx.AsyncClient, thing: str) -> None:
    geojson = {"Accept": "application/geo+json"}
    feature = (await api.get(thing, headers=geojson, params={"options": "keyValues"})).json()
    assert (feature["type"], feature["id"]) == ("Feature", ID)
    assert feature["geometry"] == {"type": "Point", "coordinates": [11.4, 48.7]}
    assert (feature["properties"]["type"], feature["properties"]["level"]) == ("Thing", 3)
    assert "@context" in feature
    bare = await api.get(thing, headers={**geojson, "Prefer": "body=json"})
    assert "@context" not in bare.json()
    page = (await api.get("/entities", params={"type": "Thing"}, headers=geojson)).json()
    assert (page["type"], len(page["features"])) == ("FeatureCollection", 1)
    other = (await api.get(thing, headers=geojson, params={"geometryProperty": "place"})).json()
    assert other["geometry"] is None
