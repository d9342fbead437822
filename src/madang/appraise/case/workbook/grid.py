"""A sheet that is written cell by cell: words as words, numbers as numbers, formulas with the value they come to.

Words from a project file are never taken for a formula. Each formula carries its value, so that a reader who does not
recalculate sees the same figures; those who do, find the same.
"""

from collections.abc import Sequence
from typing import Any, Literal

from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs]
from xlsxwriter.utility import xl_rowcol_to_cell  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

Style = Literal["plain", "title", "head", "input", "money", "share", "factor", "note", "good", "year"]
Value = float | str | bool

_STYLES: dict[Style, dict[str, Any]] = {
    "plain": {},
    "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "bottom": 1},
    "input": {"font_color": "#0000C0", "bg_color": "#FFF9DB"},
    "money": {"num_format": "#,##0;[Red]-#,##0"},
    "share": {"num_format": "0.00%"},
    "factor": {"num_format": "0.0000"},
    "note": {"italic": True, "font_color": "#555555"},
    "good": {"bold": True},
    "year": {"bold": True, "num_format": "0"},
}


def at(row: int, col: int, *, sheet: str = "") -> str:
    """The absolute address of a cell; both count from 0."""
    address: Any = xl_rowcol_to_cell
    return f"{sheet}!{address(row, col, True, True)}" if sheet else address(row, col, True, True)


def span(first: tuple[int, int], last: tuple[int, int], *, sheet: str = "") -> str:
    """The absolute address of a block of cells."""
    return f"{at(*first, sheet=sheet)}:{at(*last)}"


class Grid:
    """One sheet of a workbook, filled from the top."""

    def __init__(self, book: Workbook, name: str, widths: Sequence[float]) -> None:
        self.name = name
        self._sheet: Any = book.add_worksheet(name)  # pyright: ignore[reportUnknownMemberType]
        formats: Any = getattr(book, "add_format")  # noqa: B009  (its types are not known)
        self._styles = {style: formats(given) for style, given in _STYLES.items()}
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)

    def put(self, row: int, col: int, value: Value, style: Style = "plain") -> str:
        """Write a value; its address with the sheet's name."""
        if isinstance(value, str):
            self._sheet.write_string(row, col, value, self._styles[style])
        else:
            self._sheet.write_number(row, col, value, self._styles[style])
        return at(row, col, sheet=self.name)

    def row(self, row: int, values: Sequence[Value], style: Style = "plain", *, col: int = 0) -> None:
        """Write values side by side."""
        for n, value in enumerate(values):
            self.put(row, col + n, value, style)

    def formula(self, row: int, col: int, text: str, value: Value, style: Style = "plain") -> str:
        """Write a formula (without its ``=``) with what it comes to; its address with the sheet's name."""
        self._sheet.write_formula(row, col, f"={text}", self._styles[style], value)
        return at(row, col, sheet=self.name)

    def freeze(self, row: int, col: int) -> None:
        """Keep what is above and left of the cell in sight."""
        self._sheet.freeze_panes(row, col)
