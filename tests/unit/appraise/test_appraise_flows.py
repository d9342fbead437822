"""A table of flows is read whole or every mistake in it is named, with its line and its remedy."""

from fractions import Fraction

import pytest

from madang.appraise.flows import read
from madang.errors import AppraisalInvalid


def test_net_amounts() -> None:
    flows = read("year,amount\n2025,-100.10\n2026,60\n\n2027,.5\n", name="f.csv")
    assert flows.first == "2025"
    assert flows.amounts == (Fraction(-1001, 10), 60, Fraction(1, 2))
    assert flows.costs is None


def test_benefits_and_costs() -> None:
    flows = read("\ufeffYear, Benefit ,cost\r\n0,0,100\r\n1,1e2,-5\r\n", name="f.csv")
    assert flows.amounts == (-100, 105)
    assert flows.benefits == (0, 100)
    assert flows.costs == (100, -5)


@pytest.mark.parametrize(
    "text, line, words",
    [
        ("", 1, "is empty"),
        ("year,amount\n", 1, "no rows"),
        ("2025,-100\n2026,110\n", 1, "the header is missing"),
        ("year,amount,note\n0,1,x\n", 1, "the first line is year,amount"),
        ("year,date,amount\n0,2026-01-01,1\n", 1, "the first line is year,amount"),
        ("date,amount\n2026-02-30,1\n", 2, "write it as 2026-01-31"),
        ("date,amount\n2026-02-03,1\n2026-02-02,1\n", 3, "sort the rows by date"),
        ("quarter,amount\n2026-Q5,1\n", 2, "write it as 2026-Q1"),
        ("month,amount\n2026-11,1\n2027-02,1\n", 3, "2026-12 to 2027-01 missing"),
        ("year,amount,benefit\n0,1,1\n", 1, "mixed columns"),
        ("year;amount\n0;1\n", 1, "separated by semicolons"),
        ("year,amount\n0,-1\n,1\n", 3, "the year is missing"),
        ("year,amount\n0,-1\n2,1\n", 3, "add a row with 0"),
        ("year,amount\n0,-1\n0,1\n", 3, "there already"),
        ("year,amount\n1,-1\n0,1\n", 3, "sort the rows"),
        ("year,amount\n0.5,-1\n", 2, "whole number"),
        ("year,amount\n0,lots\n", 2, "has text in it"),
        ("year,amount\n0,EUR 5\n", 2, "one currency"),
        ("year,amount\n0,$5\n", 2, "one currency"),
        ("year,amount\n0,NaN\n", 2, "no number"),
        ("year,amount\n0,-inf\n", 2, "no number"),
        ('year,amount\n0,"1,000"\n', 2, "no thousands separators"),
        ("year,amount\n0,\uff11\uff12\n", 2, "no number"),
        ("year,amount\n0,5%\n", 2, "is a share"),
        ("year,amount\n0,(5)\n", 2, "brackets"),
        ("year,amount\n0,\n", 2, "write 0 where nothing is paid"),
        ("year,amount\n0,1,000\n", 2, "3 cells where the header has 2"),
        ("year,amount\n0,1e999\n", 2, "out of range"),
        ("year,benefit,cost\n0,0,-5\n1,9,-1\n", 2, "a cost is a positive number"),
        ("year,amount\n" + "".join(f"{y},1\n" for y in range(1201)), 1202, "at most 1200"),
    ],
)
def test_a_mistake_has_its_line_and_remedy(text: str, line: int, words: str) -> None:
    with pytest.raises(AppraisalInvalid) as caught:
        read(text, name="f.csv")
    first = caught.value.detail.splitlines()[0]
    assert first.startswith(f"f.csv:{line}: ")
    assert words in first
    assert first.endswith(")")


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(AppraisalInvalid) as caught:
        read("year,amount\n2025,x\n2025,nan\n2028,1\n", name="f.csv")
    assert [line.split(":")[1] for line in caught.value.detail.splitlines()] == ["2", "3", "3", "4"]
