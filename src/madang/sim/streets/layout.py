"""What a signalised junction is: its links, their foes, its stages and its fixed plan; drawn from the network alone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from madang.model.entity import Entity, observed, point
from madang.sim.streets.approach import called
from madang.sim.streets.device import urn
from madang.sim.streets.intergreen import clearance_s
from madang.sim.streets.network import Connection, Junction, Network, Program
from madang.sim.streets.projection import Projection
from madang.sim.streets.stages import Stage, stages, with_added
from madang.sim.streets.upstream import Feeder, feeders


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """One signal controller, which may serve several nodes. `foes` and `yields` by link index (a link that one index
    shares with others has the union). `plan` is the program that the cabinet runs by itself. `clear_s` are by link the
    seconds that people need to have crossed after its green (0: nobody walks; empty: nowhere). `feeders` are by
    approach edge the signalised movements from which vehicles come to it."""

    id: str
    name: str
    links: tuple[Connection, ...]
    size: int
    foes: tuple[frozenset[int], ...]
    yields: tuple[frozenset[int], ...]
    stages: tuple[Stage, ...]
    plan: Program
    nodes: tuple[str, ...]
    clear_s: tuple[float, ...] = ()
    feeders: Mapping[str, tuple[Feeder, ...]] = {}


def layouts(network: Network) -> dict[str, Layout]:
    """The layouts of all signals that control at least one connection, by signal id, in the network's order."""
    controlled: dict[str, list[Connection]] = {}
    for connection in network.connections:
        if connection.signal:
            controlled.setdefault(connection.signal, []).append(connection)
    found = {
        signal: _layout(network, signal, sorted(controlled[signal], key=lambda c: c.link))
        for signal in network.programs
        if signal in controlled
    }
    edges = {lane.rpartition("_")[0] for layout in found.values() for lane in _approach_lanes(layout.links)}
    fed = feeders(network, edges)
    return {signal: _fed(layout, fed) for signal, layout in found.items()}


def _fed(layout: Layout, fed: Mapping[str, tuple[Feeder, ...]]) -> Layout:
    edges = dict.fromkeys(lane.rpartition("_")[0] for lane in _approach_lanes(layout.links))
    return msgspec.structs.replace(layout, feeders={edge: fed[edge] for edge in edges if fed.get(edge)})


def _approach_lanes(links: Iterable[Connection]) -> list[str]:
    """The lanes before the stop lines, without those that people walk on."""
    return list(dict.fromkeys(link.from_lane for link in links if link.from_lane[0] != ":"))


def _approaches(links: Sequence[Connection]) -> list[list[frozenset[int]]]:
    """By approach edge, by lane, the links."""
    found: dict[str, list[frozenset[int]]] = {}
    for lane in _approach_lanes(links):
        own = frozenset(link.link for link in links if link.from_lane == lane)
        found.setdefault(lane.rpartition("_")[0], []).append(own)
    return list(found.values())


def _layout(network: Network, signal: str, links: list[Connection]) -> Layout:
    # SUMO runs the program that was loaded last.
    plan = network.programs[signal][-1]
    size = len(plan.phases[0][0])
    foes, yields = _right_of_way(network.junctions, links, size)
    nodes = tuple(dict.fromkeys(link.junction for link in links))
    programs = [plan, *(p for p in network.programs[signal] if p is not plan and len(p.phases[0][0]) == size)]
    return Layout(
        id=signal,
        name=_name(network, links) or signal,
        links=tuple(links),
        size=size,
        foes=foes,
        yields=yields,
        stages=with_added(stages(programs, foes, yields), _approaches(links), foes),
        plan=plan,
        nodes=nodes,
        clear_s=_clear(links, size),
    )


def _clear(links: Iterable[Connection], size: int) -> tuple[float, ...]:
    found = [0.0] * size
    for link in links:
        found[link.link] = max(found[link.link], clearance_s(link.crossing_m))
    return tuple(found) if any(found) else ()


def _right_of_way(
    junctions: Mapping[str, Junction], links: list[Connection], size: int
) -> tuple[tuple[frozenset[int], ...], tuple[frozenset[int], ...]]:
    foes: list[set[int]] = [set() for _ in range(size)]
    yields: list[set[int]] = [set() for _ in range(size)]
    for one in links:
        node = junctions[one.junction]
        for other in links:
            if other.junction == one.junction and other.link != one.link:
                if other.request in node.foes.get(one.request, ()):
                    # The right of way is written from both sides; one side is enough to be a foe.
                    foes[one.link].add(other.link)
                    foes[other.link].add(one.link)
                if other.request in node.yields.get(one.request, ()):
                    yields[one.link].add(other.link)
    return tuple(map(frozenset, foes)), tuple(map(frozenset, yields))


def _name(network: Network, links: list[Connection]) -> str:
    """The names of the two streets that most links come from, where the network knows names."""
    named: dict[str, int] = {}
    for link in links:
        name = network.edges.get(link.from_lane.rpartition("_")[0], "")
        if name:
            named[name] = named.get(name, 0) + 1
    return " / ".join(sorted(named, key=lambda name: -named[name])[:2])


def layout_entity(layout: Layout, network: Network, place: Projection) -> Entity:
    """The entity SignalLayout of a junction."""
    location = point(*place([centre(layout, network)])[0])
    values = {"layout": describe(layout, network), "location": location, "name": layout.name}
    return observed(urn("SignalLayout", layout.id), "SignalLayout", None, values, json=("layout",))


def describe(layout: Layout, network: Network) -> dict[str, Any]:
    """The layout as JSON. `links` has one entry a connection: an index that controls two appears twice."""
    lanes = dict.fromkeys(lane for link in layout.links for lane in (link.from_lane, link.to_lane))
    return {
        "links": [
            {
                "index": link.link,
                # People wait on the pavement for one crossing or another: each crossing is a lane of its own.
                "from_lane": link.to_lane if link.crossing_m else link.from_lane,
                "to_lane": link.to_lane,
                "direction": link.direction,
                "kind": _kind(link, network),
                "inside_m": link.inside_m,
                "street": "a crossing on foot" if link.crossing_m else called(link.from_lane, network),
            }
            for link in layout.links
        ],
        "stages": [{"id": stage.id, "green": stage.green, "added": stage.added} for stage in layout.stages],
        "plan": [{"state": lamps, "duration_s": duration_s} for lamps, duration_s in layout.plan.phases],
        "plan_offset_s": layout.plan.offset_s,
        "foes": [sorted(foes) for foes in layout.foes],
        "yields": [sorted(yields) for yields in layout.yields],
        **({"clear_s": list(layout.clear_s)} if layout.clear_s else {}),
        "lanes": {
            lane: {"length_m": network.lanes[lane].length_m, "speed_mps": network.lanes[lane].speed_mps}
            for lane in lanes
            if lane in network.lanes
        },
        "feeders": {edge: [msgspec.to_builtins(each) for each in found] for edge, found in layout.feeders.items()},
    }


def _kind(link: Connection, network: Network) -> str:
    if link.to_lane.startswith(":"):
        return "pedestrian"
    lane = network.lanes.get(link.from_lane)
    if lane is None or lane.admits("passenger"):
        return "car"
    return next((kind for kind in ("bus", "tram", "bicycle", "pedestrian") if lane.admits(kind)), "car")


def centre(layout: Layout, network: Network) -> tuple[float, float]:
    """The middle of the junction's nodes."""
    centres = [network.junctions[node].centre for node in layout.nodes]
    return sum(x for x, _ in centres) / len(centres), sum(y for _, y in centres) / len(centres)
