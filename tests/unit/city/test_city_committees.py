"""What a committee's declaration must agree on."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from madang.city.committees import committee
from madang.model.city import Committee, Term

BACKWARDS = Term(since=date(2026, 2, 1), until=date(2026, 1, 1))
BOARD = Committee(title={"en": "Board"}, members=("a", "b"), quorum=2)


@pytest.mark.parametrize(
    ("changes", "where", "what"),
    [
        ({"quorum": 3}, ("board", "quorum"), "2 members"),
        ({"members": ("a", "a", "b")}, ("board", "members", 1), "twice"),
        ({"terms": {"c": Term()}}, ("board", "terms", "c"), "not among the members"),
        (
            {"terms": {"a": Term(since=date(2026, 2, 1), until=date(2026, 1, 1))}},
            ("board", "terms", "a"),
            "ends before",
        ),
        ({"recusals": {"buses": ("a", "x")}}, ("board", "recusals", "buses"), "'x' is not among"),
        ({"answer_within": "soon"}, ("board", "answer_within"), "no duration"),
    ],
)
def test_a_mistake_is_told_with_its_place(changes: dict[str, Any], where: tuple[str | int, ...], what: str) -> None:
    assert not list(committee("board", BOARD))
    ((path, message, _),) = committee("board", replace(BOARD, **changes))
    assert path == where and what in message
