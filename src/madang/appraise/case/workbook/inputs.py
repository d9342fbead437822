"""The sheet of inputs: everything that a reader may change, and where it comes from."""

import msgspec

from madang.appraise.case.build import Case
from madang.appraise.case.streams import multiplier, role_of
from madang.appraise.case.workbook.grid import Grid, span
from madang.appraise.discount import OFFSET, Schedule
from madang.appraise.stream import Stream

FOR_EVER = 9999
"""The last year of the last discount rate."""
_DRIVERS = ("input", "value", "unit", "growth a year", "mark", "source")
_STREAMS = (
    "stream",
    "kind",
    "role",
    "owner",
    "payer",
    "tier",
    "times",
    "first year (0 is the first)",
    "years",
    "growth a year",
    "life",
    "tax in the price",
    "shadow price factor",
    "made of",
)


class Places(msgspec.Struct, kw_only=True):
    """Where the inputs stand: addresses with the sheet's name; `stream` by stream and column of the table."""

    first_year: str = ""
    offset: str = ""
    entity: str = ""
    hurdle: str = ""
    bands: dict[str, list[tuple[str, str]]] = {}
    value: list[str] = []
    growth: list[str] = []
    stream: list[dict[str, str]] = []
    phasing: list[str] = []
    gap: dict[tuple[int, str], str] = {}
    poor: dict[str, str] = {}


def write(grid: Grid, case: Case, groups: tuple[str, ...]) -> Places:
    """Fill the sheet; where everything stands."""
    places = Places()
    row = _project(grid, case, places)
    row = _rates(grid, case, places, row + 1)
    row = _drivers(grid, case, places, row + 1)
    row = _streams(grid, case, places, row + 1)
    row = _phasing(grid, case, places, row + 1)
    _groups(grid, case, places, row + 1, groups=groups)
    grid.freeze(3, 1)
    return places


def _project(grid: Grid, case: Case, places: Places) -> int:
    about, project = case.form.project, case.project
    grid.put(0, 0, about.title, "title")
    grid.put(1, 0, f"{about.prices.value} prices, {about.currency}; cells on yellow are inputs, change them", "note")
    rows: list[tuple[str, str, float | str]] = [
        ("first_year", "first year", project.first_year),
        ("offset", "years from now to the first year's amounts", OFFSET[project.timing]),
        ("entity", "whose cash the financial view shows", project.entity),
        ("hurdle", "least EIRR", case.hurdle),
    ]
    for n, (key, title, value) in enumerate(rows):
        grid.put(3 + n, 0, title)
        setattr(places, key, grid.put(3 + n, 1, value, "input"))
    return 3 + len(rows)


def _rates(grid: Grid, case: Case, places: Places, row: int) -> int:
    grid.row(row, ("discount rates", "rate", "up to year", "mark", "source"), "head")
    for behind, schedule in zip(case.rates, (case.project.economic, case.project.financial), strict=True):
        found: list[tuple[str, str]] = []
        for band in _bands(schedule):
            row += 1
            grid.put(row, 0, behind.view)
            found.append((grid.put(row, 1, band[0], "input"), grid.put(row, 2, band[1], "input")))
            grid.row(row, (behind.mark, behind.source), col=3)
        places.bands[behind.view] = found
    return row + 1


def _bands(schedule: Schedule) -> list[tuple[float, int]]:
    return [(band.rate, FOR_EVER if band.until is None else band.until) for band in schedule.bands]


def _drivers(grid: Grid, case: Case, places: Places, row: int) -> int:
    grid.row(row, _DRIVERS, "head")
    for driver in case.drivers:
        row += 1
        grid.put(row, 0, driver.name)
        places.value.append(grid.put(row, 1, driver.value, "input"))
        grid.put(row, 2, driver.unit)
        places.growth.append(grid.put(row, 3, driver.growth, "input"))
        trail = f"; evidence {driver.trail.file}, sha256 {driver.trail.sha256}" if driver.trail else ""
        grid.row(row, (driver.mark, driver.source + trail), col=4)
    return row + 1


def _streams(grid: Grid, case: Case, places: Places, row: int) -> int:
    grid.row(row, _STREAMS, "head")
    for given, stream, made_of in zip(case.form.stream, case.project.streams, case.drives, strict=True):
        row += 1
        words = (stream.kind, role_of(given).value, stream.owner, stream.payer or "", stream.tier)
        numbers = (multiplier(given), stream.start, _runs(stream, case), given.growth, stream.life or "")
        values = (stream.name, *words, *numbers, stream.tax, stream.factor)
        addresses = [grid.put(row, n, value, "input" if n > 0 else "plain") for n, value in enumerate(values)]
        names = " x ".join(case.drivers[n].name for n in made_of)
        grid.put(row, len(values), names or "the amount alone", "note")
        places.stream.append(dict(zip(_STREAMS, addresses, strict=False)))
    return row + 1


def _runs(stream: Stream, case: Case) -> int:
    rest = case.project.horizon - stream.start
    return rest if stream.years is None else min(stream.years, rest)


def _phasing(grid: Grid, case: Case, places: Places, row: int) -> int:
    """Each stream's share (or amount) by its own years, the last value held on to the horizon."""
    horizon = case.project.horizon
    grid.row(row, ("phasing by year of the stream", *range(1, horizon + 1)), "head")
    for stream in case.project.streams:
        row += 1
        grid.put(row, 0, stream.name)
        shares = [stream.phasing[min(n, len(stream.phasing) - 1)] for n in range(horizon)]
        grid.row(row, shares, "input", col=1)
        places.phasing.append(span((row, 1), (row, horizon), sheet=grid.name))
    return row + 1


def _groups(grid: Grid, case: Case, places: Places, row: int, *, groups: tuple[str, ...]) -> None:
    grid.row(row, ("who gains the gap between price and shadow price", *groups), "head")
    for n, stream in enumerate(case.project.streams):
        row += 1
        grid.put(row, 0, stream.name)
        for m, group in enumerate(groups):
            places.gap[n, group] = grid.put(row, 1 + m, stream.gap.get(group, 0.0), "input")
    row += 1
    grid.put(row, 0, "share of poor people")
    for m, group in enumerate(groups):
        places.poor[group] = grid.put(row, 1 + m, case.project.poor.get(group, 0.0), "input")
