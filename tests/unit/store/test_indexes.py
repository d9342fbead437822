"""An index on demand answers what the query answers without it, and is made when an attribute keeps being asked for."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from madang.model.access import EVERYTHING
from madang.model.change import Edited
from madang.model.entity import Attribute, Entity, Kind
from madang.model.query import Between, Compare, Condition, EntityQuery, Every, Exists, OneOf, Operator
from madang.model.query import Path as Way
from madang.store.sqlite import SqliteStore

NAME = "it's"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
VALUES: list[object] = [1, 2, 2.5, -3, 10**15, "", "a", "b", "[", "zz", "é", True, False, [1, "a"], [], {"b": 1}, 0.1]
WAY = Way((NAME,))
OPERATORS = [one for one in Operator if one is not Operator.UNEQUAL]
LITERALS: list[str | int | float] = [0, 2, 2.5, -3, "", "a", "[", "é", 0.1]


def stored() -> list[Entity]:
    found = [(Attribute(value=value),) for value in VALUES]
    found += [
        (Attribute(value="a", dataset_id="urn:d:1"), Attribute(value=2)),
        (Attribute(kind=Kind.RELATIONSHIP, value="a"),),
        (Attribute(kind=Kind.LANGUAGE, value={"en": "a"}),),
        (Attribute(kind=Kind.VOCAB, value="a"),),
    ]
    attributes = [{NAME: instances} for instances in found] + [{}, {"other": (Attribute(value=2),)}]
    return [
        Entity(id=f"urn:x:{n:03}", types=("Thing",), attributes=one, created_at=NOON, modified_at=NOON)
        for n, one in enumerate(attributes)
    ]


CONDITIONS: list[Condition] = [
    *[Compare(WAY, operator, literal) for operator in OPERATORS for literal in LITERALS],
    Between(WAY, 1, 3),
    Between(WAY, "a", "c"),
    OneOf(WAY, (2, "a", 2, 99)),
    Every((Compare(WAY, Operator.GREATER, 1), Exists(WAY))),
]


@pytest.fixture
async def store(tmp_path: Path) -> SqliteStore:
    made = SqliteStore(tmp_path)
    await made.write([(one.id, lambda _, one=one: Edited(one, tuple(one.attributes))) for one in stored()])
    return made


async def ids(store: SqliteStore, where: Condition) -> list[str]:
    found, _ = await store.find(EntityQuery(types=(("Thing",),), where=where, limit=100), EVERYTHING)
    return [one.id for one in found]


async def test_an_index_changes_no_answer(store: SqliteStore) -> None:
    before = [await ids(store, where) for where in CONDITIONS]
    await store._indexes.make(NAME)
    assert all(store._indexes.candidates(where) is not None for where in CONDITIONS)
    assert [await ids(store, where) for where in CONDITIONS] == before
    assert any(before)
    store.close()


async def test_the_database_uses_the_index(store: SqliteStore) -> None:
    await store._indexes.make(NAME)
    for where in CONDITIONS:
        found = store._indexes.candidates(where)
        assert found is not None
        plan = [row[3] for row in store.look(f"EXPLAIN QUERY PLAN {found.sql.text}", found.sql.values)]
        assert any("SEARCH mark USING PRIMARY KEY (attribute=? AND value" in line for line in plan), plan
        assert not any(line.startswith("SCAN") for line in plan), plan
    store.close()


async def test_an_attribute_that_is_asked_for_again_gets_its_index_and_keeps_it(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    many = [Entity(id=f"urn:y:{n}", types=("Thing",), attributes={NAME: (Attribute(value=n),)}) for n in range(400)]
    await store.write([(one.id, lambda _, one=one: Edited(one, ())) for one in many])
    for _ in range(3):
        assert len(await ids(store, Compare(WAY, Operator.GREATER, 390))) == 9
    await asyncio.gather(*store._making)
    assert store.look("SELECT attribute, filled, entries FROM indexed", ()) == [(NAME, None, 400)]
    await store.write(
        [
            (
                "urn:y:1",
                lambda old: Edited(
                    Entity(id="urn:y:1", types=("Thing",), attributes={NAME: (Attribute(value=999),)}), ()
                ),
            )
        ]
    )
    assert "urn:y:1" in await ids(store, Compare(WAY, Operator.GREATER, 390))
    store.close()
    again = SqliteStore(tmp_path)
    assert again._indexes.candidates(Compare(WAY, Operator.GREATER, 390)) is not None
    again.close()
