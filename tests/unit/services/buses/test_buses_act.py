"""What the guards let pass and what they do not."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.unit.services.buses.conftest import BUS, MARKET, bus, call, roads, segment

from madang.errors import CityInvalid
from madang.model.service import Command, View
from madang.services.buses.act import GUARDS, fallback
from madang.services.buses.settings import settings_of

See = Callable[..., View]


def why(view: View, action: str, parameters: Mapping[str, Any], target: str = BUS) -> str:
    command = Command(target=target, action=action, parameters=parameters, rule="-", reason="-")
    return "; ".join(said for guard in GUARDS if (said := guard(view, command)))


@pytest.mark.parametrize("seconds", [0, 0.5, 61, 1e9, float("nan"), True, None, "30"])
def test_a_hold_is_short(see: See, seconds: object) -> None:
    view = see(bus(at=MARKET, dwell=9.0, stops=[call(MARKET, "a")]))
    assert "held for 1 to 60 s" in why(view, "hold", {"stop": MARKET, "seconds": seconds})
    assert not why(view, "hold", {"stop": MARKET, "seconds": 60})


def test_a_hold_is_at_the_stop_where_the_bus_stands(see: See) -> None:
    hold = {"stop": MARKET, "seconds": 30}
    assert "where it stands" in why(see(bus()), "hold", hold)
    assert "held already" in why(see(bus(at=MARKET, dwell=9.0, held=True)), "hold", hold)
    assert "about to leave" in why(see(bus(at=MARKET, dwell=1.0)), "hold", hold)
    assert "heard of" in why(see(bus(at=MARKET, dwell=90.0), at_s=8.0), "hold", hold)


@pytest.mark.parametrize(
    ("route", "said"),
    [
        (["a", "e", "c", "d"], ""),
        ([], "list of roads"),
        ("abcd", "list of roads"),
        (["a", 3], "list of roads"),
        (["a", "nowhere"], "do not drive"),
        (["a", "c", "d"], "no bus can turn from road a onto road c"),
        (["b", "c", "d"], "begins on the road where the bus is"),
        (["a", "b", "f", "d"], "road b is closed"),
    ],
)
def test_a_detour_can_be_driven(see: See, route: object, said: str) -> None:
    view = see(bus(), roads(), segment("b", status="closed"))
    found = why(view, "detour", {"route": route})
    assert said in found and bool(said) == bool(found)


def test_a_detour_comes_in_time_and_not_at_a_stop(see: See) -> None:
    route = {"route": ["a", "e", "c", "d"]}
    assert "another turn" in why(see(bus(position=160.0), roads()), "detour", route)
    assert "stands at a stop" in why(see(bus(at=MARKET, dwell=9.0), roads()), "detour", route)


def test_anything_else_is_refused_and_a_release_always_passes(see: See) -> None:
    assert "knows the actions" in why(see(bus()), "stage", {})
    assert "no bus" in why(see(bus()), "hold", {}, target="urn:ngsi-ld:Vehicle:9")
    assert not why(see(), "release", {}, target="urn:ngsi-ld:Vehicle:9")
    assert [command.action for command in fallback(see(), [BUS])] == ["release"]


@pytest.mark.parametrize(
    "wrong",
    [{"hold": "sometimes"}, {"max_hold_s": 181}, {"late_s": 300}, {"least_weight": 9}, {"bunched": -1}, {"x": 1}],
)
def test_impossible_settings_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(CityInvalid) as refusal:
        settings_of(wrong)
    assert next(iter(wrong)) in str(refusal.value)
