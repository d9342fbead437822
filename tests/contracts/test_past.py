"""The past, as every store keeps it: history, pasts, revise, forget, erase. Its aggregates: `test_aggregates`."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from madang.errors import BadRequestData
from madang.model.change import Sample
from madang.model.document import NULL
from madang.model.entity import Attribute, Kind
from madang.model.query import Aggregation, Method, TemporalQuery, Timerel
from madang.ports import Store

from .samples import ALL, ID, TYPE, fill, sample, told
from .stores import NOON, STORES, at, drop, entity, keep, put


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = STORES[request.param](tmp_path)
    yield made
    made.close()


NOT_OBSERVED = Attribute(value=9, created_at=at(7), modified_at=at(7))


@pytest.mark.parametrize(
    ("past", "expected"),
    [
        (ALL, [0, 1, 2, 3, 9]),
        (TemporalQuery(relation=Timerel.BEFORE, at=at(2)), [0, 1]),
        (TemporalQuery(relation=Timerel.AFTER, at=at(2)), [2, 3]),
        (TemporalQuery(relation=Timerel.BETWEEN, at=at(1), end=at(3)), [1, 2]),
        (TemporalQuery(last=2), [3, 9]),
        (TemporalQuery(first=2), [0, 1]),
        (TemporalQuery(last=1), [9]),
        (TemporalQuery(relation=Timerel.BEFORE, at=at(3), last=1), [2]),
        (TemporalQuery(relation=Timerel.AFTER, at=at(1), first=1), [1]),
        (TemporalQuery(relation=Timerel.AFTER, at=at(2) + timedelta(seconds=1), property="modifiedAt"), [2, 3, 9]),
        (TemporalQuery(relation=Timerel.BEFORE, at=at(2) + timedelta(seconds=1), property="createdAt"), [0, 1]),
        (TemporalQuery(property="modifiedAt", last=2), [3, 9]),
        (TemporalQuery(property="deletedAt"), []),
    ],
)
async def test_a_part_of_the_past(store: Store, past: TemporalQuery, expected: list[int]) -> None:
    await fill(store, *(sample(n, n) for n in (2, 0, 3, 1)), Sample("a", at(7), NOT_OBSERVED))
    assert (await told(store, past)).get("a", []) == expected


async def test_several_instances_of_an_attribute_are_one_sequence(store: Store) -> None:
    await fill(store, *(sample(n, n, dataset_id="urn:d:1" if n % 2 else None) for n in range(6)), sample(7, 1, "b"))
    assert await told(store, TemporalQuery(last=3)) == {"a": [3, 4, 5], "b": [7]}
    assert await told(store, TemporalQuery(last=1)) == {"a": [5], "b": [7]}
    assert await told(store, ALL, "b") == {"b": [7]}
    assert await told(store, ALL, "none") == {}


async def test_whatever_a_sample_carries_comes_back(store: Store) -> None:
    values: list[Any] = [1, 1.5, "x", True, False, [1, "a"], {"k": [None]}, -(2**63), "", 0.1 + 0.2]
    whole = [
        sample(v, n, unit_code="MTS", kind=Kind.JSON if isinstance(v, dict) else Kind.PROPERTY)
        for n, v in enumerate(values)
    ]
    nested = sample(5, 20, attributes={"own": (Attribute(value="deep"),)}, value_type="Integer")
    await fill(store, *whole, nested)
    found = (await store.history((ID,), (), ALL))[0].attributes["a"]
    for kept, one in zip([*whole, nested], found, strict=True):
        assert msgspec.structs.replace(one, instance_id=None) == kept.instance


async def test_entities_that_are_gone_have_a_past(store: Store) -> None:
    await fill(store, sample(1, 1))
    await fill(store, sample(2, 1), id="urn:x:0", type="Other+Thing")
    await store.write([drop(ID)])
    assert await told(store) == {"a": [1]}
    assert await store.pasts() == [("urn:x:0", ("Other", "Thing")), (ID, (TYPE,))]
    assert await store.pasts(types=(("Thing",),)) == [("urn:x:0", ("Other", "Thing")), (ID, (TYPE,))]
    assert await store.pasts(types=(("Thing", "Other"),)) == [("urn:x:0", ("Other", "Thing"))]
    assert await store.pasts(types=(("Other",), ("Thing",)), after="urn:x:0") == [(ID, (TYPE,))]
    assert await store.pasts(types=(("Other",), ("Thing",)), limit=1) == [("urn:x:0", ("Other", "Thing"))]
    assert await store.pasts(types=(("Nothing",),)) == []


async def test_types_are_those_it_had_last(store: Store) -> None:
    await fill(store, sample(1, 1))
    await fill(store, sample(2, 2), type="Other")
    assert await store.pasts(types=((TYPE,),)) == []
    assert await store.pasts(types=(("Other",),)) == [(ID, ("Other",))]
    assert (await store.history((ID,), (), ALL))[0].types == ("Other",)


async def test_histories_come_in_the_order_asked(store: Store) -> None:
    for n in (1, 2, 3):
        await fill(store, sample(n, 1), id=f"urn:x:{n}")
    found = await store.history(("urn:x:3", "urn:x:none", "urn:x:1"), (), TemporalQuery(last=1))
    assert [(one.id, one.attributes["a"][0].value) for one in found] == [("urn:x:3", 3), ("urn:x:1", 1)]
    nothing = await store.history(("urn:x:2",), (), TemporalQuery(relation=Timerel.BEFORE, at=NOON))
    assert [(one.id, one.types, one.attributes) for one in nothing] == [("urn:x:2", (TYPE,), {})]


async def test_a_deletion_has_its_own_time(store: Store) -> None:
    gone = Attribute(value=NULL, created_at=at(5), modified_at=at(5))
    await fill(store, sample(1, 1), Sample("a", at(5), gone))
    assert await told(store, TemporalQuery(property="deletedAt")) == {"a": [NULL]}
    after = TemporalQuery(property="deletedAt", relation=Timerel.AFTER, at=at(6))
    assert await told(store, after) == {}
    (counted,) = await store.aggregate((ID,), (), ALL, Aggregation(methods=(Method.TOTAL_COUNT,)))
    assert counted.values == {Method.TOTAL_COUNT: ((1, at(1), at(1)),)}


async def test_every_sample_has_a_name_of_its_own_and_keeps_it(store: Store) -> None:
    await fill(store, *(sample(n, n, dataset_id=d) for n in range(3) for d in (None, "urn:d:1")), sample(0, 0, "b"))
    before = await store.history((ID,), (), ALL)
    names = [one.instance_id for each in before[0].attributes.values() for one in each]
    assert len(set(names)) == 7
    await fill(store, sample(9, 9))
    after = (await store.history((ID,), (), ALL))[0].attributes
    assert [one.instance_id for one in after["a"]][:6] == [one.instance_id for one in before[0].attributes["a"]]


async def names_of(store: Store, name: str = "a") -> list[str]:
    found = await store.history((ID,), (name,), ALL)
    return [str(one.instance_id) for one in found[0].attributes.get(name, ())]


async def test_a_sample_is_revised_and_keeps_its_name(store: Store) -> None:
    await fill(store, *(sample(n, n) for n in range(3)))
    first, second, third = await names_of(store)
    moved = Attribute(value=10, observed_at=at(30), modified_at=at(60))
    assert await store.revise(ID, "a", second, lambda old: moved)
    assert await names_of(store) == [first, third, second]
    one = (await store.history((ID,), (), TemporalQuery(last=1)))[0].attributes["a"][0]
    created = at(1) + timedelta(seconds=1)
    assert (one.value, one.observed_at, one.created_at, one.modified_at) == (10, at(30), created, at(60))
    assert await store.revise(ID, "a", second, lambda old: msgspec.structs.replace(old, value=11))
    assert await told(store) == {"a": [0, 2, 11]}
    for past, expected in (
        (TemporalQuery(relation=Timerel.AFTER, at=at(59), property="modifiedAt"), [11]),
        (TemporalQuery(relation=Timerel.AFTER, at=at(30)), [11]),
        (TemporalQuery(relation=Timerel.AFTER, at=at(2), property="createdAt"), [2]),
        (TemporalQuery(property="createdAt", last=2), [11, 2]),
    ):
        assert (await told(store, past)).get("a", []) == expected
    (summed,) = await store.aggregate((ID,), (), ALL, Aggregation(methods=(Method.SUM,)))
    assert summed.values == {Method.SUM: ((13.0, at(0), at(30)),)}


async def test_a_revision_leaves_the_sample_that_has_its_time(store: Store) -> None:
    await fill(store, *(sample(n, n) for n in range(3)))
    first, second, third = await names_of(store)
    assert await store.revise(ID, "a", first, lambda old: Attribute(value=7, observed_at=at(2), modified_at=at(9)))
    assert sorted(await names_of(store)) == sorted([first, second, third])
    await fill(store, sample(50, 0, modified_at=at(45)))
    assert len(set(await names_of(store))) == 4
    assert await store.revise(ID, "a", first, lambda old: None)
    assert await told(store) == {"a": [50, 1, 2]}


async def test_a_sample_is_deleted(store: Store) -> None:
    await fill(store, *(sample(n, n) for n in range(3)))
    names = await names_of(store)
    assert await store.revise(ID, "a", names[1], lambda old: None)
    assert await told(store) == {"a": [0, 2]}
    for id, name, instance in (
        (ID, "a", names[1]),
        (ID, "b", names[0]),
        ("urn:x:2", "a", names[0]),
        (ID, "a", "urn:ngsi-ld:Instance:none"),
        (ID, "a", "urn:other"),
        (ID, "a", names[0][:-1] + "x"),
    ):
        assert not await store.revise(id, name, instance, lambda old: None)


async def test_a_refused_revision_changes_nothing(store: Store) -> None:
    await fill(store, sample(1, 1))

    def refuse(old: Attribute) -> Attribute | None:
        raise BadRequestData("no")

    with pytest.raises(BadRequestData):
        await store.revise(ID, "a", (await names_of(store))[0], refuse)
    assert await told(store) == {"a": [1]}


async def test_one_instance_of_an_attribute_is_erased_or_all_are(store: Store) -> None:
    both = [sample(n, n, name, dataset_id=d) for name in "ab" for n, d in enumerate((None, "urn:d:1"))]
    await fill(store, *both)
    assert await store.erase(ID, "a", dataset="urn:d:1", every=False)
    assert not await store.erase(ID, "a", dataset="urn:d:1", every=False)
    assert await told(store) == {"a": [0], "b": [0, 1]}
    assert await store.erase(ID, "a", dataset=None, every=False)
    assert await store.erase(ID, "b")
    assert not await store.erase(ID, "b")
    assert await store.pasts() == [(ID, (TYPE,))]
    assert await store.erase(ID)
    assert not await store.erase(ID)
    assert (await store.pasts(), await store.pasts(types=((TYPE,),))) == ([], [])
    await fill(store, sample(5, 5))
    assert await told(store) == {"a": [5]}


async def test_what_is_old_is_forgotten_by_type(store: Store) -> None:
    for id, type in (("urn:x:1", "A"), ("urn:x:2", "A+B"), ("urn:x:3", "B"), ("urn:x:4", "C")):
        await fill(store, *(sample(n, n, name) for name in "ab" for n in range(4)), id=id, type=type)
    assert await store.forget(type="A", names={"a"}, before=at(2)) == 4
    assert await told(store, id="urn:x:2") == {"a": [2, 3], "b": [0, 1, 2, 3]}
    assert await told(store, id="urn:x:3") == {"a": [0, 1, 2, 3], "b": [0, 1, 2, 3]}
    assert await store.forget(type=None, names={"a", "b"}, before=at(3), apart=("A", "B")) == 6
    assert await told(store, id="urn:x:4") == {"a": [3], "b": [3]}
    assert await store.forget(type="A", names={"a"}, before=at(2)) == 0


async def test_a_sample_alone_is_left_where_the_entity_is(store: Store) -> None:
    await store.write([put(entity(ID, a=1))])
    assert await store.history((ID,), (), ALL) == []
    await store.write([keep(ID, sample(1, 1))])
    assert await told(store) == {"a": [1]}


async def test_a_number_may_have_more_than_64_bits(store: Store) -> None:
    values = [2**63, -(2**63) - 1, 10**30, 2**63 - 1]
    await fill(store, *(sample(value, n) for n, value in enumerate(values)))
    assert await told(store, ALL) == {"a": values}
    (total,) = await store.aggregate([ID], (), ALL, Aggregation(methods=(Method.MAX, Method.AVG, Method.TOTAL_COUNT)))
    assert {method: float(one[0][0]) for method, one in total.values.items()} == {
        Method.MAX: 1e30,
        Method.AVG: pytest.approx(sum(values) / 4, rel=1e-12),
        Method.TOTAL_COUNT: 4.0,
    }


async def test_who_comes_back_has_the_past_it_had(store: Store) -> None:
    await fill(store, sample(0, 0))
    await store.write([drop(ID), put(entity("urn:x:other", "Other"), sample(7, 0))])
    assert [id for id, _ in await store.pasts(types=((TYPE,),))] == [ID]
    await store.write([put(entity(ID, "Other"), sample(1, 1))])
    assert await told(store, ALL) == {"a": [0, 1]}
    assert await store.pasts(types=((TYPE,),)) == []
    assert [id for id, _ in await store.pasts(types=(("Other",),))] == sorted([ID, "urn:x:other"])
    await store.write([drop(ID)])
    assert await store.erase(ID)
    assert [id for id, _ in await store.pasts()] == ["urn:x:other"]
    assert await store.history([ID], (), ALL) == []


async def test_a_past_has_the_types_that_its_entity_has(store: Store) -> None:
    await fill(store, sample(0, 0))
    await store.write([put(entity(ID, "Other"))])
    assert await store.pasts() == [(ID, ("Other",))]
    assert [one.types for one in await store.history([ID], (), ALL)] == [("Other",)]
    await store.write([drop(ID)])
    assert await store.pasts(types=(("Other",),)) == [(ID, ("Other",))]
    await store.write([put(entity(ID, "Third+Other"))])
    assert await store.pasts(types=(("Third",), (TYPE,))) == [(ID, ("Third", "Other"))]
