"""Whatever is asked, every store finds what ``model/match`` means: Hypothesis asks, entities of all kinds answer."""

import asyncio
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.model import match
from madang.model.access import EVERYTHING, Access, Sight
from madang.model.entity import Attribute, Entity, Kind, point
from madang.model.query import (
    Between,
    Compare,
    Condition,
    EntityQuery,
    Every,
    Exists,
    Matches,
    OneOf,
    Operator,
    Selector,
    Some,
)
from madang.model.query import Path as Way
from madang.ports import Store

from .stores import NOON, STORES, at, attribute, entity, put

VALUES: list[Any] = [
    *(0, 1, -1, 2**53 + 1, 2**62, 0.5, 0.1 + 0.2, 1e300, -0.0, 1e16, True, False, None),
    *(1234, 1234.0, [1234.0], -1234, 12.5, 0.00001, 10**15, 1e15, 999_999_999_999_999.0),
    *("", "x", "xy", "é", "\U0001f600", 'q"uo\\te', "a\0b", "true", "1", "2026-03-01T12:05:00Z", "12:00:00Z"),
    *([], [1, 2], ["x", 1, None], [[1]], [["x"]], {}, {"k": 1}, {"k": {"l": "x"}}, {"k": [1, "x"]}, {"k": None}),
]
KINDS: list[tuple[Kind, Any]] = [
    (Kind.RELATIONSHIP, "urn:x:0"),
    (Kind.RELATIONSHIP, ["urn:x:0", "x"]),
    (Kind.LIST_RELATIONSHIP, ["x"]),
    (Kind.LANGUAGE, {"en": "x", "ko": ["é", "xy"]}),
    (Kind.LANGUAGE, {"EN": "xy"}),
    (Kind.VOCAB, "x"),
    (Kind.VOCAB, ["x", "speed"]),
    (Kind.JSON, {"k": 1}),
    (Kind.LIST, [1, "x"]),
    (Kind.GEO, point(1, 2)),
]


HARD = (Kind.LANGUAGE, Kind.VOCAB)


def everything(*, hard: bool) -> list[Entity]:
    """An entity for each value, and some with more than one. `hard`: those too of which a database may not decide
    alone, language maps and NUL, nor then of any other."""
    values = [value for value in VALUES if hard or value != "a\0b"]
    kinds = [Attribute(kind=kind, value=value) for kind, value in KINDS if hard or kind not in HARD]
    sub = {"c": (Attribute(value=1), Attribute(value="x", dataset_id="urn:d:1")), "w": (kinds[-4],)}
    made = [attribute(value) for value in values] + kinds
    made += [
        attribute(1, 5, unit_code="MTS", dataset_id="urn:d:1", attributes=sub),
        attribute("x", attributes={"c": (Attribute(value=None, attributes=sub),)}),
        attribute(1, expires_at=at(-1)),
        attribute("x", expires_at=at(1)),
    ]
    several = [entity(f"urn:x:{n}", "A" if n % 2 else "B", a=(one,)) for n, one in enumerate(made)]
    pairs = [
        entity(f"urn:y:{n}", "A+B", a=(one, attribute(2, dataset_id="urn:d:2")), b=attribute(n))
        for n, one in enumerate(made)
    ]
    gone = [msgspec.structs.replace(entity("urn:z:0", a=1), expires_at=at(-1)), entity("urn:z:1", b=1)]
    return [*several, *pairs, *gone]


ALL = {"hard": everything(hard=True), "plain": everything(hard=False)}

ways = st.builds(
    Way,
    st.sampled_from([("a",), ("a",), ("a",), ("b",), ("a", "c"), ("a", "c", "c"), ("a", "w"), ("a", "unitCode")])
    | st.sampled_from([("a", "datasetId"), ("a", "observedAt"), ("a", "c", "datasetId"), ("modifiedAt",), ("none",)]),
    st.sampled_from([(), (), (), ("k",), ("k", "l"), ("en",), ("*",)]),
)
words = ["", "x", "xy", "é", "\U0001f600", 'q"uo\\te', "a\0b", "urn:x:0", "urn:d:1", "MTS", "speed", "1"]
numbers = st.sampled_from([0, 1, -1, 2, 0.5, 0.1 + 0.2, 0.3, 2**53, 2**53 + 1, 2**62, 1e300, 1e16, -0.0])
numbers |= st.sampled_from([1234, 1234.0, -1234, 12.5, 0.00001, 10**15, 1e15, 999_999_999_999_999])
scalars = numbers | st.sampled_from(words) | st.booleans() | st.just(at(5)) | st.just(at(5).date())
ranges = st.tuples(numbers, numbers) | st.tuples(st.sampled_from(words), st.sampled_from(words))
leaves: st.SearchStrategy[Condition] = (
    st.builds(Compare, ways, st.sampled_from(list(Operator)), scalars)
    | st.builds(Exists, ways, st.booleans())
    | st.builds(lambda way, ends, negated: Between(way, ends[0], ends[1], negated), ways, ranges, st.booleans())
    | st.builds(OneOf, ways, st.lists(scalars, min_size=1, max_size=3).map(tuple), st.booleans())
    | st.builds(Matches, ways, st.sampled_from(["x", "^x$", "^$"]), st.booleans())
)
conditions = st.recursive(
    leaves,
    lambda terms: st.lists(terms, min_size=2, max_size=3).map(tuple).flatmap(
        lambda some: st.sampled_from([Every(some), Some(some)])
    ),
    max_leaves=4,
)  # fmt: skip
accesses = st.sampled_from(
    [
        EVERYTHING,
        EVERYTHING,
        Access(reason="", types={"A": Sight(), "B": Sight()}),
        Access(reason="", types={"B": None}, others=Sight()),
        Access(reason="", types={"A": Sight(hidden=frozenset({"b"}))}, others=Sight()),
    ]
)
queries = st.builds(
    EntityQuery,
    where=conditions,
    types=st.sampled_from([(), (), (("A",),), (("A", "B"),), (("A",), ("B",))]),
    alive_at=st.none() | st.just(NOON),
    attributes=st.sampled_from([(), (), ("b",), ("a", "none")]),
    selectors=st.sampled_from([(), (), (Selector(types=(("A",),)), Selector(ids=("urn:x:0", "urn:y:1")))]),
    limit=st.sampled_from([0, 3, 1000]),
    offset=st.sampled_from([0, 0, 2]),
    after=st.sampled_from(["", "", "urn:x:1", "urn:x:10", "z"]),
    count=st.just(True),
)


@pytest.fixture(params=list(ALL))
def entities(request: pytest.FixtureRequest) -> list[Entity]:
    return ALL[request.param]


@pytest.fixture(params=list(STORES))
def filled(
    request: pytest.FixtureRequest, tmp_path: Path, entities: list[Entity]
) -> Iterator[tuple[Store, asyncio.Runner]]:
    with asyncio.Runner() as runner:
        store = STORES[request.param](tmp_path)
        runner.run(store.write([put(one) for one in entities]))
        yield store, runner
        store.close()


@given(query=queries, access=accesses)
@settings(
    max_examples=int(os.environ.get("MADANG_EXAMPLES", "150")),
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_what_is_found_is_what_matches(
    filled: tuple[Store, asyncio.Runner], entities: list[Entity], query: EntityQuery, access: Access
) -> None:
    store, runner = filled
    holds = match.test(query)
    seen = ((one, access.mask(one)) for one in sorted(entities, key=lambda one: one.id))
    expected = [one.id for one, masked in seen if masked is not None and holds(masked)]
    found, total = runner.run(store.find(query, access))
    assert ([one.id for one in found], total) == (
        expected[query.offset : query.offset + query.limit],
        len(expected),
    )
