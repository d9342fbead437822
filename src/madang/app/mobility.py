"""``madang aggregate mobility``: a file of positions in, flows and presence out."""

import csv
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from madang.errors import BadRequestData, InvalidRequest, ResourceNotFound
from madang.govern import noise
from madang.govern.mobility import Flows, Position, flows, grid, journey
from madang.model import time as times
from madang.model.release import Mobility
from madang.publish.moving import COLUMNS, table
from madang.publish.sheet import Made, write_csv, write_geojson

FIELDS = ("person", "time", "longitude", "latitude")


class Outcome(NamedTuple):
    """What was counted, and over how many people and positions."""

    found: Flows
    people: int
    positions: int
    files: tuple[Path, ...]


def aggregate(file: Path, wish: Mobility, begin: str, out: Path) -> Outcome:
    """Aggregate `file` into `out`.csv and `out`.geojson. `begin` is when the window begins. Raises ResourceNotFound,
    InvalidRequest with the line, BadRequestData, MissingExtra."""
    noise.check()
    over, since = grid(wish.box, wish.cell_m), times.parse(begin, what="--begin")
    every = times.duration(wish.every, what="--every").after(since) - since
    until = times.duration(wish.window, what="--window").after(since)
    if not every or until <= since:
        raise BadRequestData("--window and --every are longer than nothing")
    periods = -((since - until) // every)
    stay = times.duration(wish.stay, what="--stay").after(since) - since
    ways = read_positions(file)
    made = (journey(way, over, begin=since, every=every, periods=periods, stay=stay) for way in ways.values())
    found = flows(made, over, periods=periods, epsilon=wish.epsilon, most=wish.contributions, minimum=wish.minimum)
    cells, places = table(found, over, [since + every * number for number in range(periods)])
    sheet, files = Made(COLUMNS, cells, places), (out.with_suffix(".csv"), out.with_suffix(".geojson"))
    try:
        write_csv(sheet, files[0])
        write_geojson(sheet, files[1])
    except OSError as error:
        raise InvalidRequest(f"cannot write {out}: {error.strerror}") from error
    return Outcome(found, len(ways), sum(map(len, ways.values())), files)


def read_positions(file: Path) -> Mapping[str, list[Position]]:
    """The positions of each person. Raises ResourceNotFound, InvalidRequest."""
    ways: dict[str, list[Position]] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            missing = [name for name in FIELDS if name not in (reader.fieldnames or ())]
            if missing:
                raise InvalidRequest(f"{file} has no column {missing[0]!r}; it needs {', '.join(FIELDS)}")
            for row in reader:
                ways.setdefault(row["person"], []).append(_position(row, f"{file}, line {reader.line_num}"))
    except (FileNotFoundError, IsADirectoryError) as error:
        raise ResourceNotFound(f"no file {file}") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidRequest(f"cannot read {file}: {error}") from error
    return ways


def _position(row: Mapping[str, Any], where: str) -> Position:
    at: datetime | None = times.read(row["time"] or "")
    try:
        longitude, latitude = float(row["longitude"]), float(row["latitude"])
    except (TypeError, ValueError):
        longitude = latitude = 1000.0
    if at is None or not row["person"] or not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise InvalidRequest(f"{where}: no person, time (2026-03-01T07:30:00Z), longitude and latitude in degrees")
    return Position(at, longitude, latitude)


def summary(outcome: Outcome, wish: Mobility) -> str:
    """What was done, for who runs the command."""
    found = outcome.found
    return "\n".join(
        (
            f"{outcome.people:,} people, {outcome.positions:,} positions: {len(found.flows):,} flows and "
            f"{len(found.presence):,} counts of presence",
            f"epsilon {wish.epsilon:g} for this file; a person counts with {wish.contributions} trips and visits",
            f"95 of 100 counts are within {found.within:.0f}; told from {found.least[0]} trips and {found.least[1]} "
            "people on, since below that noise alone may have made them",
            *map(str, outcome.files),
        )
    )
