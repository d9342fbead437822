"""Every value of the parameter book has its source and its mark, and a file that lacks one is refused."""

import pytest

from madang.app.appraisal import book_of
from madang.appraise.book import Parameter, read, unsure
from madang.errors import AppraisalInvalid

GOOD = {
    "id": "xx.discount",
    "title": "A rate",
    "value": 0.04,
    "unit": "share a year",
    "year": 2026,
    "country": "XX",
    "source": "a page",
    "mark": "from memory",
}


@pytest.mark.parametrize("one", book_of(), ids=lambda one: one.id)
def test_a_value_has_a_source_and_rates_are_rates(one: Parameter) -> None:
    assert len(one.source) > 20
    assert 1970 <= one.year <= 2100
    if one.unit.startswith("share a year"):
        assert 0 < one.schedule.factor(50) < 1


def test_what_nobody_has_read_is_told_apart() -> None:
    book = book_of()
    assert {one.id for one in unsure(book)} == {one.id for one in book if one.mark != "verified"}
    assert 0 < len(unsure(book)) < len(book)


@pytest.mark.parametrize(
    "table, words",
    [
        ({}, "nothing else"),
        ({"parameter": [GOOD], "more": 1}, "nothing else"),
        ({"parameter": [{**GOOD, "mark": "sure"}]}, "mark"),
        ({"parameter": [{**GOOD, "source": " "}]}, "no source"),
        ({"parameter": [{key: GOOD[key] for key in GOOD if key != "unit"}]}, "unit"),
        ({"parameter": [GOOD, GOOD]}, "already"),
    ],
)
def test_a_file_that_cannot_be(table: dict[str, object], words: str) -> None:
    with pytest.raises(AppraisalInvalid, match=words):
        read([("xx.toml", table)])


def test_a_country_is_a_file() -> None:
    (one,) = read([("xx.toml", {"parameter": [GOOD]})])
    assert one.schedule.factor(1) == pytest.approx(1 / 1.04)
