"""The two rules of a participatory budget: known cases, and what each promises whatever the ballots are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.errors import BadRequestData, TooComplexQuery
from madang.participate.budgets import Count, both, equal_shares, greedy

# Six want three parks in the south, four want two in the north; all cost the same, and there is money for five tenths.
SPLIT = Count(
    money=50,
    costs={"s1": 10, "s2": 10, "s3": 10, "s4": 10, "s5": 10, "n1": 10, "n2": 10},
    ballots=[["s1", "s2", "s3", "s4", "s5"]] * 6 + [["n1", "n2"]] * 4,
)


def test_the_greedy_rule_gives_the_majority_all_and_equal_shares_a_part() -> None:
    assert greedy(SPLIT) == ["s1", "s2", "s3", "s4", "s5"]
    assert sorted(equal_shares(SPLIT)) == ["n1", "n2", "s1", "s2", "s3"]
    found = both(SPLIT)
    assert (found["greedy"].without, found["equal_shares"].without) == (0.4, 0.0)
    assert found["greedy"].spread == 30.0 and found["equal_shares"].spread == 26.0


def test_a_dear_project_of_all_goes_before_cheap_ones_of_few() -> None:
    count = Count(money=100, costs={"hall": 100, "bench": 10}, ballots=[["hall"]] * 9 + [["bench"]])
    assert greedy(count) == ["hall"]
    assert equal_shares(count) == ["bench"], "nine tenths of the money cannot pay the whole hall"


ballots = st.lists(st.lists(st.sampled_from("abcdef"), max_size=4, unique=True), min_size=1, max_size=12)
costs = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 30), min_size=6, max_size=6)


@given(ballots, costs, st.integers(1, 100))
@settings(max_examples=60, deadline=None)
def test_no_rule_spends_what_there_is_not(voted: list[list[str]], cost: dict[str, int], money: int) -> None:
    for outcome in both(Count(money=money, costs=cost, ballots=voted)).values():
        assert outcome.spent <= money and len(set(outcome.funded)) == len(outcome.funded)
        assert all(any(name in ballot for ballot in voted) for name in outcome.funded)


@given(ballots, costs, st.integers(1, 100))
@settings(max_examples=60, deadline=None)
def test_who_can_pay_alone_is_served(voted: list[list[str]], cost: dict[str, int], money: int) -> None:
    """Of a group that approves the same, whose share of the money pays one of its projects, nobody is left with
    nothing (justified representation, by cost)."""
    count = Count(money=money, costs=cost, ballots=voted)
    funded = set(equal_shares(count))
    for name, price in cost.items():
        group = [ballot for ballot in voted if name in ballot]
        if group and price * len(voted) <= money * len(group):
            assert any(funded.intersection(ballot) for ballot in group), (name, funded)


@given(ballots, costs, st.integers(1, 100))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_ballots_is_nothing(voted: list[list[str]], cost: dict[str, int], money: int) -> None:
    turned = list(reversed(voted))
    one, other = (both(Count(money=money, costs=cost, ballots=each)) for each in (voted, turned))
    assert [set(found.funded) for found in one.values()] == [set(found.funded) for found in other.values()]


@pytest.mark.parametrize(
    "wrong",
    [
        {"money": 0},
        {"costs": {}},
        {"ballots": []},
        {"costs": {"a": 0}},
        {"ballots": [["b"]]},
    ],
)
def test_what_is_no_count_is_refused(wrong: dict[str, object]) -> None:
    fields: dict[str, object] = {"money": 10, "costs": {"a": 5}, "ballots": [["a"]], **wrong}
    with pytest.raises(BadRequestData):
        both(Count(**fields))  # type: ignore[arg-type]


def test_a_count_has_an_end() -> None:
    with pytest.raises(TooComplexQuery):
        both(Count(money=1, costs={"a": 1}, ballots=[["a"]] * 50_001))
