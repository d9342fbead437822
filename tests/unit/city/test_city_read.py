"""A city's folder with mistakes: each is told, at its line, all at once."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from madang.city import Finding, check, read, render
from madang.errors import CityInvalid

INGOLSTADT = Path(__file__).parents[3] / "cities" / "ingolstadt"
TODAY = date(2027, 1, 1)

Edit = Callable[[str, str, str], list[Finding]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the built-in city, to make mistakes in."""
    return Path(shutil.copytree(INGOLSTADT, tmp_path / "copy"))


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Replace one text in one file and read the city again."""

    def edited(name: str, old: str, new: str) -> list[Finding]:
        file = folder / name
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        return check(folder, today=TODAY)[1]

    return edited


def test_the_built_in_city_has_no_finding() -> None:
    city, findings = check(INGOLSTADT, today=TODAY)
    assert render(findings) == "no mistakes"
    assert city is not None
    assert city.id == "ingolstadt"
    assert city.world is not None
    assert city.world.scenario == "ingolstadt21"
    mandate = city.services["signals"].mandate
    assert mandate is not None
    assert mandate.committee in city.committees


MISTAKES = [
    ("city.toml", "population =", "populaton =", 6, "unknown key 'populaton' (did you mean 'population'?)"),
    ("city.toml", "population =", "populaton =", 1, "'population' is missing"),
    ("city.toml", "142_000", '"many"', 6, "'population' must be a whole number, not 'many'"),
    ("city.toml", "142_000", "-3", 6, "'population' must be a whole number >= 1, not -3"),
    (
        "city.toml",
        "Europe/Berlin",
        "Europe/Berln",
        4,
        "unknown time zone 'Europe/Berln' (did you mean 'Europe/Berlin'?)",
    ),
    ("city.toml", '"ko"]', '"korean"]', 5, "'korean' is no language tag"),
    ("city.toml", 'ko = "', 'ko_KR = "', 2, "'ko_KR' is no language tag"),
    ("city.toml", 'en = "', 'fr = "', 2, "has no text in 'en'"),
    ("city.toml", "[11.4250", "[211.4250", 7, "the longitude 211.425 is not within"),
    ("city.toml", "[11.4250, ", "[", 7, "'centre' must be"),
    ("city.toml", 'kind = "streets"', 'kind = "strets"', 10, "unknown kind of world 'strets'"),
    ("city.toml", 'scenario = "ingolstadt21"', 'net = "none.net.xml"', 11, "no file 'none.net.xml'"),
    ("city.toml", "missed = 0.0", "missed = 1.5", 15, "'missed' must be a number <= 1.0, not 1.5"),
    ("city.toml", "seed = 1", "seed = = 1", 12, "not TOML"),
    ("services.toml", "[signals]", "[sigals]", 2, "no service 'sigals' is installed (did you mean 'signals'?)"),
    (
        "services.toml",
        'committee = "mobility"',
        'committee = "mobilty"',
        4,
        "unknown committee 'mobilty' (did you mean",
    ),
    ("services.toml", "2026-07-01", '"2026-7-1"', 4, "'from' must be a date such as 2027-12-31, without quotes"),
    ("services.toml", "2026-07-01", "2031-07-01", 4, "the mandate ends before it begins"),
    ("services.toml", "2030-12-31", "2026-12-31", 4, "warning: the mandate ended on 2026-12-31"),
    (
        "services.toml",
        "min_green_s",
        "min_gren_s",
        7,
        "signals has no setting 'min_gren_s' (did you mean 'min_green_s'?)",
    ),
    ("committees.toml", "quorum = 3", "quorum = 0", 5, "'quorum' must be a whole number >= 1, not 0"),
    ("committees.toml", "members = [", "members = []#", 4, "'members' is empty"),
    ("datasets/air-quality.toml", '"public"', '"publik"', 9, "'sensitivity' must be one of public, internal"),
    ("datasets/air-quality.toml", "P5Y", "5 years", 12, "'5 years' is no duration (ISO 8601"),
    ("datasets/air-quality.toml", 'no2 = "GQ"', 'no2 = "GX"', 6, "warning: unknown unit 'GX'"),
    ("datasets/air-quality.toml", "public-task", "public-tsk", 10, "unknown legal basis 'public-tsk' (did you mean"),
    ("datasets/air-quality.toml", "history = [", 'history = ["co", ', 7, "'co' is not among the attributes"),
    ("datasets/approaches.toml", '"ApproachObserved"', '"Approach"', 2, "which no dataset declares"),
    (
        "datasets/approaches.toml",
        '"signals", ',
        "",
        2,
        "not declared for that purpose (add 'signals' to the purposes of",
    ),
    ("datasets/approaches.toml", ', "exits"', "", 2, "reads ApproachObserved.exits, which no dataset declares"),
]


@pytest.mark.parametrize(("name", "old", "new", "line", "message"), MISTAKES)
def test_a_mistake_is_told_at_its_line(edit: Edit, name: str, old: str, new: str, line: int, message: str) -> None:
    findings = edit(name, old, new)
    told = [f for f in findings if message in str(f)]
    assert told, render(findings)
    where = "services.toml" if name.startswith("datasets/approaches") else name
    assert told[0].line == line
    assert told[0].file.endswith(where)


def test_all_mistakes_come_at_once(edit: Edit, folder: Path) -> None:
    edit("city.toml", "Europe/Berlin", "nowhere")
    edit("city.toml", "142_000", '"many"')
    edit("datasets/buses.toml", "P30D", "a while")
    edit("committees.toml", "quorum = 3", "quorum = 'three'")
    with pytest.raises(CityInvalid) as raised:
        read(folder, today=TODAY)
    assert len(raised.value.members["findings"]) == 4
    assert "4 errors" in raised.value.detail


def test_a_warning_does_not_stop_the_city(edit: Edit, folder: Path) -> None:
    assert [f.severity for f in edit("services.toml", "2030-12-31", "2026-12-31")] == ["warning"]
    assert read(folder, today=TODAY).id == "copy"


def test_an_unknown_scenario_is_told_where_the_caller_knows_them(folder: Path) -> None:
    findings = check(folder, today=TODAY, scenarios=["ingolstadt7", "cologne1"])[1]
    assert [f.line for f in findings] == [11]
    assert "did you mean 'ingolstadt7'?" in str(findings[0])


@pytest.mark.parametrize("name", ["city.toml", "services.toml", "committees.toml"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    findings = check(folder, today=TODAY)[1]
    assert any(f.file.endswith(name) and f.message == "is missing" for f in findings)


def test_what_is_no_city_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    for name, message in {"empty": "is empty", "file": "is a file", "none": "no such folder"}.items():
        city, findings = check(tmp_path / name, today=TODAY)
        assert city is None
        assert message in findings[0].message
