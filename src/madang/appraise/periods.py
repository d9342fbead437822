"""When a row of a table of money falls due: in a year, half, quarter or month, or on a day."""

import re
from collections.abc import Callable
from datetime import date
from typing import Final, Literal

import msgspec

Every = Literal["year", "half", "quarter", "month", "date"]
PER_YEAR: Final[dict[Every, int]] = {"year": 1, "half": 2, "quarter": 4, "month": 12, "date": 0}
"""Rows a year; 0: on their own days."""
DAYS: Final = 365
"""Days of a year between two dates, leap years or not (Actual/365 Fixed), as XNPV and XIRR of spreadsheets count."""


class Column(msgspec.Struct, frozen=True):
    """How the first column is read: `place` gives a cell's number, one more for each row; None where it is none."""

    place: Callable[[str], int | None]
    written: Callable[[int], str]
    remedy: str


def _year(cell: str) -> int | None:
    return int(cell) if re.fullmatch(r"-?[0-9]{1,6}", cell) else None


def _part(mark: str, parts: int) -> Column:
    """Years in `parts`: 2026-Q1 with a mark, 2026-01 for months."""
    shape = re.compile(rf"([0-9]{{1,4}})-{mark}([0-9]{{{len(str(parts))}}})")
    width = len(str(parts))

    def place(cell: str) -> int | None:
        found = shape.fullmatch(cell.upper())
        return None if not found or not 1 <= int(found[2]) <= parts else int(found[1]) * parts + int(found[2]) - 1

    def written(at: int) -> str:
        return f"{at // parts}-{mark}{at % parts + 1:0{width}}"

    return Column(place, written, f"write it as {written(2026 * parts)}")


def _day(cell: str) -> int | None:
    try:
        return date.fromisoformat(cell).toordinal() if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell) else None
    except ValueError:
        return None


COLUMNS: Final[dict[Every, Column]] = {
    "year": Column(_year, str, "write a whole number such as 2026, or count the years from 0"),
    "half": _part("H", 2),
    "quarter": _part("Q", 4),
    "month": _part("", 12),
    "date": Column(_day, lambda day: date.fromordinal(day).isoformat(), "write it as 2026-01-31: year, month, day"),
}
