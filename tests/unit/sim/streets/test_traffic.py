"""Where the vehicles are, against what SUMO itself says."""

from collections.abc import Callable

import pytest

from madang.sim.streets.traffic import HALTED_MPS
from madang.sim.streets.world import StreetsWorld


def test_distances_and_links_are_sumos_own(world: Callable[..., StreetsWorld]) -> None:
    streets = world("ingolstadt7")
    sumo = streets.traffic._sumo
    compared = 0
    for second in range(400):
        streets.step()
        if second % 50 == 49:
            for id, vehicle in streets.traffic.vehicles.items():
                ahead = sumo.vehicle.getNextTLS(id)
                assert bool(ahead) == bool(vehicle.signal)
                if ahead:
                    assert (vehicle.signal, vehicle.link) == ahead[0][:2]
                    assert vehicle.distance_m == pytest.approx(ahead[0][2], abs=0.1)
                    compared += 1
    assert compared > 300


def test_standing_and_stops_are_counted(world: Callable[..., StreetsWorld]) -> None:
    streets = world()
    stood: dict[str, float] = {}
    for _ in range(300):
        streets.step()
        for id, vehicle in streets.traffic.vehicles.items():
            if vehicle.signal and vehicle.speed_mps < HALTED_MPS:
                stood[id] = stood.get(id, 0.0) + 1.0
                assert vehicle.halted_s == stood[id]
    assert streets.traffic.longest_wait_s == max(stood.values())
    assert streets.traffic.stops >= len(stood)


def test_who_stands_for_which_link(world: Callable[..., StreetsWorld]) -> None:
    streets = world()
    for _ in range(200):
        streets.step()
    near, far = streets.traffic.halted(20.0), streets.traffic.halted(500.0)
    assert near.keys() <= far.keys() and far
    for signal, links in near.items():
        assert links <= far[signal]
