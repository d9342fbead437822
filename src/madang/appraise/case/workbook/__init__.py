"""The project as a workbook with live formulas: inputs, calculations, results, checks; no macros.

A lender changes a yellow cell and sees what follows. What was drawn stands beside it as values. The formulas are those
of ``appraise``, written a second time; the tests recalculate the book with another engine and compare.
"""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs]

from madang.appraise.case.answer import Answer
from madang.appraise.case.build import Case
from madang.appraise.case.workbook import calculations, checks, inputs, results
from madang.appraise.case.workbook.grid import Grid
from madang.appraise.project import kernel

UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
"""The file's date: the same project gives the same file."""


def workbook(case: Case, found: Answer) -> bytes:
    """The workbook as an xlsx file."""
    into = BytesIO()
    with Workbook(into, {"in_memory": True}) as book:
        known: Any = book
        known.set_properties({"title": found.title, "created": UNDATED})
        compiled = kernel(case.project)
        sheets = [Grid(book, name, (44, *[16] * 40)) for name in ("Inputs", "Calculations", "Results", "Checks")]
        places = inputs.write(sheets[0], case, compiled.groups)
        worked = calculations.write(sheets[1], case, places, compiled=compiled)
        shown = results.write(sheets[2], case, found, places=places, worked=worked)
        checks.write(sheets[3], shown)
    return into.getvalue()
