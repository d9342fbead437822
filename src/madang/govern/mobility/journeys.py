"""From a person's positions to where it stayed, the trips between, and the cells that it was in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from madang.govern.mobility.grid import Grid


class Position(NamedTuple):
    """Where a person was, in degrees."""

    at: datetime
    longitude: float
    latitude: float


class Journey(NamedTuple):
    """What a person adds: trips from a cell to another, and the cells it was in by the number of the period."""

    trips: list[tuple[int, int]]
    visits: list[tuple[int, int]]


class _Run(NamedTuple):
    cell: int
    since: datetime
    until: datetime


def journey(
    positions: Sequence[Position], over: Grid, *, begin: datetime, every: timedelta, periods: int, stay: timedelta
) -> Journey:
    """The journey of one person within the `periods` from `begin` on.

    A stay is at least `stay` in one cell, and where the positions begin and end; a trip is from a stay to the next one
    elsewhere.
    """
    within = [one for one in sorted(positions) if begin <= one.at < begin + every * periods]
    runs = _runs(within, over)
    last = len(runs) - 1
    stays = [run.cell for n, run in enumerate(runs) if n in (0, last) or run.until - run.since >= stay]
    trips = [(start, end) for start, end in pairwise(stays) if start != end]
    visits: dict[tuple[int, int], None] = {}
    for one in within:
        cell = over.cell(one.longitude, one.latitude)
        if cell is not None:
            visits[cell, (one.at - begin) // every] = None
    return Journey(trips, list(visits))


def _runs(positions: Sequence[Position], over: Grid) -> list[_Run]:
    """Neighbouring positions in one cell together. What is outside the box parts nothing: it is not there."""
    runs: list[_Run] = []
    for one in positions:
        cell = over.cell(one.longitude, one.latitude)
        if cell is None:
            continue
        if runs and runs[-1].cell == cell:
            runs[-1] = runs[-1]._replace(until=one.at)
        else:
            runs.append(_Run(cell, one.at, one.at))
    return runs
