"""A city's districts: read, found by place, and what is wrong with the file said."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from madang import city as cities
from madang.city.read import check

INGOLSTADT = Path(__file__).parents[3] / "cities/ingolstadt"


def test_a_place_is_in_its_district() -> None:
    found = cities.read(INGOLSTADT).districts
    assert found is not None
    places = {"north-west": (11.40, 48.78), "south-east": (11.45, 48.75), "": (10.0, 48.0)}
    assert {id: getattr(found.at(place), "id", "") for id, place in places.items()} == {id: id for id in places}
    assert found.at(None) is None and sum(found.ages.values()) == 142_000


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.pop("source"), "source"),
        (lambda d: d["features"][1]["properties"].update(id="north-west"), "two districts"),
        (lambda d: d["features"][0]["properties"].update(population=1), "add up to 41000"),
        (lambda d: d["features"][0].update(geometry={"type": "Point", "coordinates": [1, 2]}), "no area"),
        (lambda d: d["features"][0]["geometry"].update(coordinates=[[[1, 2]]]), "no area"),
        (lambda d: d["features"].clear(), "features"),
    ],
)
def test_what_is_wrong_is_said_with_its_file(tmp_path: Path, change: Any, words: str) -> None:
    folder = shutil.copytree(INGOLSTADT, tmp_path / "town")
    document = json.loads((folder / "districts.geojson").read_text())
    change(document)
    (folder / "districts.geojson").write_text(json.dumps(document))
    city, findings = check(folder)
    assert city is None
    (finding,) = [one for one in findings if one.file.endswith("districts.geojson")]
    assert words in finding.message


def test_a_kind_is_routed_to_districts_that_there_are(tmp_path: Path) -> None:
    folder = shutil.copytree(INGOLSTADT, tmp_path / "town")
    text = (folder / "reports.toml").read_text()
    (folder / "reports.toml").write_text(text.replace("days = 7\n", 'days = 7\nagencies = { north = "x" }\n', 1))
    city, findings = check(folder)
    (finding,) = [one for one in findings if "district" in one.message]
    assert city is None and finding.line > 1 and "north-west" in finding.hint
