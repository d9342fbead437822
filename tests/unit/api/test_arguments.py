"""Query parameters of one request: known names, each once, each of its kind."""

from datetime import UTC, datetime

import pytest

from madang.api.arguments import Arguments
from madang.errors import BadRequestData, InvalidRequest

KNOWN = ("type", "limit", "count", "timeAt", "options", "format")


class Request:
    def __init__(self, query: str) -> None:
        self.scope = {"query_string": query.encode()}


def given(query: str) -> Arguments:
    return Arguments(Request(query), KNOWN)  # pyright: ignore[reportArgumentType]


def test_reads_each_kind() -> None:
    found = given("type=A,%20B&limit=5&count=true&timeAt=2026-01-01T09:00:00%2B09:00&options=x,y&format=a")
    assert found.names("type") == ("A", "B")
    assert (found.number("limit"), found.flag("count")) == (5, True)
    assert found.time("timeAt") == datetime(2026, 1, 1, tzinfo=UTC)
    assert found.options(("x", "y", "z")) == {"x", "y"}
    assert found.choice("format", ("a", "b")) == "a"


def test_a_plus_that_was_not_encoded_is_a_plus_in_a_time() -> None:
    assert given("timeAt=2026-01-01T09:00:00+09:00").time("timeAt") == datetime(2026, 1, 1, tzinfo=UTC)


def test_what_is_not_given() -> None:
    found = given("")
    assert (found.text("type"), found.names("type"), found.flag("count"), found.time("timeAt")) == (
        None,
        (),
        False,
        None,
    )
    assert found.number("limit", 20) == 20


@pytest.mark.parametrize("query", ["kind=A", "type=A&type=B", "type=%ff", "&".join("type=A" for _ in range(100))])
def test_refuses_what_it_cannot_place(query: str) -> None:
    with pytest.raises(InvalidRequest):
        given(query)


@pytest.mark.parametrize(
    ("query", "name"), [("limit=x", "limit"), ("limit=-1", "limit"), ("limit=1.5", "limit"), ("limit=²", "limit")]
)
def test_refuses_what_is_no_number(query: str, name: str) -> None:
    with pytest.raises((BadRequestData, InvalidRequest)):
        given(query).number(name)


def test_writes_the_address_of_another_page() -> None:
    found = given("type=A%26B&limit=5")
    assert found.address("/x", limit="7", offset="3") == "/x?limit=7&offset=3&type=A%26B"
