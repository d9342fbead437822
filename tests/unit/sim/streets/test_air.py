"""The air model: settles where the box model says, and follows the traffic."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.sim.streets import device
from madang.sim.streets.air import APART_M, BACKGROUND_NO2, BACKGROUND_PM25, STATIONS, settled, stations
from madang.sim.streets.layout import centre, layouts
from madang.sim.streets.network import Network
from madang.sim.streets.world import StreetsWorld


def test_a_constant_emission_settles_at_emission_over_flow() -> None:
    # 15 mg/s into a flow of 1.5 m/s x 100 m x 10 m is 10 µg/m³.
    assert settled(0.0, 15.0, 3600) == pytest.approx(10.0)
    assert settled(0.0, 15.0, 100 / 1.5) == pytest.approx(10.0 * (1 - 1 / 2.718281828))


@given(st.floats(0, 1e3), st.floats(0, 1e4), st.integers(1, 600))
def test_two_steps_are_as_one(before: float, emission: float, seconds: int) -> None:
    once = settled(before, emission, 2 * seconds)
    assert settled(settled(before, emission, seconds), emission, seconds) == pytest.approx(once, abs=1e-9)


def test_stations_stand_apart_at_the_largest_junctions(ingolstadt: Network) -> None:
    chosen = stations(layouts(ingolstadt), ingolstadt)
    assert len(chosen) == STATIONS
    for one in chosen:
        for other in chosen:
            if one is not other:
                (x1, y1), (x2, y2) = centre(one, ingolstadt), centre(other, ingolstadt)
                assert (x1 - x2) ** 2 + (y1 - y2) ** 2 >= APART_M**2


def test_the_air_is_worse_with_traffic_and_never_better_than_the_background(world: Callable[..., StreetsWorld]) -> None:
    streets = world(devices=frozenset((device.AIR,)))
    no2: list[float] = []
    for _ in range(900):
        for entity in streets.step().entities:
            no2.append(entity.value("no2"))
            assert entity.value("pm25") >= BACKGROUND_PM25
            assert "not a measurement" in entity.value("method")
    assert len(no2) == 15
    assert min(no2) >= BACKGROUND_NO2
    assert no2[-1] > no2[0]
