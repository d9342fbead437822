"""The journeys of many as counts with noise: origin and destination, and presence by period.

Every possible count gets noise, also where nobody went: which ones are there tells nothing. Those that come out below
the minimum are left out, which costs nothing more; and so are those that noise alone may have made: with a chance of 95
in 100 no count is told where nobody was.
"""

import math
from collections.abc import Iterable
from random import SystemRandom
from typing import Final, NamedTuple

from madang.errors import BadRequestData
from madang.govern.mobility.grid import Grid
from madang.govern.mobility.journeys import Journey
from madang.govern.noise.measured import Loss, counts

MOST_COUNTS: Final = 400_000

_LOT: Final = SystemRandom()


class Flow(NamedTuple):
    """About so many trips went from a cell to another."""

    start: int
    end: int
    trips: int


class Presence(NamedTuple):
    """About so many people were in a cell in a period."""

    cell: int
    period: int
    people: int


class Flows(NamedTuple):
    """What may be told. `within` is how far off 95 in 100 of the counts are, `least` the smallest count that is told,
    of flows and of presence."""

    flows: list[Flow]
    presence: list[Presence]
    within: float
    least: tuple[int, int]


def flows(journeys: Iterable[Journey], over: Grid, *, periods: int, epsilon: float, most: int, minimum: int) -> Flows:
    """Half of `epsilon` for the flows, half for presence. A person counts with `most` of its trips and visits, drawn by
    lot: the first ones would all be of the morning.

    Raises MissingExtra, BadRequestData for more counts than `MOST_COUNTS`.
    """
    cells = over.cells
    if periods * cells > MOST_COUNTS:
        raise BadRequestData(f"{periods} periods of {cells} cells: at most {MOST_COUNTS:,} counts; make them longer")
    trips: list[int] = []
    visits: list[int] = []
    for one in journeys:
        trips += [start * cells + end for start, end in _drawn(one.trips, most)]
        visits += [period * cells + cell for cell, period in _drawn(one.visits, most)]
    half = Loss(epsilon / 2)
    went, within = counts(trips, cells * cells, most=most, loss=half)
    were, _ = counts(visits, periods * cells, most=most, loss=half)
    least = max(minimum, _doubt(within, len(went))), max(minimum, _doubt(within, len(were)))
    return Flows(
        [Flow(*divmod(n, cells), count) for n, count in enumerate(went) if count >= least[0] and n % (cells + 1)],
        [Presence(n % cells, n // cells, count) for n, count in enumerate(were) if count >= least[1]],
        within,
        least,
    )


def _drawn(pairs: list[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    return pairs if len(pairs) <= most else _LOT.sample(pairs, most)


def _doubt(within: float, counted: int) -> int:
    """The number that so many counts of nothing all stay below, with a chance of 95 in 100. `within` is 20 times less
    likely than not, on both sides: Laplace noise passes it by s in one of 40 exp(s / scale)."""
    scale = within / math.log(20)
    return math.ceil(scale * math.log(10 * counted))
