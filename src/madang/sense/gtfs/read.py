"""Reads a GTFS feed, a .zip or a folder. Files and fields beyond what a timetable needs are left unread.

A feed that contradicts itself is refused with its file and line: a bus measured against a wrong timetable is worse
than one without.
"""

import csv
import io
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import msgspec

from madang.errors import BadRequestData, ResourceNotFound
from madang.sense.gtfs.timetable import Call, Days, Stop, Timetable, Trip

BUS = frozenset(("3", "11"))
"""Route types that are buses and trolleybuses, besides the extended 700 to 799 and 800."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_RUNS = 2_000
"""Runs of a trip that one line of frequencies.txt may make: one every 43 s of a day."""
LARGEST = 2**31
"""Bytes of a file of the feed, unpacked: more is an attack or no timetable."""
_CLOCK = re.compile(r"^\s*(\d{1,3}):([0-5]\d):([0-5]\d)\s*$")


class Row(msgspec.Struct, frozen=True):
    """A line of a file with its place."""

    file: str
    line: int
    fields: Mapping[str, str]

    def get(self, name: str, default: str = "") -> str:
        """The field, without the blanks around it."""
        return (self.fields.get(name) or default).strip()

    def need(self, name: str) -> str:
        """The field; raises BadRequestData where it is empty."""
        return self.get(name) or self.wrong(f"has no {name}")

    def wrong(self, what: str) -> NoReturn:
        """Refuse the feed because of this line."""
        raise BadRequestData(f"GTFS, {self.file}, line {self.line}: {what}.")


Files = Callable[[str], Iterator[Row]]
"""The rows of a file by its name without ``.txt``; none where the feed has no such file."""


def read(path: Path) -> Timetable:
    """The bus timetable of the feed. Raises ResourceNotFound, and BadRequestData with file and line."""
    if path.is_dir():
        return _timetable(lambda name: _of_folder(path / f"{name}.txt"))
    if not path.is_file():
        raise ResourceNotFound(f"There is no GTFS feed at {path.name}.")
    try:
        with zipfile.ZipFile(path) as archive:
            return _timetable(lambda name: _of_archive(archive, f"{name}.txt"))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, RuntimeError) as error:
        # RuntimeError: a password, or a way of packing that is not known.
        raise BadRequestData(f"The GTFS feed {path.name} is no .zip: {error}.") from error


def _of_folder(file: Path) -> Iterator[Row]:
    if file.is_file():
        with file.open("rb") as stream:
            yield from _rows(file.name, io.TextIOWrapper(stream, encoding="utf-8-sig", newline=""))


def _of_archive(archive: zipfile.ZipFile, name: str) -> Iterator[Row]:
    if name in archive.namelist():
        if archive.getinfo(name).file_size > LARGEST:
            raise BadRequestData(f"GTFS, {name}: larger than {LARGEST} bytes.")
        with archive.open(name) as stream:
            yield from _rows(name, io.TextIOWrapper(stream, encoding="utf-8-sig", newline=""))


def _rows(name: str, text: io.TextIOBase) -> Iterator[Row]:
    try:
        reader = csv.DictReader(text, skipinitialspace=True, restkey="")
        for fields in reader:
            yield Row(name, reader.line_num, {key.strip(): value for key, value in fields.items() if key})
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadRequestData(f"GTFS, {name}: not a table of comma-separated values in UTF-8: {error}.") from error


def _timetable(files: Files) -> Timetable:
    agencies = list(files("agency"))
    if not agencies:
        raise BadRequestData("GTFS: the feed has no agency.txt, or nothing in it.")
    zone = agencies[0].need("agency_timezone")
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        agencies[0].wrong(f"agency_timezone {zone!r} is no time zone")
    lines = {row.need("route_id"): _line(row) for row in files("routes") if _is_bus(row.get("route_type"))}
    stops = {row.need("stop_id"): _stop(row) for row in files("stops") if row.get("location_type", "0") == "0"}
    days = _days(files)
    heads = {row.need("trip_id"): row for row in files("trips") if row.need("route_id") in lines}
    calls = _calls(files, heads, stops)
    trips = {id: _trip(row, lines, days, calls[id]) for id, row in heads.items() if len(calls.get(id, ())) > 1}
    for id, runs in _frequent(files, trips).items():
        # A live feed names the trip as it stands in trips.txt: that stays the first run's.
        trips |= {id if not number else f"{id}@{number + 1}": run for number, run in enumerate(runs)}
    return Timetable(time_zone=zone, stops=stops, trips=trips, days=days)


def _is_bus(kind: str) -> bool:
    return kind in BUS or (kind.isdigit() and 700 <= int(kind) <= 800)


def _line(row: Row) -> str:
    return row.get("route_short_name") or row.get("route_long_name") or row.need("route_id")


def _stop(row: Row) -> Stop:
    try:
        lon, lat = float(row.need("stop_lon")), float(row.need("stop_lat"))
    except ValueError:
        row.wrong("stop_lon and stop_lat are no numbers")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        row.wrong(f"({lon}, {lat}) is no place on the globe")
    return Stop(id=row.need("stop_id"), name=row.get("stop_name") or row.need("stop_id"), lon=lon, lat=lat)


def _days(files: Files) -> dict[str, Days]:
    found: dict[str, Days] = {}
    for row in files("calendar"):
        weekdays = frozenset(number for number, name in enumerate(WEEKDAYS) if row.get(name) == "1")
        found[row.need("service_id")] = Days(
            weekdays=weekdays, since=_date(row, "start_date"), until=_date(row, "end_date")
        )
    for row in files("calendar_dates"):
        name, day, kind = row.need("service_id"), _date(row, "date"), row.need("exception_type")
        known = found.get(name, Days())
        if kind == "1":
            found[name] = msgspec.structs.replace(known, added=known.added | {day})
        elif kind == "2":
            found[name] = msgspec.structs.replace(known, removed=known.removed | {day})
        else:
            row.wrong(f"exception_type is {kind!r}, not 1 or 2")
    return found


def _date(row: Row, name: str) -> date:
    try:
        return datetime.strptime(row.need(name), "%Y%m%d").date()  # noqa: DTZ007 a day has no zone
    except ValueError:
        row.wrong(f"{name} is {row.get(name)!r}, not a date such as 20261102")


class _Given(msgspec.Struct, frozen=True):
    """A line of stop_times.txt as it is given: times may be missing."""

    sequence: int
    stop: str
    arrival_s: float | None
    departure_s: float | None
    row: Row


def _calls(files: Files, heads: Mapping[str, Row], stops: Mapping[str, Stop]) -> dict[str, tuple[Call, ...]]:
    given: dict[str, list[_Given]] = {}
    for row in files("stop_times"):
        trip, stop = row.need("trip_id"), row.get("stop_id")
        if trip not in heads or not stop:
            continue  # a trip of no bus, or one on demand in an area
        if stop not in stops:
            row.wrong(f"there is no stop {stop!r} in stops.txt")
        sequence = row.need("stop_sequence")
        if not sequence.isdigit():
            row.wrong(f"stop_sequence is {sequence!r}, not a number")
        arrival_s, departure_s = _clock(row, "arrival_time"), _clock(row, "departure_time")
        arrival_s, departure_s = (
            arrival_s if arrival_s is not None else departure_s,
            departure_s if departure_s is not None else arrival_s,
        )
        given.setdefault(trip, []).append(_Given(int(sequence), stop, arrival_s, departure_s, row))
    return {trip: _timed(sorted(rows, key=lambda each: each.sequence)) for trip, rows in given.items()}


def _clock(row: Row, name: str) -> float | None:
    text = row.get(name)
    if not text:
        return None
    found = _CLOCK.match(text)
    if found is None:
        row.wrong(f"{name} is {text!r}, not a time such as 07:05:00 or 25:10:00")
    hours, minutes, seconds = map(int, found.groups())
    return float(3600 * hours + 60 * minutes + seconds)


def _timed(rows: list[_Given]) -> tuple[Call, ...]:
    """The calls; those without times share the time between their neighbours' evenly."""
    timed = [number for number, row in enumerate(rows) if row.arrival_s is not None]
    if not timed or timed[0] != 0 or timed[-1] != len(rows) - 1:
        rows[0].row.wrong("the first and the last stop of a trip need times")
    calls: list[Call] = []
    last_s = 0.0
    for number, row in enumerate(rows):
        arrival_s, departure_s = row.arrival_s, row.departure_s
        if arrival_s is None or departure_s is None:
            before = max(each for each in timed if each < number)
            after = min(each for each in timed if each > number)
            begin_s, end_s = rows[before].departure_s or 0.0, rows[after].arrival_s or 0.0
            arrival_s = departure_s = begin_s + (end_s - begin_s) * (number - before) / (after - before)
        if arrival_s < last_s or departure_s < arrival_s:
            row.row.wrong("the bus would leave before it has come")
        last_s = departure_s
        calls.append(
            Call(
                stop=row.stop,
                sequence=row.sequence,
                arrival_s=arrival_s,
                departure_s=departure_s,
                timed=number in timed,
            )
        )
    return tuple(calls)


def _frequent(files: Files, trips: Mapping[str, Trip]) -> dict[str, list[Trip]]:
    """By trip, its runs where it goes every so often, from a time to a time (frequencies.txt): the times of its calls
    say only how long it takes. Without `exact_times` nobody promised the times: they count as interpolated."""
    found: dict[str, list[Trip]] = {}
    for row in files("frequencies"):
        trip = trips.get(row.need("trip_id"))
        begin_s, end_s, headway = _clock(row, "start_time"), _clock(row, "end_time"), row.need("headway_secs")
        if begin_s is None or end_s is None or not headway.isdecimal() or not int(headway):
            row.wrong("needs a start_time, an end_time and headway_secs above 0")
        if (end_s - begin_s) / int(headway) > MOST_RUNS:
            row.wrong(f"more than {MOST_RUNS} runs of one trip")
        if trip is not None:
            count = max(0, math.ceil((end_s - begin_s) / int(headway)))
            starts = (begin_s + number * int(headway) for number in range(count))
            found.setdefault(trip.id, []).extend(
                _run(trip, at_s, exact=row.get("exact_times") == "1") for at_s in starts
            )
    return {id: sorted(runs, key=lambda run: run.calls[0].departure_s) for id, runs in found.items() if runs}


def _run(trip: Trip, at_s: float, *, exact: bool) -> Trip:
    """The trip as it sets out at that second of the service day."""
    later_s = at_s - trip.calls[0].departure_s
    calls = tuple(
        msgspec.structs.replace(
            call,
            arrival_s=max(0.0, call.arrival_s + later_s),
            departure_s=call.departure_s + later_s,
            timed=call.timed and exact,
        )
        for call in trip.calls
    )
    return msgspec.structs.replace(trip, calls=calls)


def _trip(row: Row, lines: Mapping[str, str], days: Mapping[str, Days], calls: tuple[Call, ...]) -> Trip:
    service = row.need("service_id")
    if service not in days:
        row.wrong(f"no calendar says when {service!r} runs")
    return Trip(
        id=row.need("trip_id"),
        line=lines[row.need("route_id")],
        days=service,
        direction=row.get("direction_id"),
        headsign=row.get("trip_headsign"),
        calls=calls,
    )
