"""What a map becomes: signals where the map has them, on the side of the road that the country keeps."""

import sys
from collections.abc import Callable
from pathlib import Path

import osmium
import pytest

from madang.errors import BadRequestData, MadangError
from madang.sim.streets import network
from madang.sim.streets.build import conversion, extract, tool
from madang.sim.streets.build.extract import Extract
from madang.sim.streets.layout import layouts
from madang.sim.streets.network import Network

from .conftest import silent

Town = Callable[..., Path]


def made(folder: Path, town: Path, **choice: bool) -> tuple[Extract, Network]:
    found = extract.reduce(town, folder / "streets.osm", told=silent)
    net, log = folder / "made.net.xml", folder / "log"
    conversion.convert(folder / "streets.osm", net, conversion.Choice(**choice), log=log, told=silent)
    return found, network.read(net)


def test_the_signals_of_the_map_are_the_signals_of_the_network(streets: Network) -> None:
    found = layouts(streets)
    assert len(found) == 9
    assert {frozenset(layout.name.split(" / ")) for layout in found.values()} == {
        frozenset((f"Row {row}", f"Column {column}")) for row in (1, 2, 3) for column in (1, 2, 3)
    }


def test_the_fixed_plan_keeps_the_rules_that_the_city_keeps(streets: Network) -> None:
    """Each yellow is 3 s and 2 s of red follow before anybody else has green."""
    for layout in layouts(streets).values():
        phases = layout.plan.phases
        yellows = [place for place, (lamps, _) in enumerate(phases) if "y" in lamps]
        assert yellows
        for place in yellows:
            assert phases[place][1] == 3
            lamps, seconds = phases[(place + 1) % len(phases)]
            ended = [link for link, lamp in enumerate(phases[place][0]) if lamp == "y"]
            assert seconds == 2 and all(lamps[link] == "r" for link in ended)


@pytest.mark.parametrize("form", [".osm.pbf", ".osm.gz", ".osm.bz2"])
def test_every_form_of_an_extract_makes_the_same_streets(
    tmp_path: Path, town: Town, streets: Network, form: str
) -> None:
    packed = tmp_path / f"packed{form}"
    with osmium.SimpleWriter(str(packed)) as writer:
        for thing in osmium.FileProcessor(str(town())):
            writer.add(thing)
    found, again = made(tmp_path, packed)
    assert (found.ways, found.signals, found.country) == (10, 9, "DE")
    assert again.lanes == streets.lanes


def test_traffic_keeps_left_where_it_does(tmp_path: Path, town: Town, streets: Network) -> None:
    _, left = made(tmp_path, town(), left_hand=True)
    right_y, left_y = (_height(found, "Row 2") for found in (streets, left))
    assert left_y > right_y + 2, "the lanes that run east lie north of the middle"


def _height(streets: Network, name: str) -> float:
    lanes = [lane for lane in streets.lanes.values() if streets.edges[lane.edge] == name]
    eastward = [lane.shape[0][1] for lane in lanes if lane.shape[-1][0] > lane.shape[0][0]]
    return sum(eastward) / len(eastward)


def test_signals_can_be_guessed_where_the_map_has_none(tmp_path: Path, town: Town) -> None:
    found, dark = made(tmp_path, town(signals=False))
    assert found.signals == 0 and not layouts(dark)
    (tmp_path / "streets.osm").unlink()
    _, lit = made(tmp_path, town(signals=False), guess_signals=True)
    assert layouts(lit)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("cut.osm.pbf", b"\x00\x00\x00\x0d\x0a\x09OSMHeader", "whole"),
        ("what.bin", b"?", r"should be \.osm"),
        (
            "bomb.osm",
            b'<!DOCTYPE osm [<!ENTITY a "a">]><osm version="0.6"><node id="1" lat="1" lon="1"/></osm>',
            "entities",
        ),
        ("empty.osm", b'<osm version="0.6"></osm>', "no streets"),
    ],
)
def test_what_is_no_extract_is_refused(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadRequestData, match=f"{name} .*{says}"):
        extract.reduce(tmp_path / name, tmp_path / "out.osm", told=silent)


def test_a_program_that_fails_says_its_last_words_and_where_all_of_them_are(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with pytest.raises(tool.StepFailed) as failed:
        tool.program("netconvert", ["--osm-files", tmp_path / "absent.osm"], log=log, told=silent, advice="Do this.")
    said = failed.value.detail
    assert "absent.osm" in said and "Do this." in said and failed.value.members["log"] == str(log)
    assert "absent.osm" in log.read_text()


def test_a_program_that_takes_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "PULSE_S", 0.05)
    monkeypatch.setattr(tool, "_PROGRAM", "import time; time.sleep(0.5); print('done')")
    told: list[str] = []
    assert tool.program("slow", [], log=tmp_path / "log", told=told.append, advice="") == "done\n"
    assert len(told) > 3 and all(line.startswith("  slow runs, ") for line in told)


def test_without_pyosmium_the_extra_is_named(tmp_path: Path, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(MadangError, match="extra 'streets'"):
        extract.reduce(town(), tmp_path / "out.osm", told=silent)


def test_a_part_of_the_map_can_be_taken(tmp_path: Path, town: Town) -> None:
    """The box has the crossings of the first two rows and columns, of which one is a signal."""
    found = extract.reduce(town(), tmp_path / "part.osm", box=(10.999, 47.999, 11.004, 48.003), told=silent)
    assert (found.ways, found.signals) == (4, 1)
    with pytest.raises(BadRequestData, match="no streets there"):
        extract.reduce(town(), tmp_path / "sea.osm", box=(0, 0, 1, 1), told=silent)
