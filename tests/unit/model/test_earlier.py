"""Entities as earlier versions wrote them: tables 4.3.6.8-1 to -3."""

from typing import Any

import pytest

from madang.model.earlier import as_of, read_version

SENT: dict[str, Any] = {
    "id": "urn:x:1",
    "type": ["A", "B"],
    "scope": "/a",
    "expiresAt": "2027-01-01T00:00:00Z",
    "text": {"type": "LanguageProperty", "languageMap": {"en": "one"}},
    "raw": {"type": "JsonProperty", "json": {"type": "x"}},
    "word": {"type": "VocabProperty", "vocab": "Big"},
    "list": {"type": "ListProperty", "valueList": [1, 2], "valueType": "Integer"},
    "links": {"type": "ListRelationship", "objectList": [{"object": "urn:x:2"}]},
    "link": {
        "type": "Relationship",
        "object": "urn:x:2",
        "objectType": "B",
        "why": {"type": "JsonProperty", "json": 1},
    },
    "speed": [
        {"type": "Property", "value": 1, "datasetId": "urn:d:1", "observedAt": "2026-03-01T07:00:00Z"},
        {"type": "Property", "value": 2, "unitCode": "KMH"},
    ],
}


@pytest.mark.parametrize("version", ["1.9", "1.9.1", "1.10", "2.0"])
def test_its_own_and_later_ones_change_nothing(version: str) -> None:
    found = read_version(version)
    assert found is not None
    assert as_of(SENT, found) is SENT


def test_of_1_8() -> None:
    found = as_of(SENT, (1, 8))
    left = {name: value for name, value in SENT.items() if name != "expiresAt"}
    assert found == {**left, "list": {"type": "ListProperty", "valueList": [1, 2]}}


def test_of_1_6() -> None:
    found = as_of(SENT, (1, 6))
    assert found["raw"] == {"type": "Property", "value": {"type": "x"}}
    assert found["word"] == {"type": "Property", "value": "Big"}
    assert found["list"] == {"type": "Property", "value": [1, 2]}
    assert found["links"] == {"type": "Relationship", "object": ["urn:x:2"]}
    assert found["link"] == {"type": "Relationship", "object": "urn:x:2", "why": {"type": "Property", "value": 1}}
    assert (found["text"], found["speed"], found["scope"]) == (SENT["text"], SENT["speed"], "/a")


def test_of_1_3() -> None:
    found = as_of(SENT, (1, 3))
    assert found["text"] == {"type": "Property", "value": {"en": "one"}}
    assert "scope" not in found
    assert (found["type"], found["speed"]) == (["A", "B"], SENT["speed"])


def test_of_1_0() -> None:
    found = as_of(SENT, (1, 0))
    assert (found["type"], found["speed"]) == ("A", {"type": "Property", "value": 2})


def test_values_alone() -> None:
    body = {
        "id": "urn:x:1",
        "type": "A",
        "w": {"vocab": "Big"},
        "t": {"languageMap": {"en": "a"}},
        "o": {"json": 1, "b": 2},
    }
    body["d"] = {"dataset": {"urn:d:1": {"vocab": "a"}, "@none": 2}}
    assert as_of(body, (1, 6), bare=True) == {**body, "w": "Big", "d": {"dataset": {"urn:d:1": "a", "@none": 2}}}
    assert as_of(body, (1, 0), bare=True) == {**body, "w": "Big", "t": {"en": "a"}, "d": 2}


def test_the_past_keeps_its_samples() -> None:
    samples = [{"type": "VocabProperty", "vocab": "a", "instanceId": "urn:i"}, {"type": "VocabProperty", "vocab": "b"}]
    found = as_of({"id": "urn:x:1", "type": "A", "w": samples}, (1, 0), past=True)
    assert found["w"] == [{"type": "Property", "value": "a", "instanceId": "urn:i"}, {"type": "Property", "value": "b"}]
    assert as_of({"w": {"type": "JsonProperty", "jsons": [[1, "t"]]}}, (1, 6), past=True, bare=True) == {
        "w": {"type": "Property", "values": [[1, "t"]]}
    }


def test_features() -> None:
    geometry = {"type": "Point", "coordinates": [1, 2]}
    feature = {"id": "urn:x:1", "type": "Feature", "geometry": geometry, "properties": {"type": "A", "w": SENT["word"]}}
    found = as_of({"type": "FeatureCollection", "features": [feature]}, (1, 6))
    assert found["features"] == [{**feature, "properties": {"type": "A", "w": {"type": "Property", "value": "Big"}}}]


def test_names_like_members_and_joined_entities() -> None:
    word, plain = {"type": "VocabProperty", "vocab": "a"}, {"type": "Property", "value": "a"}
    joined = {"type": "Relationship", "object": "urn:y", "entity": {"id": "urn:y", "type": "B", "w": word}}
    found = as_of({"id": "urn:x", "type": "A", "value": word, "json": word, "link": joined}, (1, 6))
    assert (found["value"], found["json"], found["link"]["entity"]["w"]) == (plain, plain, plain)


@pytest.mark.parametrize("text", ["", "1", "one", "1.2.3.4", "-1.0", None, 1.8])
def test_what_is_no_version(text: Any) -> None:
    assert read_version(text) is None
