"""Which movements cross, read from the network for the monitor alone; compared with SUMO's own library."""

from importlib.metadata import distribution
from itertools import permutations
from pathlib import Path

import pytest
import sumolib

from madang.errors import BadRequestData
from madang.sim.streets import network as streets
from madang.sim.streets.foes import crossings_of_network, foes_of_network
from madang.sim.streets.layout import layouts


def network(name: str) -> Path:
    return Path(str(distribution("sumo-rl").locate_file(f"sumo_rl/nets/RESCO/{name}/{name}.net.xml")))


def test_foes_of_a_real_network_are_symmetric_and_cover_every_signal() -> None:
    foes = foes_of_network(network("cologne3"))
    assert len(foes) == 3
    for rows in foes.values():
        assert any(rows)
        assert all(link in rows[foe] for link, row in enumerate(rows) for foe in row)


def test_a_way_that_waits_inside_the_junction_has_its_foes() -> None:
    """The left turn of ingolstadt1 waits on an inner lane: its request is under the lane behind it."""
    rows = foes_of_network(network("ingolstadt1"))["gneJ207"]
    assert rows[2] == frozenset({4, 5, 6, 7})


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.net.xml"
    broken.write_text("<net><junction id='a'")
    with pytest.raises(BadRequestData, match=r"broken\.net\.xml is not a SUMO network"):
        foes_of_network(broken)


@pytest.mark.parametrize("name", ["cologne3", "ingolstadt7", "grid4x4"])
def test_they_are_those_that_sumolib_reads(name: str) -> None:
    foes = foes_of_network(network(name))
    net = sumolib.net.readNet(str(network(name)), withPrograms=True, withInternal=True)
    for signal in net.getTrafficLights():
        rows = foes[signal.getID()]
        ways = [
            (link, way, way.getFrom().getToNode())
            for source, target, link in signal.getConnections()
            for way in source.getOutgoing()
            if way.getToLane() == target
        ]
        for (a, one, node), (b, other, same) in permutations(ways, 2):
            if a != b and node == same:
                assert (b in rows[a]) == node.areFoes(node.getLinkIndex(one), node.getLinkIndex(other))


def test_crossings_are_read_twice_and_alike(walked: Path) -> None:
    """The monitor's foes and lengths are those of the layout, by readings that share nothing."""
    ((signal, layout),) = layouts(streets.read(walked)).items()
    assert foes_of_network(walked)[signal] == layout.foes
    found = crossings_of_network(walked)[signal]
    assert found == {link.link: link.crossing_m for link in layout.links if link.crossing_m}
    assert len(found) == 6
    assert [need_s > 0 for need_s in layout.clear_s] == [link in found for link in range(layout.size)]
    assert crossings_of_network(network("cologne1")) == {}
