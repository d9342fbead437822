"""Drivers carry out what the city asks, and refuse what cannot be done; on a town with a bus line."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.contracts.busline import ROUTE, build

from madang.model.world import Order, Orders
from madang.sim.streets import device
from madang.sim.streets.fleet import Bus
from madang.sim.streets.world import Options, StreetsWorld

FIRST = "urn:ngsi-ld:Vehicle:1.0"
MARKET = "urn:ngsi-ld:PublicTransportStop:market"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[StreetsWorld]:
    options = Options(devices=frozenset((device.BUSES, device.TRANSIT)), record=False)
    start = datetime(2026, 11, 2, 7, tzinfo=UTC)
    world = StreetsWorld(build(tmp_path), seed=1, start=start, folder=tmp_path, options=options)
    yield world
    world.close()


def asked(town: StreetsWorld, action: str, *, target: str = FIRST, **parameters: object) -> str | None:
    order = Order(decision="1", target=target, action=action, parameters=parameters)
    town.order(Orders(at=town.at, orders=(order,), leased=(target,)))
    return town.step().answers[0].refused


def at_market(town: StreetsWorld) -> Bus:
    for _ in range(60):
        town.step()
        bus = town.fleet.buses.get("1.0")
        if bus is not None and bus.at_stop == "market":
            return bus
    raise AssertionError("the bus did not come to its first stop")


def leaves_after(town: StreetsWorld, bus: Bus, *, leased: bool) -> int:
    seconds = 0
    while bus.at_stop == "market" and seconds < 200:
        town.order(Orders(at=town.at, leased=(FIRST,) if leased else ()))
        town.step()
        seconds += 1
    return seconds


def test_a_bus_stands_as_long_as_it_was_asked_to(town: StreetsWorld) -> None:
    bus = at_market(town)
    own_s = town.fleet.dwell_s(bus)
    assert asked(town, "hold", stop=MARKET, seconds=30) is None
    assert leaves_after(town, bus, leased=True) == pytest.approx(own_s + 30, abs=2)
    assert town.fleet.measures()["bus_held_s"] == pytest.approx(30, abs=2)


def test_a_bus_goes_when_it_is_released_or_nobody_speaks(town: StreetsWorld) -> None:
    bus = at_market(town)
    own_s = town.fleet.dwell_s(bus)
    assert asked(town, "hold", stop=MARKET, seconds=90) is None
    assert "held at this stop already" in str(asked(town, "hold", stop=MARKET, seconds=90))
    assert asked(town, "release") is None
    assert leaves_after(town, bus, leased=True) == pytest.approx(own_s - 3, abs=2)


def test_a_held_bus_goes_when_nobody_speaks(town: StreetsWorld) -> None:
    bus = at_market(town)
    own_s = town.fleet.dwell_s(bus)
    assert asked(town, "hold", stop=MARKET, seconds=90) is None
    assert leaves_after(town, bus, leased=False) == pytest.approx(max(own_s, 7), abs=3)


def test_what_cannot_be_done_is_refused_in_words(town: StreetsWorld) -> None:
    at_market(town)
    assert "does not stand at" in str(asked(town, "hold", stop="urn:ngsi-ld:PublicTransportStop:mill", seconds=30))
    assert "1 to 180 s" in str(asked(town, "hold", stop=MARKET, seconds=181))
    assert "unknown action" in str(asked(town, "fly"))
    assert "no device" in str(asked(town, "hold", target="urn:ngsi-ld:Vehicle:nobody"))
    assert "left the way" in str(asked(town, "detour", route=["D1D2"]))
    assert "cannot drive" in str(asked(town, "detour", route=["A1B1", "D1D2"]))
    assert "stands at a stop" in str(asked(town, "detour", route=list(ROUTE)))


def test_a_bus_on_a_detour_leaves_out_what_is_not_on_it_and_no_more(town: StreetsWorld) -> None:
    bus = at_market(town)
    while bus.at_stop:
        town.step()
    assert asked(town, "detour", route=["A1B1", "B1C1", "C1C2", "C2B2", "B2A2"]) is None
    assert set(bus.skipped) == {"station", "park"}
    stops: set[str] = set()
    while "1.0" in town.fleet.buses:
        stops.add(bus.at_stop)
        town.step()
    assert stops - {""} == {"school", "hall", "mill"}


def test_a_bus_stands_at_the_barrier_of_a_closed_road_and_goes_when_it_is_opened(town: StreetsWorld) -> None:
    at_market(town)
    town.close_road("B1C1")
    told = [entity for _ in range(120) for entity in town.step().entities if entity.types == ("RoadSegment",)]
    assert [(each.value("edge"), each.value("status")) for each in told] == [("B1C1", "closed")]
    assert town.fleet.edge("1.0") == "B1C1" and town.fleet.position_m("1.0") < 60
    town.close_road("B1C1", closed=False)
    again = [entity for _ in range(60) for entity in town.step().entities if entity.types == ("RoadSegment",)]
    assert [each.value("status") for each in again if each.value("edge") == "B1C1"][-1] == "open"
    assert town.fleet.position_m("1.0") > 60 or town.fleet.edge("1.0") != "B1C1"


def test_stops_say_who_they_are(town: StreetsWorld) -> None:
    stops = {entity.id: entity for entity in town.hello().entities if "PublicTransportStop" in entity.types}
    assert len(stops) == 6
    assert stops[MARKET].value("name") == "Market" and stops[MARKET].value("ridership") == 60
    assert stops["urn:ngsi-ld:PublicTransportStop:mill"].value("ridership") is None
