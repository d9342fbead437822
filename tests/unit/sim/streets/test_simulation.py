"""One run of SUMO a process, with clear errors."""

from pathlib import Path

import pytest

from madang.errors import BadRequestData, Unavailable
from madang.model.city import WorldSpec
from madang.sim.streets import network, scenario
from madang.sim.streets.simulation import Simulation


def test_a_second_one_in_the_same_process_is_refused() -> None:
    found = scenario.resolve(WorldSpec(scenario="cologne1"))
    first = Simulation(found, seed=1)
    with pytest.raises(Unavailable, match="close it first"):
        Simulation(found, seed=1)
    first.discard()
    Simulation(found, seed=1).discard()


def test_after_the_window_nobody_sets_out() -> None:
    whole = scenario.resolve(WorldSpec(scenario="cologne1"))
    found = scenario.resolve(WorldSpec(scenario="cologne1", end_s=whole.begin_s + 120))
    simulation = Simulation(found, seed=1)
    for _ in range(120):
        simulation.step()
    seconds = 0
    while not simulation.empty() and seconds < 600:
        simulation.step()
        seconds += 1
    assert simulation.empty() and seconds < 300
    simulation.discard()


def test_who_is_being_teleported_when_the_window_ends_is_left_alone(tmp_path: Path) -> None:
    """Somebody stands on every lane of the next edge, so who waits behind is teleported and finds no place."""
    whole = scenario.resolve(WorldSpec(scenario="cologne1"))
    streets = network.read(whole.net)
    link = next(c for c in streets.connections if c.signal and c.direction == "s")
    start, end = (lane.rpartition("_")[0] for lane in (link.from_lane, link.to_lane))
    lanes = [lane for lane in streets.lanes.values() if lane.edge == end]
    stopped = "".join(
        f'<vehicle id="s{lane.index}" depart="0" departLane="{lane.index}" departPos="{lane.length_m - 1}" type="long">'
        f'<route edges="{end}"/><stop lane="{lane.id}" endPos="{lane.length_m - 0.5}" duration="9999"/></vehicle>'
        for lane in lanes
    )
    last = f'<vehicle id="v" depart="1"><route edges="{start} {end}"/></vehicle>'
    long = f'<vType id="long" length="{min(lane.length_m for lane in lanes) - 2}"/>'
    (tmp_path / "a.rou.xml").write_text(f"<routes>{long}{stopped}{last}</routes>")
    (tmp_path / "a.net.xml").write_bytes(whole.net.read_bytes())
    spec = WorldSpec(net="a.net.xml", routes=("a.rou.xml",), begin_s=0, end_s=60)
    simulation = Simulation(scenario.resolve(spec, folder=tmp_path), seed=1)
    vehicle, aloft = simulation.sumo.vehicle, 0
    for _ in range(500):
        simulation.step()
        aloft += simulation.teleports > 0 and "v" in set(vehicle.getLoadedIDList()) - set(vehicle.getIDList())
    assert aloft > 1
    simulation.discard()


def test_what_sumo_does_not_take_is_an_error_and_leaves_the_process_free(tmp_path: Path) -> None:
    found = scenario.resolve(WorldSpec(scenario="cologne1"))
    (tmp_path / "a.rou.xml").write_text(
        "<routes><vehicle id='x' depart='0'><route edges='nowhere'/></vehicle></routes>"
    )
    (tmp_path / "a.net.xml").write_bytes(found.net.read_bytes())
    spec = WorldSpec(net="a.net.xml", routes=("a.rou.xml",), begin_s=0, end_s=60)
    with pytest.raises((BadRequestData, Unavailable), match="SUMO"):
        bad = Simulation(scenario.resolve(spec, folder=tmp_path), seed=1)
        try:
            bad.step()
        finally:
            bad.discard()
    Simulation(found, seed=1).discard()


def test_a_world_without_record_leaves_no_files() -> None:
    simulation = Simulation(scenario.resolve(WorldSpec(scenario="cologne1")), seed=1, record=False)
    simulation.step()
    assert not simulation.trips_file.parent.exists()
    simulation.discard()
