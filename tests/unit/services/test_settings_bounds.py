"""No setting of any service takes what is no number, not finite, or beyond all sense: a city's folder is
refused with the setting's name, and so is who asks what if."""

import importlib
import math
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from madang.errors import CityInvalid

SERVICES = ("signals", "buses", "emergency", "air")


def numbers() -> Iterator[tuple[str, str]]:
    """Each setting that is a number."""
    for service in SERVICES:
        settings: Any = importlib.import_module(f"madang.services.{service}.settings").Settings
        for field in msgspec.structs.fields(settings):
            if isinstance(field.default, int | float) and not isinstance(field.default, bool):
                yield service, field.name


@pytest.mark.parametrize(("service", "name"), list(numbers()))
def test_a_setting_beyond_all_sense_is_refused_by_name(service: str, name: str) -> None:
    room: Any = importlib.import_module(f"madang.services.{service}.settings")
    for value in (-1e300, -0.001, 1e300, math.inf, math.nan):
        with pytest.raises(CityInvalid, match=f"service {service}.*{name}"):
            room.settings_of({name: value})
    room.settings_of({name: getattr(room.settings_of({}), name)})


def test_what_a_city_says_of_its_air_is_finite_too() -> None:
    room = importlib.import_module("madang.services.air.settings")
    limit = {"pollutant": "no2", "averaging_s": 3600.0, "source": "a test"}
    for wrong in (
        {"background": {"no2": math.inf}},
        {"limits": [{**limit, "ugm3": math.inf}]},
        {
            "measures": [
                {"name": "x", "from_share": 1.0, "inflow": 1.0, "stop_weight": 1.0, "nox": [0.0, math.nan, 0.0]}
            ]
        },
    ):
        with pytest.raises(CityInvalid, match="service air"):
            room.settings_of(wrong)
