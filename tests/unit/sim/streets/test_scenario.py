"""A world's files are found, named and hashed; what is missing or wrong says what to do."""

from pathlib import Path

import pytest

from madang.errors import BadRequestData, MadangError, ResourceNotFound
from madang.model.city import WorldSpec
from madang.sim.streets.scenario import ATTRIBUTIONS, resolve


@pytest.mark.parametrize("name", sorted(ATTRIBUTIONS))
def test_every_named_scenario_is_there_with_its_owner(name: str) -> None:
    found = resolve(WorldSpec(scenario=name))
    assert found.net.is_file() and all(route.is_file() for route in found.routes)
    assert found.end_s > found.begin_s
    assert any(licence in found.attribution for licence in ("CC BY-NC-SA 3.0", "GPL-3.0"))


def test_the_hash_tells_scenarios_and_windows_apart() -> None:
    whole = resolve(WorldSpec(scenario="cologne1"))
    part = resolve(WorldSpec(scenario="cologne1", end_s=whole.begin_s + 600))
    assert whole.hash == resolve(WorldSpec(scenario="cologne1")).hash
    assert len({whole.hash, part.hash, resolve(WorldSpec(scenario="cologne3")).hash}) == 3


def test_an_unknown_scenario_lists_the_known_ones() -> None:
    with pytest.raises(ResourceNotFound, match=r"atlantis.*Known scenarios: .*cologne1.*ingolstadt21"):
        resolve(WorldSpec(scenario="atlantis"))


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (WorldSpec(), "names no scenario"),
        (WorldSpec(net="a.net.xml", routes=("a.rou.xml",)), "begin_s"),
        (WorldSpec(net="a.net.xml", routes=("a.rou.xml",), begin_s=0, end_s=60), "a.net.xml is not there"),
        (WorldSpec(scenario="cologne1", begin_s=30000), "not after its begin"),
    ],
)
def test_what_is_missing_is_named(spec: WorldSpec, says: str, tmp_path: Path) -> None:
    with pytest.raises(MadangError, match=says):
        resolve(spec, folder=tmp_path)


def test_a_city_brings_its_own_network(tmp_path: Path) -> None:
    (tmp_path / "a.net.xml").write_text("<net/>")
    (tmp_path / "a.rou.xml").write_text("<routes/>")
    spec = WorldSpec(net="a.net.xml", routes=("a.rou.xml",), begin_s=0, end_s=60)
    found = resolve(spec, folder=tmp_path)
    assert (found.name, found.net, found.end_s) == ("a.net", tmp_path / "a.net.xml", 60)


def test_the_files_do_not_leave_the_citys_folder(tmp_path: Path) -> None:
    city = tmp_path / "city"
    city.mkdir()
    (tmp_path / "a.net.xml").write_text("<net/>")
    with pytest.raises(BadRequestData, match="outside"):
        resolve(WorldSpec(net="../a.net.xml", routes=("../a.net.xml",), begin_s=0, end_s=60), folder=city)
