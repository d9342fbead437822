"""The semantics of the operations, on the memory store: what stays, what goes, what is refused and in which words."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from madang.bus.local import LocalBus
from madang.clock import WorldClock
from madang.errors import AlreadyExists, BadRequestData, Forbidden, ResourceNotFound
from madang.govern import PUBLIC, SYSTEM, Policy, enforce, service
from madang.hub import Hub
from madang.model.dataset import Dataset, Sensitivity
from madang.model.entity import Attribute, Entity, observed
from madang.model.query import EntityQuery
from madang.store.memory import MemoryStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LAMP = "urn:x:lamp"


def declared(id: str, type: str, sensitivity: Sensitivity = Sensitivity.PUBLIC, **members: object) -> Dataset:
    named = {"attributes": (), "purposes": ("signals",), "retention": "PT1H"} | members
    return Dataset(
        id=id, title={"en": id}, type=type, owner="o", sensitivity=sensitivity, legal_basis="b", licence="l", **named
    )


DATASETS = [
    declared("lamps", "Lamp", attributes=("power", "name", "note"), units={"power": "WTT"}, history=("power",)),
    declared("people", "Person", Sensitivity.PERSONAL, purposes=("care",)),
]


@pytest.fixture
def clock() -> WorldClock:
    return WorldClock(NOON, speed=0)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def hub(clock: WorldClock, store: MemoryStore) -> Hub:
    return Hub(store, Policy(DATASETS), clock, LocalBus())


def lamp(**values: object) -> Entity:
    return observed(LAMP, "Lamp", NOON, values)


def fragment(**attributes: Attribute) -> Entity:
    return Entity(id=LAMP, types=(), attributes={name: (one,) for name, one in attributes.items()})


async def stored(hub: Hub) -> Entity:
    return await hub.entities.retrieve(SYSTEM, LAMP)


async def test_times_of_creation_stay_and_of_modification_move(hub: Hub, clock: WorldClock) -> None:
    await hub.entities.create(SYSTEM, lamp(power=1, name="a"))
    later = NOON + timedelta(minutes=5)
    clock.tell(later)
    await hub.attributes.append(SYSTEM, fragment(power=Attribute(value=2), note=Attribute(value="new")))
    found = await stored(hub)
    times = {name: (a.created_at, a.modified_at) for name, (a,) in found.attributes.items()}
    assert times == {"power": (NOON, later), "name": (NOON, NOON), "note": (later, later)}
    assert (found.created_at, found.modified_at) == (NOON, later)
    await hub.batch.upsert(SYSTEM, [lamp(power=3)])
    assert (await stored(hub)).attributes["power"][0].created_at == NOON
    assert "note" not in (await stored(hub)).attributes


async def test_create_twice_is_refused(hub: Hub) -> None:
    await hub.entities.create(SYSTEM, lamp())
    with pytest.raises(AlreadyExists, match="update it instead"):
        await hub.entities.create(SYSTEM, lamp())


async def test_append_and_update_say_what_they_left(hub: Hub) -> None:
    await hub.entities.create(SYSTEM, lamp(power=1))
    both = fragment(power=Attribute(value=2), note=Attribute(value="n"))
    kept = await hub.attributes.append(SYSTEM, both, overwrite=False)
    assert (kept.updated, [name for name, _ in kept.not_updated]) == (("note",), ["power"])
    other = fragment(power=Attribute(value=3), name=Attribute(value="n"))
    done = await hub.attributes.update(SYSTEM, msgspec.structs.replace(other, scopes=("/a",)))
    assert (done.updated, [name for name, _ in done.not_updated]) == (("power", "name"), ["scope"])
    assert ((await stored(hub)).value("power"), (await stored(hub)).scopes) == (3, ())


async def test_instances_are_replaced_by_their_dataset_id(hub: Hub) -> None:
    await hub.entities.create(SYSTEM, lamp(power=1))
    await hub.attributes.append(SYSTEM, fragment(power=Attribute(value=2, dataset_id="urn:d:2")))
    await hub.attributes.append(SYSTEM, fragment(power=Attribute(value=3, dataset_id="urn:d:2")))
    assert [(a.value, a.dataset_id) for a in (await stored(hub)).attributes["power"]] == [(1, None), (3, "urn:d:2")]
    await hub.attributes.delete(SYSTEM, LAMP, "power", dataset="urn:d:2")
    with pytest.raises(ResourceNotFound, match="no instance with the datasetId"):
        await hub.attributes.delete(SYSTEM, LAMP, "power", dataset="urn:d:2")
    await hub.attributes.delete(SYSTEM, LAMP, "power", every=True)
    assert (await stored(hub)).attributes == {}


async def test_partial_update_keeps_what_is_not_given(hub: Hub) -> None:
    accuracy = {"accuracy": (Attribute(value=0.1),)}
    await hub.entities.create(SYSTEM, lamp(power=1))
    await hub.attributes.append(SYSTEM, fragment(power=Attribute(value=1, unit_code="WTT", attributes=accuracy)))
    await hub.attributes.partial(SYSTEM, LAMP, "power", Attribute(value=5))
    (one,) = (await stored(hub)).attributes["power"]
    assert (one.value, one.unit_code, one.attributes) == (5, "WTT", accuracy)
    with pytest.raises(BadRequestData, match="declared in WTT"):
        await hub.attributes.partial(SYSTEM, LAMP, "power", Attribute(unit_code="KWT"))
    with pytest.raises(ResourceNotFound, match="no attribute 'name'"):
        await hub.attributes.partial(SYSTEM, LAMP, "name", Attribute(value=1))


async def test_merge_goes_into_values_and_null_deletes(hub: Hub) -> None:
    await hub.entities.create(SYSTEM, lamp(note={"a": 1, "b": {"c": 2, "d": 3}}, name="n"))
    null = "urn:ngsi-ld:null"
    await hub.entities.merge(
        SYSTEM, fragment(note=Attribute(value={"b": {"c": null, "e": 4}}), name=Attribute(value=null))
    )
    found = await stored(hub)
    assert found.value("note") == {"a": 1, "b": {"d": 3, "e": 4}}
    assert "name" not in found.attributes


async def test_a_late_observation_goes_to_history_only(hub: Hub) -> None:
    early = observed(LAMP, "Lamp", NOON - timedelta(minutes=1), {"power": 1})
    await hub.batch.observe(SYSTEM, [lamp(power=2)])
    await hub.batch.observe(SYSTEM, [early])
    assert (await stored(hub)).value("power") == 2
    past = await hub.evolution.retrieve(PUBLIC, LAMP)
    assert [one.value for one in past.attributes["power"]] == [1, 2]


async def test_a_batch_with_bad_entities_stores_the_others(hub: Hub) -> None:
    wrong = [
        observed("urn:x:1", "Ship", NOON, {}),
        observed("urn:x:2", "Lamp", NOON, {"colour": "red"}),
        observed("urn:x:3", "Lamp", NOON, {"power": 1}, units={"power": "KWT"}),
        observed("urn:x:4", "Lamp", NOON, {"power": float("nan")}),
        observed("urn:x:5", "Lamp", NOON, {"note": [{"deep": float("inf")}]}, json=["note"]),
        observed("no uri", "Lamp", NOON, {}),
        observed("urn:x:6", "Lamp", NOON, {"note": 2**70}),
    ]
    result = await hub.batch.upsert(SYSTEM, [*wrong, lamp(power=1)])
    assert result.success == result.created == [LAMP]
    words = ["no dataset .* 'Ship' .*Lamp, Person", "'colour' is not declared", r"WTT \(watt\) .* KWT \(kilowatt\)"]
    words += ["nan", "inf", "no URI", "64 bits"]
    for (_, error), expected in zip(result.errors, words, strict=True):
        with pytest.raises(BadRequestData, match=expected):
            raise error


async def test_the_public_neither_writes_nor_sees_what_is_not_public(hub: Hub) -> None:
    ann = observed("urn:x:ann", "Person", NOON, {"name": "Ann"})
    await hub.batch.create(SYSTEM, [lamp(), ann])
    with pytest.raises(Forbidden, match="the public reads"):
        await hub.entities.delete(PUBLIC, LAMP)
    with pytest.raises(ResourceNotFound):
        await hub.entities.retrieve(PUBLIC, ann.id)
    assert [one.id for one in (await hub.entities.query(PUBLIC, EntityQuery())).entities] == [LAMP]
    assert await hub.types.available(PUBLIC) == {"Lamp": 1}
    care = (await hub.entities.query(service("care"), EntityQuery())).entities
    assert [one.id for one in care] == [ann.id]
    assert (await hub.entities.query(service("nosy"), EntityQuery(count=True))).count == 0


async def test_retention_is_applied_to_history(hub: Hub, clock: WorldClock, store: MemoryStore) -> None:
    for minute in (0, 30, 90):
        at = NOON + timedelta(minutes=minute)
        await hub.batch.observe(SYSTEM, [observed(LAMP, "Lamp", at, {"power": minute})])
    forgotten = await enforce(DATASETS, store, NOON + timedelta(minutes=91))
    assert forgotten == {"lamps": 2}
    assert [a.value for a in (await hub.evolution.retrieve(SYSTEM, LAMP)).attributes["power"]] == [90]


async def test_temporal_append_makes_the_newest_current(hub: Hub) -> None:
    instances = tuple(Attribute(value=n, observed_at=NOON + timedelta(minutes=n)) for n in (1, 3, 2))
    assert await hub.temporal.append(SYSTEM, Entity(id=LAMP, types=("Lamp",), attributes={"power": instances}))
    assert (await stored(hub)).value("power") == 3
    assert not await hub.temporal.append(SYSTEM, Entity(id=LAMP, types=("Lamp",), attributes={"power": instances[:1]}))
    assert (await stored(hub)).value("power") == 3
