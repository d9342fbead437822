"""Who follows too close, or leaves too early, waits; nobody else does, and nobody for long."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.unit.services.buses.conftest import AT, BUS, MARKET, bus, call, stop

from madang.model.entity import Entity
from madang.model.service import Command, View
from madang.services.buses.decide import decide

See = Callable[..., View]


def standing(*, departs_s: float = 6.0, dwell: float = 6.0, lateness: float = 0.0, **more: Any) -> Entity:
    return bus(lateness=lateness, at=MARKET, dwell=dwell, stops=[call(MARKET, "a", departs_s=departs_s)], **more)


def leader(seconds_ago: float, planned_ago: float, name: str = "urn:ngsi-ld:Vehicle:7.0") -> Mapping[str, Any]:
    now = AT.timestamp()
    return {f"7 {MARKET}": {"bus": name, "at_s": now - seconds_ago, "planned_s": now + 6 - planned_ago}}


def held(view: View, memory: Mapping[str, Any]) -> Command | None:
    found = decide(view, memory).commands
    assert len(found) <= 1
    return found[0] if found else None


def test_a_bunched_bus_waits_until_it_has_three_quarters_of_its_headway(see: See) -> None:
    command = held(see(standing(), stop(MARKET)), leader(seconds_ago=194.0, planned_ago=400.0))
    assert command is not None and command.action == "hold" and command.target == BUS
    assert command.parameters == {"stop": MARKET, "seconds": 60.0}, "100 s are missing, 60 are allowed"
    assert "Market" in command.reason and "200 s" in command.reason and "400 s" in command.reason
    command = held(see(standing()), leader(seconds_ago=274.0, planned_ago=400.0))
    assert command is not None and command.parameters["seconds"] == 20.0


def test_a_bus_with_its_headway_leaves(see: See) -> None:
    assert held(see(standing()), leader(seconds_ago=300.0, planned_ago=400.0)) is None
    assert held(see(standing()), {}) is None


def test_a_rare_line_is_kept_on_its_timetable(see: See) -> None:
    rare = leader(seconds_ago=1700.0, planned_ago=1800.0)
    command = held(see(standing(departs_s=46.0)), rare)
    assert command is not None and (command.rule, command.parameters["seconds"]) == ("timetable", 40.0)
    assert held(see(standing(departs_s=20.0)), rare) is None, "14 s early is not early"
    assert held(see(standing(departs_s=-100.0)), rare) is None


def test_nobody_is_held_twice_too_late_or_with_half_the_dwell_left(see: See) -> None:
    memory = leader(seconds_ago=194.0, planned_ago=400.0)
    assert held(see(standing(held=True)), memory) is None
    assert held(see(standing(dwell=1.0)), memory) is None
    assert held(see(standing(dwell=20.0)), memory) is None
    assert held(see(standing(lateness=181.0)), memory) is None
    first = decide(see(standing()), memory)
    assert first.commands and not decide(see(standing()), first.memory).commands


def test_advice_is_published_and_not_commanded(see: See) -> None:
    memory = leader(seconds_ago=194.0, planned_ago=400.0)
    decided = decide(see(standing(), hold="advise"), memory)
    assert not decided.commands
    assert [p.value("parameters")["seconds"] for p in decided.published if p.types == ("BusProposal",)] == [60.0]


def test_a_leader_is_who_left_before_and_not_the_bus_itself(see: See) -> None:
    memory = decide(see(standing()), {}).memory
    assert memory[f"7 {MARKET}"]["bus"] == BUS
    assert decide(see(standing()), memory).memory[BUS]["leader"] is None
