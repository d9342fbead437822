"""Networks lie where they are, or around the city's centre where they lie nowhere."""

import pytest

from madang.model.city import WorldSpec
from madang.sim.streets import network, scenario
from madang.sim.streets.network import Network
from madang.sim.streets.projection import projection


def test_a_projected_network_lies_in_its_city(ingolstadt: Network) -> None:
    place = projection(ingolstadt, centre=(0.0, 0.0))
    for lon, lat in place([junction.centre for junction in ingolstadt.junctions.values()]):
        assert 11.3 < lon < 11.6 and 48.7 < lat < 48.9


def test_a_network_without_projection_lies_around_the_centre() -> None:
    grid = network.read(scenario.resolve(WorldSpec(scenario="grid4x4")).net)
    points = projection(grid, centre=(126.9, 37.5))([junction.centre for junction in grid.junctions.values()])
    assert sum(lon for lon, _ in points) / len(points) == pytest.approx(126.9, abs=0.001)
    assert sum(lat for _, lat in points) / len(points) == pytest.approx(37.5, abs=0.001)
    # 1,500 m across, which is 0.0135 degrees of latitude.
    assert max(lat for _, lat in points) - min(lat for _, lat in points) == pytest.approx(1500 / 111_320, rel=0.01)


def test_no_points_are_no_places(cologne: Network) -> None:
    assert projection(cologne)([]) == []
