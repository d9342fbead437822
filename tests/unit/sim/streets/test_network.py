"""The network file as values: what the right of way says, and what a broken file is told."""

from pathlib import Path

import pytest
import sumolib

from madang.errors import BadRequestData
from madang.model.city import WorldSpec
from madang.sim.streets import network, scenario
from madang.sim.streets.network import Network

NET = """<net><location netOffset="0,0" projParameter="!"/>
<edge id="a"><lane id="a_0" index="0" speed="13.9" length="100" shape="0,0 100,0"/></edge>
<junction id="j" type="traffic_light" x="100" y="0" incLanes="a_0" shape="0,0 1,0 1,1">
<request index="0" response="0" foes="0"/></junction>
{more}</net>"""


def test_requests_are_numbered_as_sumo_numbers_them(ingolstadt: Network) -> None:
    """Against sumolib's own reading, over all signalised connections."""
    theirs = sumolib.net.readNet(str(scenario.resolve(WorldSpec(scenario="ingolstadt21")).net))
    ours = [connection for connection in ingolstadt.connections if connection.signal]
    for connection in ours:
        edge, _, index = connection.from_lane.rpartition("_")
        outgoing = theirs.getEdge(edge).getLane(int(index)).getOutgoing()
        found = next(way for way in outgoing if way.getToLane().getID() == connection.to_lane)
        assert theirs.getNode(connection.junction).getLinkIndex(found) == connection.request
    assert len(ours) > 200


def test_lanes_of_junctions_are_kept_apart(cologne: Network) -> None:
    assert all(lane.startswith(":") for lane in cologne.inner)
    assert not any(lane.startswith(":") for lane in cologne.lanes)


def test_who_may_use_a_lane() -> None:
    lane = {"id": "a_0", "edge": "a", "index": 0, "speed_mps": 14.0, "length_m": 9.0, "width_m": 3.2, "shape": ()}
    buses = network.Lane(**lane, allow=frozenset({"bus"}), disallow=frozenset())
    cars = network.Lane(**lane, allow=frozenset(), disallow=frozenset({"pedestrian"}))
    assert (buses.admits("bus"), buses.admits("passenger")) == (True, False)
    assert (cars.admits("passenger"), cars.admits("pedestrian")) == (True, False)


def test_a_streets_name_is_what_the_map_has(tmp_path: Path) -> None:
    """As netconvert 1.28 writes the name 'Mill & "Long" <Road>' of a map."""
    file = tmp_path / "named.net.xml"
    name = "Mill &amp;amp; &amp;quot;Long&amp;quot; &amp;lt;Road&amp;gt;"
    file.write_text(NET.replace('<edge id="a">', f'<edge id="a" name="{name}">').format(more=""))
    assert network.read(file).edges == {"a": 'Mill & "Long" <Road>'}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no xml", "no well-formed XML"),
        ("<routes/>", "no SUMO network"),
        (NET.replace('speed="13.9"', "").format(more=""), "malformed network"),
        (NET.replace("0,0 100,0", "0,0 nan,0").format(more=""), "malformed network"),
        (NET.format(more='<tlLogic id="j" programID="0"/>'), "program '0' of signal 'j' has no phases"),
        (
            NET.format(more='<tlLogic id="j"><phase state="G" duration="0"/></tlLogic>'),
            "program '0' of signal 'j' has a phase of 0 s",
        ),
        (
            NET.format(
                more='<connection from="a" to="a" fromLane="0" toLane="0" tl="j" linkIndex="2"/>'
                '<tlLogic id="j"><phase state="Gr" duration="9"/></tlLogic>'
            ),
            "has phases of 2 links, and a connection has the linkIndex 2",
        ),
    ],
)
def test_a_broken_file_is_named_with_what_is_wrong(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.net.xml"
    file.write_text(text)
    with pytest.raises(BadRequestData, match=rf"bad\.net\.xml.*{says}"):
        network.read(file)
