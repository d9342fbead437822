"""What there is over all entities, and what has expired: the same of every store."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from madang.bus.local import LocalBus
from madang.clock import WorldClock
from madang.errors import ResourceNotFound
from madang.govern import SYSTEM, Policy
from madang.hub import Hub
from madang.model.access import EVERYTHING, Access, Sight
from madang.model.change import Change
from madang.model.dataset import Dataset, Sensitivity
from madang.model.entity import Entity, Kind
from madang.model.query import Compare, EntityQuery, Exists, Operator, Order, Selector
from madang.model.query import Path as Way
from madang.ports import Census

from .stores import NOON, STORES, at, attribute, drop, entity, put

ANYTHING = Dataset(
    id="anything",
    title={"en": "anything"},
    type="*",
    owner="o",
    sensitivity=Sensitivity.PUBLIC,
    legal_basis="public-task",
    purposes=(),
    retention="P1D",
    licence="CC0-1.0",
)


@pytest.fixture(params=list(STORES))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    made = STORES[request.param](tmp_path)
    yield made
    made.close()


def passing(id: str, minutes: float | None, **values: Any) -> Entity:
    """An entity that expires so many minutes after noon."""
    one = entity(id, **values)
    return one if minutes is None else Entity(**{**_fields(one), "expires_at": at(minutes)})


def _fields(one: Entity) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}


async def found(store: Any, **query: Any) -> str:
    entities, _ = await store.find(EntityQuery(**query), EVERYTHING)
    return " ".join(one.id for one in entities)


async def test_the_census_counts_entities_by_types_attribute_and_kind(store: Any) -> None:
    several = (attribute(1), attribute(2, dataset_id="urn:d:1"), attribute([1], kind=Kind.LIST, dataset_id="urn:d:2"))
    await store.write(
        [
            put(entity("urn:x:1", "A", a=1, b=2)),
            put(entity("urn:x:2", "A", a=several)),
            put(entity("urn:x:3", "A+B", a=attribute("urn:y", kind=Kind.RELATIONSHIP))),
            put(entity("urn:x:4", "C")),
        ]
    )
    assert await store.census() == [
        Census(("A",), "a", Kind.LIST, 1),
        Census(("A",), "a", Kind.PROPERTY, 2),
        Census(("A",), "b", Kind.PROPERTY, 1),
        Census(("A", "B"), "a", Kind.RELATIONSHIP, 1),
    ]
    await store.write([drop(f"urn:x:{n}") for n in (1, 2, 3)])
    assert await store.census() == []


async def test_the_walk_meets_everything_once(store: Any) -> None:
    await store.write([put(passing(f"urn:x:{n}", -1 if n % 2 else None, a=n)) for n in range(7)])
    met: list[str] = []
    while page := await store.walk(met[-1] if met else "", 3):
        met += [one.id for one in page]
    assert met == [f"urn:x:{n}" for n in range(7)]


async def test_the_earliest_expires_first(store: Any) -> None:
    await store.write(
        [
            put(passing("urn:x:never", None, a=1)),
            put(passing("urn:x:later", 9, a=1)),
            put(passing("urn:x:attribute", 8, a=attribute(1, expires_at=at(2)))),
            put(passing("urn:x:first", 1, a=1)),
            put(passing("urn:x:now", 3, a=1)),
        ]
    )
    assert await store.expired(at(0)) == []
    assert await store.expired(at(3)) == ["urn:x:first", "urn:x:attribute", "urn:x:now"]
    assert await store.expired(at(3), 1) == ["urn:x:first"]
    await store.write([put(passing("urn:x:first", None, a=1)), drop("urn:x:now")])
    assert await store.expired(at(3)) == ["urn:x:attribute"]


async def test_what_expired_is_not_found(store: Any) -> None:
    half = entity("urn:x:half", a=attribute(1, expires_at=at(2)), b=2)
    await store.write([put(passing("urn:x:all", 2, a=1)), put(half), put(entity("urn:x:none", a=1))])
    has_a, no_a = Exists(Way(("a",))), Exists(Way(("a",)), negated=True)
    for minutes, everything, with_a, without_a in (
        (1, "urn:x:all urn:x:half urn:x:none", "urn:x:all urn:x:half urn:x:none", ""),
        (2, "urn:x:half urn:x:none", "urn:x:none", "urn:x:half"),
    ):
        now = at(minutes)
        assert await found(store, alive_at=now) == everything
        assert await found(store, types=(("Thing",),), alive_at=now) == everything
        assert await found(store, where=has_a, alive_at=now) == with_a
        assert await found(store, where=no_a, alive_at=now) == without_a
        assert await found(store, where=Compare(Way(("a",)), Operator.EQUAL, 1), alive_at=now) == with_a
        assert await found(store, attributes=("a",), alive_at=now) == with_a
        order = (Order(path=Way(("a",))), Order(path=Way(("id",)), descending=True))
        ranked = await found(store, order=order, alive_at=now)
        assert ranked.split()[-1] == ("urn:x:all" if minutes == 1 else "urn:x:half")
        _, count = await store.find(EntityQuery(alive_at=now, count=True, limit=0), EVERYTHING)
        assert count == len(everything.split())


async def test_one_of_several_selectors_is_enough(store: Any) -> None:
    await store.write([put(entity(f"urn:x:{n}", "AB"[n % 2])) for n in range(6)])
    by_id = Selector(types=(("A",),), ids=("urn:x:0", "urn:x:1", "urn:x:2"), id_pattern="5$")
    by_pattern = Selector(types=(("B",),), id_pattern="[35]$")
    assert await found(store, selectors=(by_id, by_pattern)) == "urn:x:0 urn:x:2 urn:x:3 urn:x:5"
    _, count = await store.find(EntityQuery(selectors=(by_id,), count=True, limit=0), EVERYTHING)
    assert count == 2


async def test_what_is_hidden_ranks_nothing(store: Any) -> None:
    await store.write([put(entity("urn:x:1", "A", a=2)), put(entity("urn:x:2", "A", a=1))])
    access = Access(reason="test", types={"A": Sight(None, frozenset({"a"}))})
    query = EntityQuery(order=(Order(path=Way(("a",))),))
    assert [one.id for one in (await store.find(query, EVERYTHING))[0]] == ["urn:x:2", "urn:x:1"]
    assert [one.id for one in (await store.find(query, access))[0]] == ["urn:x:1", "urn:x:2"]


async def test_the_sweep_deletes_it_and_says_so(store: Any) -> None:
    clock = WorldClock(NOON, speed=0)
    hub = Hub(store, Policy([ANYTHING]), clock, LocalBus())
    heard: list[Change] = []
    store.watch(lambda _, changes: heard.extend(changes))
    half = Entity(
        id="urn:x:half", types=("T",), attributes={"a": (attribute(1, expires_at=at(2)),), "b": (attribute(2),)}
    )
    whole = Entity(id="urn:x:whole", types=("T",), attributes={"a": (attribute(1),)}, expires_at=at(1))
    for one in (half, whole):
        await hub.entities.create(SYSTEM, one)
    assert await hub.sweep.run() == 0
    clock.tell(at(3))
    # Before the sweep it is gone for readers and writers alike.
    with pytest.raises(ResourceNotFound):
        await hub.entities.retrieve(SYSTEM, "urn:x:whole")
    with pytest.raises(ResourceNotFound):
        await hub.entities.delete(SYSTEM, "urn:x:whole")
    assert list((await hub.entities.retrieve(SYSTEM, "urn:x:half")).attributes) == ["b"]
    heard.clear()
    assert await hub.sweep.run() == 2
    assert {change.id: change.deleted for change in heard} == {"urn:x:half": False, "urn:x:whole": True}
    assert await store.get("urn:x:whole") is None
    assert await store.expired(at(9)) == []
    assert await hub.sweep.run() == 0
    await hub.entities.create(SYSTEM, whole)
    hub.close()
