"""Without SUMO the error says which extra brings it."""

import sys

import pytest

from madang.errors import MissingExtra
from madang.sim.streets import sumo


def test_a_missing_simulator_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libsumo", None)
    with pytest.raises(MissingExtra, match=r"madang\[streets\]"):
        sumo.load()
