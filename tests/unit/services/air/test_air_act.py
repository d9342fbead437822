"""Guards and settings: what nobody may ask for."""

from typing import Any

import msgspec
import pytest
from tests.unit.services.air.conftest import AT, Minutes, layouts, school, station, view

from madang.errors import CityInvalid
from madang.model.service import Command, View
from madang.services.air import SERVICE
from madang.services.air.settings import settings_of


def refusal(seen: View, command: Command) -> str | None:
    return next((why for guard in SERVICE.guards if (why := guard(seen, command)) is not None), None)


@pytest.fixture
def given() -> tuple[View, Command]:
    seen = view(school(), *layouts(), station("a", AT, no2=90.0), least_readings=1)
    (command,) = SERVICE.decide(seen, {}).commands
    return seen, command


def test_its_own_commands_pass(given: tuple[View, Command]) -> None:
    assert refusal(*given) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": "everything"},
        {"inflow": 0.4},
        {"inflow": "all"},
        {"inflow": 1.1},
        {"stopWeight": 50},
        {"stopWeight": 0.5},
        {"stopWeight": None},
    ],
)
def test_terms_out_of_bounds_are_refused(given: tuple[View, Command], wrong: dict[str, Any]) -> None:
    seen, command = given
    worse = msgspec.structs.replace(command, parameters={**command.parameters, **wrong})
    assert refusal(seen, worse)


def test_only_sensitive_places_get_terms(given: tuple[View, Command]) -> None:
    seen, command = given
    assert refusal(view(school(category=["pub"])), command)
    assert refusal(seen, msgspec.structs.replace(command, action="close-the-road"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"near_m": -1.0},
        {"limits": [{"pollutant": "no2", "ugm3": 0, "averaging_s": 3600, "source": "?"}]},
        {"limits": [{"pollutant": "gold", "ugm3": 1, "averaging_s": 3600, "source": "?"}]},
        {"limits": [{"pollutant": "no2", "ugm3": 40, "averaging_s": 3600}]},
        {"measures": []},
        {"measures": [{"name": "x", "from_share": 1, "inflow": 0.1, "stop_weight": 1}]},
        {"off_at": 1.0},
        {"valid_s": 5.0},
        {"flowing": 0.5},
        {"sources": 0},
        {"colour": "red"},
    ],
)
def test_impossible_settings_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(CityInvalid, match=next(iter(wrong))):
        settings_of({**SERVICE.settings, **wrong})


def test_a_city_may_set_a_limit_for_black_carbon(minutes: Minutes) -> None:
    own = [{"pollutant": "bc", "ugm3": 2.0, "averaging_s": 3600, "source": "council's resolution 2026/3"}]
    (terms,) = minutes([3.0 + n % 2 for n in range(20)], pollutant="bc", limits=own)[-1].published
    assert "black carbon" in terms.value("reason") and "2026/3" in terms.value("reason")
