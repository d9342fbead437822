"""Buses tell where they are and how late, and leave when they arrive."""

from collections.abc import Callable

from madang.sim.streets import device
from madang.sim.streets.world import StreetsWorld


def test_buses_report_move_and_leave(world: Callable[..., StreetsWorld]) -> None:
    streets = world("ingolstadt1", devices=frozenset((device.BUSES,)))
    places: dict[str, set[tuple[float, float]]] = {}
    gone: set[str] = set()
    while not streets.finished() and len(gone) < 3:
        tick = streets.step()
        for bus in tick.entities:
            assert bus.types == ("Vehicle",) and bus.id not in gone
            assert bus.value("vehicleType") == "bus" and bus.value("delay") >= 0
            assert 0 <= bus.value("heading") <= 360 and bus.attributes["speed"][0].unit_code == "MTS"
            lon, lat = bus.value("location")["coordinates"]
            assert 11.3 < lon < 11.6 and 48.7 < lat < 48.9
            places.setdefault(bus.id, set()).add((lon, lat))
        gone |= set(tick.gone)
    assert len(gone) == 3 and gone <= places.keys()
    assert all(len(seen) > 5 for id, seen in places.items() if id in gone)


def test_a_world_that_ends_takes_its_buses_along(world: Callable[..., StreetsWorld]) -> None:
    streets = world("ingolstadt1", devices=frozenset((device.BUSES,)))
    here: set[str] = set()
    while not here:
        here = {bus.id for bus in streets.step().entities}
    assert set(streets.leaving()) == here
