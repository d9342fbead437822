"""The sheet of checks: what must be equal, and what madang had when it wrote the book."""

from madang.appraise.case.workbook.grid import Grid, at
from madang.appraise.case.workbook.results import Shown

CLOSE = 1e-9


def write(grid: Grid, shown: Shown) -> None:
    """Fill the sheet."""
    grid.row(0, ("check", "one", "other", "difference over size", ""), "head")
    total, npv = shown.cells["economic NPV"]
    identities = [
        ("gains and losses by stakeholder sum to the ENPV", shown.incidence),
        ("tiers sum to the ENPV", shown.tiers),
        ("the scenario as planned has the ENPV", shown.cells["ENPV, as planned"][0]),
    ]
    row = 1
    for title, cell in identities:
        _check(grid, row, title, cell, total, value=npv)
        row += 1
    grid.put(row + 1, 0, "as madang had it when it wrote this book: after a change of an input these differ", "note")
    row += 2
    for title, (cell, value) in shown.cells.items():
        grid.put(row, 2, value)
        _check(grid, row, title, cell, at(row, 2), value=value, written=True)
        row += 1
    grid.put(row + 1, 0, "all of these", "good")
    text = f'IF(COUNTIF({at(1, 4)}:{at(row - 1, 4)},"LOOK")=0,"OK","LOOK")'
    grid.formula(row + 1, 4, text, "OK", "good")


def _check(grid: Grid, row: int, title: str, one: str, other: str, *, value: float, written: bool = False) -> None:
    grid.put(row, 0, title)
    grid.formula(row, 1, one, value)
    if not written:
        grid.formula(row, 2, other, value)
    size = f"MAX(1,ABS({at(row, 2)}))"
    grid.formula(row, 3, f"ABS({at(row, 1)}-{at(row, 2)})/{size}", 0.0)
    grid.formula(row, 4, f'IF({at(row, 3)}<{CLOSE!r},"OK","LOOK")', "OK")
