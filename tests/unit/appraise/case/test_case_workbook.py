"""The workbook, recalculated by an engine that is not ours: every formula comes to what the kernel says, and what
follows from a changed input is what the kernel says of the changed project."""

import tomllib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from madang.appraise.case.answer import Answer, answer
from madang.appraise.case.build import Case, Library, build
from madang.appraise.case.form import Form
from madang.appraise.case.workbook import workbook
from madang.city.shape import shape

with warnings.catch_warnings():
    warnings.simplefilter("ignore", SyntaxWarning)
    import formulas

QUARRY = """
[project]
title = "=1+1"
currency = "EUR"
price_year = 2026
first_year = 2026
years = 5
entity = "city"
economic_rate = "0.05:2,0.03"
financial_rate = 0.04
timing = "mid"

[[input]]
name = "price"
value = 2.5
unit = "EUR / t"
source = "a market"
mark = "verified"
growth = 0.02
uncertain = { shape = "normal", numbers = [1.0, 0.1] }

[[stream]]
name = "=digging"
kind = "cost"
role = "capex"
owner = "city"
amounts = { 2026 = 100, 2027 = 40 }
vat = 0.19
life = 7
uncertain = { shape = "uniform", numbers = [0.9, 1.3] }

[[stream]]
name = "stone"
kind = "benefit"
owner = "city"
amount = 44
times = ["price"]
start = 2027
years = 3
phasing = [0.5, 1.0]
growth = 0.01

[[stream]]
name = "wages"
kind = "cost"
role = "operation"
owner = "city"
amount = 12
start = 2027
factor = 0.7
gap = { workers = 0.8, "the state" = 0.2 }

[[stream]]
name = "healing the land"
kind = "cost"
role = "other"
owner = "city"
amounts = { 2030 = 135 }

[[stream]]
name = "royalty"
kind = "transfer"
owner = "government"
payer = "city"
amount = 5

[poor]
workers = 0.4
"""


def quarry(text: str = QUARRY) -> tuple[Case, Answer]:
    form = shape(Form, tomllib.loads(text), report=lambda *one: pytest.fail(str(one)), rules={})
    assert form is not None
    case, mistakes = build(form, Library(book={}, presets={}))
    assert case is not None, list(mistakes)
    return case, answer(case)


@contextmanager
def engine(file: Path, text: str) -> Iterator[Any]:
    file.write_bytes(workbook(*quarry(text)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield formulas.ExcelModel().loads(str(file)).finish()


def of(solution: Any, file: Path, sheet: str, cell: str) -> Any:
    return solution[f"'[{file.name}]{sheet.upper()}'!{cell}"].value[0, 0]


def written(file: Path) -> Iterator[tuple[str, str, object]]:
    """Sheet, cell and the value that stands beside each formula."""
    asked, told = openpyxl.load_workbook(file), openpyxl.load_workbook(file, data_only=True)
    for sheet in asked:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield sheet.title, cell.coordinate, told[sheet.title][cell.coordinate].value


def find(file: Path, sheet: str, title: str) -> str:
    """The cell beside the one that says so."""
    rows = openpyxl.load_workbook(file, data_only=True)[sheet].iter_rows()
    return next(f"B{row[0].row}" for row in rows if row[0].value == title)


def test_every_formula_comes_to_what_the_kernel_says(tmp_path: Path) -> None:
    file = tmp_path / "quarry.xlsx"
    _, found = quarry()
    assert len(found.economic.irr) == 2, "the case is there for its two rates"
    with engine(file, QUARRY) as model:
        solution = model.calculate()
        count = 0
        for sheet, cell, value in written(file):
            got = of(solution, file, sheet, cell)
            count += 1
            if isinstance(value, int | float):
                assert got == pytest.approx(value, rel=1e-9, abs=1e-9), f"{sheet} {cell}"
            else:
                assert str(got) == (value or ""), f"{sheet} {cell}"
        assert count > 200
        npv = of(solution, file, "Results", find(file, "Results", "NPV"))
        assert npv == pytest.approx(found.economic.npv, rel=1e-9)

        # A changed input: what the book says is what the kernel says of the changed file.
        price = find(file, "Inputs", "price")
        dearer = model.calculate(inputs={f"'[{file.name}]INPUTS'!{price}": 3.5})
        _, other = quarry(QUARRY.replace("value = 2.5", "value = 3.5"))
        for title, value in (
            ("NPV", other.economic.npv),
            ("BCR", other.economic.bcr),
            ("sum", sum(other.incidence.values())),
            ("poverty impact ratio", other.poverty_impact),
        ):
            assert of(dearer, file, "Results", find(file, "Results", title)) == pytest.approx(value, rel=1e-9)
        last = openpyxl.load_workbook(file)["Checks"].max_row
        assert of(solution, file, "Checks", f"E{last}") == "OK"
        assert of(dearer, file, "Checks", f"E{last}") == "LOOK"


def test_words_are_never_formulas_and_there_are_no_macros(tmp_path: Path) -> None:
    file = tmp_path / "quarry.xlsx"
    file.write_bytes(workbook(*quarry()))
    book = openpyxl.load_workbook(file, keep_vba=True)
    assert book.sheetnames == ["Inputs", "Calculations", "Results", "Checks"]
    assert book["Inputs"]["A1"].data_type == "s"
    assert book["Inputs"]["A1"].value == "=1+1"
    assert book.vba_archive is None or "xl/vbaProject.bin" not in book.vba_archive.namelist()


def test_the_same_project_gives_the_same_file() -> None:
    assert workbook(*quarry()) == workbook(*quarry())
