"""What a run writes down beside its sums: it adds up to them, and writing changes nothing."""

import itertools
import json
import subprocess
import sys
from typing import Any

import msgspec
import pytest

from madang.model.recording import Recording
from madang.sim.streets.recorder import BEND_M, _pieces  # pyright: ignore[reportPrivateUsage]

RUN = """
import json, sys
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from madang.model.city import WorldSpec
from madang.sim.streets.world import Options, StreetsWorld

options = Options(hours=0.05, detail=sys.argv[1] == "detail")
streets = StreetsWorld(WorldSpec(scenario="cologne3"), seed=3, start=datetime(2026, 5, 1, tzinfo=UTC), options=options)
while not streets.finished():
    streets.step()
results = dict(streets.results())
trips = ElementTree.parse(streets._simulation.trips_file).getroot()
print(json.dumps(results | {"lost_s": [float(trip.get("timeLoss")) for trip in trips]}))
streets.close()
"""


def run(how: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", RUN, how], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return run("detail")


@pytest.fixture(scope="module")
def recording(results: dict[str, Any]) -> Recording:
    return msgspec.convert(results["recording"], Recording)


def test_writing_down_changes_nothing(results: dict[str, Any]) -> None:
    plain = run("plain")
    assert "recording" not in plain
    assert {name: results[name] for name in plain} == plain


def test_the_approaches_add_up_to_the_time_lost(results: dict[str, Any], recording: Recording) -> None:
    lost_s, vehicles = results["lost_s"], len(results["lost_s"])
    # SUMO's own sum has the second in which a vehicle arrives, too.
    assert sum(each.total_s for each in recording.approaches) / vehicles == pytest.approx(
        sum(lost_s) / vehicles, abs=0.2
    )
    signals = {each.signal for each in recording.approaches if each.signal}
    assert len(signals) == 3
    assert all(each.longest_s >= each.p95_s >= 0 and each.name for each in recording.approaches if each.signal)


def test_streets_have_most_of_the_emissions(results: dict[str, Any], recording: Recording) -> None:
    nox_g = sum(each.nox_g for each in recording.emissions)
    assert 0.7 * results["nox_g"] < nox_g < results["nox_g"], "the rest is inside the junctions"
    assert {each.edge for each in recording.emissions} == recording.streets.keys() == recording.names.keys()


def test_everybody_comes_from_somewhere(results: dict[str, Any], recording: Recording) -> None:
    assert recording.journeys.keys() >= results["delays"].keys()
    assert all(start and end for start, end in recording.journeys.values())


def test_the_arterial_has_greens_and_paths_that_go_forward(recording: Recording) -> None:
    diagram = recording.diagram
    assert diagram is not None and len(diagram.stops) == 3
    assert (diagram.from_s, diagram.until_s) == (0, 180)
    for stop in diagram.stops:
        green_s = sum(until - since for since, until in stop.greens)
        assert 0.1 < green_s / 180 < 0.9
        assert all(one[1] < other[0] for one, other in itertools.pairwise(stop.greens))
    assert len(diagram.paths) > 20
    for path in diagram.paths:
        assert len(path) >= 2
        for (from_s, from_m), (until_s, until_m) in itertools.pairwise(path):
            assert until_s > from_s and until_m >= from_m - BEND_M and until_m <= diagram.length_m


def test_paths_bend_where_vehicles_stop_and_end_where_they_leave() -> None:
    going = [(float(second), 10.0 * second) for second in range(20)]
    standing = [(float(second), 190.0) for second in range(20, 50)]
    [one] = _pieces(going + standing)
    assert one == [(0.0, 0.0), (19.0, 190.0), (49.0, 190.0)]
    back = [(100.0 + second, 5.0 * second) for second in range(10)]
    assert len(_pieces(going + back)) == 2
