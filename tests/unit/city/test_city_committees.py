"""What a committee's declaration must agree on."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from madang.city import check, init
from madang.city.committees import committee, seats
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
        ({"recusals": {"buses": ("a", "x")}, "quorum": 1}, ("board", "recusals", "buses"), "'x' is not among"),
        ({"recusals": {"buses": ("a",)}}, ("board", "recusals", "buses"), "1 members are left to vote on buses"),
    ],
)
def test_a_mistake_is_told_with_its_place(changes: dict[str, Any], where: tuple[str | int, ...], what: str) -> None:
    assert not list(committee("board", BOARD))
    ((path, message, _),) = committee("board", replace(BOARD, **changes))
    assert path == where and what in message


def test_when_objections_are_answered_is_a_duration(tmp_path: Path) -> None:
    init(tmp_path / "town", "Town")
    committees, services = tmp_path / "town" / "committees.toml", tmp_path / "town" / "services.toml"
    board = 'title = { en = "Board" }\nmembers = ["a"]\nquorum = 1\nanswer_within = "soon"\n'
    committees.write_text(f"[board]\n{board}")
    services.write_text('[signals]\nenabled = false\nanswer_within = "later"\n')
    _, findings = check(tmp_path / "town")
    told = {(Path(each.file).name, each.line) for each in findings if "no duration" in each.message}
    assert told == {("committees.toml", 5), ("services.toml", 3)}


def test_a_role_is_one_seat() -> None:
    boards = {
        "a": Committee(title={"en": "A"}, members=("b-c",), quorum=1),
        "a-b": Committee(title={"en": "AB"}, members=("c", "d"), quorum=1),
    }
    ((path, said, _),) = seats(boards)
    assert path == ("a-b", "members", 0) and "'a-b-c'" in said
    assert not list(seats({"a": boards["a"]}))
