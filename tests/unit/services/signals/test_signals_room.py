"""Room in short streets: what a junction tells, what the one before makes of it, and what the plan does then."""

from typing import Any

import msgspec
import pytest

from madang.services.signals import SERVICE, outlook, room
from madang.services.signals.arrivals import Arrival
from madang.services.signals.junction import Junction, compiled
from madang.services.signals.plan import Start, weighed
from madang.services.signals.room import Places
from madang.services.signals.settings import Settings

from .conftest import AT, LAYOUT, TARGET, Make, queue

SETTINGS = Settings()
NS, WEST = 0, 2


def junction(**lengths_m: float) -> Junction:
    lanes = {lane: {"length_m": length_m} for lane, length_m in lengths_m.items()}
    return compiled("room", {**LAYOUT, "lanes": lanes}, SETTINGS)


def planned(west: int, places: Places, **named: Any) -> Any:
    queues = {"west_0": [Arrival(0.0, 3, 1.0, 1.0, False)] * west, **named.pop("queues", {})}
    start = Start(stage=named.pop("stage", NS), opens_s={}, ready_s=(0.0, 0.0, 0.0), **named)
    return weighed(junction(), start, queues, frozenset(), SETTINGS, places=places)


def left_s(found: Any, link: int) -> list[float]:
    return [leave_s for leave_s, _, _ in found.leaving.get(link, ())]


def test_a_short_street_tells_what_is_free_and_what_its_own_plan_frees() -> None:
    told = room.told(junction(west_0=24.0), 100.0, {"west_0": queue(2, 3)}, {3: [(4.0, 1.0, 1.0), (6.0, 1.0, 1.0)]})
    assert told == {"west_0": [0.0, 104.0, 106.0]}


def test_a_street_that_is_more_than_full_frees_its_first_place_later() -> None:
    told = room.told(junction(west_0=12.0), 100.0, {"west_0": queue(2, 3)}, {3: [(4.0, 1.0, 1.0), (6.0, 1.0, 1.0)]})
    assert told == {"west_0": [106.0]}


@pytest.mark.parametrize("length_m", [room.SHORT_M + 1, 150.0])
def test_a_street_with_room_enough_is_not_told_of(length_m: float) -> None:
    assert room.told(junction(west_0=length_m), 100.0, {}, {}) == {}


def test_a_bus_takes_two_places() -> None:
    bus = [[3.0, 0.0, 3, "bus", 9.0]]
    assert room.told(junction(west_0=24.0), 100.0, {"west_0": bus}, {}) == {"west_0": [0.0]}  # pyright: ignore


def test_parts_of_vehicles_free_a_place_together() -> None:
    told = room.told(junction(west_0=9.0), 0.0, {"west_0": queue(1, 3)}, {3: [(2.0, 0.5, 0.5), (4.0, 0.5, 0.5)]})
    assert told == {"west_0": [4.0]}


def test_places_are_by_what_is_behind_a_movement_and_less_who_just_left() -> None:
    found = room.places(junction(), 100.0, {"east_0": [0.0, 0.0, 107.0 + room.AHEAD_S]}, {3: [100.0]})
    assert (found.group, found.free_s) == ({3: 0}, [[0.0, 7.0]])


def test_nobody_goes_where_there_is_no_room() -> None:
    full = planned(4, Places(group={3: 0}, free_s=[[]]))
    assert left_s(full, 3) == []
    assert full.stay_s != 0


def test_who_has_a_place_goes_and_the_next_when_his_is_free() -> None:
    found = planned(3, Places(group={3: 0}, free_s=[[0.0, 20.0]]), stage=WEST, locked_s=40.0)
    assert left_s(found, 3) == [0.0, 20.0]


def test_green_for_those_without_room_is_dearer_than_for_those_who_go() -> None:
    north = {"north_0": [Arrival(0.0, 0, 1.0, 1.0, False)] * 3}
    held = planned(3, Places(group={3: 0}, free_s=[[]]), stage=WEST, queues=north)
    free = planned(3, Places(), stage=WEST, queues=north)
    assert held.then == NS
    assert held.costs[WEST] - held.costs[NS] > free.costs[WEST] - free.costs[NS]


def test_who_stands_in_so_short_a_street_counts_for_more(make: Make) -> None:
    """The two on west stand in the crossing behind them if more come: they go before three who stand elsewhere."""
    feeder = {"signal": "y", "link": 0, "distance_m": 12.0, "time_s": 1.0, "share": 1.0}
    waiting = {"west_0": queue(1, 3), "north_0": queue(4, 1)}
    near, far = ({**LAYOUT, "feeders": {"west": [{**feeder, "distance_m": m}]}} for m in (12.0, 90.0))
    costs = [
        {
            each.label: each.score
            for each in SERVICE.decide(make(waiting, layout=layout, shown_s=30.0), {}).commands[0].alternatives
        }
        for layout in (near, far)
    ]
    assert compiled("short", near, SETTINGS).short == {"west_0"}
    assert costs[0]["stage left"] - costs[0]["stage w"] > costs[1]["stage left"] - costs[1]["stage w"]


def test_who_stands_before_a_full_street_is_told_of() -> None:
    group, waiting = {3: 0}, {"west_0": queue(5, 3)}
    assert room.pressing(junction(), waiting, group, {3: [(2.0, 1.0, 1.0)]}) == {3: 4}  # pyright: ignore
    assert room.pressing(junction(), waiting, {}, {}) == {}  # pyright: ignore


def test_the_decision_rests_on_what_the_junction_behind_told(make: Make) -> None:
    """With a full street behind west nothing is gained there; the record names the slice that said so."""
    behind = "urn:ngsi-ld:TrafficSignal:z"
    view = make({"west_0": queue(6, 3)}, shown_s=30.0)
    told = outlook.remembered(outlook.Outlook(space={"east_0": []}))
    free, full = SERVICE.decide(view, {}), SERVICE.decide(view, {behind: told})
    assert [command.parameters for command in free.commands] == [{"stage": "w"}]
    assert full.commands == ()
    some = outlook.remembered(outlook.Outlook(space={"east_0": [0.0] * 6}))
    (command,) = SERVICE.decide(view, {behind: some}).commands
    assert command.memory_keys == (behind,)


def test_a_slice_comes_back_as_it_was() -> None:
    told = outlook.Outlook(space={"a_0": [0.0, AT.timestamp()]}, press={3: 2})
    slice = msgspec.json.decode(msgspec.json.encode(outlook.remembered(told)))
    assert outlook.recalled(slice) == told
    assert TARGET not in slice
