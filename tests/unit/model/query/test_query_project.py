"""The projection language (4.21): what is read, and what is refused."""

import pytest

from madang.errors import BadRequestData
from madang.model.context import CORE
from madang.model.query import EVERY_MEMBER, Projection
from madang.model.query.project import parse_projection, projection


def read(pick: str = "", omit: str = "") -> Projection:
    trees = [parse_projection(text, what="pick") if text else {} for text in (pick, omit)]
    return projection(trees[0], trees[1], CORE.expand)


def test_braces_say_what_is_wanted_of_linked_entities() -> None:
    found = read("id,at{name|in{id}},size")
    assert found.pick == ("id", "at", "size")
    assert found.of("at").pick == ("name", "in")
    assert found.of("at").of("in") == Projection(pick=("id",))
    assert found.of("size") == EVERY_MEMBER
    assert (found.depth, read("a").depth) == (2, 0)


def test_a_relationship_that_is_omitted_with_braces_stays() -> None:
    found = read(omit="size,at{name}")
    assert (found.omit, found.of("at").omit) == (("size",), ("name",))


def test_the_same_member_is_not_picked_and_omitted() -> None:
    with pytest.raises(BadRequestData, match="same member"):
        read("a,b", "b")


@pytest.mark.parametrize("text", ["a;b", "a,b{c", "a{{b}", "a,,b", "a{,b}", "a{}", "a}", "a{b}c", ",", "|a", "a b"])
def test_refuses(text: str) -> None:
    with pytest.raises(BadRequestData):
        read(text)
