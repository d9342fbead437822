"""Layouts: links, foes, stages and plan of every junction of every scenario."""

import pytest

from madang.model.city import WorldSpec
from madang.sim.streets import network, scenario
from madang.sim.streets.foes import foes_of_network
from madang.sim.streets.layout import describe, layout_entity, layouts
from madang.sim.streets.network import Connection, Junction, Network, Program
from madang.sim.streets.projection import projection


@pytest.mark.parametrize("name", sorted(scenario.ATTRIBUTIONS))
def test_every_junction_can_be_controlled(name: str) -> None:
    net = scenario.resolve(WorldSpec(scenario=name)).net
    read = network.read(net)
    found = layouts(read)
    assert found.keys() == read.programs.keys()
    independent = foes_of_network(net)
    for layout in found.values():
        assert layout.foes == independent[layout.id]
        assert len(layout.stages) >= 2
        served = {link for stage in layout.stages for link, lamp in enumerate(stage.green) if lamp in "Gg"}
        assert served >= {link.link for link in layout.links}
        for stage in layout.stages:
            assert not [
                a for a in range(layout.size) for b in layout.foes[a] if stage.green[a] == stage.green[b] == "G"
            ]


def test_the_entity_says_what_a_service_needs(cologne: Network) -> None:
    layout = next(iter(layouts(cologne).values()))
    entity = layout_entity(layout, cologne, projection(cologne))
    told = entity.value("layout")
    assert entity.id == f"urn:ngsi-ld:SignalLayout:{layout.id}"
    assert {"links", "stages", "plan", "foes", "yields", "lanes"} <= told.keys()
    assert len(told["foes"]) == len(told["plan"][0]["state"]) == layout.size
    assert {link["from_lane"] for link in told["links"]} <= told["lanes"].keys()
    assert 6.9 < entity.value("location")["coordinates"][0] < 7.0


def test_a_controller_of_two_nodes_keeps_their_foes_apart(cologne: Network) -> None:
    two = _two_nodes(cologne)
    layout = layouts(two)["x"]
    assert layout.nodes == ("m", "n")
    assert layout.foes == (frozenset({1}), frozenset({0}), frozenset({3}), frozenset({2}))
    told = describe(layout, two)
    assert [link["index"] for link in told["links"]] == [0, 1, 2, 3]


def test_a_link_that_two_lanes_share_has_the_foes_of_both(ingolstadt: Network) -> None:
    layout = layouts(ingolstadt)["243641585"]
    indices = [link.link for link in layout.links]
    shared = [index for index in set(indices) if indices.count(index) > 1]
    assert shared
    for index in shared:
        alone = [link for link in layout.links if link.link == index]
        assert len({link.from_lane for link in alone} | {link.to_lane for link in alone}) > 2
        assert len(layout.foes) == layout.size


def _two_nodes(cologne: Network) -> Network:
    foes = {0: frozenset({1}), 1: frozenset({0})}
    node = {"kind": "traffic_light", "centre": (0.0, 0.0), "shape": (), "incoming": (), "foes": foes, "yields": foes}
    lanes = list(cologne.lanes)
    pairs = [(0, 1, "m", 0), (2, 1, "m", 1), (3, 4, "n", 0), (5, 4, "n", 1)]
    ways = [
        Connection(
            from_lane=lanes[a], to_lane=lanes[b], direction="s", signal="x", link=link, junction=at, request=request
        )
        for link, (a, b, at, request) in enumerate(pairs)
    ]
    plan = Program(signal="x", id="0", offset_s=0, phases=(("GrGr", 20.0), ("rGrG", 20.0)))
    return Network(
        projection="",
        offset=(0.0, 0.0),
        edges={},
        lanes=cologne.lanes,
        inner={},
        junctions={id: Junction(id=id, **node) for id in ("m", "n")},
        connections=tuple(ways),
        programs={"x": (plan,)},
    )
