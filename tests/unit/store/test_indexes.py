"""An index on demand answers what the query answers without it, and is made when an attribute keeps being asked for."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from madang.model.access import EVERYTHING
from madang.model.change import Edited
from madang.model.entity import Attribute, Entity, Kind
from madang.model.query import Between, Compare, Condition, EntityQuery, Every, Exists, OneOf, Operator
from madang.model.query import Path as Way
from madang.store.sqlite import SqliteStore, indexes, marks

NAME = "it's"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
VALUES: list[object] = [1, 2, 2.5, -3, 10**15, "", "a", "b", "[", "zz", "é", True, False, [1, "a"], [], {"b": 1}, 0.1]
VALUES += ["x" * 300, "x" * 200, 10**30, -(2**63) - 1, 2**63 - 1, "a\0b", None, {"@value": 2}, 1e300, -0.0]
WAY = Way((NAME,))
OPERATORS = [one for one in Operator if one is not Operator.UNEQUAL]
LITERALS: list[str | int | float] = [0, 2, 2.5, -3, "", "a", "[", "é", 0.1, "x" * 300, "x" * 250, 2**63 - 1, 1e299]


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


def numbered(count: int, name: str = NAME) -> list[Entity]:
    return [
        Entity(id=f"urn:y:{n:04}", types=("Thing",), attributes={name: (Attribute(value=n),)}) for n in range(count)
    ]


async def fill(store: SqliteStore, many: list[Entity]) -> None:
    await store.write([(one.id, lambda _, one=one: Edited(one, ())) for one in many])


async def test_an_attribute_that_nobody_has_has_no_candidates(store: SqliteStore) -> None:
    await store._indexes.make("nothing")
    found = store._indexes.candidates(Compare(Way(("nothing",)), Operator.GREATER, 1))
    assert found is not None
    assert store.look(found.sql.text, found.sql.values) == []
    store.close()


async def test_writes_between_the_steps_are_in_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "CHUNK", 10)
    monkeypatch.setattr(marks, "STEP_S", 0)
    store = SqliteStore(tmp_path)
    await fill(store, numbered(95))
    making = asyncio.create_task(store._indexes.make(NAME))
    changed = {
        n: Entity(id=f"urn:y:{n:04}", types=("Thing",), attributes={NAME: (Attribute(value=n + 1000),)})
        for n in (0, 3, 50, 94, 200)
    }
    for n, one in changed.items():
        await store.write([(one.id, lambda _, one=one: Edited(one, ()))])
        await store.write([(f"urn:y:{n + 5:04}", lambda _: Edited(None, ()))])
        assert not making.done()
    await making
    entries = "SELECT e.id, m.value FROM mark m LEFT JOIN entity e ON e.number = m.entity ORDER BY m.value"
    expected = {f"urn:y:{n:04}": n for n in range(95)} | {one.id: n + 1000 for n, one in changed.items()}
    for n in changed:
        expected.pop(f"urn:y:{n + 5:04}", None)
    assert dict(store.look(entries, ())) == expected
    assert len(store.look(entries, ())) == len(expected)
    store.close()


async def test_what_a_crash_broke_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "CHUNK", 50)
    monkeypatch.setattr(marks, "STEP_S", 0)
    store = SqliteStore(tmp_path)
    await fill(store, numbered(400))
    await store._indexes.make("other")
    number = await store._indexes._run(lambda one: marks.begin(one, store.writer.known, NAME))
    await store._indexes._run(lambda one: marks.step(one, store.writer.known, number))
    await store._indexes._run(lambda one: marks.drop(one, store.writer.known, store._indexes._ready["other"]))
    store.close()
    again = SqliteStore(tmp_path)
    where = Compare(WAY, Operator.GREATER, 390)
    assert again._indexes.candidates(where) is None
    assert len(await ids(again, where)) == 9, "meanwhile the entities are looked at"
    await asyncio.gather(*again._making)
    assert again.look("SELECT attribute, filled, entries FROM indexed", ()) == [(NAME, None, 400)]
    assert again._indexes.candidates(where) is not None
    assert len(await ids(again, where)) == 9
    again.close()


BEGIN = """
import asyncio, pathlib, sys
from madang.model.change import Edited
from madang.model.entity import Attribute, Entity
from madang.store.sqlite import SqliteStore, marks

async def begin():
    store = SqliteStore(pathlib.Path(sys.argv[1]))
    for start in range(0, 2000, 500):
        many = [Entity(id=f"urn:y:{n}", types=("T",), attributes={"a": (Attribute(value=n),)})
                for n in range(start, start + 500)]
        await store.write([(one.id, lambda _, one=one: Edited(one, ())) for one in many])
    marks.CHUNK, marks.STEP_S = 20, 0
    making = asyncio.create_task(store._indexes.make("a"))
    for n in range(2000):
        one = Entity(id=f"urn:y:{n * 7 % 2000}", types=("T",), attributes={"a": (Attribute(value=-n),)})
        await store.write([(one.id, lambda _: Edited(one, ()))])
        if n == 25:
            print("half", flush=True)

asyncio.run(begin())
"""


def test_a_kill_leaves_an_index_that_can_be_finished(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", BEGIN, str(tmp_path)], stdout=subprocess.PIPE) as writing:
        assert writing.stdout is not None
        assert writing.stdout.readline() == b"half\n"
        writing.kill()
    asyncio.run(finish(tmp_path))


async def finish(folder: Path) -> None:
    store = SqliteStore(folder)
    ((filled,),) = store.look("SELECT filled FROM indexed", ())
    assert 0 <= filled < 2000
    await store._indexes.work()
    kept = store.look("SELECT e.id, m.value FROM mark m LEFT JOIN entity e ON e.number = m.entity ORDER BY 1", ())
    stored = await store.walk(limit=5000)
    assert kept == [(one.id, one.value("a")) for one in stored]
    assert len(kept) == 2000
    store.close()


async def test_what_is_asked_for_least_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "MOST", 2)
    store = SqliteStore(tmp_path)
    await fill(store, numbered(400))
    often = {"a": 9, "b": 3, "c": 8, NAME: 9}
    for name, times in often.items():
        for _ in range(times):
            await ids(store, Compare(Way((name,)), Operator.GREATER, 390))
            await asyncio.gather(*store._making)
    assert store.look("SELECT attribute FROM indexed ORDER BY 1", ()) == [("a",), (NAME,)]
    assert store.look("SELECT DISTINCT attribute FROM mark", ()) == store.look(
        "SELECT number FROM indexed WHERE attribute = ?", (NAME,)
    )
    store.close()


async def test_an_index_stays_as_long_as_it_is_read(store: SqliteStore) -> None:
    await store._indexes.make(NAME)
    with store._indexes.reading(NAME):
        dropping = asyncio.create_task(store._indexes.drop(NAME))
        await asyncio.sleep(0.05)
        assert store._indexes.candidates(CONDITIONS[0]) is None, "nobody begins to"
        assert store.look("SELECT count(*) > 0 FROM mark", ()) == [(1,)]
        assert not dropping.done()
    await dropping
    assert store.look("SELECT count(*) FROM mark", ()) == [(0,)]
    store.close()


async def test_few_are_indexed_where_entities_are_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "FEW", 0)
    store = SqliteStore(tmp_path)
    await fill(store, numbered(10))
    for name in (NAME, "b"):
        await store._indexes.make(name)
    await store._indexes._run(lambda one: one.execute("UPDATE indexed SET entries = 31"))
    assert store._indexes._full()
    store.close()
