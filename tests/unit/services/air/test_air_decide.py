"""Terms begin, step and end as the air says; and no longer than they may."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from tests.unit.services.air.conftest import AT, SCHOOL, Minutes, camera, layouts, levels, north, school, station, view

from madang.model.entity import Entity
from madang.services.air import SERVICE


def test_bad_air_gives_terms_and_good_air_takes_them_back(minutes: Minutes) -> None:
    found = minutes([20.0] * 20 + [29.0] * 40 + [15.0] * 60)
    seen = levels(found)
    assert seen[:27] == ["-"] * 27, "the median of a quarter of an hour has to be above the limit"
    # 29 is 1.16 of 25 µg/m³: the lightest measure, and no other.
    assert set(seen[29:60]) == {"light"} and set(seen) == {"-", "light", "none"}
    assert seen[-1] == "-" and seen.count("none") == 1, "the end is said once"
    commands = [command for decision in found for command in decision.commands]
    assert [(each.action, each.rule) for each in commands] == [("terms", "limit-in-danger"), ("release", "air-good")]
    assert "NO2 near Test school is 29.0" in commands[0].reason and "2 stations" in commands[0].reason
    assert "which may be nothing" in commands[0].reason
    assert "WHO" in commands[0].reason and all(command.target == SCHOOL for command in commands)


def test_worse_air_steps_up_one_by_one_and_down_again(minutes: Minutes) -> None:
    found = levels(minutes([60.0] * 40 + [26.0] * 40 + [10.0] * 30))
    order = [level for level, before in zip(found[1:], found, strict=False) if level != before]
    assert order == ["light", "medium", "heavy", "medium", "light", "none", "-"]
    assert found.index("medium") - found.index("light") == 5, "five minutes between two steps"


def test_the_terms_name_gates_signals_roads_and_alternatives(minutes: Minutes) -> None:
    found = minutes([60.0] * 12, others=lambda at: [camera(standing=30)])
    (terms,) = found[-1].published
    assert terms.id == "urn:ngsi-ld:AirTerms:school" and terms.types == ("AirTerms",)
    assert terms.value("level") == "medium" and terms.value("stopWeight") == 2.0
    assert terms.value("inside") == ["urn:ngsi-ld:TrafficSignal:in"]
    # The fixed plan shows the gate's first link green for 60 of 90 s; few of the second's vehicles come here.
    gate = {"refSignal": "urn:ngsi-ld:TrafficSignal:gate", "movement": 0, "greenShare": round(0.85 * 60 / 90, 4)}
    assert terms.value("gates") == [gate]
    assert terms.value("roads") == ["gate_in", "in_out", "side"] and terms.value("avoidDiesel") is True
    ring = terms.value("area")["coordinates"][0]
    assert ring[0] == ring[-1] and len(ring) == 25
    assert [each["label"] for each in terms.value("alternatives")] == ["no measure", "light", "medium", "heavy"]
    assert {"no2_ugm3", "no2_ugm3_low", "no2_ugm3_high", "delay_share"} <= terms.value("expected").keys()
    assert terms.value("pollutants")[0]["stations"] == [f"urn:ngsi-ld:AirQualityObserved:{name}" for name in "ab"]
    assert terms.expires_at == AT + timedelta(minutes=11, seconds=45)


def test_only_a_full_area_is_metered_and_the_record_says_when(minutes: Minutes) -> None:
    """A decision a minute here: what stands inside is smoothed over twelve decisions."""

    def inside(at: datetime) -> list[Entity]:
        return [camera(standing=1.0 if at < AT + timedelta(minutes=40) else 0.0)]

    found = minutes([60.0] * 70, others=inside)
    gates = [bool(each.value("gates")) for decision in found for each in decision.published]
    rules = [command.rule for decision in found for command in decision.commands]
    assert sorted(rules) == ["area-flows", "area-full", *["limit-in-danger"] * 3]
    assert gates.count(True) > 20 and not gates[0] and not gates[-1]
    at_once = minutes([60.0] * 12, others=lambda at: [camera(standing=8.0)])
    told = next(command for decision in at_once for command in decision.commands if command.parameters["gates"])
    assert told.rule == "limit-in-danger" and "who comes in is metered" in told.reason, "both in one step"
    empty = minutes([60.0] * 40, others=lambda at: [camera(standing=0.4)])
    assert not any(each.value("gates") for decision in empty for each in decision.published)
    blind = minutes([60.0] * 40)
    assert not any(each.value("gates") for decision in blind for each in decision.published), "no camera, no metering"


def test_silent_stations_let_the_terms_go(minutes: Minutes) -> None:
    found = minutes([29.0] * 20 + [None] * 40)
    commands = [command for decision in found for command in decision.commands]
    assert [command.rule for command in commands] == ["limit-in-danger", "no-picture"]
    assert levels(found)[-1] == "-"


def test_terms_end_after_the_longest_time_and_rest(minutes: Minutes) -> None:
    seen = levels(minutes([29.0] * 200, longest_s=3600.0, rest_s=1800.0))
    begin = seen.index("light")
    assert set(seen[begin : begin + 60]) == {"light"} and seen[begin + 60] == "none"
    assert set(seen[begin + 61 : begin + 90]) == {"-"} and seen[begin + 90] == "light"


def test_terms_last_their_shortest_time(minutes: Minutes) -> None:
    seen = levels(minutes([29.0] * 8 + [1.0] * 40, recent_s=300.0, least_s=1200.0))
    assert 20 <= seen.count("light") <= 21


def test_fine_particles_are_said_to_respond_hardly(minutes: Minutes) -> None:
    (terms,) = minutes([20.0] * 10, pollutant="pm25")[-1].published
    assert terms.value("pollutants")[0]["pollutant"] == "pm25"
    expected = terms.value("expected")
    assert expected["pm25_ugm3_low"] < 0 < expected["pm25_ugm3_high"], "nobody can promise that they fall"
    assert abs(expected["pm25_ugm3"]) < 0.01 * (20.0 - 8.0)


def test_a_place_of_another_kind_and_a_malformed_one_have_no_terms() -> None:
    stations = [station(name, AT, no2=90.0) for name in "ab"]
    for wrong in (school(category=["pub"]), school(location={"type": "Point"}), school(category=7)):
        seen = view(wrong, *stations, *layouts(), least_readings=1)
        assert SERVICE.decide(seen, {}).published == ()


def test_malformed_layouts_cost_no_terms(minutes: Minutes) -> None:
    broken = msgspec.structs.replace(layouts()[0], attributes={**layouts()[1].attributes, "location": ()})
    seen = view(school(), broken, station("a", AT, no2=90.0), least_readings=1)
    (terms,) = SERVICE.decide(seen, {}).published
    assert terms.value("inside") == [] and terms.value("gates") == []


def test_a_lone_sensor_far_above_all_others_never_acts(minutes: Minutes) -> None:
    def city(at: datetime) -> list[Entity]:
        return [station(f"far{n}", at, metres=2000 + 500 * n, no2=14.0 + n) for n in range(3)]

    assert set(levels(minutes([90.0] * 30, names=("a",), others=city))) == {"-"}
    both = minutes([90.0] * 30, names=("a", "b"), others=city)
    assert "light" in levels(both), "a second one confirms it"
    alone = minutes([40.0] * 30, names=("a",), others=city)
    assert "no second one near" in alone[-1].published[0].value("reason")


def test_two_sources_can_be_asked_for(minutes: Minutes) -> None:
    assert set(levels(minutes([90.0] * 30, names=("a",), sources=2))) == {"-"}


@pytest.mark.parametrize("value", [-1.0, 9999.0, "much", True, None])
def test_what_cannot_be_is_no_reading(value: Any) -> None:
    seen = view(school(), *layouts(), station("a", AT, no2=value), least_readings=1)
    assert SERVICE.decide(seen, {}).published == ()


def test_one_wild_reading_counts_for_nothing(minutes: Minutes) -> None:
    assert set(levels(minutes([15.0] * 10 + [1900.0] + [15.0] * 30))) == {"-"}


def test_a_stuck_sensor_is_left_out_and_the_other_heard(minutes: Minutes) -> None:
    def stuck(at: datetime) -> list[Entity]:
        return [station("stuck", at, metres=-50, no2=70.0)]

    wave = [40.0 + minute % 3 for minute in range(140)]
    (terms,) = minutes(wave, names=("a",), others=stuck)[-1].published
    assert terms.value("pollutants")[0]["stations"] == ["urn:ngsi-ld:AirQualityObserved:a"]
    assert "stuck has said 70 all the time" in terms.value("reason")


def test_a_clock_that_is_ahead_is_not_believed() -> None:
    seen = view(school(), station("a", AT + timedelta(minutes=5), no2=90.0), least_readings=1)
    assert SERVICE.decide(seen, {}).published == ()


def test_a_far_station_does_not_speak_for_the_place() -> None:
    far = msgspec.structs.replace(station("a", AT, metres=400, no2=90.0))
    assert SERVICE.decide(view(school(location=north(0)), far, least_readings=1), {}).published == ()
