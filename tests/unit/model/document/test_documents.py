"""Entities as documents: what is written is read back the same, in every form that loses nothing."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.errors import BadRequestData
from madang.model.context import CORE, context_of
from madang.model.document.attribute import Mode
from madang.model.document.entity import read_entity
from madang.model.document.output import Form, Shape, write_entity
from madang.model.document.past import write_past
from madang.model.entity import Attribute, Entity, Kind

words = st.from_regex(r"[a-z][a-zA-Z0-9]{0,6}", fullmatch=True).map("x".__add__)
uris = words.map("urn:x:".__add__)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (the bounds are naive by design)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(lambda text: text != "urn:ngsi-ld:null")
scalars = st.one_of(
    texts, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
json = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=6
)
points = st.builds(
    lambda lon, lat: {"type": "Point", "coordinates": [lon, lat]}, st.floats(-180, 180), st.floats(-90, 90)
)
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.PROPERTY: json,
    Kind.RELATIONSHIP: uris | st.lists(uris, min_size=1, max_size=3),
    Kind.GEO: points,
    Kind.LANGUAGE: st.dictionaries(st.sampled_from(["en", "ko", "de"]), texts, min_size=1),
    Kind.JSON: st.lists(json, max_size=3) | st.dictionaries(words, json, max_size=3),
    Kind.VOCAB: words | st.lists(words, min_size=1, max_size=2),
    Kind.LIST: st.lists(json, max_size=3),
    Kind.LIST_RELATIONSHIP: st.lists(uris, max_size=3),
}


WITH_UNITS = (Kind.PROPERTY, Kind.GEO, Kind.LIST)


def attributes(depth: int) -> st.SearchStrategy[Attribute]:
    def of(kind: Kind) -> st.SearchStrategy[Attribute]:
        return st.builds(
            Attribute,
            kind=st.just(kind),
            value=VALUES[kind],
            observed_at=st.none() | moments,
            unit_code=st.none() | st.just("KMH") if kind in WITH_UNITS else st.none(),
            expires_at=st.none() | moments,
            dataset_id=st.none(),
            attributes=st.dictionaries(words, attributes(depth - 1).map(lambda one: (one,)), max_size=2)
            if depth
            else st.just({}),
        )

    return st.sampled_from(Kind).flatmap(of)


def instances(one: Attribute) -> st.SearchStrategy[tuple[Attribute, ...]]:
    other = msgspec.structs.replace(one, dataset_id="urn:x:dataset")
    return st.sampled_from([(one,), (one, other), (other,)])


entities = st.builds(
    Entity,
    id=uris,
    types=st.lists(words, min_size=1, max_size=2, unique=True).map(tuple),
    attributes=st.dictionaries(words, attributes(1).flatmap(instances), max_size=3),
    scopes=st.sampled_from([(), ("/a",), ("/a", "/b/c")]),
)
contexts = st.dictionaries(words, words.map("https://x.example/".__add__), max_size=4)


@given(entities, st.sampled_from([Shape.NORMALIZED, Shape.CONCISE]), contexts)
def test_reading_what_was_written_gives_the_same(entity: Entity, shape: Shape, terms: dict[str, str]) -> None:
    context = context_of([terms], source=terms)
    body = msgspec.json.decode(msgspec.json.encode(write_entity(entity, Form(shape=shape, system=True), context)))
    assert read_entity(body, context) == entity


@given(entities)
def test_the_simplified_form_is_read_back_with_the_same_values(entity: Entity) -> None:
    body = msgspec.json.decode(msgspec.json.encode(write_entity(entity, Form(shape=Shape.SIMPLIFIED))))
    again = read_entity(body, CORE, Mode(simplified=True))
    assert again.attributes.keys() == entity.attributes.keys()
    for name, before in entity.attributes.items():
        assert len(again.attributes[name]) == len(before)


@given(st.dictionaries(st.sampled_from(["id", "type", "a", "b", "scope", "@context", "x y"]), json))
def test_any_json_is_an_entity_or_a_clear_error(body: dict[str, Any]) -> None:
    try:
        read_entity(body, CORE)
    except BadRequestData as error:
        assert error.detail


@pytest.mark.parametrize("kind", Kind)
def test_a_fragment_may_delete_any_kind(kind: Kind) -> None:
    body = {
        "a": {
            "type": kind.value,
            {"Property": "value", "GeoProperty": "value", "Relationship": "object"}.get(kind, "x"): 1,
        }
    }
    member = next(name for name in body["a"] if name != "type")
    if member == "x":
        del body["a"]["x"]
        member = {"LanguageProperty": "languageMap", "JsonProperty": "json", "VocabProperty": "vocab"}.get(
            kind, "valueList" if kind is Kind.LIST else "objectList"
        )
    body["a"][member] = "urn:ngsi-ld:null"
    read = read_entity(body, CORE, Mode(fragment=True), id="urn:x:1")
    assert read.attributes["a"][0].value == "urn:ngsi-ld:null"
    with pytest.raises(BadRequestData):
        read_entity(body, CORE, id="urn:x:1")


def test_a_partial_attribute_keeps_what_it_does_not_say() -> None:
    read = read_entity({"a": {"unitCode": "KMH"}}, CORE, Mode(fragment=True, partial=True), id="urn:x:1")
    assert read.attributes["a"] == (Attribute(value=None, unit_code="KMH"),)


def test_attributes_of_attributes_end_somewhere() -> None:
    body: Any = {"value": 1}
    for _ in range(12):
        body = {"value": 1, "deeper": body}
    with pytest.raises(BadRequestData, match="deep"):
        read_entity({"id": "urn:x:1", "type": "T", "a": body}, CORE)


def test_the_past_as_instances_and_as_values() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    levels = (Attribute(value=1, observed_at=at), Attribute(value=2, observed_at=at, dataset_id="urn:x:d"))
    owner = (Attribute(kind=Kind.RELATIONSHIP, value="urn:x:2", modified_at=at),)
    entity = Entity(id="urn:x:1", types=("T",), attributes={"level": levels, "owner": owner})
    whole = write_past(entity, Form(), CORE, values=False)
    pairs = write_past(entity, Form(), CORE, values=True)
    assert [each["value"] for each in whole["level"]] == [1, 2]
    assert pairs["level"] == [
        {"type": "Property", "values": [(1, at)]},
        {"type": "Property", "values": [(2, at)], "datasetId": "urn:x:d"},
    ]
    assert pairs["owner"] == {"type": "Relationship", "objects": [("urn:x:2", at)]}
