"""A person moves a statistic by a few rows at most, and the noise is as large as that needs."""

import math
import statistics
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.govern.noise import Cell, Counted, measured
from madang.govern.noise.measured import Loss, counts
from madang.model.entity import Attribute, Entity
from madang.model.statistic import Measure, Statistic, mistakes

BY_AGE = Statistic(by="age", edges=(0.0, 18.0, 65.0, 120.0))
MEAN = Statistic(measure=Measure.MEAN, of="age", low=0, high=100, step=0.5)

row = st.tuples(st.integers(0, 5), st.integers(-5, 130) | st.none() | st.text(max_size=2))


def entity(n: int, age: object) -> Entity:
    return Entity(id=f"urn:x:{n:04}", types=("T",), attributes={"age": (Attribute(value=age),)})


def taken(asked: Statistic, most: int, rows: list[tuple[int, object]]) -> list[Cell]:
    found = Counted(asked, most)
    for n, (person, age) in enumerate(rows):
        found.take(entity(n, age), (f"urn:x:Person:{person}",))
    return found.cells


@settings(deadline=None, max_examples=60)
@given(st.lists(row, max_size=30), st.integers(1, 3), st.integers(0, 5), st.sampled_from([BY_AGE, MEAN]))
def test_a_person_adds_a_few_cells_and_changes_no_others(
    rows: list[tuple[int, object]], most: int, person: int, asked: Statistic
) -> None:
    with_all = Counter(taken(asked, most, rows))
    # The others keep their ids: only this person's rows are gone.
    found = Counted(asked, most)
    for n, (who, age) in enumerate(rows):
        if who != person:
            found.take(entity(n, age), (f"urn:x:Person:{who}",))
    without = Counter(found.cells)
    assert sum((with_all - without).values()) <= most
    assert not without - with_all


def test_rows_about_several_or_nobody_do_not_count() -> None:
    found = Counted(Statistic(), 5)
    for subjects in ((), ("",), ("a", "b")):
        found.take(entity(0, 1), subjects)
    assert found.cells == []


@pytest.mark.parametrize("most", [1, 4])
@pytest.mark.parametrize("delta", [0.0, 1e-6])
def test_the_noise_is_as_wide_as_it_says(most: int, delta: float) -> None:
    """Of counts of nothing 95 in 100 are within; and for Laplace that is ln 20 times rows over epsilon."""
    loss = Loss(0.5, delta)
    found, within = counts([], 4000, most=most, loss=loss)
    # Whole numbers: the bound lies between two of them.
    assert 0.92 < sum(abs(count) <= within for count in found) / 4000 < 0.975
    assert abs(statistics.mean(found)) < within / 10
    if not delta:
        assert within == pytest.approx(math.log(20) * most / 0.5, rel=1e-3)


def test_noise_hides_a_row_as_well_as_it_says() -> None:
    """The chance of any answer changes by e^epsilon at most when a row comes: counted over many answers."""
    loss, many = Loss(1.0), 20_000
    without = Counter(counts([], many, most=1, loss=loss)[0])
    with_one = Counter(counts(list(range(many)), many, most=1, loss=loss)[0])
    for answer in range(-2, 4):
        one, other = with_one[answer] / many, without[answer] / many
        assert 1 / (math.e * 1.3) < one / other < math.e * 1.3


def test_means_and_sums_are_about_right_and_small_groups_withheld() -> None:
    rows: list[tuple[int, object]] = [(n, 30 if n % 2 else 50) for n in range(4000)]
    whole = taken(MEAN, 1, rows)
    (mean,) = measured(MEAN, whole, most=1, loss=Loss(2.0))
    assert mean.value == pytest.approx(40, abs=1) and mean.rows == pytest.approx(4000, abs=20)
    asked = Statistic(measure=Measure.SUM, of="age", low=0, high=100, by="age", edges=(0, 40, 60, 100))
    figures = measured(asked, taken(asked, 1, rows), most=1, loss=Loss(2.0), minimum=20)
    assert figures[0].value == pytest.approx(60_000, abs=2000)
    assert figures[1].value == pytest.approx(100_000, abs=2000)
    assert figures[2].value is None and figures[2].rows is None


def test_values_outside_are_brought_within() -> None:
    assert taken(MEAN, 1, [(1, -5), (2, 1e9), (3, True), (4, float("nan"))]) == [Cell(0, 0), Cell(0, 200)]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (Statistic(of="age"), "of"),
        (Statistic(measure=Measure.SUM), "of"),
        (Statistic(measure=Measure.SUM, of="age", low=1, high=1), "low"),
        (Statistic(measure=Measure.SUM, of="age", low=0, high=float("inf")), "low"),
        (Statistic(measure=Measure.SUM, of="age", low=0, high=1, step=0), "step"),
        (Statistic(measure=Measure.SUM, of="age", low=0, high=1e9, step=1e-9), "step"),
        (Statistic(by="age"), "by"),
        (Statistic(values=("a",)), "by"),
        (Statistic(by="age", values=("a",), edges=(0, 1)), "edges"),
        (Statistic(by="age", edges=(1, 0)), "edges"),
        (Statistic(by="age", edges=(0, float("nan"))), "edges"),
        (Statistic(by="age", values=("a", "a")), "values"),
        (Statistic(by="age", values=tuple(map(str, range(2000)))), "values"),
    ],
)
def test_a_wrong_question_says_what_is_wrong(asked: Statistic, field: str) -> None:
    found = list(mistakes(asked))
    assert field in [name for name, _, _ in found]
    assert not list(mistakes(BY_AGE)) and not list(mistakes(MEAN))
