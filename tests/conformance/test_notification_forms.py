"""How changed entities are told: ETSI GS CIM 009 v1.9.1, 5.8.6 (forms, changes, deletions), to a real receiver."""

from datetime import datetime
from typing import Any

import pytest

from madang.hub import Hub

from .receiving import CAR, NULL, Town, prop


@pytest.fixture
def hub(telling_hub: Hub) -> Hub:
    return telling_hub


@pytest.mark.parametrize(
    ("notification", "entity"),
    [
        ({"format": "keyValues"}, {"id": CAR, "type": "Vehicle", "speed": 31, "owner": "urn:p:1"}),
        ({"format": "simplified"}, {"id": CAR, "type": "Vehicle", "speed": 31, "owner": "urn:p:1"}),
        ({"format": "concise"}, {"id": CAR, "type": "Vehicle", "speed": 31, "owner": {"object": "urn:p:1"}}),
        ({"attributes": ["speed"]}, {"id": CAR, "type": "Vehicle", "speed": prop(31)}),
        ({"pick": ["id", "speed"]}, {"id": CAR, "speed": prop(31)}),
        ({"omit": ["type", "owner"]}, {"id": CAR, "speed": prop(31)}),
    ],
)
async def test_the_form_is_as_wanted(town: Town, notification: Any, entity: Any) -> None:
    await town.create(speed=prop(30), owner={"type": "Relationship", "object": "urn:p:1"})
    await town.subscribe(notification=notification)
    await town.update(speed=prop(31))
    assert (await town.receiver.next()).data == [entity]


async def test_system_attributes_are_told_when_wanted(town: Town) -> None:
    await town.create(speed=prop(30))
    await town.subscribe(notification={"sysAttrs": True})
    await town.update(speed=prop(31))
    entity = (await town.receiver.next()).data[0]
    assert entity["createdAt"] < entity["modifiedAt"] == entity["speed"]["modifiedAt"]


async def test_only_wanted_instances_are_told(town: Town) -> None:
    await town.create(name=[prop("a"), prop("b", datasetId="urn:d:1"), prop("c", datasetId="urn:d:2")], size=prop(1))
    await town.subscribe(datasetId=["urn:d:1"])
    await town.update(name=[prop("B", datasetId="urn:d:1")])
    assert (await town.receiver.next()).data == [{"id": CAR, "type": "Vehicle", "name": prop("B", datasetId="urn:d:1")}]


async def test_a_language_is_told_when_wanted(town: Town) -> None:
    await town.subscribe(lang="ko")
    await town.create(street={"type": "LanguageProperty", "languageMap": {"ko": "길", "en": "street"}})
    assert (await town.receiver.next()).data[0]["street"] == {"type": "Property", "value": "길", "lang": "ko"}


EVERY_KIND = {
    "speed": prop(30, unitCode="KMH"),
    "owner": {"type": "Relationship", "object": "urn:p:1"},
    "place": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [1, 2]}},
    "street": {"type": "LanguageProperty", "languageMap": {"fr": "rue"}},
    "raw": {"type": "JsonProperty", "json": {"id": "x", "n": None}},
    "kind": {"type": "VocabProperty", "vocab": "monument"},
    "steps": {"type": "ListProperty", "valueList": [1, 2]},
}
GONE = {
    "speed": {"type": "Property", "value": NULL},
    "owner": {"type": "Relationship", "object": NULL},
    "place": {"type": "GeoProperty", "value": NULL},
    "street": {"type": "LanguageProperty", "languageMap": {"@none": NULL}},
    "raw": {"type": "JsonProperty", "json": NULL},
    "kind": {"type": "VocabProperty", "vocab": NULL},
    "steps": {"type": "ListProperty", "valueList": NULL},
}
WAS = {
    "speed": {"previousValue": 30},
    "owner": {"previousObject": "urn:p:1"},
    "place": {"previousValue": {"type": "Point", "coordinates": [1, 2]}},
    "street": {"previousLanguageMap": {"fr": "rue"}},
    "raw": {"previousJson": {"id": "x", "n": None}},
    "kind": {"previousVocab": "monument"},
    "steps": {"previousValueList": [1, 2]},
}


@pytest.mark.parametrize("name", list(EVERY_KIND))
async def test_a_deleted_attribute_is_told_as_null(town: Town, name: str) -> None:
    await town.create(**EVERY_KIND)
    await town.subscribe(notificationTrigger=["attributeDeleted"])
    await town.api.delete(f"/entities/{CAR}/attrs/{name}")
    assert (await town.receiver.next()).data == [{"id": CAR, "type": "Vehicle", **EVERY_KIND, name: GONE[name]}]


@pytest.mark.parametrize("name", list(EVERY_KIND))
async def test_a_deleted_attribute_is_told_with_what_it_was(town: Town, name: str) -> None:
    await town.create(**EVERY_KIND)
    await town.subscribe(notificationTrigger=["attributeDeleted"], notification={"showChanges": True})
    await town.api.delete(f"/entities/{CAR}/attrs/{name}")
    assert (await town.receiver.next()).data[0][name] == {**GONE[name], **WAS[name]}


async def test_a_changed_attribute_is_told_with_what_it_was(town: Town) -> None:
    await town.create(**EVERY_KIND)
    await town.subscribe(notification={"showChanges": True})
    new = {
        "speed": prop(31, unitCode="KMH"),
        "owner": {"type": "Relationship", "object": "urn:p:2"},
        "raw": {"type": "JsonProperty", "json": {"n": 1}},
        "kind": {"type": "VocabProperty", "vocab": "museum"},
    }
    await town.update(**new)
    expected = {name: {**new[name], **WAS[name]} if name in new else EVERY_KIND[name] for name in EVERY_KIND}
    assert (await town.receiver.next()).data == [{"id": CAR, "type": "Vehicle", **expected}]


async def test_changes_in_the_concise_form(town: Town) -> None:
    await town.create(speed=prop(30), colour=prop("red"))
    await town.subscribe(notification={"showChanges": True, "format": "concise"})
    await town.update(speed=prop(31))
    entity = (await town.receiver.next()).data[0]
    assert (entity["speed"], entity["colour"]) == ({"value": 31, "previousValue": 30}, "red")


async def test_nothing_was_before_an_entity_is_created(town: Town) -> None:
    await town.subscribe(notification={"showChanges": True}, notificationTrigger=["entityCreated"])
    await town.create(**EVERY_KIND)
    assert (await town.receiver.next()).data == [{"id": CAR, "type": "Vehicle", **EVERY_KIND}]


@pytest.mark.parametrize(("form", "gone"), [("keyValues", NULL), ("normalized", GONE["speed"]), ("concise", NULL)])
async def test_a_deleted_attribute_in_each_form(town: Town, form: str, gone: Any) -> None:
    await town.create(speed=prop(30), colour=prop("red"))
    await town.subscribe(notificationTrigger=["attributeDeleted"], notification={"format": form})
    await town.api.delete(f"/entities/{CAR}/attrs/speed")
    assert (await town.receiver.next()).data[0]["speed"] == gone


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("keyValues", {"dataset": {"@none": "a", "urn:d:1": NULL}}),
        ("normalized", [prop("a"), prop(NULL, datasetId="urn:d:1")]),
    ],
)
async def test_a_deleted_instance_is_told_beside_the_others(town: Town, form: str, name: Any) -> None:
    await town.create(name=[prop("a"), prop("b", datasetId="urn:d:1")])
    await town.subscribe(notificationTrigger=["attributeDeleted"], notification={"format": form})
    await town.api.delete(f"/entities/{CAR}/attrs/name", params={"datasetId": "urn:d:1"})
    assert (await town.receiver.next()).data[0]["name"] == name


async def test_a_deleted_entity_is_told_by_its_id_and_time(town: Town) -> None:
    await town.create(**EVERY_KIND)
    await town.subscribe(notificationTrigger=["entityDeleted"])
    await town.api.delete(f"/entities/{CAR}")
    (entity,) = (await town.receiver.next()).data
    assert datetime.fromisoformat(entity.pop("deletedAt")).tzinfo is not None
    assert entity == {"id": CAR, "type": "Vehicle"}


async def test_a_deleted_entity_with_system_attributes_and_watched_ones(town: Town) -> None:
    await town.create(speed=prop(30), colour=prop("red"))
    await town.subscribe(
        notificationTrigger=["attributeDeleted"], watchedAttributes=["speed"], notification={"sysAttrs": True}
    )
    await town.api.delete(f"/entities/{CAR}")
    (entity,) = (await town.receiver.next()).data
    assert set(entity) == {"id", "type", "createdAt", "modifiedAt", "deletedAt", "speed"}
    assert entity["speed"]["value"] == NULL
    assert set(entity["speed"]) == {"type", "value", "createdAt", "modifiedAt", "deletedAt"}


async def test_a_deleted_entity_with_what_it_was(town: Town) -> None:
    await town.create(**EVERY_KIND)
    await town.subscribe(notificationTrigger=["entityDeleted"], notification={"showChanges": True})
    await town.api.delete(f"/entities/{CAR}")
    (entity,) = (await town.receiver.next()).data
    del entity["deletedAt"]
    gone = {name: {**GONE[name], **WAS[name]} for name in EVERY_KIND}
    gone["street"]["languageMap"] = NULL
    assert entity == {"id": CAR, "type": "Vehicle", **gone}


CITY = {"id": "urn:ngsi-ld:City:1", "type": "City", "name": "Paris", "land": {"object": "urn:ngsi-ld:Land:1"}}


@pytest.mark.parametrize(
    ("notification", "data"),
    [
        (
            {"join": "flat", "format": "concise"},
            [{"id": CAR, "type": "Vehicle", "speed": 31, "at": {"object": CITY["id"]}}, CITY],
        ),
        (
            {"join": "inline", "format": "concise"},
            [{"id": CAR, "type": "Vehicle", "speed": 31, "at": {"object": CITY["id"], "entity": CITY}}],
        ),
        (
            {"join": "inline", "format": "keyValues", "attributes": ["at"]},
            [{"id": CAR, "type": "Vehicle", "at": {**CITY, "land": "urn:ngsi-ld:Land:1"}}],
        ),
        (
            {"join": "inline", "joinLevel": 2, "format": "concise", "attributes": ["at"]},
            [
                {
                    "id": CAR,
                    "type": "Vehicle",
                    "at": {
                        "object": CITY["id"],
                        "entity": {
                            **CITY,
                            "land": {
                                "object": "urn:ngsi-ld:Land:1",
                                "entity": {"id": "urn:ngsi-ld:Land:1", "type": "Land", "name": "France"},
                            },
                        },
                    },
                }
            ],
        ),
        (
            {"join": "@none", "format": "concise", "attributes": ["speed"]},
            [{"id": CAR, "type": "Vehicle", "speed": 31}],
        ),
        ({"join": "flat", "format": "concise", "attributes": ["speed"]}, [{"id": CAR, "type": "Vehicle", "speed": 31}]),
        (
            {"join": "inline", "format": "concise", "pick": ["id", "at{name}"]},
            [{"id": CAR, "at": {"object": CITY["id"], "entity": {"name": "Paris"}}}],
        ),
        (
            {"join": "inline", "format": "concise", "omit": ["speed", "at{land,type}"]},
            [
                {
                    "id": CAR,
                    "type": "Vehicle",
                    "at": {"object": CITY["id"], "entity": {"id": CITY["id"], "name": "Paris"}},
                }
            ],
        ),
        (
            {"join": "flat", "format": "keyValues", "pick": ["id", "at{id,name}"]},
            [{"id": CAR, "at": CITY["id"]}, {"id": CITY["id"], "name": "Paris"}],
        ),
    ],
)
async def test_linked_entities_are_told_when_wanted(town: Town, notification: Any, data: Any) -> None:
    await town.create(speed=prop(30), at={"type": "Relationship", "object": CITY["id"]})
    await town.create("urn:ngsi-ld:City:1", "City", name=prop("Paris"), land=CITY["land"])
    await town.create("urn:ngsi-ld:Land:1", "Land", name=prop("France"))
    await town.subscribe(notification=notification)
    await town.update(speed=prop(31))
    assert (await town.receiver.next()).data == data
