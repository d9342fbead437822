"""The world: its baseline is SUMO's own, its answers come with the next tick, its results are for the window."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from madang.errors import Unavailable
from madang.model.frames import Frames, encode
from madang.model.world import Order, Orders, Tick
from madang.sim.streets import device
from madang.sim.streets.world import StreetsWorld

SUMOS_OWN = """
import sys
from pathlib import Path
from xml.etree import ElementTree
from madang.model.city import WorldSpec
from madang.sim.streets import scenario, sumo

found, file, libsumo = scenario.resolve(WorldSpec(scenario="cologne1")), Path(sys.argv[1]) / "trips.xml", sumo.load()
options = ["-n", str(found.net), "-r", str(found.routes[0]), "-b", str(found.begin_s), "--seed", "3"]
options += ["--device.emissions.probability", "1"]
libsumo.start(["sumo", *options, "--time-to-teleport", "300", "--no-step-log", "--tripinfo-output", str(file)])
while libsumo.simulation.getMinExpectedNumber() > 0:
    libsumo.simulationStep()
libsumo.close()
delays = [float(t.attrib["timeLoss"]) + float(t.attrib["departDelay"]) for t in ElementTree.parse(file).getroot()]
print(sum(delays) / len(delays))
"""
"""Mean delay of SUMO's own programs, by its own trip file, with nothing of ours."""

WHOLE_RUN = """
import json
from datetime import UTC, datetime
from madang.model.city import WorldSpec
from madang.sim.streets.world import StreetsWorld

streets = StreetsWorld(WorldSpec(scenario="cologne1"), seed=3, start=datetime(2026, 5, 1, tzinfo=UTC))
while not streets.finished():
    streets.step()
print(json.dumps(dict(streets.results())))
streets.close()
"""


def alone(program: str, *arguments: str) -> str:
    """What the program prints, run by itself (SUMO prints too: its last line)."""
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


def test_under_its_plan_the_world_is_sumos_to_the_last_digit(tmp_path: Path) -> None:
    # Each in a process of its own, as an evaluation runs them: what SUMO draws at random also depends on the runs
    # before, with other outputs, in the same process.
    found = json.loads(alone(WHOLE_RUN))
    assert found["delay_s"] == pytest.approx(float(alone(SUMOS_OWN, str(tmp_path))), abs=1e-9)
    assert (found["vehicles"], found["arrived"], found["never_inserted"], found["teleports"]) == (2015, 2015, 0, 0)
    assert found["conflicts"] == found["guards_broken"] == 0 < found["plan_findings"]
    assert found["delay_median_s"] < found["delay_s"] < found["delay_p95_s"]
    assert found["bus_delay_s"] is None


def test_after_its_results_a_world_does_not_step(world: Callable[..., StreetsWorld]) -> None:
    streets = world()
    streets.step()
    streets.results()
    with pytest.raises(Unavailable):
        streets.step()


def test_two_runs_of_one_seed_are_one_and_another_seed_is_another(world: Callable[..., StreetsWorld]) -> None:
    def digest(seed: int) -> str:
        streets, told = world(seed=seed, devices=device.ALL, missed=0.2), hashlib.sha256()
        told.update(encode(streets.hello()))
        for _ in range(200):
            told.update(encode(streets.step()))
        return told.hexdigest()

    assert digest(1) == digest(1) != digest(2)


def test_an_order_is_answered_with_the_next_tick_and_seen_on_the_street(world: Callable[..., StreetsWorld]) -> None:
    streets = world()
    tick = streets.step()
    signal = next(entity for entity in tick.entities if "TrafficSignal" in entity.types)
    for _ in range(9):
        tick = streets.step()
    stages = [stage.id for layout in streets.layouts.values() for stage in layout.stages]
    wanted = next(stage for stage in stages if stage != signal.value("stage"))
    orders = [
        Order(decision="d1", target=signal.id, action="stage", parameters={"stage": wanted}),
        Order(decision="d2", target="urn:ngsi-ld:TrafficSignal:nowhere", action="stage", parameters={}),
        Order(decision="d3", target=signal.id, action="stage", parameters={"stage": "s77"}),
    ]
    streets.order(Orders(at=tick.at, orders=tuple(orders)))
    tick = streets.step()
    assert [answer.decision for answer in tick.answers] == ["d1", "d2", "d3"]
    assert tick.answers[0].refused is None
    assert "no device" in str(tick.answers[1].refused) and "unknown stage" in str(tick.answers[2].refused)
    for _ in range(5):
        streets.order(Orders(at=tick.at, leased=(signal.id,)))
        tick = streets.step()
    now = next(entity for entity in tick.entities if "TrafficSignal" in entity.types)
    assert (now.value("stage"), now.value("control")) == (wanted, "service")
    assert tick.answers == ()


def test_hello_and_ticks_cross_a_line_unchanged(world: Callable[..., StreetsWorld]) -> None:
    streets = world("grid4x4", devices=device.ALL, centre=(126.978, 37.566))
    hello = streets.hello()
    frames = Frames()
    [same] = frames.feed(encode(hello))
    assert msgspec.to_builtins(same) == msgspec.to_builtins(hello)
    lon, lat = hello.streets["features"][0]["geometry"]["coordinates"][0][0]
    assert (lon, lat) == (pytest.approx(126.978, abs=0.02), pytest.approx(37.566, abs=0.02))
    [told] = frames.feed(encode(streets.step()))
    assert isinstance(told, Tick) and told.at == hello.at + timedelta(seconds=1)


def test_a_shorter_window_counts_its_own_vehicles_and_drains(world: Callable[..., StreetsWorld]) -> None:
    streets = world(hours=0.1, drain_s=300.0)
    while not streets.finished():
        streets.step()
    found = streets.results()
    assert 100 < found["vehicles"] == found["arrived"] < 400
    assert 360 < found["duration_s"] <= 660


def test_the_drain_ends_even_when_the_streets_do_not_empty(world: Callable[..., StreetsWorld]) -> None:
    streets = world(hours=0.1, drain_s=20.0)
    while not streets.finished():
        streets.step()
    found = streets.results()
    assert found["duration_s"] == 380
    assert found["arrived"] < found["vehicles"]


def test_without_a_record_there_are_no_results(world: Callable[..., StreetsWorld]) -> None:
    with pytest.raises(Unavailable, match="record=True"):
        world(record=False).results()
