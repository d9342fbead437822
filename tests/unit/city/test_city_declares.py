"""Everything that Ingolstadt's world and services report is declared in its folder: types, attributes and units."""

import subprocess
import sys
from pathlib import Path

import msgspec

from madang.city import read
from madang.govern import SYSTEM, Policy
from madang.model.entity import Entity
from madang.model.world import Hello, Message, Tick

INGOLSTADT = Path(__file__).parents[3] / "cities" / "ingolstadt"

# SUMO keeps one simulation in a process, so this world gets one of its own.
WORLD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import msgspec
from madang.city import read
from madang.sim.streets import device
from madang.sim.streets.world import Options, StreetsWorld

city = read(Path(sys.argv[1]))
options = Options(devices=device.ALL, centre=city.centre, record=False)
start = datetime(2027, 1, 1, tzinfo=UTC)
world = StreetsWorld(city.world, seed=1, start=start, folder=city.folder, options=options)
messages = [world.hello(), *(world.step() for _ in range(150))]
world.close()
sys.stdout.buffer.write(msgspec.msgpack.encode(messages))
"""

REPORTED = {
    "SignalLayout",
    "TrafficSignal",
    "ApproachObserved",
    "TrafficFlowObserved",
    "Vehicle",
    "AirQualityObserved",
    "TrafficKpi",
    "ApproachWaits",
    "RoadNetwork",
    "PointOfInterest",
}
NOW_AND_THEN = {"RoadSegment"}
"""Reported where a road is closed or at a standstill."""
MEASURED = {"AirQualityObserved": {"bc"}}
"""What a station may say that stands in a street, and none of the simulated ones does."""


def test_what_the_world_reports_is_declared() -> None:
    result = subprocess.run([sys.executable, "-c", WORLD, INGOLSTADT], capture_output=True, check=True)
    messages = msgspec.msgpack.decode(result.stdout, type=list[Message])
    policy = Policy(read(INGOLSTADT).datasets)
    seen: dict[str, set[str]] = {}
    for entity in reported(messages):
        policy.check_write(SYSTEM, entity)
        seen.setdefault(entity.types[0], set()).update(entity.attributes)
    assert set(seen) - NOW_AND_THEN == REPORTED
    declared: dict[str, set[str]] = {}
    for dataset in policy.datasets:
        declared.setdefault(dataset.type, set()).update(dataset.attributes)
    never = {type: declared[type] - names - MEASURED.get(type, set()) for type, names in seen.items()}
    assert not any(never.values()), "declared and never reported"


def reported(messages: list[Message]) -> list[Entity]:
    return [entity for message in messages if isinstance(message, Hello | Tick) for entity in message.entities]
