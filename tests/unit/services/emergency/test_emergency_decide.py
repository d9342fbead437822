"""A vehicle under blue light gets its corridor: when each junction must be green, and what that costs the others."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madang.errors import CityInvalid
from madang.model.entity import Entity, observed
from madang.model.service import View
from madang.services.emergency.decide import decide
from madang.services.emergency.settings import settings_of

AT = datetime(2026, 11, 2, 8, tzinfo=UTC)


def engine(*signals: tuple[str, float], name: str = "7", seconds: float = 90.0) -> Entity:
    ahead = [
        {"signal": f"urn:ngsi-ld:TrafficSignal:{id}", "link": 2, "lane": f"{id}_in", "distance": 10 * s, "seconds": s}
        for id, s in signals
    ]
    values: dict[str, Any] = {"itinerary": {"signals": ahead, "seconds": seconds}}
    return observed(f"urn:ngsi-ld:EmergencyVehicle:{name}", "EmergencyVehicle", AT, values, json=("itinerary",))


def camera(id: str, **queues: int) -> Entity:
    return observed(f"urn:ngsi-ld:ApproachObserved:{id}", "ApproachObserved", AT, {"queues": queues}, json=("queues",))


def corridors(*entities: Entity, at_s: float = 0.0) -> list[Entity]:
    view = View(at=AT + timedelta(seconds=at_s), entities={entity.id: entity for entity in entities})
    decided = decide(view, {})
    assert decided.commands == ()
    return list(decided.published)


def test_a_queue_before_the_vehicle_is_let_go_in_time() -> None:
    (found,) = corridors(engine(("x", 40.0)), camera("x", x_in=10, other=3, third=2))
    assert found.id == "urn:ngsi-ld:EmergencyCorridor:7"
    assert found.value("refVehicle") == "urn:ngsi-ld:EmergencyVehicle:7"
    assert found.value("arrivesAt") == "2026-11-02T08:01:30.000Z"
    (junction,) = found.value("junctions")
    # 2 s of start, ten vehicles of 2 s, 4 s of margin before it comes and 4 s after.
    assert junction["greenFrom"] == "2026-11-02T08:00:14.000Z"
    assert junction["arrivalAt"] == "2026-11-02T08:00:40.000Z"
    assert junction["greenUntil"] == "2026-11-02T08:00:44.000Z"
    assert junction["crossCost"] == found.value("crossCost") == 5 * 30


def test_an_empty_road_needs_green_for_the_vehicle_alone_and_costs_nothing() -> None:
    (found,) = corridors(engine(("x", 40.0)), camera("x", x_in=0, other=0))
    (junction,) = found.value("junctions")
    assert junction["greenFrom"] == "2026-11-02T08:00:36.000Z" and junction["crossCost"] == 0


def test_where_there_is_no_time_left_the_green_is_now_and_lasts_until_the_queue_is_gone() -> None:
    (found,) = corridors(engine(("x", 5.0)), camera("x", x_in=10))
    (junction,) = found.value("junctions")
    assert junction["greenFrom"] == "2026-11-02T08:00:00.000Z"
    assert junction["greenUntil"] == "2026-11-02T08:00:26.000Z"


def test_junctions_come_in_the_order_of_the_way_and_far_ones_wait() -> None:
    (found,) = corridors(engine(("x", 5.0), ("y", 50.0), ("z", 61.0)), camera("x"), camera("y"))
    assert [each["refSignal"][-1] for each in found.value("junctions")] == ["x", "y"]


def test_a_silent_vehicle_has_no_corridor_and_a_malformed_one_costs_no_other_its_own() -> None:
    broken = observed("urn:ngsi-ld:EmergencyVehicle:1", "EmergencyVehicle", AT, {"itinerary": {"signals": "none"}})
    assert [each.id[-1] for each in corridors(engine(("x", 5.0)), broken, at_s=4.0)] == ["7"]
    assert corridors(engine(("x", 5.0)), broken, at_s=4.1) == []


def test_what_was_heard_a_moment_ago_is_nearer_now() -> None:
    (found,) = corridors(engine(("x", 40.0)), at_s=2.0)
    assert found.value("junctions")[0]["arrivalAt"] == "2026-11-02T08:00:40.000Z"
    assert found.expires_at == AT + timedelta(seconds=7)


@pytest.mark.parametrize("wrong", [{"reach_s": -1}, {"reach_s": "far"}, {"speed": 1}])
def test_impossible_settings_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(CityInvalid, match=next(iter(wrong))):
        settings_of(wrong)
