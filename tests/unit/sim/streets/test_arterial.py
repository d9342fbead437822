"""The road to look at: the straight one with the most signals, or the one that is asked for."""

import pytest

from madang.errors import BadRequestData
from madang.model.city import WorldSpec
from madang.sim.streets import network, scenario
from madang.sim.streets.arterial import longest, through
from madang.sim.streets.layout import Layout, layouts
from madang.sim.streets.network import Network


@pytest.fixture(scope="module")
def grid() -> tuple[Network, dict[str, Layout]]:
    found = network.read(scenario.resolve(WorldSpec(scenario="grid4x4")).net)
    return found, layouts(found)


def test_the_longest_has_all_signals_of_a_street(grid: tuple[Network, dict[str, Layout]]) -> None:
    found = longest(*grid)
    assert found is not None
    names = [line.signal for line in found.lines]
    assert len(set(names)) == 4
    assert len({name[0] for name in names}) == 1 or len({name[1] for name in names}) == 1, "one row or one column"
    places = [line.at_m for line in found.lines]
    assert places == sorted(places) and places[0] > 0 and places[-1] < found.length_m
    assert all(line.links for line in found.lines)
    assert list(found.starts_m.values()) == sorted(found.starts_m.values())


def test_a_single_junction_is_no_arterial(cologne: Network) -> None:
    assert longest(cologne, layouts(cologne)) is None


def test_a_way_turns_where_it_has_to(grid: tuple[Network, dict[str, Layout]]) -> None:
    found = through(["A0", "A1", "B1"], *grid)
    assert [line.signal for line in found.lines] == ["A0", "A1", "B1"]


@pytest.mark.parametrize("signals", [["A0"], ["A0", "Z9"]])
def test_what_is_no_arterial_is_refused(grid: tuple[Network, dict[str, Layout]], signals: list[str]) -> None:
    with pytest.raises(BadRequestData, match="at least two of the signals A0, A1"):
        through(signals, *grid)
