"""A late bus asks for green, one that is on time does not, and at a full junction nobody does."""

from collections.abc import Callable

import pytest
from tests.unit.services.buses.conftest import BUS, SIGNAL, bus, camera, signal

from madang.model.entity import Entity
from madang.model.service import View
from madang.services.buses.decide import decide
from madang.services.buses.priority import weight
from madang.services.buses.settings import Settings

See = Callable[..., View]


def requests(view: View) -> list[Entity]:
    return [each for each in decide(view, {}).published if each.types == ("SignalPriorityRequest",)]


def test_a_late_bus_asks_for_its_movement(see: See) -> None:
    (found,) = requests(see(bus(lateness=105.0, signals=[signal()]), camera({"a_0": 9, "z_0": 0})))
    assert found.value("refVehicle") == BUS and found.value("refSignal") == SIGNAL
    assert (found.value("movement"), found.value("fromLane")) == (3, "a_0")
    assert found.value("arrivalAt") == "2026-11-02T08:00:15.000Z"
    assert found.value("validUntil") == "2026-11-02T08:00:06.000Z" and found.expires_at is not None
    assert found.value("weight") == pytest.approx(3 + 5 / 2)


@pytest.mark.parametrize("lateness", [-200.0, 0.0, 29.9])
def test_a_bus_on_time_does_not(see: See, lateness: float) -> None:
    assert not requests(see(bus(lateness=lateness, signals=[signal()])))


def test_a_bus_that_is_far_or_held_does_not(see: See) -> None:
    assert not requests(see(bus(lateness=99.0, signals=[signal(seconds=46.0)])))
    assert not requests(see(bus(lateness=99.0, signals=[signal()], held=True)))


def test_nobody_asks_at_a_saturated_junction_and_less_weight_at_a_busy_one(see: See) -> None:
    late = bus(lateness=180.0, signals=[signal()])
    assert not requests(see(late, camera({"a_0": 0, "y_0": 8, "z_0": 9, "w_0": 0})))
    (busy,) = requests(see(late, camera({"a_0": 0, "y_0": 8, "z_0": 0, "w_0": 0, "v_0": 0})))
    assert busy.value("weight") == 8 * 0.75


def test_nobody_asks_where_the_way_out_is_full(see: See) -> None:
    late = bus(lateness=180.0, signals=[signal()])
    assert not requests(see(late, camera({}, {"b_0": [20, 20, 0.0, 0.9]})))
    assert requests(see(late, camera({}, {"b_0": [20, 20, 0.0, 0.9], "b_1": [1, 0, 9.0, 0.1]})))


def test_a_stale_or_malformed_bus_is_left_alone_and_no_other_for_it(see: See) -> None:
    well = bus("urn:ngsi-ld:Vehicle:7.2", lateness=99.0, signals=[signal()])
    broken = bus(lateness=99.0, signals="none")
    assert [r.value("refVehicle") for r in requests(see(well, broken))] == [well.id]
    assert not requests(see(well, broken, at_s=7.0))


def test_a_switched_off_priority_asks_nothing_and_advice_is_a_proposal(see: See) -> None:
    late = bus(lateness=99.0, signals=[signal()])
    assert not requests(see(late, priority="off"))
    decided = decide(see(late, priority="advise"), {}).published
    assert [each.value("action") for each in decided if each.types == ("BusProposal",)] == ["priority"]
    assert not requests(see(late, priority="advise"))


def test_weight_grows_with_lateness_between_its_bounds() -> None:
    found = [weight(late_s, Settings()) for late_s in (0, 30, 60, 120, 180, 900)]
    assert found == sorted(found) and (found[0], found[-1]) == (3.0, 8.0)
