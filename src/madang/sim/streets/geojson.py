"""The streets as GeoJSON for the map: lanes, junction areas and the stop lines' signal heads (RFC 7946)."""

from collections.abc import Iterator, Mapping
from typing import Any

from madang.sim.streets.layout import Layout
from madang.sim.streets.network import Lane, Network
from madang.sim.streets.projection import Projection

_KINDS = ("passenger", "bus", "bicycle", "tram", "rail", "pedestrian")


def draw(network: Network, layouts: Mapping[str, Layout], place: Projection) -> dict[str, Any]:
    """A FeatureCollection; coordinates with 6 decimals. `layer` is ``junction`` (Polygon: id, tls), ``lane``
    (LineString: id, edge, tls that it leads to or "", width_m, kind) or ``signal`` (Point at the stop line: tls, index,
    lane)."""
    signals = {link.from_lane: layout.id for layout in layouts.values() for link in layout.links}
    nodes = {node: layout.id for layout in layouts.values() for node in layout.nodes}
    features = [*_junctions(network, nodes, place), *_lanes(network, signals, place), *_heads(network, layouts, place)]
    return {"type": "FeatureCollection", "features": features}


def _junctions(network: Network, nodes: Mapping[str, str], place: Projection) -> Iterator[dict[str, Any]]:
    for junction in network.junctions.values():
        ring = place(junction.shape)
        if len(set(junction.shape)) >= 3:
            closed = ring if ring[0] == ring[-1] else [*ring, ring[0]]
            properties = {"layer": "junction", "id": junction.id, "tls": nodes.get(junction.id, "")}
            yield _feature("Polygon", [closed], properties)


def _lanes(network: Network, signals: Mapping[str, str], place: Projection) -> Iterator[dict[str, Any]]:
    for lane in network.lanes.values():
        properties = {
            "layer": "lane",
            "id": lane.id,
            "edge": lane.edge,
            "tls": signals.get(lane.id, ""),
            "width_m": lane.width_m,
            "kind": _kind(lane),
        }
        yield _feature("LineString", place(lane.shape), properties)


def _heads(network: Network, layouts: Mapping[str, Layout], place: Projection) -> Iterator[dict[str, Any]]:
    for layout in layouts.values():
        for link in layout.links:
            lane = network.lanes.get(link.from_lane)
            if lane is not None:
                properties = {"layer": "signal", "tls": layout.id, "index": link.link, "lane": lane.id}
                yield _feature("Point", place(lane.shape[-1:])[0], properties)


def _kind(lane: Lane) -> str:
    found = next((kind for kind in _KINDS if lane.admits(kind)), "other")
    return "car" if found == "passenger" else found


def _feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}
