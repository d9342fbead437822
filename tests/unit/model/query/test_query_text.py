"""Laws of the query language: printing and parsing are inverse; what is wrong is said with its place."""

import math
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.errors import BadRequestData, TooComplexQuery
from madang.model.context import CORE
from madang.model.query import (
    Between,
    Compare,
    Condition,
    Every,
    Exists,
    Linked,
    Literal,
    Matches,
    OneOf,
    Operator,
    Path,
    Some,
)
from madang.model.query.parse import parse_query
from madang.model.query.text import print_query

names = st.from_regex(r"[a-zA-Z가-힣][a-zA-Z0-9_가-힣]{0,8}", fullmatch=True)
members = st.from_regex(r"[a-zA-Z0-9_@$-]{1,8}", fullmatch=True)
paths = st.builds(Path, st.lists(names, min_size=1, max_size=3).map(tuple), st.lists(members, max_size=3).map(tuple))
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 (the bounds are naive by design)
literals: st.SearchStrategy[Literal] = st.one_of(
    numbers, texts, moments, st.dates(date(1, 1, 1)), st.times(), st.booleans()
)
ordered = st.one_of(numbers, texts, moments)


def ranges(kind: st.SearchStrategy[Literal]) -> st.SearchStrategy[Condition]:
    return st.builds(Between, paths, kind, kind, st.booleans())


leaves: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Exists, paths, st.booleans()),
    st.builds(Compare, paths, st.sampled_from([Operator.EQUAL, Operator.UNEQUAL]), literals),
    st.builds(Compare, paths, st.sampled_from(Operator), ordered),
    ranges(numbers),
    ranges(texts),
    ranges(moments),
    st.builds(OneOf, paths, st.lists(literals, min_size=2, max_size=4).map(tuple), st.booleans()),
    st.builds(Matches, paths, texts.filter(bool), st.booleans()),
)


hints = st.lists(names, max_size=2).map(tuple)
linked = st.builds(Linked, names, hints, leaves | st.builds(Linked, names, hints, leaves))


def groups(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.builds(Every, several) | st.builds(Some, several)


@given(st.recursive(leaves | linked, groups, max_leaves=12))
def test_parsing_what_was_printed_gives_the_same_tree(tree: Condition) -> None:
    assert parse_query(print_query(tree), CORE.expand, hops=2) == tree


@given(st.text(max_size=60) | st.from_regex(r"[a-c(){};|=!<>~\".,\[\]0-9:TZ-]{0,30}", fullmatch=True))
def test_any_text_is_a_tree_or_a_clear_error(text: str) -> None:
    try:
        tree = parse_query(text, CORE.expand)
    except (BadRequestData, TooComplexQuery) as error:
        assert error.detail
    else:
        assert parse_query(print_query(tree), CORE.expand) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", Exists(Path(("a",)))),
        ("!a", Exists(Path(("a",)), negated=True)),
        ("a.b[c.d]>=1", Compare(Path(("a", "b"), ("c", "d")), Operator.GREATER_EQUAL, 1)),
        ("a==urn:x:y", Compare(Path(("a",)), Operator.EQUAL, "urn:x:y")),
        ('a=="2020-01-01"', Compare(Path(("a",)), Operator.EQUAL, "2020-01-01")),
        ("a==2020-01-01", Compare(Path(("a",)), Operator.EQUAL, date(2020, 1, 1))),
        ("a==12:30:00Z", Compare(Path(("a",)), Operator.EQUAL, time(12, 30))),
        ("a>2020-01-01T09:00:00+09:00", Compare(Path(("a",)), Operator.GREATER, datetime(2020, 1, 1, tzinfo=UTC))),
        ("a==1..2", Between(Path(("a",)), 1, 2)),
        ("a!=1.5..2", Between(Path(("a",)), 1.5, 2, negated=True)),
        ("a~=^(x|y);b", Every((Matches(Path(("a",)), "^(x|y)"), Exists(Path(("b",)))))),
        (r"a~=x\;y|b", Some((Matches(Path(("a",)), r"x\;y"), Exists(Path(("b",)))))),
        ("a~=[;|)]+", Matches(Path(("a",)), "[;|)]+")),
        ("(a~=x)", Matches(Path(("a",)), "x")),
        (
            "a;b|c;d",
            Some(
                (
                    Every((Exists(Path(("a",))), Exists(Path(("b",))))),
                    Every((Exists(Path(("c",))), Exists(Path(("d",))))),
                )
            ),
        ),
    ],
)
def test_reads(text: str, tree: Condition) -> None:
    assert parse_query(text, CORE.expand) == tree


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "1"),
        ("a==", "4"),
        ("a;", "3"),
        ("(a", "3"),
        ("a)", "2"),
        ("a=1", "2"),
        ("a[", "3"),
        ("a[b", "4"),
        ('a=="x', "4"),
    ],
)
def test_says_where_it_went_wrong(text: str, place: str) -> None:
    with pytest.raises(BadRequestData, match=f"character {place}"):
        parse_query(text, CORE.expand)


@pytest.mark.parametrize("text", ["(" * 50 + "a" + ")" * 50, ";".join("a" * 1 for _ in range(300)), "a" * 9000])
def test_a_query_has_limits(text: str) -> None:
    with pytest.raises(TooComplexQuery):
        parse_query(text, CORE.expand)


def test_a_number_too_large_for_a_number_is_refused() -> None:
    with pytest.raises(BadRequestData, match="too large"):
        parse_query("a==1e999", CORE.expand)
    assert parse_query(f"a=={2**70}", CORE.expand) == Compare(Path(("a",)), Operator.EQUAL, math.ldexp(1.0, 70))


def test_words_of_a_vocabulary_are_expanded() -> None:
    found = parse_query("kind==Round", {"kind": "kind", "Round": "https://x.org/Round"}.__getitem__, terms=["kind"])
    assert found == Compare(Path(("kind",)), Operator.EQUAL, "https://x.org/Round")
