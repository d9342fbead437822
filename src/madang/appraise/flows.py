"""Rows of money, as a table with columns ``year,amount`` or ``year,benefit,cost`` holds them; instead of ``year`` the
first column may be ``half``, ``quarter``, ``month`` or ``date``.

Amounts are kept as the whole fractions that were written, so that 0.1 is a tenth and a double root is a double root.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from io import StringIO

import msgspec

from madang.appraise.periods import COLUMNS, DAYS, PER_YEAR, Column, Every
from madang.errors import AppraisalInvalid

LONGEST = 1200
"""Rows: a hundred years of months, and the roots of so many are still found in seconds."""

_NUMBER = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,2})?")
_WANTED = "the first line is year,amount or year,benefit,cost (year may be half, quarter, month or date)"
_SHAPES = ({"amount"}, {"benefit", "cost"})


class Flows(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive periods from `first` on, or rows on their own `days` (after the first one's). `benefits` and `costs`
    are None where the table has net amounts alone; a cost is a positive number."""

    first: str
    amounts: tuple[Fraction, ...]
    benefits: tuple[Fraction, ...] | None = None
    costs: tuple[Fraction, ...] | None = None
    every: Every = "year"
    days: tuple[int, ...] = ()

    @property
    def per_year(self) -> int:
        """Rows a year; 0: each has its own day."""
        return PER_YEAR[self.every]

    @property
    def times(self) -> list[float]:
        """Years after the first row."""
        return [n / self.per_year for n in range(len(self.amounts))] if self.per_year else [d / DAYS for d in self.days]


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
    head = _columns(rows, mistakes)
    places: list[int] = []
    cells: dict[str, list[Fraction]] = {column: [] for column in head}
    if head:
        for line, row in rows[1 : LONGEST + 1]:
            _row(line, row, head, mistakes=mistakes, places=places, cells=cells)
        _length(rows, mistakes)
    if "cost" in head and not mistakes:
        _costs(cells["cost"], mistakes)
    if mistakes:
        raise AppraisalInvalid("\n".join(mistakes))
    every = _every(head)
    found = of(0, cells.get("amount") or cells["benefit"], cells.get("cost"))
    days = tuple(place - places[0] for place in places) if every == "date" else ()
    return msgspec.structs.replace(found, first=COLUMNS[every].written(places[0]), every=every, days=days)


def of(first_year: int, first: Sequence[Fraction], costs: Sequence[Fraction] | None = None) -> Flows:
    """Flows of net amounts, or of benefits and costs, by year."""
    if costs is None:
        return Flows(first=str(first_year), amounts=tuple(first))
    net = tuple(benefit - cost for benefit, cost in zip(first, costs, strict=True))
    return Flows(first=str(first_year), amounts=net, benefits=tuple(first), costs=tuple(costs))


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
    if not rows:
        if not mistakes:
            mistakes.add(1, "the file is empty", f"{_WANTED}, then a row for each")
        return []
    line, header = rows[0]
    columns = [name.lower() for name in header]
    money = [name for name in columns if name not in COLUMNS]
    if "amount" in columns and {"benefit", "cost"} & set(columns):
        mistakes.add(
            line, "mixed columns: amount beside benefit or cost", f"net amounts or both parts, not both: {_WANTED}"
        )
    elif len(columns) - len(money) != 1 or set(money) not in _SHAPES or len(set(columns)) != len(columns):
        mistakes.add(line, f"the columns are {','.join(header)!r}", _separated(header) or _WANTED)
    elif len(rows) == 1:
        mistakes.add(line, "a header and no rows", f"add a row for each {_every(columns)}")
    else:
        return columns
    return []


def _separated(header: list[str]) -> str:
    """What to do where the header is in one cell, or is no header."""
    for sign, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(header) == 1 and sign in header[0]:
            return f"cells are separated by {called}: save it with commas between cells and a point in numbers"
    if len(header) > 1 and all(_NUMBER.fullmatch(cell) for cell in header):
        return f"the header is missing: {_WANTED}"
    return ""


def _every(columns: list[str]) -> Every:
    return next(name for name in COLUMNS if name in columns)


def _row(
    line: int,
    row: list[str],
    head: list[str],
    *,
    mistakes: _Mistakes,
    places: list[int],
    cells: dict[str, list[Fraction]],
) -> None:
    if len(row) != len(head):
        remedy = f"write {','.join(head)}, numbers without thousands separators and with a decimal point"
        mistakes.add(line, f"{len(row)} cells where the header has {len(head)}", remedy)
        return
    for column, cell in zip(head, row, strict=True):
        if column in COLUMNS:
            _placed(line, cell, _every(head), mistakes=mistakes, places=places)
        elif (value := _number(line, column, cell, mistakes)) is not None:
            cells[column].append(value)


def _placed(line: int, cell: str, every: Every, *, mistakes: _Mistakes, places: list[int]) -> None:
    how = COLUMNS[every]
    place = how.place(cell)
    if place is None:
        wrong = f"the {every} is {cell!r}" if cell else f"the {every} is missing"
        mistakes.add(line, wrong, how.remedy if cell else f"each row has its {every}: {how.remedy}")
        return
    if places and every == "date":
        if place < places[-1]:
            mistakes.add(line, f"{cell} comes after {how.written(places[-1])}", "sort the rows by date")
    elif places and place != places[-1] + 1:
        _follows(line, place, places, every=every, how=how, mistakes=mistakes)
    places.append(place)


def _follows(line: int, place: int, places: list[int], *, every: Every, how: Column, mistakes: _Mistakes) -> None:
    last, this = places[-1], how.written(place)
    if place in places:
        mistakes.add(line, f"the {every} {this} is there already", f"add its rows up to one row a {every}")
    elif place < last:
        mistakes.add(line, f"the {every} {this} comes after {how.written(last)}", f"sort the rows by {every}")
    else:
        gap = how.written(last + 1) + ("" if place == last + 2 else f" to {how.written(place - 1)}")
        wrong = f"the {every} {this} follows {how.written(last)}: {gap} missing"
        mistakes.add(line, wrong, f"add a row with 0 for each missing {every}")


def _number(line: int, column: str, cell: str, mistakes: _Mistakes) -> Fraction | None:
    if _NUMBER.fullmatch(cell):
        return Fraction(cell)
    plain = "write a plain number such as -1234.5"
    if not cell:
        mistakes.add(line, f"the {column} is missing", "write 0 where nothing is paid")
    elif cell.lower().strip("+-") in ("nan", "inf", "infinity"):
        mistakes.add(line, f"the {column} is {cell}, which is no number", f"{plain}, or 0 where nothing is paid")
    elif re.fullmatch(r"[+-]?[0-9.]+[eE][+-]?[0-9]+", cell):
        mistakes.add(line, f"the {column} {cell!r} is out of range", f"{plain}, in thousands or millions if need be")
    elif cell.endswith("%"):
        mistakes.add(line, f"the {column} {cell!r} is a share", f"{plain}: amounts of money")
    elif re.search(r"[A-Za-z£€¥₩$]", cell):
        mistakes.add(
            line, f"the {column} {cell!r} has text in it", f"{plain}; all rows in one currency, which is not written"
        )
    else:
        remedy = f"{plain}: a point before decimals, no thousands separators, brackets or other signs"
        mistakes.add(line, f"the {column} {cell!r} is no number", remedy)
    return None


def _length(rows: list[tuple[int, list[str]]], mistakes: _Mistakes) -> None:
    if len(rows) - 1 > LONGEST:
        mistakes.add(rows[LONGEST + 1][0], f"{len(rows) - 1} rows", f"at most {LONGEST} are appraised")


def _costs(costs: list[Fraction], mistakes: _Mistakes) -> None:
    if any(costs) and all(cost <= 0 for cost in costs):
        mistakes.add(
            2, "all costs are negative", "a cost is a positive number: leave the minus out, or write net amounts"
        )
