"""A project in fields of a form, written as its file: what a field holds that is no number goes into the file as it is,
so that the file's own reading says what is wrong with it, and the line tells the field again.
"""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from madang.web.values import Json

ROWS: Final = 5
MOST_ROWS: Final = 40
PROJECT: Final = ("title", "without", "currency", "price_year", "first_year", "years", "entity")
RATES: Final = ("economic_rate", "financial_rate")
ROW: Final = ("name", "what", "owner", "payer", "amount", "start", "years", "off", "tier", "category", "source")
WHAT: Final = {
    "building": ("cost", "capex"),
    "running": ("cost", "operation"),
    "benefit": ("benefit", "benefit"),
    "payment": ("transfer", "benefit"),
}
"""What a row is: its kind in the file, and its role."""
CATEGORIES: Final = (
    *("other", "time", "reliability", "operating_cost", "fuel", "co2", "nox", "particles", "noise", "accidents"),
    *("health", "land_value"),
)
_WHOLE: Final = ("price_year", "first_year", "years", "start")
_PLAIN: Final = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})")
_EXAMPLE: Final = {
    "title": "Shade and benches at bus stops",
    "without": "people wait in the sun",
    "currency": "EUR",
    "price_year": "2026",
    "first_year": "2027",
    "years": "20",
    "entity": "city",
    "economic_rate": "5",
    "financial_rate": "4",
    **{f"r1-{key}": text for key, text in zip(ROW, ("shelters", "building", "city"), strict=False)},
    "r1-amount": "450000",
    "r1-years": "2",
    "r1-off": "20",
    "r1-source": "three offers",
    **{f"r2-{key}": text for key, text in zip(ROW, ("cleaning", "running", "city"), strict=False)},
    "r2-amount": "20000",
    "r2-start": "2029",
    "r2-source": "contract",
    **{f"r3-{key}": text for key, text in zip(ROW, ("comfort", "benefit", "passengers"), strict=False)},
    "r3-amount": "140000",
    "r3-start": "2029",
    "r3-off": "40",
    "r3-tier": "non_market",
    "r3-source": "ask passengers",
}


def example() -> dict[str, str]:
    """Fields to start from."""
    return dict(_EXAMPLE)


def rows(fields: Mapping[str, str]) -> int:
    """How many rows the form has: as many as are asked for, and at least those that hold something."""
    asked = fields.get("rows", "")
    used = [
        int(found[1]) for key, text in fields.items() if text and (found := re.fullmatch(r"r([0-9]{1,2})-\w+", key))
    ]
    wanted = int(asked) if re.fullmatch("[0-9]{1,6}", asked) else ROWS
    return min(max(wanted, ROWS, *used), MOST_ROWS)


def written(fields: Mapping[str, str]) -> tuple[str, dict[int, str]]:
    """The project's file, and by its lines the field that each came from."""
    lines: list[str] = []
    places: dict[int, str] = {}
    for field, line in _lines(fields):
        lines.append(line)
        if field:
            places[len(lines)] = field
    return "\n".join(lines) + "\n", places


def told(mistakes: list[str], places: Mapping[int, str]) -> list[Json]:
    """Each mistake with the field that it is about ("": of none) and, of a row, its number."""
    found: list[Json] = []
    for one in mistakes:
        at = re.match(r"project:([0-9]+)(?::[0-9]+)?: ", one)
        line = int(at[1]) if at else 0
        # A mistake of a whole table stands at its head, whose field is the row's first.
        field = places.get(line, "")
        row = re.match(r"r([0-9]+)-", field)
        found.append({"field": field, "row": int(row[1]) if row else 0, "text": one[at.end() :] if at else one})
    return found


def _lines(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield "title", "[project]"
    for key in PROJECT:
        if (text := _text(fields, key)) or key != "without":
            yield key, f"{key} = {_whole(text) if key in _WHOLE else _quoted(text)}"
    for key in RATES:
        yield key, f"{key} = {_share(_text(fields, key))}"
    for n in range(1, rows(fields) + 1):
        if _text(fields, f"r{n}-name"):
            yield "", ""
            yield from _row(fields, n)


def _row(fields: Mapping[str, str], n: int) -> Iterator[tuple[str, str]]:
    def given(key: str) -> str:
        return _text(fields, f"r{n}-{key}")

    def line(key: str, text: str, called: str = "") -> tuple[str, str]:
        return f"r{n}-{key}", f"{called or key} = {text}"

    kind, role = WHAT.get(given("what"), WHAT["benefit"])
    yield f"r{n}-name", "[[stream]]"
    yield line("name", _quoted(given("name")))
    yield line("what", _quoted(kind), "kind")
    yield line("what", _quoted(role), "role")
    yield line("owner", _quoted(given("owner")))
    if given("payer"):
        yield line("payer", _quoted(given("payer")))
    yield line("amount", _number(given("amount")))
    if given("start"):
        yield line("start", _whole(given("start")))
    if given("years") or role == "capex":
        yield line("years", _whole(given("years") or "1"))
    if given("off"):
        off = given("off")
        low, high = (f"{1 + sign * Decimal(off) / 100:f}" for sign in (-1, 1)) if _PLAIN.fullmatch(off) else ("", "")
        numbers = f"[{low}, 1, {high}]" if low else f"[{_quoted(off)}]"
        yield line("off", f'{{ shape = "triangular", numbers = {numbers} }}', "uncertain")
    if kind == "benefit":
        yield line("category", _quoted(given("category") or "other"))
    yield line("tier", _quoted(given("tier") or "cash"))
    yield line("source", _quoted(given("source")))


def _text(fields: Mapping[str, str], key: str) -> str:
    return fields.get(key, "").strip()


def _quoted(text: str) -> str:
    """As a text of TOML, whose escapes are those of JSON; what is no letter and no space goes."""
    return json.dumps("".join(sign if sign.isprintable() else " " for sign in text), ensure_ascii=False)


def _number(text: str) -> str:
    return f"{Decimal(text):f}" if _PLAIN.fullmatch(text) else _quoted(text)


def _whole(text: str) -> str:
    return str(int(text)) if re.fullmatch("[+-]?[0-9]{1,18}", text) else _quoted(text)


def _share(text: str) -> str:
    """Per cent as a share."""
    return f"{Decimal(text) / 100:f}" if _PLAIN.fullmatch(text) else _quoted(text)
