"""A budget for several projects: the best set, found among all; what cannot be added up is refused."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.appraise.case.test_case_answer import FERRY, read

from madang.appraise.case.answer import answer
from madang.appraise.case.build import Case
from madang.appraise.case.cost import cost
from madang.appraise.case.portfolio import best, compare, lines
from madang.errors import AppraisalInvalid


def test_the_best_set_need_not_hold_the_best_ratio() -> None:
    assert best([60, 50, 50], [66, 50, 50], budget=100) == {1, 2}
    assert best([60, 50, 50], [66, 50, 50], budget=60) == {0}
    assert best([60, 50], [-1, 5], budget=None) == {1}
    assert best([60], [10], budget=59) == set()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(-20, 80)), min_size=1, max_size=7), st.integers(0, 200))
def test_no_set_within_the_budget_is_worth_more(projects: list[tuple[int, int]], budget: int) -> None:
    costs, worth = ([float(value) for value in column] for column in zip(*projects, strict=True))
    chosen = best(costs, worth, budget=budget)
    assert sum(costs[n] for n in chosen) <= budget
    every = (group for size in range(len(costs) + 1) for group in combinations(range(len(costs)), size))
    most = max(sum(worth[n] for n in group) for group in every if sum(costs[n] for n in group) <= budget)
    assert sum(worth[n] for n in chosen) == most


def cases(*texts: str) -> list[tuple[str, Case, object]]:
    read_ = [read(text) for text in texts]
    return [(f"{n}.toml", case, answer(case)) for n, case in enumerate(read_)]


def test_projects_beside_each_other() -> None:
    small = (
        FERRY.replace("A ferry", "A raft").replace("amount = 595", "amount = 119").replace("value = 100", "value = 40")
    )
    found = compare(cases(FERRY, small), budget=600)  # type: ignore[arg-type]
    assert found.budget == 600
    raft, ferry = found.entries
    assert (raft.title, raft.cost, ferry.cost) == ("A raft", 119, 595)
    assert raft.ratio == pytest.approx(raft.enpv / 119)
    assert [entry.chosen for entry in found.entries].count(True) == 1
    annuity = sum(1.05**-year for year in range(1, 7))
    assert ferry.annual == pytest.approx(ferry.enpv / annuity)
    assert compare(cases(FERRY, small), budget=None).cost == 714  # type: ignore[arg-type]
    assert any("within 600 EUR" in line for line in lines(found))


@pytest.mark.parametrize(
    "before, after, words",
    [
        ('"EUR"', '"USD"', "its currency is USD"),
        ("price_year = 2026", "price_year = 2020", "its price_year is 2020"),
        ("economic_rate = 0.05", "economic_rate = 0.06", "its economic rate is 0.06"),
        ("hurdle = 0.06", 'timing = "end"', "its timing is end"),
    ],
)
def test_what_cannot_be_added_up_is_refused(before: str, after: str, words: str) -> None:
    other = FERRY.replace(before, after).replace('"EUR / trip"', f'"{"USD" if "USD" in after else "EUR"} / trip"')
    with pytest.raises(AppraisalInvalid, match=words):
        compare(cases(FERRY, other), budget=None)  # type: ignore[arg-type]


def test_a_cost_is_what_is_paid_not_what_is_left() -> None:
    assert cost(read(FERRY)) == 595
