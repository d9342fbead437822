"""Ways become counts that tell hardly anything of one person: a single traveller, and two releases held together."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from madang.errors import BadRequestData
from madang.govern.mobility import Journey, Position, flows, grid, journey
from madang.govern.mobility.grid import MOST_CELLS

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
BOX = (11.40, 48.74, 11.44, 48.76)
OVER = grid(BOX, 800.0)
HOME, WORK = (11.402, 48.742), (11.438, 48.758)


def way(*stops: tuple[tuple[float, float], float, float]) -> list[Position]:
    """A position every five minutes: at each place from an hour to an hour of the day."""
    return [
        Position(BEGIN + timedelta(minutes=minute), *place)
        for place, since, until in stops
        for minute in range(int(since * 60), int(until * 60) + 1, 5)
    ]


def made(positions: list[Position]) -> Journey:
    return journey(positions, OVER, begin=BEGIN, every=timedelta(hours=6), periods=4, stay=timedelta(minutes=30))


def test_a_grid_covers_its_box() -> None:
    assert (OVER.columns, OVER.rows) == (4, 3)
    assert OVER.cell(*HOME) == 0 and OVER.name(0) == "1/1"
    assert OVER.cell(*WORK) == OVER.cells - 1 and OVER.name(OVER.cells - 1) == "4/3"
    assert OVER.cell(11.50, 48.75) is None and OVER.cell(11.42, 48.77) is None
    for cell in range(OVER.cells):
        assert OVER.cell(*OVER.middle(cell)) == cell
        ring = OVER.outline(cell)["coordinates"][0]
        assert ring[0] == ring[-1]
        # Anticlockwise, as RFC 7946, 3.1.6 asks.
        assert sum(x * v - u * y for (x, y), (u, v) in pairwise(ring)) > 0


@pytest.mark.parametrize("box", [(0, 0, 1), (1, 0, 0, 1), (0, 0, float("nan"), 1), (0, 0, 1, 91), BOX])
def test_a_wrong_box_is_refused(box: tuple[float, ...]) -> None:
    with pytest.raises(BadRequestData):
        grid(box, 10.0 if box == BOX else 1e5)
    assert MOST_CELLS < 4 * 80 * 3 * 80


def test_a_journey_is_from_stay_to_stay() -> None:
    home, work = OVER.cell(*HOME), OVER.cell(*WORK)
    day = made(way((HOME, 0, 8), ((11.42, 48.75), 8.1, 8.3), (WORK, 8.5, 17), (HOME, 17.5, 23)))
    assert day.trips == [(home, work), (work, home)], "what is passed through is no stay"
    assert {(home, 0), (work, 1), (work, 2), (home, 3)} <= set(day.visits)
    assert made([]) == made(way(((12.0, 50.0), 0, 20))) == Journey([], [])
    assert made(way((HOME, 0, 2))).trips == []


def test_what_many_do_is_told_about_right() -> None:
    day = made(way((HOME, 0, 8), (WORK, 9, 20)))
    found = flows([day] * 3000, OVER, periods=4, epsilon=2.0, most=2, minimum=10)
    assert [(one.start, one.end) for one in found.flows] == [day.trips[0]]
    assert abs(found.flows[0].trips - 3000) < 100
    assert {(one.cell, one.period) for one in found.presence} == set(day.visits)


def test_a_person_counts_a_few_times_at_most() -> None:
    """Whoever drives to and fro a hundred times weighs as much as who does twice."""
    taxi = Journey([(0, 5), (5, 0)] * 500, [(n % OVER.cells, n % 4) for n in range(500)])
    told = 0
    for _ in range(20):
        found = flows([taxi], OVER, periods=4, epsilon=4.0, most=2, minimum=0)
        told += bool(found.flows or found.presence)
    # Counted whole, five hundred ways would be told each time; two are below what noise alone may make, nearly always.
    assert told <= 6


def test_a_single_traveller_is_hardly_guessed() -> None:
    """The strongest guess from a release: is the traveller's own flow in the table? With everything else known, no
    guess is right more often than e/(1+e) of the times with an epsilon of 1. Without noise it always is."""
    traveller = made(way((HOME, 0, 8), (WORK, 9, 20)))
    others = [Journey([(0, OVER.cells - 1)], [])] * 60
    right, rounds = 0, 150
    for number in range(rounds):
        there = number % 2 == 0
        found = flows([*others, traveller] if there else others, OVER, periods=4, epsilon=1.0, most=1, minimum=0)
        right += (sum(one.trips for one in found.flows) > 60.5) is there
    assert right / rounds < 0.73 + 0.1


def test_two_releases_are_hardly_told_apart() -> None:
    """Yesterday without, today with the person: the difference has the noise of both; both spend the budget."""
    traveller = made(way((HOME, 0, 8), (WORK, 9, 20)))
    others = [Journey([(0, OVER.cells - 1)], [])] * 60
    right, rounds = 0, 150
    for number in range(rounds):
        there = number % 2 == 0
        sides = [others, [*others, traveller] if there else others]
        days = [flows(side, OVER, periods=4, epsilon=0.5, most=1, minimum=0) for side in sides]
        before, after = (sum(one.trips for one in day.flows) for day in days)
        right += (after - before > 0.5) is there
    assert right / rounds < 0.73 + 0.1


def test_too_many_counts_are_refused() -> None:
    with pytest.raises(BadRequestData, match="at most"):
        flows([], OVER, periods=100_000, epsilon=1.0, most=1, minimum=0)
