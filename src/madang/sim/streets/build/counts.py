"""Traffic counts as a table: so many vehicles at a place, or on an edge, from one time to another.

Columns (a header names them, in any order): `lon`, `lat` in degrees (WGS 84) and, where both directions lie close,
`bearing`, the direction of travel in degrees clockwise from north; or `edge`, an edge of the network. `from` and `to`
(or `begin` and `end`) are seconds of the day or HH:MM[:SS]; `count` is the number of vehicles.
"""

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path

import msgspec

from madang.errors import BadRequestData, ResourceNotFound

_TIMES = {"begin": "from", "end": "to"}
_COLUMNS = frozenset(["lon", "lat", "bearing", "edge", "from", "to", "count"])
_SHOWN = 10
MOST_PER_HOUR = 30_000.0
"""Vehicles an hour: more than the widest motorway carries one way. A demand of a mistyped count would take days."""


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """A row. Either `edge` or `place` (longitude, latitude) says where; `line` is the file's."""

    line: int
    begin_s: float
    end_s: float
    count: float
    edge: str = ""
    place: tuple[float, float] | None = None
    bearing: float | None = None


def read(file: Path) -> list[Count]:
    """The counts. Raises ResourceNotFound, and BadRequestData that names every wrong line."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as missing:
        raise ResourceNotFound(f"There is no file {file}.") from missing
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequestData(
            f"{file.name} is no table of UTF-8 text ({error}): a spreadsheet saves one as 'CSV UTF-8'."
        ) from error
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    rows = csv.DictReader(io.StringIO(text), delimiter=separator)
    names = [_name(name) for name in rows.fieldnames or ()]
    rows.fieldnames = names
    _check_columns(file.name, names)
    found: list[Count] = []
    wrong: list[str] = []
    for row in rows:
        given = _given(row, decimal_comma=separator != ",")
        if not any(given.values()):
            continue  # what a spreadsheet leaves below a table
        try:
            found.append(_count(given, rows.line_num))
        except ValueError as error:
            wrong.append(f"{file.name}:{rows.line_num}: {error}")
    if wrong:
        more = [f"and {len(wrong) - _SHOWN} more lines"] if len(wrong) > _SHOWN else []
        raise BadRequestData("\n".join([f"{len(wrong)} of the counts are wrong:", *wrong[:_SHOWN], *more]))
    if not found:
        raise BadRequestData(f"{file.name} has a header and no counts.")
    _check_intervals(file.name, found)
    return found


def _name(name: str) -> str:
    name = name.strip().lower()
    return _TIMES.get(name, name)


def _check_columns(file: str, names: list[str]) -> None:
    missing = [name for name in ("from", "to", "count") if name not in names]
    if "edge" not in names:
        missing += [name for name in ("lon", "lat") if name not in names]
    if missing:
        raise BadRequestData(
            f"{file} lacks the columns {', '.join(missing)}; it has {', '.join(names) or 'none'}. Its first line names "
            "lon, lat, bearing (may be left out), from, to, count; or edge, from, to, count."
        )
    if doubled := sorted({name for name in names if name in _COLUMNS and names.count(name) > 1}):
        raise BadRequestData(f"{file} has more than one column {', '.join(doubled)}.")


def _given(row: Mapping[str, str | None], *, decimal_comma: bool) -> dict[str, str]:
    """What the columns that we know have; numbers with a point, also where half of the world writes a comma."""
    given = {name: (value or "").strip() for name, value in row.items() if name in _COLUMNS}
    if decimal_comma:
        given |= {name: value.replace(",", ".") for name, value in given.items() if name != "edge"}
    return given


def _count(given: Mapping[str, str], line: int) -> Count:
    begin_s, end_s = _time(given["from"]), _time(given["to"])
    if end_s <= begin_s:
        raise ValueError(f"it ends at {given['to']}, which is not after {given['from']}")
    count = _number(given["count"], "count")
    if count < 0:
        raise ValueError(f"the count {given['count']} is below 0")
    if count > MOST_PER_HOUR * (end_s - begin_s) / 3600:
        raise ValueError(f"no street carries {given['count']} vehicles in {end_s - begin_s:g} s")
    edge = given.get("edge", "")
    if edge:
        return Count(line=line, begin_s=begin_s, end_s=end_s, count=count, edge=edge)
    longitude, latitude = _number(given.get("lon", ""), "lon"), _number(given.get("lat", ""), "lat")
    if not -180 <= longitude <= 180 or not -90 <= latitude <= 90:
        raise ValueError(f"lon {longitude:g}, lat {latitude:g} is nowhere on the globe")
    bearing = _number(given["bearing"], "bearing") % 360 if given.get("bearing") else None
    place = (longitude, latitude)
    return Count(line=line, begin_s=begin_s, end_s=end_s, count=count, place=place, bearing=bearing)


def _time(text: str) -> float:
    parts = text.split(":")
    if len(parts) == 1:
        seconds = _number(text, "time")
    elif len(parts) <= 3 and all(part.isdecimal() for part in parts) and all(int(part) < 60 for part in parts[1:]):
        seconds = sum(int(part) * weight for part, weight in zip(parts, (3600.0, 60.0, 1.0), strict=False))
    else:
        raise ValueError(f"{text!r} is no time: seconds, or HH:MM, or HH:MM:SS")
    if seconds < 0:
        raise ValueError(f"the time {text} is before 0")
    return seconds


def _number(text: str, name: str) -> float:
    if not text:
        raise ValueError(f"the {name} is missing")
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise ValueError(f"the {name} {text!r} is no number")
    return found


def _check_intervals(file: str, found: list[Count]) -> None:
    """The intervals follow one another, all of one length: a demand is estimated for each of them by itself."""
    intervals = sorted({(count.begin_s, count.end_s) for count in found})
    lengths = {end_s - begin_s for begin_s, end_s in intervals}
    starts = {begin_s for begin_s, _ in intervals}
    (length_s, *others), first_s = sorted(lengths), intervals[0][0]
    if others or any((start_s - first_s) % length_s for start_s in starts):
        raise BadRequestData(
            f"{file} counts in intervals that do not fit together: {_shown(intervals)}. Make all of one length, such "
            "as 15 minutes, one after the other."
        )


def _shown(intervals: list[tuple[float, float]]) -> str:
    return ", ".join(f"{begin_s:g}-{end_s:g} s" for begin_s, end_s in intervals[:6])
