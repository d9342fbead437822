"""Loops count what drives over them, once a minute."""

from collections.abc import Callable

from madang.sim.streets import device
from madang.sim.streets.layout import layouts
from madang.sim.streets.loops import BEFORE_STOP_M, additional, lanes
from madang.sim.streets.network import Network
from madang.sim.streets.world import StreetsWorld


def test_every_loop_reports_once_a_minute_and_the_counts_are_plausible(world: Callable[..., StreetsWorld]) -> None:
    streets = world(devices=frozenset((device.LOOPS,)))
    installed = {entity.id for entity in streets.hello().entities if "TrafficFlowObserved" in entity.types}
    counted: dict[str, list[int]] = {id: [] for id in installed}
    for _ in range(660):
        for entity in streets.step().entities:
            counted[entity.id].append(entity.value("intensity"))
            assert 0 <= entity.value("occupancy") <= 1
            assert (entity.value("averageVehicleSpeed") is None) == (entity.value("intensity") == 0)
    assert {len(minutes) for minutes in counted.values()} == {10}
    # 2,015 vehicles an hour cross the one junction: its loops see about that many.
    mean = sum(sum(minutes) / len(minutes) for minutes in counted.values())
    assert 1000 < mean < 3500


def test_a_loop_lies_before_the_stop_line(ingolstadt: Network) -> None:
    found = layouts(ingolstadt)
    text = additional(found, ingolstadt)
    assert text.count("<inductionLoop ") == len(lanes(found, ingolstadt)) > 100
    short = [lane for lane in lanes(found, ingolstadt) if ingolstadt.lanes[lane].length_m < 2 * BEFORE_STOP_M]
    for lane in short:
        assert f'pos="{ingolstadt.lanes[lane].length_m / 2:.2f}"' in text
