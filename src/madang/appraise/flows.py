"""One row of money a year, as a table with columns ``year,amount`` or ``year,benefit,cost`` holds it.

Amounts are kept as the whole fractions that were written, so that 0.1 is a tenth and a double root is a double root.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from io import StringIO

import msgspec

from madang.errors import AppraisalInvalid

LONGEST_YEARS = 500
"""Rows; longer than any horizon that is appraised, and the roots of so many are still found at once."""

_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?")
_COLUMNS = ("year,amount", "year,benefit,cost")


class Flows(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive years from `first_year` on. `benefits` and `costs` are None where the table has net amounts alone;
    a cost is a positive number."""

    first_year: int
    amounts: tuple[Fraction, ...]
    benefits: tuple[Fraction, ...] | None = None
    costs: tuple[Fraction, ...] | None = None


class _Mistakes(list[str]):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def add(self, line: int, message: str, remedy: str) -> None:
        self.append(f"{self.name}:{line}: {message} ({remedy})")


def read(text: str, *, name: str) -> Flows:
    """The table in the text of a CSV file; `name` is how mistakes call it. Raises AppraisalInvalid with all of them,
    each as ``name:line: what is wrong (what to do)``."""
    mistakes = _Mistakes(name)
    rows = list(_rows(text.removeprefix("\ufeff"), mistakes))
    columns = _columns(rows, mistakes)
    years: list[int] = []
    cells: list[list[Fraction]] = []
    if columns:
        for line, row in rows[1:]:
            _row(line, row, columns, mistakes=mistakes, years=years, cells=cells)
        _length(len(rows) - 1, mistakes)
    if columns == ["year", "benefit", "cost"] and not mistakes:
        _costs([cell[1] for cell in cells], mistakes)
    if mistakes:
        raise AppraisalInvalid("\n".join(mistakes))
    return of(years[0], *zip(*cells, strict=True))


def of(first_year: int, first: Sequence[Fraction], costs: Sequence[Fraction] | None = None) -> Flows:
    """Flows of net amounts, or of benefits and costs."""
    if costs is None:
        return Flows(first_year=first_year, amounts=tuple(first))
    net = tuple(benefit - cost for benefit, cost in zip(first, costs, strict=True))
    return Flows(first_year=first_year, amounts=net, benefits=tuple(first), costs=tuple(costs))


def _rows(text: str, mistakes: _Mistakes) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""))
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as error:
        mistakes.add(reader.line_num, f"not a CSV table: {error}", "save it as comma-separated UTF-8 text")


def _columns(rows: list[tuple[int, list[str]]], mistakes: _Mistakes) -> list[str]:
    """The columns of the header, or none where they are not what is wanted (then there is a mistake)."""
    wanted = f"the first line is {_COLUMNS[0]} or {_COLUMNS[1]}"
    if not rows:
        if not mistakes:
            mistakes.add(1, "the file is empty", f"{wanted}, then a row a year")
        return []
    line, header = rows[0]
    columns = [name.lower() for name in header]
    if "amount" in columns and {"benefit", "cost"} & set(columns):
        mistakes.add(
            line, "mixed columns: amount beside benefit or cost", f"net amounts or both parts, not both: {wanted}"
        )
    elif columns not in (["year", "amount"], ["year", "benefit", "cost"]):
        mistakes.add(line, f"the columns are {','.join(header)!r}", wanted)
    elif len(rows) == 1:
        mistakes.add(line, "a header and no rows", "add a row for each year")
    else:
        return columns
    return []


def _row(
    line: int, row: list[str], columns: list[str], *, mistakes: _Mistakes, years: list[int], cells: list[list[Fraction]]
) -> None:
    if len(row) != len(columns):
        remedy = f"write {','.join(columns)}, numbers without thousands separators"
        mistakes.add(line, f"{len(row)} cells where the header has {len(columns)}", remedy)
        return
    year = _year(line, row[0], mistakes)
    if year is not None:
        _follows(line, year, years, mistakes)
        years.append(year)
    found = [_number(line, column, cell, mistakes) for column, cell in zip(columns[1:], row[1:], strict=True)]
    cells.append([value for value in found if value is not None])


def _year(line: int, cell: str, mistakes: _Mistakes) -> int | None:
    if re.fullmatch(r"-?\d{1,6}", cell):
        return int(cell)
    if cell:
        mistakes.add(line, f"the year is {cell!r}", "write a whole number such as 2026, or count the years from 0")
    else:
        mistakes.add(line, "the year is missing", "each row begins with its year")
    return None


def _follows(line: int, year: int, years: list[int], mistakes: _Mistakes) -> None:
    if not years or year == years[-1] + 1:
        return
    if year in years:
        mistakes.add(line, f"the year {year} is there already", "add its rows up to one row a year")
    elif year < years[-1]:
        mistakes.add(line, f"the year {year} comes after {years[-1]}", "sort the rows by year")
    else:
        gap = str(years[-1] + 1) if year == years[-1] + 2 else f"{years[-1] + 1} to {year - 1}"
        mistakes.add(
            line, f"the year {year} follows {years[-1]}: {gap} missing", "add a row with 0 for each missing year"
        )


def _number(line: int, column: str, cell: str, mistakes: _Mistakes) -> Fraction | None:
    if _NUMBER.fullmatch(cell):
        return Fraction(cell)
    plain = "write a plain number such as -1234.5"
    if not cell:
        mistakes.add(line, f"the {column} is missing", "write 0 where nothing is paid")
    elif cell.lower().strip("+-") in ("nan", "inf", "infinity"):
        mistakes.add(line, f"the {column} is {cell}, which is no number", f"{plain}, or 0 where nothing is paid")
    elif re.search(r"[A-Za-z£€¥₩$]", cell):
        mistakes.add(
            line, f"the {column} {cell!r} has text in it", f"{plain}; all rows in one currency, which is not written"
        )
    else:
        mistakes.add(line, f"the {column} {cell!r} is no number", f"{plain}: no separators, brackets or per cent")
    return None


def _length(count: int, mistakes: _Mistakes) -> None:
    if count > LONGEST_YEARS:
        mistakes.add(LONGEST_YEARS + 2, f"{count} rows", f"at most {LONGEST_YEARS} years are appraised")


def _costs(costs: list[Fraction], mistakes: _Mistakes) -> None:
    if any(costs) and all(cost <= 0 for cost in costs):
        mistakes.add(
            2, "all costs are negative", "a cost is a positive number: leave the minus out, or use year,amount"
        )
