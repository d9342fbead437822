"""Places come with the world, and what is emitted near them is counted; a file that is none is refused by name."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from madang.errors import BadRequestData, ResourceNotFound
from madang.sim.streets import device, places
from madang.sim.streets.buses import fuel
from madang.sim.streets.layout import Layout, centre
from madang.sim.streets.network import Network
from madang.sim.streets.projection import projection
from madang.sim.streets.world import StreetsWorld


def written(folder: Path, *spots: tuple[float, float]) -> str:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": spot},
            "properties": {"id": f"p{number}", "name": "School", "category": "school"},
        }
        for number, spot in enumerate(spots)
    ]
    (folder / "p.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return "p.geojson"


def test_a_place_is_told_and_what_is_emitted_near_it_counts(
    world: Callable[..., StreetsWorld], cologne: Network, junction: Layout, tmp_path: Path
) -> None:
    (spot,) = projection(cologne)([centre(junction, cologne)])
    found: list[dict[str, Any]] = []
    for lon, lat in (spot, (spot[0] + 1.0, spot[1])):
        streets = world(folder=tmp_path, places=written(tmp_path, (lon, lat)), hours=0.05, drain_s=0)
        (told,) = [each for each in streets.hello().entities if each.types == ("PointOfInterest",)]
        assert told.id == "urn:ngsi-ld:PointOfInterest:p0" and told.value("category") == ["school"]
        while not streets.finished():
            streets.step()
        found.append(dict(streets.results()))
    near, far = found
    assert 0 < near["place_nox_g"] < near["nox_g"] * 1.5 and near["place_pmx_g"] > 0
    assert far["place_nox_g"] == far["place_pmx_g"] == 0
    assert near["delay_s"] == far["delay_s"], "who is looked at drives as ever"


def test_a_world_without_places_has_no_such_figure(world: Callable[..., StreetsWorld]) -> None:
    streets = world(hours=0.005, drain_s=0)
    while not streets.finished():
        streets.step()
    assert "place_nox_g" not in streets.results()


def test_two_places_count_an_emission_once(cologne: Network, junction: Layout, tmp_path: Path) -> None:
    place = projection(cologne)
    (spot,) = place([centre(junction, cologne)])
    lanes = list(cologne.lanes.values())
    one = places.read(written(tmp_path, (spot[0], spot[1])), tmp_path)
    two = places.read(written(tmp_path, (spot[0], spot[1]), (spot[0], spot[1])), tmp_path)
    assert places.near(one, lanes, place) == places.near(two, lanes, place)
    assert all(0 < share <= 1 for share in places.near(one, lanes, place).values())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "p.geojson"),
        ('{"type": "FeatureCollection"}', "features"),
        (
            '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": {"type": "Polygon"}}]}',
            "Polygon",
        ),
    ],
)
def test_a_file_that_is_no_collection_of_points_is_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "p.geojson").write_text(text)
    with pytest.raises(BadRequestData, match=told):
        places.read("p.geojson", tmp_path)


def test_a_file_elsewhere_or_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequestData, match="outside"):
        places.read("../p.geojson", tmp_path)
    with pytest.raises(ResourceNotFound, match="not there"):
        places.read("p.geojson", tmp_path)
    assert places.read("", tmp_path) == ()


def test_an_evaluation_of_the_air_has_stations() -> None:
    assert device.AIR in device.needed({"AirQualityObserved"}) and device.AIR not in device.needed({"TrafficSignal"})


@pytest.mark.parametrize(
    ("emissions", "wanted"),
    [
        ("HBEFA3/Bus", "diesel"),
        ("HBEFA4/UBus_Std_gt15-18t_Euro-VI_D-E", "diesel"),
        ("Energy/unknown", "electric"),
        ("Zero/default", "electric"),
        ("MMPEVEM", "electric"),
        ("HBEFA4/UBus_Electric_Std_gt15-18t_ele", "electric"),
    ],
)
def test_what_a_bus_burns_follows_from_its_emission_class(emissions: str, wanted: str) -> None:
    assert fuel(emissions) == wanted
