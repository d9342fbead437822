"""Settings under which nobody could be served in time are refused, not silently never acted on."""

import pytest

from madang.errors import CityInvalid
from madang.services.signals.settings import settings_of


def test_a_maximum_red_that_two_stages_cannot_keep_is_refused() -> None:
    with pytest.raises(CityInvalid, match="two stages in turn take 24 s"):
        settings_of({"max_red_s": 20.0})


def test_a_minimum_green_that_fills_the_maximum_red_is_refused() -> None:
    with pytest.raises(CityInvalid, match="nobody could be served"):
        settings_of({"min_green_s": 700.0})
