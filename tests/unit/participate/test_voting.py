"""A committee's vote: quorum without the recused, majorities, terms, and every refusal says why."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from madang.errors import BadRequestData, Forbidden, MadangError
from madang.model.city import Committee, Majority, Term
from madang.model.resolution import Act, Condition
from madang.participate.voting import Motion, NotResolved, resolve

AT = datetime(2026, 5, 1, 8, tzinfo=UTC)
BOARD = Committee(title={"en": "Board"}, members=("a", "b", "c", "d", "e"), quorum=3)


def motion(**changes: Any) -> Motion:
    plain = Motion(
        id="2026-1",
        service="lamps",
        act=Act.APPROVE,
        reason="a trial",
        since=AT,
        until=AT + timedelta(days=30),
        conditions=(),
        ayes=("a", "b"),
        noes=("c",),
        abstained=(),
        recused=(),
    )
    return replace(plain, **changes)


def put(board: Committee = BOARD, at: datetime = AT, **changes: Any) -> Any:
    return resolve("board", board, motion(**changes), at=at, time_zone="Europe/Berlin")


def test_what_is_carried_is_a_resolution() -> None:
    passed = put(conditions=(Condition(text="by day", between=("06:00", "20:00")),))
    assert (passed.committee, passed.act, passed.at, passed.ayes) == ("board", Act.APPROVE, AT, ("a", "b"))


@pytest.mark.parametrize(
    ("changes", "error", "why"),
    [
        ({"ayes": ("a", "b"), "noes": ()}, NotResolved, "needs 3 for a quorum"),
        ({"ayes": ("a", "b"), "noes": (), "recused": ("c", "d", "e")}, NotResolved, "only 2 are left"),
        ({"ayes": ("a",), "noes": ("b", "c")}, NotResolved, "more ayes than noes"),
        ({"ayes": ("a",), "noes": ("b",), "abstained": ("c",)}, NotResolved, "1 for and 1 against"),
        ({"ayes": ("a", "b", "x")}, BadRequestData, "no member"),
        ({"ayes": ("a", "a", "b")}, BadRequestData, "twice"),
        ({"abstained": ("a",)}, BadRequestData, "twice"),
        ({"recused": ("c",)}, BadRequestData, "twice"),
        ({"until": None}, BadRequestData, "needs its end"),
        ({"until": AT}, BadRequestData, "over already"),
        ({"since": AT + timedelta(days=40)}, BadRequestData, "before 'from'"),
        ({"act": Act.REVOKE}, BadRequestData, "no end"),
        ({"act": Act.SUSPEND, "conditions": (Condition(text="x"),)}, BadRequestData, "only an approval"),
        ({"conditions": (Condition(text="x", between=("6", "20:00")),)}, BadRequestData, "no local time"),
        ({"reason": " "}, BadRequestData, "a reason"),
        ({"id": ""}, BadRequestData, "its reference"),
    ],
)
def test_a_refusal_says_why(changes: dict[str, Any], error: type[MadangError], why: str) -> None:
    with pytest.raises(error, match=why):
        put(**changes)


def test_the_recused_do_not_count_towards_the_quorum() -> None:
    with pytest.raises(NotResolved) as refused:
        put(ayes=("a", "b"), noes=(), recused=("c",))
    assert refused.value.members == {"present": 2, "quorum": 3}
    assert put(ayes=("a", "b"), noes=(), abstained=("d",), recused=("c",)).recused == ("c",)


def test_who_has_an_interest_has_to_recuse_itself() -> None:
    board = replace(BOARD, recusals={"lamps": ("a",)})
    with pytest.raises(Forbidden, match="recuse"):
        put(board)
    assert put(board, ayes=("b", "c"), noes=("d",), recused=("a",))
    assert put(board, ayes=("b", "c"), noes=("d",)), "who is not there need not be named"


def test_only_members_whose_term_runs_vote() -> None:
    ended = replace(BOARD, terms={"a": Term(until=date(2026, 4, 30))})
    with pytest.raises(BadRequestData, match="term of 'a'"):
        put(ended)
    # The day is the city's: half an hour before midnight in UTC the next day has begun in Berlin.
    late = datetime(2026, 4, 30, 22, 30, tzinfo=UTC)
    with pytest.raises(BadRequestData, match="term of 'a'"):
        put(ended, at=late, since=late)
    begins = replace(BOARD, terms={"a": Term(since=date(2026, 5, 1), until=date(2026, 5, 1))})
    assert put(begins, at=late, since=late)


def test_a_committee_decides_on_its_own_services() -> None:
    with pytest.raises(Forbidden, match="decides on buses"):
        put(replace(BOARD, services=("buses",)))


@given(
    votes=st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)).filter(
        lambda counts: sum(counts) <= 9
    ),
    quorum=st.integers(1, 9),
    majority=st.sampled_from(list(Majority)),
)
def test_a_motion_is_carried_exactly_when_the_rule_says_so(
    votes: tuple[int, int, int, int], quorum: int, majority: Majority
) -> None:
    members = tuple(f"m{n}" for n in range(9))
    board = Committee(title={"en": "Board"}, members=members, quorum=quorum, majority=majority)
    left = list(members)
    ayes, noes, abstained, recused = (tuple(left.pop() for _ in range(count)) for count in votes)
    present, may_vote = len(ayes) + len(noes) + len(abstained), 9 - len(recused)
    carried = {
        Majority.SIMPLE: len(ayes) > len(noes),
        Majority.ABSOLUTE: len(ayes) > may_vote / 2,
        Majority.TWO_THIRDS: bool(ayes) and len(ayes) >= (len(ayes) + len(noes)) * 2 / 3 - 1e-9,
    }[majority]
    try:
        put(board, ayes=ayes, noes=noes, abstained=abstained, recused=recused)
    except NotResolved:
        assert present < quorum or not carried
    else:
        assert present >= quorum and carried
