"""From the streets to the money: a service is measured, and its evidence becomes a project's benefit."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from madang.cli.appraisal import appraise

CITIES = Path(__file__).parents[2] / "cities"

PROJECT = """
[project]
title = "One junction"
currency = "EUR"
price_year = 2026
first_year = 2027
years = 10
entity = "city"
economic_rate = 0.03
financial_rate = 0.04

[[evidence]]
name = "e"
file = "FILE"
sha256 = "HASH"

[[measured]]
name = "time saved"
evidence = "e"
figure = "delay_s"
transfer = "holds"

[[input]]
name = "holds"
value = 0.5
unit = "share"
source = "a guess"
mark = "assumption"

[[input]]
name = "hour"
value = 9000
unit = "EUR / h"
source = "a guess: 9 EUR, 1000 hours"
mark = "assumption"

[[stream]]
name = "works"
kind = "cost"
role = "capex"
owner = "city"
amount = 80_000
years = 1

[[stream]]
name = "time"
kind = "benefit"
category = "time"
tier = "non_market"
owner = "drivers"
times = ["time saved", "hour"]
start = 2028
"""


def evaluate(*words: str | Path) -> str:
    """The real command in a process of its own: it starts others."""
    command = [sys.executable, "-m", "madang", "evaluate", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return done.stdout


def appraised(*words: str | Path) -> Result:
    return CliRunner().invoke(appraise, [str(word) for word in words])


def test_a_measured_effect_becomes_a_project(tmp_path: Path) -> None:
    city = tmp_path / "city"
    shutil.copytree(CITIES / "ingolstadt", city)
    text = (city / "city.toml").read_text()
    (city / "city.toml").write_text(text.replace('"ingolstadt21"', '"ingolstadt1"'))
    short = ("--seeds", "1,2", "--hours", "0.1", "--drain", "60", "--baselines", "none")
    compared = json.loads(evaluate(city, *short, "--out", city / "projects", "--json"))

    (evidence,) = (city / "projects").glob("*.json")
    told = json.loads(evidence.read_text())["sha256"]
    project = city / "projects" / "junction.toml"
    project.write_text(PROJECT.replace("FILE", evidence.name).replace("HASH", told))
    found = json.loads(appraised(project, "--json", "--draws", "1000", "--out", tmp_path / "case").stdout)

    # By hand: seconds a vehicle, vehicles of the tenth of an hour, half of it, 9000 EUR, nine years from the second.
    changes, vehicles = compared["effect"]["delay_s"]["values"], compared["runs"]["fixed"]["vehicles"]["values"]
    saved = sum(-change * number for change, number in zip(changes, vehicles, strict=True)) / 2 / 3600 / 0.1
    worth = 0.5 * 9000 * saved * sum(1.03**-year for year in range(1, 10))
    assert found["economic"]["npv"] == pytest.approx(worth - 80_000)
    assert found["evidence"][0]["code_sha256"] == compared["provenance"]["code_sha256"]
    assert any("2 seeds of 0.1 h" in reason for reason in found["draft"])
    assert told in (tmp_path / "case" / "junction.html").read_text()

    evidence.write_text(evidence.read_text().replace('"seeds": [', '"seeds":  ['))
    assert appraised(project, "--draws", "100").exit_code == 0, "white space is no change"
    changed = evidence.read_text().replace('"hours": 0.1', '"hours": 0.01')
    evidence.write_text(changed)
    refused = appraised(project).stderr
    assert f"{project}:14: " in refused
    assert "it was changed after it was measured" in refused
