"""The account of who waits where agrees with the trips, lane by lane with the layout; it begins with its world."""

from collections.abc import Callable

import pytest

from madang.model.entity import Entity
from madang.sim.streets import device
from madang.sim.streets.layout import Layout
from madang.sim.streets.world import StreetsWorld


def accounts(streets: StreetsWorld) -> list[Entity]:
    """All accounts until the streets are empty."""
    found: list[Entity] = []
    while not streets.finished():
        found += [entity for entity in streets.step().entities if entity.types == ("ApproachWaits",)]
    return found


def test_who_passed_and_who_stood_is_counted(world: Callable[..., StreetsWorld], junction: Layout) -> None:
    streets = world(devices=frozenset((device.FIGURES,)), hours=0.2)
    found = accounts(streets)
    last = found[-1]
    waits = last.value("waits")
    assert last.id == f"urn:ngsi-ld:ApproachWaits:signals:{junction.id}"
    assert set(waits) == {link.from_lane for link in junction.links if not link.from_lane.startswith(":")}
    # One junction: whoever arrived has passed it (but who began beyond it), and the streets are empty at the end.
    arrived = streets.results()["arrived"]
    assert sum(passed for _, _, passed in waits.values()) == pytest.approx(arrived, abs=2)
    assert arrived > 100
    assert sum(halted for halted, _, _ in waits.values()) == 0
    standing = [sum(halted for halted, _, _ in entity.value("waits").values()) for entity in found]
    stood_s = [sum(seconds for _, seconds, _ in entity.value("waits").values()) for entity in found]
    assert max(standing) > 3
    assert stood_s == sorted(stood_s) and stood_s[-1] > 1000
    assert len({entity.value("since") for entity in found}) == 1
