"""Type and scope expressions in disjunctive form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.errors import BadRequestData, TooComplexQuery
from madang.model.context import CORE
from madang.model.query.types import is_scope, parse_scopes, parse_types, print_expression

names = st.from_regex(r"[A-Z][a-z0-9_]{0,6}", fullmatch=True)
expressions = st.lists(st.lists(names, min_size=1, max_size=3).map(tuple), min_size=1, max_size=4).map(tuple)


@given(expressions)
def test_parsing_what_was_printed_gives_the_same(terms: tuple[tuple[str, ...], ...]) -> None:
    assert parse_types(print_expression(terms), CORE.expand) == terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("A", (("A",),)),
        ("A,B|C", (("A",), ("B",), ("C",))),
        ("A;B", (("A", "B"),)),
        ("(A;B),C", (("A", "B"), ("C",))),
        ("*", ()),
    ],
)
def test_reads_types(text: str, terms: tuple[tuple[str, ...], ...]) -> None:
    assert parse_types(text, CORE.expand) == terms


@pytest.mark.parametrize("text", ["A,", ",A", "A;;B", "((A;B);C", "(A", "A)", "A B", "A|"])
def test_refuses_types(text: str) -> None:
    with pytest.raises(BadRequestData):
        parse_types(text, CORE.expand)


def test_an_expression_has_limits() -> None:
    with pytest.raises(TooComplexQuery):
        parse_types(",".join("A" * 300), CORE.expand)


@pytest.mark.parametrize("text", ["/a", "a/b", "/a/+/b", "/a/#", "/#", "/+/b"])
def test_reads_scopes(text: str) -> None:
    assert parse_scopes(text) == (("/" + text.removeprefix("/"),),)


@pytest.mark.parametrize("text", ["", "/", "/a//b", "/a/#/b", "a b", "/a+"])
def test_refuses_scopes(text: str) -> None:
    with pytest.raises(BadRequestData):
        parse_scopes(text)


def test_a_scope_has_no_wildcards() -> None:
    assert is_scope("/a/b") and is_scope("a")
    assert not is_scope("/a/+") and not is_scope("/#")


def test_groups_nest_and_the_conjunction_binds_tighter() -> None:
    assert parse_types("((A|B);C)", CORE.expand) == (("A", "C"), ("B", "C"))
    assert parse_types("A;B,C", CORE.expand) == parse_types("(A;B)|C", CORE.expand) == (("A", "B"), ("C",))
    with pytest.raises(TooComplexQuery):
        parse_types("(" * 20 + "A" + ")" * 20, CORE.expand)
    with pytest.raises(TooComplexQuery):
        parse_types(";".join(["(A|B|C|D)"] * 5), CORE.expand)
