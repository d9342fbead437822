"""Approaches are called by their street, or by where they come from."""

import pytest

from madang.sim.streets.approach import called
from madang.sim.streets.network import Lane, Network, Point


def network(shape: tuple[Point, ...], name: str = "") -> Network:
    lane = Lane(
        id="e_0",
        edge="e",
        index=0,
        speed_mps=13.9,
        length_m=100,
        width_m=3,
        allow=frozenset(),
        disallow=frozenset(),
        shape=shape,
    )
    return Network(
        projection="",
        offset=(0, 0),
        edges={"e": name},
        lanes={"e_0": lane},
        inner={},
        junctions={},
        connections=(),
        programs={},
    )


@pytest.mark.parametrize(
    ("start", "quarter"),
    [
        ((0, 100), "north"),
        ((100, 100), "north-east"),
        ((100, 0), "east"),
        ((100, -100), "south-east"),
        ((0, -100), "south"),
        ((-100, -100), "south-west"),
        ((-100, 0), "west"),
        ((-100, 100), "north-west"),
    ],
)
def test_an_unnamed_approach_is_where_it_comes_from(start: Point, quarter: str) -> None:
    assert called("e_0", network((start, (0, 0)))) == f"the approach from the {quarter}"


def test_a_bend_at_the_stop_line_does_not_turn_it() -> None:
    assert called("e_0", network(((0, 200), (0, 20), (5, 15), (15, 15)))) == "the approach from the north"


def test_a_named_street_is_called_so() -> None:
    assert called("e_0", network(((0, 100), (0, 0)), name="Ringstraße")) == "Ringstraße"
