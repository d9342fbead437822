"""The live figures agree with the trips, once everybody has arrived."""

from collections.abc import Callable

import pytest

from madang.model.entity import Entity
from madang.sim.streets import device
from madang.sim.streets.world import StreetsWorld


def test_live_figures_come_to_what_the_trips_say(world: Callable[..., StreetsWorld]) -> None:
    streets = world(devices=frozenset((device.FIGURES,)))
    last: Entity | None = None
    while not streets.finished():
        last = next((entity for entity in streets.step().entities if entity.types == ("TrafficKpi",)), last)
    assert last is not None and last.id == "urn:ngsi-ld:TrafficKpi:signals"
    found = streets.results()
    assert last.value("arrived") == pytest.approx(found["arrived"], abs=3)
    assert last.value("meanDelay") == pytest.approx(found["delay_s"], rel=0.02)
    assert last.value("co2") == pytest.approx(found["co2_kg"], rel=0.02)
    assert last.value("nox") == pytest.approx(found["nox_g"], rel=0.02)
    assert last.value("stops") == pytest.approx(found["stops"], rel=0.1)
    assert (last.value("conflicts"), last.value("guardsBroken")) == (0, 0)


def test_figures_are_named_and_come_every_five_seconds(world: Callable[..., StreetsWorld]) -> None:
    streets = world(devices=frozenset((device.FIGURES,)), figures="fixed", record=False)
    ticks = [[e for e in streets.step().entities if e.types == ("TrafficKpi",)] for _ in range(20)]
    assert [len(figures) for figures in ticks].count(1) == 4
    assert ticks[-1][0].id == "urn:ngsi-ld:TrafficKpi:fixed"
    assert ticks[-1][0].attributes["meanDelay"][0].unit_code == "SEC"
