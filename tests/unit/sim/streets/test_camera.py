"""What a camera sees: within its range, nearest first, and not those that it misses."""

from collections.abc import Callable
from typing import Any

import pytest

from madang.model.world import Tick
from madang.sim.streets.world import StreetsWorld


def seen(tick: Tick) -> dict[str, list[list[Any]]]:
    found: dict[str, list[list[Any]]] = {}
    for entity in tick.entities:
        if "ApproachObserved" in entity.types:
            found |= entity.value("vehicles")
    return found


def run(streets: StreetsWorld, seconds: int) -> Tick:
    tick = streets.step()
    for _ in range(seconds - 1):
        tick = streets.step()
    return tick


def test_vehicles_come_nearest_first_within_the_range(world: Callable[..., StreetsWorld]) -> None:
    for range_m in (40.0, 200.0):
        lanes = seen(run(world(sensor_range_m=range_m), 300))
        distances = [[vehicle[0] for vehicle in vehicles] for vehicles in lanes.values()]
        assert all(row == sorted(row) for row in distances)
        assert 0 < max(d for row in distances for d in row) <= range_m


def test_a_vehicle_is_described_and_its_queue_counted(world: Callable[..., StreetsWorld]) -> None:
    streets = world("ingolstadt1")
    kinds: set[str] = set()
    told = standing = 0
    for _ in range(400):
        tick = streets.step()
        for entity in tick.entities:
            if "ApproachObserved" in entity.types:
                for lane, vehicles in entity.value("vehicles").items():
                    kinds |= {vehicle[3] for vehicle in vehicles}
                    assert entity.value("queues")[lane] == sum(vehicle[1] < 0.1 for vehicle in vehicles)
                    for _, speed_mps, link, _, waited_s in vehicles:
                        assert speed_mps >= 0 and link >= 0 and waited_s >= 0
                exits = entity.value("exits")
                assert all(len(row) == 4 and 0 <= row[3] <= 1 for row in exits.values())
                within = {name: row for name, row in exits.items() if name.startswith("link ")}
                assert all(row[0] >= row[1] >= 0 and int(name[5:]) >= 0 for name, row in within.items())
                told += sum(row[0] for row in within.values())
        standing += sum(each.lane[:1] == ":" and each.speed_mps < 1.0 for each in streets.traffic.vehicles.values())
    assert told == standing > 0, "those who wait within the junction are told of, and nobody else"
    assert kinds == {"car", "bus"}


def test_missed_vehicles_stay_missed_and_are_the_same_for_the_seed(world: Callable[..., StreetsWorld]) -> None:
    streets = world(missed=0.3)
    all_of_them, missed = set[str](), set[str]()
    for _ in range(600):
        tick = streets.step()
        near = {v.id for v in streets.traffic.vehicles.values() if v.from_lane and v.distance_m <= 200.0}
        unseen = len(near) - sum(map(len, seen(tick).values()))
        cameras: Any = next(d for d in streets._devices if hasattr(d, "_misses"))
        now_missed = {id for id in near if cameras._misses(id)}
        assert len(now_missed) == unseen
        assert not (missed & near) - now_missed
        all_of_them |= near
        missed |= now_missed
    assert len(missed) / len(all_of_them) == pytest.approx(0.3, abs=0.12)


def test_the_device_says_where_it_hangs(world: Callable[..., StreetsWorld]) -> None:
    installed = [e for e in world().hello().entities if "ApproachObserved" in e.types]
    assert [entity.value("location")["type"] for entity in installed] == ["Point"]
