"""``madang check``: a city's projects are a part of its folder."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from madang.cli.running import check

INGOLSTADT = Path(__file__).parents[3] / "cities" / "ingolstadt"


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return Path(shutil.copytree(INGOLSTADT, tmp_path / "city"))


def told(*words: str | Path) -> Result:
    return CliRunner().invoke(check, [str(word) for word in words])


def test_projects_are_counted(city: Path) -> None:
    found = told(city)
    assert found.exit_code == 0, found.output
    assert "1 project, all well" in found.output
    shutil.rmtree(city / "projects")
    assert "services, all well" in told(city).output


def test_every_mistake_of_a_project_has_its_file_and_line(city: Path) -> None:
    project = city / "projects" / "signals.toml"
    lines = project.read_text().splitlines()
    wrong = {
        "value = 900": 'value = "900"',
        "start = 2029": "start = 1999",
        "rate = 0.9": "rate = -0.9",
    }
    expected = []
    for old, new in wrong.items():
        place = next(n for n, line in enumerate(lines) if line == old)
        lines[place] = new
        expected.append(place + 1)
    project.write_text("\n".join(lines))
    (city / "projects" / "broken.toml").write_text("[project\n")
    found = told(city, "--json")
    assert found.exit_code != 0
    findings = json.loads(found.output)
    assert [one["line"] for one in findings if one["file"] == str(project)] == [expected[0]], "the form comes first"
    assert any(one["file"].endswith("broken.toml") and one["line"] == 1 for one in findings)

    project.write_text("\n".join(lines).replace('value = "900"', "value = 900"))
    shown = told(city).output
    for line in (expected[1], lines.index("[exchange.USD]") + 1):
        assert f"{project}:{line}: " in shown


def test_evidence_and_plan_are_checked_too(city: Path) -> None:
    (evidence,) = (city / "projects" / "evidence").glob("*.json")
    evidence.write_text(evidence.read_text().replace('"hours": 1', '"hours": 2'))
    assert "it was changed after it was measured" in told(city).output
    project = city / "projects" / "signals.toml"
    shutil.copytree(INGOLSTADT / "projects", city / "projects", dirs_exist_ok=True)
    project.write_text(project.read_text().replace('preset = "eu"', 'preset = "eu"\nfinance = "plan.toml"'))
    shown = told(city)
    assert shown.exit_code != 0
    assert "plan.toml" in shown.output


def test_a_warning_stops_nothing(city: Path) -> None:
    project = city / "projects" / "signals.toml"
    project.write_text(project.read_text().replace("inflate = 1.2", "inflate = 1.0"))
    found = told(city)
    assert found.exit_code == 0
    assert "warning: 'price of carbon' is in prices of" in found.output
