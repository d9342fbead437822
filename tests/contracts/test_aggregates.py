"""The aggregates of the past (4.5.19), as every store makes them."""

import asyncio
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.errors import TooManyResults
from madang.model.change import Sample
from madang.model.document import NULL
from madang.model.entity import Attribute, Kind
from madang.model.query import Aggregate, Aggregation, Method, TemporalQuery, Timerel
from madang.model.time import duration
from madang.ports import Store
from madang.store import aggregates

from .samples import ALL, ID, fill, sample
from .stores import NOON, STORES, at


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = STORES[request.param](tmp_path)
    yield made
    made.close()


async def summed(store: Store, *methods: Method, period: str | None = None, past: TemporalQuery = ALL) -> Any:
    asked = Aggregation(methods=methods, period=duration(period) if period else None)
    return (await store.aggregate((ID,), (), past, asked))[0].values


ALL_METHODS = tuple(Method)


async def test_aggregates_over_the_whole_range(store: Store) -> None:
    await fill(store, *(sample(n, n) for n in (4, 1, 7, 4.0 + 6)))
    found = await summed(store, *ALL_METHODS)
    values = {method.value: [value for value, _, _ in each] for method, each in found.items()}
    deviation = values.pop("stddev")
    assert values == {
        "totalCount": [4],
        "distinctCount": [4],
        "sum": [22],
        "avg": [5.5],
        "min": [1],
        "max": [10],
        "sumsq": [166],
    }
    assert deviation == [pytest.approx((166 / 4 - 5.5**2) ** 0.5)]
    assert {each[0][1:] for each in found.values()} == {(at(1), at(10))}
    between = TemporalQuery(relation=Timerel.BETWEEN, at=at(0), end=at(5))
    assert (await summed(store, Method.SUM, past=between))[Method.SUM] == ((5, at(0), at(5)),)


async def test_periods_follow_from_the_start_of_the_range(store: Store) -> None:
    await fill(store, *(sample(n, n) for n in (3, 4, 13, 24)))
    assert (await summed(store, Method.SUM, period="PT10M"))[Method.SUM] == (
        (7, at(3), at(13)),
        (13, at(13), at(23)),
        (24, at(23), at(33)),
    )
    after = TemporalQuery(relation=Timerel.AFTER, at=at(0))
    assert (await summed(store, Method.SUM, period="PT10M", past=after))[Method.SUM] == (
        (7, at(0), at(10)),
        (13, at(10), at(20)),
        (24, at(20), at(30)),
    )
    newest = msgspec.structs.replace(after, last=2)
    assert [v for v, _, _ in (await summed(store, Method.SUM, period="PT10M", past=newest))[Method.SUM]] == [13, 24]
    assert await store.aggregate((ID,), (), TemporalQuery(relation=Timerel.BEFORE, at=NOON), _sum("PT1M")) == []


def _sum(period: str) -> Aggregation:
    return Aggregation(methods=(Method.SUM,), period=duration(period))


async def test_months_are_those_of_the_calendar(store: Store) -> None:
    start = NOON.replace(month=1, day=31)
    days = [sample(n, (start + timedelta(days=n) - NOON) / timedelta(minutes=1)) for n in (0, 27, 28, 58, 59, 89)]
    await fill(store, *days)
    found = (await summed(store, Method.TOTAL_COUNT, period="P1M"))[Method.TOTAL_COUNT]
    assert [(value, begin.isoformat()[:10], end.isoformat()[:10]) for value, begin, end in found] == [
        (2, "2026-01-31", "2026-02-28"),
        (2, "2026-02-28", "2026-03-31"),
        (1, "2026-03-31", "2026-04-30"),
        (1, "2026-04-30", "2026-05-31"),
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([True, False, True], {"sum": 2, "min": 0, "max": 1, "distinctCount": 2, "totalCount": 3}),
        ([[1, 2], [], [1, 2]], {"sum": 4, "min": 0, "max": 2, "distinctCount": 2, "totalCount": 3}),
        (["b", "a", "b"], {"min": "a", "max": "b", "distinctCount": 2, "totalCount": 3}),
        ([{"@value": "2026-01-01"}], {"min": "2026-01-01", "max": "2026-01-01", "distinctCount": 1, "totalCount": 1}),
        ([{"k": 1}, {"k": 1}], {"distinctCount": 1, "totalCount": 2}),
        ([1, "x", 3], {"sum": 4, "min": 1, "max": 3, "distinctCount": 3, "totalCount": 3}),
        ([1, 1.0, True], {"sum": 3, "min": 1, "max": 1, "distinctCount": 2, "totalCount": 3}),
    ],
)  # fmt: skip
async def test_what_counts_as_what(store: Store, values: list[Any], expected: dict[str, Any]) -> None:
    await fill(store, *(sample(value, n) for n, value in enumerate(values)))
    methods = (Method.SUM, Method.MIN, Method.MAX, Method.DISTINCT_COUNT, Method.TOTAL_COUNT)
    found = await summed(store, *methods)
    assert {method.value: each[0][0] for method, each in found.items()} == expected


async def test_relationships_and_texts_in_languages_are_only_counted(store: Store) -> None:
    await fill(
        store,
        *(sample("urn:x:b", n, kind=Kind.RELATIONSHIP) for n in range(2)),
        sample({"en": "x"}, 1, "b", kind=Kind.LANGUAGE),
        sample(["urn:x:a"], 1, "c", kind=Kind.RELATIONSHIP),
    )
    found = await store.aggregate((ID,), (), ALL, Aggregation(methods=ALL_METHODS))
    assert [(one.name, one.kind, sorted(one.values)) for one in found] == [
        (name, kind, [Method.DISTINCT_COUNT, Method.TOTAL_COUNT])
        for name, kind in (("a", Kind.RELATIONSHIP), ("b", Kind.LANGUAGE), ("c", Kind.RELATIONSHIP))
    ]


async def test_too_many_periods_are_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    count = aggregates.MAX_PERIODS + 1
    await fill(store, *(sample(1, n) for n in range(count)))
    with pytest.raises(TooManyResults):
        await summed(store, Method.SUM, period="PT1M")
    newest = TemporalQuery(last=3)
    assert len((await summed(store, Method.SUM, period="PT1M", past=newest))[Method.SUM]) == 3
    assert (await summed(store, Method.SUM))[Method.SUM][0][0] == count


# The stores that need no server aggregate alike, whatever they are given (PostgreSQL: the cases above).

numbers = st.integers(-5, 5) | st.floats(-4, 4, width=16)
values = numbers | numbers | st.booleans() | st.sampled_from(["", "a", "é", NULL]) | st.lists(numbers, max_size=2)
attributes = st.builds(
    lambda value, minute, dataset, own: sample(
        value, minute, dataset_id=dataset, **({"attributes": {"c": (Attribute(value=1),)}} if own else {})
    ),
    values,
    st.integers(0, 40),
    st.sampled_from([None, None, "urn:d:1"]),
    st.sampled_from([False] * 9 + [True]),
)
pasts = st.builds(
    lambda relation, start, length, property, last: TemporalQuery(
        relation=relation, at=at(start), end=at(start + length), property=property, last=last
    ),
    st.none() | st.sampled_from(list(Timerel)),
    st.integers(0, 40),
    st.integers(1, 40),
    st.sampled_from(["observedAt", "modifiedAt", "createdAt"]),
    st.none() | st.integers(1, 3),
)
periods = st.none() | st.sampled_from(["PT7M", "PT1S", "P1D", "P1M"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(many=st.lists(attributes, max_size=12), past=pasts, period=periods)
def test_all_stores_aggregate_alike(many: list[Sample], past: TemporalQuery, period: str | None) -> None:
    asked = Aggregation(methods=ALL_METHODS, period=duration(period) if period else None)

    async def ask(store: Any) -> tuple[Any, Any]:
        await fill(store, *many)
        return await store.aggregate((ID,), (), past, asked), await store.history((ID,), (), past)

    answers: list[tuple[Any, Any]] = []
    for make in (STORES["memory"], STORES["sqlite"]):
        with tempfile.TemporaryDirectory() as folder:
            made = make(Path(folder))
            answers.append(asyncio.run(ask(made)))
            made.close()
    for found, samples in answers[1:]:
        assert [_close(one) for one in found] == [_close(one) for one in answers[0][0]]
        assert samples == answers[0][1]


def _close(one: Aggregate) -> Any:
    """The aggregates, compared to nine digits: the order of adding up is the store's own."""
    return (
        one.name,
        one.kind,
        one.dataset_id,
        {
            method: [
                (pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value, *ends)
                for value, *ends in each
            ]
            for method, each in one.values.items()
        },
    )
