"""A city's field.toml: what is wrong with it is told, at its line."""

from pathlib import Path

import pytest

from madang import city as cities
from madang.city import Finding, check
from madang.model.field import Act, Junction, Speaks, Version

GOOD = """\
act = "dry"
lease_s = 4

[mqtt]
host = "broker.city"
user = "madang"
secret = "broker"

[junctions.north]
speaks = "mqtt"

[junctions.south]
speaks = "ntcip"
host = "10.0.0.2"
version = "v2c"
secret = "south"
stages = { s1 = [2, 6], s2 = [4, 8] }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A city without a world, and its field."""
    cities.init(tmp_path / "c")
    file = tmp_path / "c" / "city.toml"
    file.write_text(file.read_text("utf-8").partition("\n# The world")[0], "utf-8")
    (tmp_path / "c" / "field.toml").write_text(GOOD, "utf-8")
    return tmp_path / "c"


def found(folder: Path) -> list[Finding]:
    return [finding for finding in check(folder)[1] if finding.severity == "error"]


def test_a_field_is_read(folder: Path) -> None:
    city, _ = check(folder)
    assert city is not None and city.world is None and city.field is not None
    assert (city.field.act, city.field.lease_s) == (Act.DRY, 4)
    assert city.field.mqtt is not None and city.field.mqtt.port == 1883
    south = city.field.junctions["south"]
    assert south == Junction(
        speaks=Speaks.NTCIP,
        host="10.0.0.2",
        version=Version.V2C,
        secret="south",
        stages={"s1": (2, 6), "s2": (4, 8)},
    )


def test_a_city_without_the_file_has_no_field(folder: Path) -> None:
    (folder / "field.toml").unlink()
    city, _ = check(folder)
    assert city is not None and city.field is None


BROKER = GOOD[GOOD.index("[mqtt]") : GOOD.index("\n[junctions.north]")]

MISTAKES = [
    ('act = "dry"', 'act = "maybe"', 1, "'act' must be one of field, dry, not 'maybe'"),
    ("lease_s = 4", "lease_s = 60", 2, "'lease_s' must be a whole number <= 5, not 60"),
    (BROKER, "", 6, "speaks MQTT, and there is no broker"),
    ('user = "madang"', 'prefix = "a/#"', 6, "'a/#' cannot begin a topic"),
    ("[junctions.north]", '[junctions."a/b"]', 9, "'a/b' cannot be part of a topic"),
    ('speaks = "mqtt"', 'speaks = "mqtt"\nhost = "x"', 11, "a controller on MQTT has no host of its own"),
    ('speaks = "ntcip"', 'speaks = "ntcp"', 13, "'speaks' must be one of mqtt, ntcip, not 'ntcp'"),
    ('host = "10.0.0.2"\n', "", 12, "'host' is missing"),
    ('version = "v2c"', 'version = "v3"', 15, "'version' must be one of v1, v2c, not 'v3'"),
    ('secret = "south"', "port = 70000", 16, "'port' must be a whole number <= 65535, not 70000"),
    ('secret = "south"', 'secrt = "south"', 16, "unknown key 'secrt'"),
    ("stages = { s1 = [2, 6], s2 = [4, 8] }", "", 12, "'stages' is missing"),
    ("[4, 8]", "[4, 17]", 17, "must be a whole number <= 16, not 17"),
    ("[4, 8]", "[4, 9]", 17, "phase 9 of 's2' is in no ring"),
    ("[4, 8]", "[]", 17, "the stage 's2' has no phase"),
    ("[4, 8]", "[3, 4]", 17, "phases 3, 4 of 's2' are in one ring: they are never green together"),
    ("[4, 8]", "[4, 6]", 17, "phases 6 and 4 of 's2' are on different sides of a barrier: they conflict"),
    ("[4, 8] }", "[4, 8] }\nrings = [[2, 4], [6, 8], [4]]\nbarriers = [[2, 6], [4, 8]]", 18, "phase 4 is named twice"),
    ("[4, 8] }", "[4, 8] }\nrings = [[2, 4], [6, 8]]", 18, "phase 1 is in no ring"),
    ("[4, 8] }", "[4, 8] }\nbarriers = [[1, 2, 5, 6], [3, 7, 8]]", 18, "phase 4 is on no side of a barrier"),
    ("[4, 8] }", "[4, 8] }\nlinks = [2, 0, 9]", 18, "phase 9 is in no ring"),
]


@pytest.mark.parametrize(("old", "new", "line", "message"), MISTAKES, ids=[case[3][:40] for case in MISTAKES])
def test_a_mistake_is_told_at_its_line(folder: Path, old: str, new: str, line: int, message: str) -> None:
    assert old in GOOD
    (folder / "field.toml").write_text(GOOD.replace(old, new, 1), "utf-8")
    assert check(folder)[0] is None
    told = [(finding.line, finding.message) for finding in found(folder)]
    assert any(at == line and message in text for at, text in told), told
    assert all(finding.file.endswith("field.toml") for finding in found(folder))


def test_a_city_acts_on_a_world_or_on_its_field(folder: Path) -> None:
    with (folder / "city.toml").open("a", encoding="utf-8") as file:
        file.write('\n[world]\nscenario = "cologne1"\n')
    assert ["has a [world] too" in finding.message for finding in found(folder)] == [True]


def test_a_field_without_junctions_is_none(folder: Path) -> None:
    (folder / "field.toml").write_text("[junctions]\n", "utf-8")
    assert ["'junctions' is empty" in finding.message for finding in found(folder)] == [True]


def test_what_is_no_toml_is_told(folder: Path) -> None:
    (folder / "field.toml").write_text("[junctions\n", "utf-8")
    assert [(finding.line, "not TOML" in finding.message) for finding in found(folder)] == [(1, True)]
