"""The city.toml of a city with its own streets passes its check, and says what is still to be filled in."""

from pathlib import Path

import pytest

from madang.city import init, own, read
from madang.city.country import keeps_left, languages, time_zones
from madang.errors import CityInvalid
from madang.model.city import WorldSpec


def described(tmp_path: Path, place: own.Place, world: WorldSpec | None = None) -> tuple[Path, str]:
    folder = tmp_path / "town"
    init(folder)
    own.describe(folder, place, world, notes=["First.", "Second."])
    return folder, (folder / "city.toml").read_text("utf-8")


def test_a_country_tells_zone_and_languages(tmp_path: Path) -> None:
    folder, _ = described(tmp_path, own.Place(name="Town", jurisdiction="CH-ZH", centre=(8.5, 47.4)))
    city = read(folder)
    assert (city.time_zone, city.languages, city.centre) == ("Europe/Zurich", ("de", "fr", "it", "en"), (8.5, 47.4))
    assert city.world is None


def test_what_nobody_knows_is_marked(tmp_path: Path) -> None:
    folder, text = described(tmp_path, own.Place(name="Town"))
    assert read(folder).jurisdiction == "XX"
    assert text.startswith("# First.\n# Second.\n") and text.count("fill") == 4


@pytest.mark.parametrize("name", ['a "b"', "back\\slash", "마당", "a $name", "tab\there", "\x7f\x01"])
def test_every_name_is_written_as_toml(tmp_path: Path, name: str) -> None:
    folder, _ = described(tmp_path, own.Place(name=name)) if name.isprintable() else (None, "")
    if folder is not None:
        assert read(folder).name["en"] == name
    world = WorldSpec(net="n.xml", routes=("r.xml",), begin_s=0, end_s=9, attribution=name)
    target = tmp_path / "other"
    init(target)
    for file in ("n.xml", "r.xml"):
        (target / file).touch()
    own.describe(target, own.Place(name="Town"), world, notes=())
    kept = read(target).world
    assert kept is not None and kept.attribution == name.replace("\x7f", "")


def test_what_makes_no_city_is_said(tmp_path: Path) -> None:
    with pytest.raises(CityInvalid, match="unknown time zone 'Mars'"):
        described(tmp_path, own.Place(name="Town", time_zone="Mars"))


def test_sides_of_the_road() -> None:
    assert [code for code in ("GB", "JP", "IN", "GB-SCT", "DE", "KR", "US-NY", "XX") if keeps_left(code)] == [
        "GB", "JP", "IN", "GB-SCT",
    ]  # fmt: skip
    assert time_zones("KR-11") == ("Asia/Seoul",) and time_zones("XX") == ()
    assert languages("KR") == ("ko",) and languages("XX") == ()
