"""Counts find their street: by name, or by place, direction and distance."""

from pathlib import Path

import msgspec
import pytest

from madang.errors import BadRequestData
from madang.sim.streets import network
from madang.sim.streets.build.counts import Count
from madang.sim.streets.build.matching import Edges, Matched
from madang.sim.streets.network import Network
from madang.sim.streets.projection import projection, to_plane


def count(**where: object) -> Count:
    return Count(line=2, begin_s=0, end_s=3600, count=10, **where)  # type: ignore[arg-type]


def match(streets: Network, limit_m: float = 30, **where: object) -> Matched | str:
    matched, lost = Edges(streets).match([count(**where)], limit_m=limit_m)
    return matched[0] if matched else lost[0].why


def street(found: Matched | str, streets: Network) -> str:
    assert isinstance(found, Matched), found
    return streets.edges[found.edge]


EAST = {"place": (11.0045, 48.00402), "bearing": 90.0}
"""On row 2, between its second and third crossing."""


def test_the_direction_tells_the_two_edges_of_a_street_apart(streets: Network) -> None:
    east, west = match(streets, **EAST), match(streets, **{**EAST, "bearing": 270.0})
    assert street(east, streets) == street(west, streets) == "Row 2"
    assert isinstance(east, Matched) and isinstance(west, Matched)
    assert east.edge.removeprefix("-") == west.edge.removeprefix("-") and east.edge != west.edge
    first, last = (streets.lanes[f"{east.edge}_0"].shape[place][0] for place in (0, -1))
    assert last > first, "the edge that runs east"
    assert east.distance_m < 10


def test_without_a_direction_the_nearest_is_taken_and_said_to_be_unsure(streets: Network) -> None:
    found = match(streets, place=EAST["place"])
    assert street(found, streets) == "Row 2"
    assert isinstance(found, Matched) and found.ambiguous
    assert not match(streets, **EAST).ambiguous  # type: ignore[union-attr]


def test_what_lies_too_far_away_has_no_street(streets: Network) -> None:
    far = (11.0045, 48.0050)  # 110 m north of the row
    assert match(streets, place=far) == "no street for cars within 30 m"
    assert isinstance(match(streets, 200, place=far), Matched)


def test_no_street_in_that_direction_is_said(streets: Network) -> None:
    assert match(streets, place=EAST["place"], bearing=0.0) == "no street for cars within 30 m in the direction 0°"


def test_an_edge_may_be_named(streets: Network) -> None:
    edge = next(iter(streets.edges))
    assert match(streets, edge=edge) == Matched(count=count(edge=edge), edge=edge)
    assert match(streets, edge="nowhere") == "the network has no edge 'nowhere'"


def test_a_network_that_lies_nowhere_has_no_places(streets: Network) -> None:
    nowhere = msgspec.structs.replace(streets, projection="")
    with pytest.raises(BadRequestData, match="no projection"):
        Edges(nowhere).match([count(place=(11.0, 48.0))])


def test_the_plane_is_the_globes_inverse(net: Path) -> None:
    streets = network.read(net)
    points = [(10.0, 20.0), (500.0, 700.0)]
    back = to_plane(streets)([(lon, lat) for lon, lat in projection(streets)(points)])
    assert back == [pytest.approx(point, abs=0.1) for point in points]
