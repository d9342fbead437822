"""A traffic engineer's first hour: a map and counts become a city, and the controller is measured on its streets."""

import json
import math
import subprocess
import sys
from pathlib import Path

import osmium
import pytest
from osmium.osm.mutable import Node, Way

from madang import city as cities
from madang.sim.streets.scenario import resolve

SIDE, NORTH, EAST = 4, 0.002, 0.003


def madang(folder: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "madang", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def draw(file: Path) -> None:
    """A town of four by four streets as an extract: its four inner crossings are signals."""
    rows = [[1 + row * SIDE + column for column in range(SIDE)] for row in range(SIDE)]
    with osmium.SimpleWriter(str(file)) as out:
        for row in range(SIDE):
            for column in range(SIDE):
                lit = 0 < row < SIDE - 1 and 0 < column < SIDE - 1
                tags = {"highway": "traffic_signals"} if lit else {"addr:country": "KR"}
                place = (127 + EAST * column, 37.5 + NORTH * row)
                out.add_node(Node(id=rows[row][column], version=1, location=place, tags=tags))
        for number, nodes in enumerate([*rows, *zip(*rows, strict=True)]):
            tags = {"highway": "secondary", "name": f"{number + 1}-ro"}
            out.add_way(Way(id=100 + number, version=1, nodes=list(nodes), tags=tags))


def counts(file: Path) -> None:
    """A counter on each piece of the rows, in both directions, for half an hour; and one that stands in the sea."""
    lines = ["lon,lat,bearing,from,to,count"]
    for row in range(SIDE):
        for column in range(SIDE - 1):
            place = f"{127 + EAST * (column + 0.5):.6f},{37.5 + NORTH * row:.6f}"
            lines += [f"{place},90,08:00,08:30,{90 + 10 * column}", f"{place},270,08:00,08:30,80"]
    file.write_text("\n".join([*lines, "126.0,37.0,0,08:00,08:30,50"]))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    draw(folder / "town.osm.pbf")
    counts(folder / "counts.csv")
    return folder


def test_a_map_and_counts_become_a_city_that_is_measured(desk: Path) -> None:
    built = madang(desk, "world", "build", "--osm", "town.osm.pbf", "--counts", "counts.csv", "--out", "town")
    for step in ("netconvert", "routeSampler", "24 of 25 counts lie on a street", "SUMO tries it"):
        assert step in built.stderr
    madang(desk, "check", "town")
    city = cities.read(desk / "town")
    assert (city.jurisdiction, city.time_zone, city.languages) == ("KR", "Asia/Seoul", ("ko", "en"))
    assert city.centre == pytest.approx((127 + 1.5 * EAST, 37.5 + 1.5 * NORTH), abs=1e-4)
    assert city.world is not None and (city.world.begin_s, city.world.end_s) == (28800, 30600)
    assert resolve(city.world, folder=city.folder).attribution == "© OpenStreetMap contributors, ODbL 1.0"

    fit = json.loads((desk / "town" / "fit.json").read_text())
    assert len(fit["rows"]) == 24 and len(fit["unmatched"]) == 1
    for row in fit["rows"]:
        m, c = 2 * row["drawn"], 2 * row["counted"]["count"]
        assert row["geh_drawn"] == pytest.approx(math.sqrt(2 * (m - c) ** 2 / (m + c)))
    assert fit["drawn_good"] >= 0.85
    assert (desk / "town" / "fit.html").read_text().count("<circle") == 24

    found = evaluated(desk, "town")
    assert found["provenance"]["decisions"] > 4 and found["conflicts"] == found["guards_broken"] == 0
    assert found["runs"]["signals"]["vehicles"]["mean"] > 50


def evaluated(desk: Path, city: str) -> dict[str, object]:
    """Five simulated minutes without and with the signals service."""
    arguments = ("--hours", "0.0834", "--seeds", "1", "--drain", "120", "--json")
    return json.loads(madang(desk, "evaluate", city, *arguments).stdout)


def test_the_model_of_another_town_is_taken_over_and_measured_alike(desk: Path) -> None:
    """Also the streets that were built here are a model of SUMO, so taking them over changes no figure."""
    if not (desk / "town").is_dir():
        madang(desk, "world", "build", "--osm", "town.osm.pbf", "--counts", "counts.csv", "--out", "town")
    taken = madang(
        desk, "world", "import", "town/streets.net.xml", "town/demand.rou.xml", "--out", "twin",
        "--begin", "28800", "--end", "30600", "--jurisdiction", "GB", "--attribution", "the town's own survey",
    )  # fmt: skip
    assert "4 signals" in taken.stdout
    twin, town = cities.read(desk / "twin"), cities.read(desk / "town")
    assert twin.world is not None and town.world is not None
    assert (twin.time_zone, twin.centre) == ("Europe/London", town.centre)
    there, here = resolve(twin.world, folder=twin.folder), resolve(town.world, folder=town.folder)
    assert there.hash == here.hash and there.attribution == "the town's own survey"


def test_without_counts_the_demand_is_said_to_be_a_guess(desk: Path) -> None:
    madang(
        desk, "world", "build", "--osm", "town.osm.pbf", "--out", "guess", "--end", "600", "--density", "20",
        "--left-hand",
    )  # fmt: skip
    text = (desk / "guess" / "city.toml").read_text()
    assert "THE DEMAND IS NOT CALIBRATED" in text and "20 vehicles an hour" in text and "keeps left" in text
    assert 'lefthand="true"' in (desk / "guess" / "streets.net.xml").read_text()
    assert not (desk / "guess" / "fit.json").exists()


def test_nothing_is_left_of_a_city_that_could_not_be_made(desk: Path) -> None:
    (desk / "sea.csv").write_text("lon,lat,from,to,count\n126,37,08:00,09:00,5\n")
    before = sorted(desk.iterdir())
    lost = madang(desk, "world", "build", "--osm", "town.osm.pbf", "--counts", "sea.csv", "--out", "sea", code=2)
    assert "None of the 1 counts lies on a street" in lost.stderr and "Traceback" not in lost.stderr
    taken = madang(desk, "world", "build", "--osm", "town.osm.pbf", "--out", ".", code=2)
    assert "is there already" in taken.stderr
    placed = madang(desk, "world", "build", "--osm", "town.osm.pbf", "--out", "x", "--time-zone", "Mars/Base", code=2)
    assert "unknown time zone 'Mars/Base'" in placed.stderr
    boxed = madang(desk, "world", "build", "--osm", "town.osm.pbf", "--out", "x", "--bbox", "1,2,0,3", code=2)
    assert "west lies west of east" in boxed.stderr
    assert sorted(desk.iterdir()) == before


def test_of_a_program_that_failed_the_log_is_kept(desk: Path) -> None:
    (desk / "lost.rou.xml").write_text('<routes><vehicle id="v" depart="0" route="nowhere"/></routes>')
    madang(desk, "world", "build", "--osm", "town.osm.pbf", "--out", "small", "--end", "300")
    failed = madang(desk, "world", "import", "small/streets.net.xml", "lost.rou.xml", "--out", "lost", code=2)
    assert "does not take this model" in failed.stderr and "lost-failed.log" in failed.stderr
    assert "nowhere" in (desk / "lost-failed.log").read_text() and not (desk / "lost").exists()
    assert not [file for file in desk.iterdir() if file.name.startswith(".")]
