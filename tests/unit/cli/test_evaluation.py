"""The evaluation's options, and its exit code where a disturbance was not survived."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from madang.app import evaluation
from madang.cli import main
from madang.evaluate.comparison import Comparison, compare
from madang.evaluate.disturbance import Disturbance
from madang.evaluate.run import FIXED, Job, Run, Variant
from madang.evaluate.session import Plan

HUB = Variant(name="signals, hub@60", service="signals", disturbance=Disturbance(kind="hub", at_s=60))


def run(variant: Variant, delay_s: float, seed: int = 1) -> Run:
    told = {"delays": {"v": delay_s}, "departures": {"v": 61.0}, "delay_s": delay_s}
    return Run(
        job=Job(city="town", variant=variant, seed=seed),
        scenario="s",
        scenario_hash="h",
        results={**told, "conflicts": 0, "guards_broken": 0, "teleports": 0},
        simulated_s=100,
        wall_s=1,
        core_s=1,
    )


@pytest.mark.parametrize(("disturbed_s", "code"), [(41.0, 0), (43.0, 1)])
def test_a_disturbance_that_was_not_survived_is_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, disturbed_s: float, code: int
) -> None:
    def measured(folder: Path, service: str, plan: Plan) -> Comparison:
        assert plan.disturbances == (Disturbance(kind="hub", at_s=60),)
        runs = [run(FIXED, 40.0), run(Variant(name="signals", service="signals"), 20.0), run(HUB, disturbed_s)]
        return compare("town", service, runs, provenance={})

    monkeypatch.setattr(evaluation, "evaluate", measured)
    asked = ["evaluate", str(tmp_path), "--disturb", "hub@60", "--out", str(tmp_path), "--html", str(tmp_path / "p")]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == code, done.output
    assert "hub@60" in done.output
    assert "When something fails for good" in (tmp_path / "p").read_text(), "the report is written all the same"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--disturb", "power@5"], "controller, detectors, hub, world"),
        (["--disturb", "hub@3600", "--seeds", "1"], "after the demand's end"),
        (["--on", "dask:8786"], "dask://host:port"),
        (["--html", "/dev/null/report.html"], "cannot be written"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_runs(tmp_path: Path, asked: list[str], said: str) -> None:
    town = tmp_path / "town"
    assert CliRunner().invoke(main, ["init", str(town)]).exit_code == 0
    done = CliRunner().invoke(main, ["evaluate", str(town), *asked])
    assert done.exit_code == 2
    assert said in done.output
    assert not (tmp_path / "evidence").exists()


def test_a_city_that_cannot_be_measured_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    really = evaluation.evaluate
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "city.toml").write_text("name = ")

    def measured(folder: Path, service: str, plan: Plan) -> Comparison:
        if folder.name == "broken":
            return really(folder, service, plan)
        runs = [run(FIXED, 40.0), run(Variant(name="signals", service="signals"), 20.0)]
        return compare(folder.name, service, runs, provenance={})

    monkeypatch.setattr(evaluation, "evaluate", measured)
    page, cities = tmp_path / "page.html", [str(tmp_path / name) for name in ("broken", "town")]
    done = CliRunner().invoke(main, ["evaluate", *cities, "--json", "--html", str(page), "--out", str(tmp_path)])
    assert done.exit_code == 2, done.output
    assert [one["city"] for one in json.loads(done.stdout)] == ["town"], "a list, whoever failed"
    assert f"Not measured, as said above: {cities[0]}" in done.stderr
    assert "city.toml:1" in done.stderr
    assert list(tmp_path.glob("town-signals-*.json")), "what was measured is kept"
    assert "broken: not measured" in page.read_text()
    assert CliRunner().invoke(main, ["evaluate", cities[0]]).exit_code == 2


def test_no_figure_is_cut_off_where_no_terminal_sets_the_width(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = ("actuated", "max-pressure", "signals, 50 m, 10% missed", "signals, 100 m, 0% missed")
    variants = [FIXED, *(Variant(name=name, service="signals") for name in ("signals", *names))]

    def measured(folder: Path, service: str, plan: Plan) -> Comparison:
        runs = [run(one, 1000.0 + 100 * n * seed**3, seed) for n, one in enumerate(variants) for seed in (1, 2)]
        return compare(folder.name, service, runs, provenance={})

    monkeypatch.setattr(evaluation, "evaluate", measured)
    done = CliRunner().invoke(main, ["evaluate", str(tmp_path / "town"), "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "…" not in done.stdout


def test_a_run_that_cannot_begin_says_why_in_words(tmp_path: Path) -> None:
    job = msgspec.json.encode(Job(city=str(tmp_path / "nowhere"), variant=FIXED, seed=1))
    done = CliRunner().invoke(main, ["run"], input=job)
    assert done.exit_code == 2
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr
