"""Whatever the table, what is released keeps k, l and t by an independent count, and says the truth of each row."""

import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.unit.govern.anonymise import slow

from madang.errors import BadRequestData
from madang.govern.anonymise import Wish, check, prove, release

TREES = {"town": [[name, name[0], "*"] for name in ("aa", "ab", "ba", "bb", "bc")]}
QUASI = ("age", "town", "job")


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[str]]:
    """Ages, towns, jobs, an illness and a wage, from very even to very skewed."""
    count = draw(st.integers(1, 120))
    chance = random.Random(draw(st.integers(0, 10_000)))
    towns, jobs = draw(st.integers(1, 5)), draw(st.integers(1, 12))
    ages, ills, wages = draw(st.integers(1, 60)), draw(st.integers(1, 6)), draw(st.integers(1, 9))
    skew = draw(st.sampled_from((1.0, 2.5, 6.0)))

    def pick(most: int) -> int:
        return int(most * chance.random() ** skew)

    return {
        "age": [str(20 + pick(ages)) for _ in range(count)],
        "town": [TREES["town"][pick(towns)][0] for _ in range(count)],
        "job": [f"job {pick(jobs)}" for _ in range(count)],
        "ill": [f"ill {pick(ills)}" for _ in range(count)],
        "wage": [str(1000 + 250 * pick(wages)) for _ in range(count)],
    }


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    tables(),
    st.integers(2, 9),
    st.integers(1, 4),
    st.sampled_from((None, 0.05, 0.2, 0.5)),
    st.booleans(),
    st.sampled_from((("ill",), ("wage",), ("ill", "wage"))),
)
def test_the_output_keeps_what_was_asked(
    table: dict[str, list[str]],
    k: int,
    l: int,  # noqa: E741
    t: float | None,
    trees: bool,
    sensitive: tuple[str, ...],
) -> None:
    assume(len(table["age"]) >= k and all(len(set(table[name])) >= l for name in sensitive))
    wish = Wish(QUASI, sensitive, k=k, l=l, t=t, hierarchies=TREES if trees else {})
    made = release(table, wish)
    assert slow.smallest(made.table, QUASI) >= k
    for name in sensitive:
        ordered = name == "wage"
        assert slow.fewest(made.table, QUASI, name, ordered=ordered) >= l
        assert t is None or float(slow.farthest(made.table, QUASI, name, ordered=ordered)) <= t + 1e-9
        assert Counter(made.table[name]) == Counter(table[name]), "no sensitive value is made up or lost"
    proof = prove([made.table[q] for q in QUASI], {n: made.table[n] for n in sensitive}, made.ordered)
    check(proof, made.terms)
    assert proof.k == slow.smallest(made.table, QUASI)
    for name in sensitive:
        exact = slow.farthest(made.table, QUASI, name, ordered=name == "wage")
        assert proof.sensitive[name].distance == pytest.approx(float(exact), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(tables(), st.integers(2, 5), st.booleans(), st.integers(0, 10_000))
def test_neither_the_order_of_rows_nor_that_of_columns_matters(
    table: dict[str, list[str]], k: int, trees: bool, seed: int
) -> None:
    assume(len(table["age"]) >= k)
    chance = random.Random(seed)
    order, names = list(range(len(table["age"]))), list(table)
    chance.shuffle(order)
    chance.shuffle(names)
    shuffled = {name: [table[name][row] for row in order] for name in names}
    quasi = chance.sample(QUASI, len(QUASI))
    hierarchies = TREES if trees else {}
    one = release(table, Wish(QUASI, ("ill",), k=k, hierarchies=hierarchies)).table
    other = release(shuffled, Wish(quasi, ("ill",), k=k, hierarchies=hierarchies)).table
    assert {name: list(cells) for name, cells in other.items()} == {name: list(cells) for name, cells in one.items()}


@settings(max_examples=60, deadline=None)
@given(tables(), st.integers(2, 5))
def test_every_person_is_covered_by_as_many_rows_as_were_there(table: dict[str, list[str]], k: int) -> None:
    assume(len(table["age"]) >= k)
    made = release(table, Wish(QUASI, ("ill",), k=k)).table
    rows = list(zip(*(made[name] for name in QUASI), made["ill"], strict=True))
    for person in zip(*(table[name] for name in QUASI), table["ill"], strict=True):
        told = [row for row in rows if all(map(slow.admits, row[:-1], person[:-1]))]
        assert len(told) >= k, "linkage: fewer candidates than k"
        assert any(row[-1] == person[-1] for row in told), "the truth is among the candidates"


@pytest.mark.parametrize("t", (None, 0.3))
def test_the_wage_as_1_and_as_1_0_is_one_value(t: float | None) -> None:
    table = {"age": [str(20 + n) for n in range(40)], "wage": [("1", "1.0")[n % 2] for n in range(40)]}
    with pytest.raises(BadRequestData, match="1 distinct values"):
        release(table, Wish(("age",), ("wage",), k=2, l=2, t=t))


def test_columns_without_a_part_stay_behind_and_the_order_of_rows_tells_nothing() -> None:
    table = {"name": [f"n{n}" for n in range(20)], "age": [str(60 - n) for n in range(20)], "ill": list("ab") * 10}
    made = release(table, Wish(("age",), ("ill",), k=4)).table
    assert list(made) == ["age", "ill"]
    assert list(zip(made["age"], made["ill"], strict=True)) == sorted(zip(made["age"], made["ill"], strict=True))


def test_a_gap_among_numbers_leaves_the_row_out_and_is_counted() -> None:
    table = {"age": [*map(str, range(39)), "NaN"], "ill": ["a"] * 40}
    made = release(table, Wish(("age",), ("ill",), k=3))
    assert made.suppressed == 1
    assert len(made.table["age"]) == 39
    with pytest.raises(BadRequestData, match="lack a number"):
        release(table, Wish(("age",), ("ill",), k=3, suppressed=0.01))


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (Wish(("agee",)), "no column 'agee'"),
        (Wish(()), "at least one"),
        (Wish(("age",), ("age",)), "named twice"),
        (Wish(("age",), k=1), "k is 1"),
        (Wish(("age",), k=21), "20 rows cannot be 21-anonymous"),
        (Wish(("age",), l=2), "name one"),
        (Wish(("age",), ("ill",), l=3), "2 distinct values"),
        (Wish(("age",), ("ill",), t=0), "t is above 0"),
        (Wish(("age",), ("ill",), t=float("nan")), "t is above 0"),
        (Wish(("age",), ("ill",), hierarchies={"ill": []}), "of no quasi"),
        (Wish(("ill",), hierarchies={"ill": [["a", "*"]]}), "no line for 'b'"),
        (Wish(("ill",), hierarchies={"ill": [["a", "x", "*"], ["b", "*"]]}), "line 2: 3 cells"),
        (Wish(("ill",), hierarchies={"ill": [["a", "x"], ["a", "y"], ["b", "x"]]}), "has a line already"),
    ],
)
def test_what_cannot_be_says_why(wish: Wish, message: str) -> None:
    table = {"age": [str(n) for n in range(20)], "ill": list("ab") * 10}
    with pytest.raises(BadRequestData, match=message):
        release(table, wish)


@pytest.mark.parametrize(
    "cells",
    [
        ["x"] * 50,
        [str(n) for n in range(50)],
        [f"{n:05}" for n in range(50)],
        ["1e308", "-1e308", "1e-300", "0", "-0"] * 10,
        ["서울", "a|b", "*", "", "a\nb"] * 10,
        [f"u{n}" for n in range(50)],
    ],
    ids=["all equal", "all distinct", "postal codes", "extremes", "odd texts", "distinct names"],
)
def test_odd_columns_are_anonymised(cells: list[str]) -> None:
    table = {"odd": cells, "ill": list("abcde") * 10}
    made = release(table, Wish(("odd",), ("ill",), k=5, l=2))
    assert slow.smallest(made.table, ("odd",)) >= 5
    assert slow.fewest(made.table, ("odd",), "ill", ordered=False) >= 2
    assert 0 <= made.loss <= 1
    if cells == ["x"] * 50:
        assert made.loss == 0


def test_hundreds_of_thousands_of_distinct_values_are_grouped() -> None:
    count = 200_000
    table = {"id": [f"u{n:06}" for n in range(count)], "place": [str(n * 7 % count) for n in range(count)]}
    made = release(table, Wish(("id", "place"), k=5))
    assert slow.smallest(made.table, ("id", "place")) >= 5
    assert made.average < 400, "and not all of them in one"
