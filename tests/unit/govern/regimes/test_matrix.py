"""The matrix has the form that answers rely on: a lawyer's edit that breaks it is seen here, with the place."""

from datetime import date
from importlib import resources

import pytest

from madang.app.regimes import difference, matrix
from madang.errors import BadRequestData, ResourceNotFound
from madang.govern.regimes import read

CODES = ["EU", "ID", "IN", "JP", "KR", "MY", "PH", "SG", "TH", "VN"]

NO_STATUTE = {"cbpr", "eu_adequacy"}
"""A membership or another's decision: no article of the regime's own law."""

NO_PROVISION = {("IN", "sensitive"), ("JP", "dpo")}
"""The law has none: there is nothing to cite."""


def test_ten_regimes_have_the_same_requirements_and_a_date() -> None:
    regimes = matrix()
    assert list(regimes) == CODES
    apart = {"smart_city_exemption", "commencement"}
    names = {code: frozenset(regime.cells) - apart for code, regime in regimes.items()}
    assert len(set(names.values())) == 1
    assert len(names["KR"]) == 17
    assert all(regime.law and date(2026, 1, 1) <= regime.as_of for regime in regimes.values())


@pytest.mark.parametrize("code", CODES)
def test_every_cell_that_is_sure_has_its_article(code: str) -> None:
    bare = [
        name
        for name, cell in matrix()[code].cells.items()
        if cell.certainty in ("S", "H") and name not in NO_STATUTE and cell.article in ("", "-", "none")
    ]
    assert bare == [name for where, name in sorted(NO_PROVISION) if where == code]


@pytest.mark.parametrize("code", CODES)
def test_what_cannot_be_relied_on_says_why(code: str) -> None:
    for mechanism in matrix()[code].mechanisms:
        assert mechanism.why or (mechanism.to != () and mechanism.certainty != "U"), mechanism.name


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('certainty = "S"', 'certainty = "sure"', "Invalid enum value 'sure'"),
        ('certainty = "S"', 'certain = "S"', "unknown field|missing required field"),
        ("[transfer]", "[transfers]", "'transfer' is missing"),
        ('name = "separate_consent"', 'name = "consent"', "not those of the transfer cell"),
        ("law =", "laws", "expected|Expected|Invalid|invalid"),
    ],
)
def test_a_broken_file_is_refused_with_its_regime(old: str, new: str, message: str) -> None:
    text = (resources.files("madang.govern.regimes") / "matrix" / "KR.toml").read_text("utf-8")
    assert old in text
    with pytest.raises(BadRequestData, match=f"KR: .*({message})"):
        read("KR", text.replace(old, new, 1))


def test_two_regimes_side_by_side() -> None:
    rows = {row["requirement"]: row for row in difference("KR", "IN")}
    assert (rows["child_age"]["cells"]["KR"].value, rows["child_age"]["cells"]["IN"].value) == (14, 18)
    assert rows["child_age"]["differs"]
    assert rows["commencement"]["cells"]["KR"].certainty == "U"
    assert not any(row["differs"] for row in difference("KR", "KR"))
    with pytest.raises(ResourceNotFound, match="no regime 'XX'; there are EU"):
        difference("KR", "XX")
