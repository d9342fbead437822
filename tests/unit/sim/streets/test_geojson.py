"""The map: every lane, junction and stop line, small enough to be sent."""

import msgspec

from madang.sim.streets.geojson import draw
from madang.sim.streets.layout import layouts
from madang.sim.streets.network import Network
from madang.sim.streets.projection import projection


def test_the_map_has_lanes_junctions_and_heads(ingolstadt: Network) -> None:
    found = layouts(ingolstadt)
    drawn = draw(ingolstadt, found, projection(ingolstadt))
    by_layer: dict[str, list[dict[str, dict[str, object]]]] = {"lane": [], "junction": [], "signal": []}
    for feature in drawn["features"]:
        by_layer[feature["properties"]["layer"]].append(feature)
    assert len(by_layer["lane"]) == len(ingolstadt.lanes)
    assert {feature["properties"]["tls"] for feature in by_layer["signal"]} == found.keys()
    for feature in by_layer["junction"]:
        ring = feature["geometry"]["coordinates"][0]  # type: ignore[index]
        assert ring[0] == ring[-1] and len(ring) >= 4
    assert {feature["properties"]["kind"] for feature in by_layer["lane"]} >= {"car", "pedestrian"}
    leading = {feature["properties"]["tls"] for feature in by_layer["lane"]} - {""}
    assert leading == found.keys()
    assert len(msgspec.json.encode(drawn)) < 3_000_000
