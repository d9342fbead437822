"""The contract of `ports.Store`, the same for every backend."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from madang.errors import BadRequestData, NonexistentTenant, Unavailable
from madang.model.access import EVERYTHING, Access, Sight
from madang.model.change import Change, Edited, Sample
from madang.model.entity import Attribute, Entity, point
from madang.model.query import (
    Between,
    Compare,
    EntityQuery,
    Exists,
    GeoFilter,
    Georel,
    Matches,
    OneOf,
    Operator,
    Some,
    TemporalQuery,
    Timerel,
)
from madang.model.query import (
    Path as Way,
)
from madang.ports import Store

from .stores import NOON, STORES, at, attribute, drop, entity, keep, put, refuse

EVER = TemporalQuery()


@pytest.fixture(params=list(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = STORES[request.param](tmp_path)
    yield made
    made.close()


async def ids(store: Store, access: Access = EVERYTHING, **query: object) -> list[str]:
    found, _ = await store.find(EntityQuery(**query), access)
    return [one.id.removeprefix("urn:x:") for one in found]


async def fill(store: Store, *entities: Entity) -> None:
    await store.write([put(one) for one in entities])


async def test_what_is_written_is_read_back_as_it_was(store: Store) -> None:
    """Every kind of JSON value, times to the microsecond, several instances, attributes of attributes."""
    whole = entity(
        "urn:x:1",
        number=1,
        real=0.1 + 0.2,
        text="마당 \u0001 \"quoted\" 'single'",
        truth=True,
        nested={"a": [1, None, {"b": []}]},
        empty=attribute(None),
        several=(attribute(1), attribute(2, dataset_id="urn:d:2", unit_code="MTS")),
        precise=attribute(5, 1.23456789, attributes={"accuracy": (attribute(0.5),)}),
        large=2**62,
    )
    await fill(store, whole)
    assert await store.get("urn:x:1") == whole
    assert await store.read(["urn:x:1", "urn:x:none"]) == {"urn:x:1": whole}
    assert await store.get("urn:x:none") is None


async def test_each_edit_of_a_batch_has_its_own_outcome(store: Store) -> None:
    outcomes = await store.write([put(entity("urn:x:1")), refuse("urn:x:2"), put(entity("urn:x:3")), drop("urn:x:4")])
    assert isinstance(outcomes[0], Change)
    assert isinstance(outcomes[1], BadRequestData)
    assert isinstance(outcomes[2], Change)
    assert outcomes[3] is None
    assert await ids(store) == ["1", "3"]


async def test_an_edit_sees_what_the_one_before_it_wrote(store: Store) -> None:
    def count(old: Entity | None) -> Edited:
        return Edited(entity("urn:x:1", n=(old.value("n") if old else 0) + 1), ("n",))

    await asyncio.gather(*[store.write([("urn:x:1", count)] * 5) for _ in range(20)])
    found = await store.get("urn:x:1")
    assert found is not None
    assert found.value("n") == 100


async def test_changes_are_told_before_the_writer_is_answered_in_commit_order(store: Store) -> None:
    told: list[Change] = []
    store.watch(lambda tenant, changes: told.extend(changes))
    outcomes = await store.write(
        [put(entity("urn:x:1")), refuse("urn:x:2"), put(entity("urn:x:1", a=1)), drop("urn:x:1")]
    )
    assert told == [one for one in outcomes if isinstance(one, Change)]
    created, changed, deleted = told
    assert created.before is None
    assert changed.changed == ("a",)
    assert changed.before == created.entity
    assert deleted.deleted
    assert deleted.types == ("Thing",)


async def test_an_edit_that_leaves_the_entity_tells_nobody(store: Store) -> None:
    await fill(store, entity("urn:x:1"))
    told: list[Change] = []
    store.watch(lambda tenant, changes: told.extend(changes))
    assert await store.write([keep("urn:x:1", Sample("a", at(1), attribute(1, 1)))]) == [None]
    assert told == []


async def test_a_tenant_sees_its_own_only(store: Store) -> None:
    with pytest.raises(NonexistentTenant, match="nothing was ever written"):
        store.tenant("north")
    told: list[str] = []
    store.watch(lambda tenant, changes: told.append(tenant))
    await fill(store.tenant("north", create=True), entity("urn:x:1"))
    await fill(store, entity("urn:x:2"))
    assert await ids(store) == ["2"]
    assert await ids(store.tenant("north")) == ["1"]
    assert store.tenant("") is store
    assert store.tenant("north").tenant("") is store
    assert told == ["north", ""]


async def test_pages_are_in_order_of_id_and_counted(store: Store) -> None:
    await fill(store, *[entity(f"urn:x:{n}", "Lamp" if n % 2 else "Bin") for n in (5, 3, 9, 1, 7, 2)])
    assert await ids(store, limit=3) == ["1", "2", "3"]
    assert await ids(store, limit=3, offset=2) == ["3", "5", "7"]
    assert await ids(store, types=(("Lamp",),), limit=2, offset=1) == ["3", "5"]
    found, count = await store.find(EntityQuery(types=(("Lamp",),), limit=0, count=True), EVERYTHING)
    assert (found, count) == ([], 5)
    assert await store.types() == {"Bin": 1, "Lamp": 5}


async def test_a_page_begins_after_an_id_whatever_was_written_since_the_last(store: Store) -> None:
    await fill(store, *[entity(f"urn:x:{n}", "Lamp" if n % 2 else "Bin") for n in (5, 3, 9, 1, 7, 2)])
    assert await ids(store, limit=3) == ["1", "2", "3"]
    await store.write([drop("urn:x:1"), drop("urn:x:2")])
    assert await ids(store, limit=3, after="urn:x:3") == ["5", "7", "9"]
    assert await ids(store, types=(("Lamp",),), limit=2, after="urn:x:4") == ["5", "7"]
    assert await ids(store, types=(("Lamp",), ("Bin",)), after="urn:x:7") == ["9"]
    assert await ids(store, ids=("urn:x:3", "urn:x:7"), after="urn:x:3") == ["7"]
    found, count = await store.find(EntityQuery(after="urn:x:5", limit=0, count=True), EVERYTHING)
    assert (found, count) == ([], 2)


async def test_type_expressions(store: Store) -> None:
    await fill(store, entity("urn:x:1", "A"), entity("urn:x:2", "B"), entity("urn:x:3", "A+B"), entity("urn:x:4", "C"))
    assert await ids(store, types=(("A",),)) == ["1", "3"]
    assert await ids(store, types=(("A", "B"),)) == ["3"]
    assert await ids(store, types=(("A",), ("C",))) == ["1", "3", "4"]
    assert await ids(store, types=(("B", "A"), ("C",))) == ["3", "4"]
    assert await ids(store, types=(("A",),), ids=("urn:x:2", "urn:x:3")) == ["3"]
    await store.write([put(entity("urn:x:1", "C"))])
    assert await ids(store, types=(("A",),)) == ["3"]
    assert await ids(store, types=(("C",),)) == ["1", "4"]


async def test_id_patterns_are_linear_and_bounded(store: Store) -> None:
    await fill(store, entity("urn:x:" + "a" * 2000), entity("urn:x:b1"))
    assert await ids(store, id_pattern="b[0-9]$") == ["b1"]
    assert await ids(store, id_pattern="(a|a)*(a|aa)+c$") == []
    with pytest.raises(BadRequestData, match="no regular expression"):
        await ids(store, id_pattern="(a")
    with pytest.raises(BadRequestData, match="no regular expression"):
        await ids(store, id_pattern=r"(a)\1")


Q = Operator
A = Way(("a",))


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Compare(A, Q.EQUAL, 1), "1 one-of-two several"),
        (Compare(A, Q.UNEQUAL, 1), "2 empty false obj several text tiny true two"),
        (Compare(A, Q.GREATER, 1), "2 several"),
        (Compare(A, Q.GREATER_EQUAL, 1), "1 2 several"),
        (Compare(A, Q.LESS, 0.5), "tiny"),
        (Compare(A, Q.EQUAL, 0.1 + 0.2), "tiny"),
        (Compare(A, Q.EQUAL, 0.3), ""),
        (Compare(A, Q.EQUAL, True), "true"),
        (Compare(A, Q.UNEQUAL, True), "1 2 empty false obj one-of-two several text tiny two"),
        (Compare(A, Q.GREATER, False), ""),
        (Compare(A, Q.EQUAL, "x"), "text two"),
        (Compare(A, Q.GREATER, "w"), "text"),
        (Exists(A), "1 2 empty false obj one-of-two several text tiny true two"),
        (Exists(A, True), "none"),
        (Between(A, 1, 2), "1 2 several"),
        (Between(A, 1, 2, True), "empty false obj one-of-two text tiny true two"),
        (OneOf(A, (2, "x")), "2 several text two"),
        (OneOf(A, (2, "x"), True), "1 empty false obj one-of-two several tiny true"),
        (Matches(A, "^x"), "text two"),
        (Matches(A, "^x", True), ""),
        (Matches(A, "^y", True), "text"),
        (Compare(Way(("a",), ("b", "c")), Q.EQUAL, 7), "obj"),
        (Exists(Way(("a", "unitCode"))), "several"),
        (Compare(Way(("a", "observedAt")), Q.GREATER, at(4)), "2"),
        (Compare(Way(("modifiedAt",)), Q.LESS, NOON), ""),
        (Some((Compare(A, Q.EQUAL, "x"), Compare(A, Q.EQUAL, 2))), "2 several text two"),
    ],
)
async def test_conditions(store: Store, where: object, expected: str) -> None:
    """4.9: one instance is enough; another kind of value matches nothing but `!=`; a path to nowhere nothing at all."""
    values = {"1": 1, "text": "x", "true": True, "false": False, "tiny": 0.1 + 0.2, "obj": {"b": {"c": 7}}}
    await fill(
        store,
        *[entity(f"urn:x:{id}", a=value) for id, value in values.items()],
        entity("urn:x:2", a=attribute(2, 5)),
        entity("urn:x:empty", a=[]),
        entity("urn:x:one-of-two", a=[1, 3]),
        entity("urn:x:two", a=["x", "y"]),
        entity("urn:x:several", a=(attribute(1), attribute(2, dataset_id="urn:d:2", unit_code="MTS"))),
        entity("urn:x:none", b=1),
    )
    assert await ids(store, where=where) == sorted(expected.split())


@pytest.mark.parametrize(
    ("geo", "expected"),
    [
        (GeoFilter(relation=Georel.NEAR, geometry=point(11.42, 48.76), max_distance_m=1500), "1 2"),
        (GeoFilter(relation=Georel.NEAR, geometry=point(11.42, 48.76), min_distance_m=1500), "3 area"),
        (GeoFilter(relation=Georel.NEAR, geometry=point(11.42, 48.76), max_distance_m=0), "1"),
        (GeoFilter(relation=Georel.WITHIN, geometry={"type": "Polygon", "coordinates": [
            [[11.4, 48.7], [11.5, 48.7], [11.5, 48.8], [11.4, 48.8], [11.4, 48.7]]]}), "1 2"),
        (GeoFilter(relation=Georel.DISJOINT, geometry=point(11.42, 48.76)), "2 3 area"),
        (GeoFilter(relation=Georel.EQUALS, geometry=point(12.5, 48.76)), "3"),
        (GeoFilter(relation=Georel.CONTAINS, geometry=point(20.5, 50.5)), "area"),
        (GeoFilter(relation=Georel.INTERSECTS, geometry={
            "type": "LineString", "coordinates": [[11.42, 48.76], [20.5, 50.5]]}), "1 area"),
        (GeoFilter(relation=Georel.NEAR, geometry=point(11.4, 48.7), max_distance_m=10, property="gate"), "3"),
    ],
)  # fmt: skip
async def test_geo_queries(store: Store, geo: GeoFilter, expected: str) -> None:
    area = {"type": "Polygon", "coordinates": [[[20, 50], [21, 50], [21, 51], [20, 51], [20, 50]]]}
    await fill(
        store,
        entity("urn:x:1", location=point(11.42, 48.76)),
        entity("urn:x:2", location=point(11.43, 48.765)),
        entity("urn:x:3", location=point(12.5, 48.76), gate=point(11.4, 48.7)),
        entity("urn:x:area", location=area),
        entity("urn:x:none"),
    )
    assert await ids(store, geo=geo) == expected.split()


async def test_geo_queries_follow_what_moves(store: Store) -> None:
    near = GeoFilter(relation=Georel.NEAR, geometry=point(10, 50), max_distance_m=100)
    await fill(store, entity("urn:x:1", location=point(10, 50)))
    assert await ids(store, geo=near) == ["1"]
    await fill(store, entity("urn:x:1", location=point(10, 51)))
    assert await ids(store, geo=near) == []
    await fill(store, entity("urn:x:1", location=point(10, 50)))
    await fill(store, entity("urn:x:1"))
    assert await ids(store, geo=near) == []


async def test_a_bad_geometry_is_refused(store: Store) -> None:
    geo = GeoFilter(relation=Georel.WITHIN, geometry={"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]})
    with pytest.raises(BadRequestData, match="ring"):
        await ids(store, geo=geo)


async def test_access_is_joined_to_the_query(store: Store) -> None:
    """What may not be seen is not found, not counted, and cannot be asked about."""
    await fill(
        store,
        entity("urn:x:open", "Open", a=1),
        entity("urn:x:closed", "Closed", a=1),
        entity("urn:x:both", "Open+Closed", a=1),
        entity("urn:x:part", "Part", a=1, secret=1),
        entity("urn:x:other", "Other", a=1),
    )
    access = Access(reason="", types={"Open": Sight(), "Closed": None, "Part": Sight(hidden=frozenset({"secret"}))})
    assert await ids(store, access) == ["open", "part"]
    assert (await store.find(EntityQuery(count=True, limit=1), access))[1] == 2
    assert await ids(store, access, where=Compare(Way(("secret",)), Q.EQUAL, 1)) == []
    assert await ids(store, access, where=Exists(Way(("secret",)), True)) == ["open", "part"]
    assert await ids(store, access, attributes=("secret",)) == []
    assert await ids(store, access, where=Compare(A, Q.EQUAL, 1)) == ["open", "part"]
    others = Access(reason="", types={"Closed": None}, others=Sight())
    assert await ids(store, others) == ["open", "other", "part"]
    assert await ids(store, Access(reason="")) == []


async def history(store: Store, *names: str, **past: object) -> dict[str, list[object]]:
    found = await store.history(["urn:x:1"], names, TemporalQuery(**past))
    return {name: [one.value for one in instances] for one in found for name, instances in one.attributes.items()}


def sample(name: str, value: object, minutes: float | None, **members: object) -> Sample:
    one = attribute(value, minutes, **members)
    return Sample(name, one.observed_at or one.modified_at or NOON, one)


async def test_history_by_range(store: Store) -> None:
    samples = [sample("a", n, n) for n in (3, 1, 2, 5, 4)] + [sample("b", "text", 2), sample("c", 0, None)]
    await store.write([put(entity("urn:x:1"), *samples)])
    assert await history(store) == {"a": [1, 2, 3, 4, 5], "b": ["text"], "c": [0]}
    assert await history(store, "a", last=2) == {"a": [4, 5]}
    assert await history(store, relation=Timerel.BEFORE, at=at(3)) == {"a": [1, 2], "b": ["text"]}
    assert await history(store, relation=Timerel.AFTER, at=at(3)) == {"a": [3, 4, 5]}
    assert await history(store, relation=Timerel.BETWEEN, at=at(2), end=at(4)) == {"a": [2, 3], "b": ["text"]}
    assert await history(store, relation=Timerel.BEFORE, at=at(3), last=1) == {"a": [2], "b": ["text"]}
    reported = {"relation": Timerel.AFTER, "at": at(3), "property": "modifiedAt"}
    assert await history(store, "a", "c", **reported) == {"a": [3, 4, 5]}
    assert await store.history(["urn:x:2"], (), EVER) == []


async def test_history_brings_back_the_whole_instance(store: Store) -> None:
    instances = [
        attribute(1, 1, unit_code="MTS"),
        attribute({"x": [True, None]}, 2),
        attribute(point(1, 2), 3),
        attribute(1.0, 4, attributes={"accuracy": (Attribute(value=0.5),)}),
        attribute("x", 5, value_type="DateTime"),
        attribute(7, 6, dataset_id="urn:d:1"),
        attribute(None, 7),
    ]
    await store.write(
        [keep("urn:x:1"), put(entity("urn:x:1"), *[Sample("a", at(n + 1), one) for n, one in enumerate(instances)])]
    )
    (found,) = await store.history(["urn:x:1"], (), EVER)
    assert [msgspec.structs.replace(one, instance_id=None) for one in found.attributes["a"]] == instances
    assert found.types == ("Thing",)


async def test_a_sample_of_the_same_time_replaces(store: Store) -> None:
    await store.write([put(entity("urn:x:1"), sample("a", 1, 1), sample("a", 2, 1, unit_code="MTS"))])
    assert await history(store) == {"a": [2]}


async def test_the_past_outlives_its_entity_until_it_is_erased(store: Store) -> None:
    await store.write([put(entity("urn:x:1"), sample("a", 1, 1), sample("b", 1, 1)), drop("urn:x:1")])
    assert await history(store) == {"a": [1], "b": [1]}
    assert await store.erase("urn:x:1", "a")
    assert not await store.erase("urn:x:1", "a")
    assert await history(store) == {"b": [1]}
    assert await store.erase("urn:x:1")
    assert await store.history(["urn:x:1"], (), EVER) == []
    assert not await store.erase("urn:x:1")


async def test_retention_forgets_by_type_attribute_and_time(store: Store) -> None:
    for id, type in (("1", "Bin"), ("2", "Lamp"), ("3", "Stray")):
        one = entity(f"urn:x:{id}", type)
        await store.write([put(one, *[sample(name, n, n) for name in "ab" for n in (1, 2, 3)])])
    await store.write([drop("urn:x:1")])
    assert await store.forget(type="Bin", names=["a"], before=at(3)) == 2
    assert await history(store) == {"a": [3], "b": [1, 2, 3]}
    assert await store.forget(type="Bin", names=["a"], before=at(3)) == 0
    assert await store.forget(type=None, names=["a"], before=at(2), apart=["Bin", "Lamp"]) == 1


async def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(Unavailable, match="closed"):
        await store.write([put(entity("urn:x:1"))])
    with pytest.raises(Unavailable, match="closed"):
        await store.get("urn:x:1")
