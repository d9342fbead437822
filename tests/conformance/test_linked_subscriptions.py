"""Subscriptions whose q asks for linked entities: ETSI GS CIM 009 v1.9.1, 4.9 (examples 13 and 14), 5.8.6."""

import asyncio
from typing import Any

import pytest

from madang.hub import Hub

from .receiving import AT, CAR, Town, prop

DRIVER, OTHER, FIRM = "urn:ngsi-ld:Person:1", "urn:ngsi-ld:Person:2", "urn:ngsi-ld:Firm:1"


@pytest.fixture
def hub(telling_hub: Hub) -> Hub:
    return telling_hub


def link(*uris: str) -> dict[str, Any]:
    return {"type": "Relationship", "object": uris[0] if len(uris) == 1 else list(uris)}


async def people(town: Town) -> None:
    await town.create(FIRM, "Firm", name=prop("Acme"))
    await town.create(DRIVER, "Person", age=prop(30), firm=link(FIRM))
    await town.create(OTHER, "Person", age=prop(50))


@pytest.mark.parametrize(
    ("q", "driver", "told"),
    [
        ("driver{age}==30", [DRIVER], True),
        ("driver{age}==31", [DRIVER], False),
        ("driver{age}>40", [DRIVER, OTHER], True),
        ("driver{Person:age}==30", [DRIVER], True),
        ("driver{Robot:age}==30", [DRIVER], False),
        ('driver{firm{name}}=="Acme"', [DRIVER], True),
        ('driver{firm{name}}=="Other"', [DRIVER], False),
        ("driver{age}==31|speed>0", [DRIVER], True),
        ("driver{age}==30;speed>100", [DRIVER], False),
        ("driver{age}==30;speed>20", [DRIVER], True),
        ("driver{age}", ["urn:ngsi-ld:Person:nobody"], False),
    ],
)
async def test_the_condition_on_linked_entities_decides(town: Town, q: str, driver: list[str], told: bool) -> None:
    await people(town)
    await town.subscribe(q=q)
    await town.create(speed=prop(31), driver=link(*driver))
    if not told:
        await town.receiver.nothing()
        assert "timesSent" not in await town.params()
        return
    assert (await town.receiver.next()).data == [
        {"id": CAR, "type": "Vehicle", "speed": prop(31), "driver": link(*driver)}
    ]
    found = await town.until(timesSent=1, status="ok")
    # It is told before the account of it is settled.
    async with asyncio.timeout(5):
        while "lastSuccess" not in found:
            await asyncio.sleep(0.01)
            found = await town.params()
    assert found["lastNotification"] <= found["lastSuccess"]
    await town.receiver.nothing(0.1)


async def test_the_text_is_answered_as_it_was_given(town: Town) -> None:
    await town.subscribe(q="driver{Person:age}==30")
    assert (await town.api.get(AT)).json()["q"] == "driver{Person:age}==30"


async def test_only_the_entities_that_meet_it_are_told_of_a_batch(town: Town) -> None:
    await people(town)
    await town.subscribe(q="driver{age}<40", notification={"pick": ["id"]})
    cars = [{"id": f"urn:car:{n}", "type": "Vehicle", "driver": link([DRIVER, OTHER][n % 2])} for n in range(6)]
    assert (await town.api.post("/entityOperations/create", json=cars)).status_code == 201
    assert (await town.receiver.next()).data == [{"id": "urn:car:0"}, {"id": "urn:car:2"}, {"id": "urn:car:4"}]


async def test_the_linked_entities_are_joined_where_that_is_wanted_too(town: Town) -> None:
    await people(town)
    await town.subscribe(q="driver{age}==50", notification={"join": "flat", "format": "keyValues"})
    await town.create(driver=link(OTHER))
    assert (await town.receiver.next()).data == [
        {"id": CAR, "type": "Vehicle", "driver": OTHER},
        {"id": OTHER, "type": "Person", "age": 50},
    ]


async def test_a_deleted_entity_is_told_of_as_it_was_linked_last(town: Town) -> None:
    await people(town)
    await town.create(driver=link(OTHER))
    await town.create("urn:car:2", driver=link(DRIVER))
    await town.subscribe(q="driver{age}==50", notificationTrigger=["entityDeleted"], notification={"join": "inline"})
    for id in (CAR, "urn:car:2"):
        assert (await town.api.delete(f"/entities/{id}")).status_code == 204
    (one,) = (await town.receiver.next()).data
    assert (one["id"], set(one)) == (CAR, {"id", "type", "deletedAt"})
    await town.receiver.nothing(0.1)


async def test_throttling_counts_what_is_told(town: Town) -> None:
    await people(town)
    await town.subscribe(q="driver{age}==50", throttling=60)
    await town.create("urn:car:2", driver=link(DRIVER))
    await town.create(driver=link(OTHER))
    assert (await town.receiver.next()).data[0]["id"] == CAR
    await town.update(driver=link(OTHER), speed=prop(1))
    await town.receiver.nothing()


async def test_in_time_only_those_that_meet_it_are_told(town: Town) -> None:
    await people(town)
    await town.create(driver=link(OTHER))
    await town.create("urn:car:2", driver=link(DRIVER))
    await town.subscribe(q="driver{age}==50", timeInterval=0.1)
    assert [one["id"] for one in (await town.receiver.next()).data] == [CAR]


async def test_it_may_be_asked_for_no_more(town: Town) -> None:
    await people(town)
    await town.subscribe(q="driver{age}==50")
    assert (await town.api.patch(AT, json={"q": "speed>1"})).status_code == 204
    await town.create(speed=prop(31))
    assert (await town.receiver.next()).data[0]["id"] == CAR
    assert (await town.api.patch(AT, json={"q": "driver{age}==50"})).status_code == 204
    await town.update(speed=prop(32))
    await town.receiver.nothing(0.1)
    assert (await town.api.delete(AT)).status_code == 204


@pytest.mark.parametrize("q", ["a{b", "a{}", "a.b{c}==1", "a{b{c{d{e{f{g}}}}}}==1"])
async def test_a_wrong_path_is_refused(town: Town, q: str) -> None:
    body = {"type": "Subscription", "entities": [{"type": "T"}], "q": q}
    body["notification"] = {"endpoint": {"uri": town.receiver.url}}
    answer = await town.api.post("/subscriptions", json=body)
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad request data")
