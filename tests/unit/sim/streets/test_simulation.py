"""One run of SUMO a process, with clear errors."""

from pathlib import Path

import pytest

from madang.errors import BadRequestData, Unavailable
from madang.model.city import WorldSpec
from madang.sim.streets import scenario
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
