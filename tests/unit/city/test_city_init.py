"""A fresh city passes its check at once and never overwrites anything."""

from pathlib import Path

import pytest

from madang.city import check, init, read, render
from madang.errors import AlreadyExists, BadRequestData


def test_a_fresh_city_has_no_finding(tmp_path: Path) -> None:
    files = init(tmp_path / "new-town")
    city, findings = check(tmp_path / "new-town")
    assert render(findings) == "no mistakes"
    assert city is not None
    assert city.name["en"] == "New Town"
    blue_light = {"emergency-vehicles.toml", "emergency-corridors.toml"}
    assert {f.name for f in files} == {"city.toml", "services.toml", "committees.toml", "default.toml", *blue_light}
    assert {one.type for one in city.datasets if one.sensitivity == "internal"} == {
        "EmergencyVehicle",
        "EmergencyCorridor",
    }


@pytest.mark.parametrize("name", ['Say "hi"', "back\\slash", "마당", "a $name"])
def test_any_printable_name_is_kept(tmp_path: Path, name: str) -> None:
    init(tmp_path / "x", name)
    assert read(tmp_path / "x").name["en"] == name


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(AlreadyExists, match="not empty"):
        init(tmp_path)
    with pytest.raises(AlreadyExists, match="is a file"):
        init(tmp_path / "mine")
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["  ", "a\nb", "\x00"])
def test_a_name_that_cannot_be_shown_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadRequestData):
        init(tmp_path / "x", name)
