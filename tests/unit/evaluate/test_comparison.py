"""Runs side by side: pairing, totals of the monitor, figures that a network does not have."""

import pytest

from madang.evaluate.comparison import UnpairedError, compare
from madang.evaluate.run import Job, Run


def run(variant: str, seed: int, *, scenario_hash: str = "h", **results: float | None) -> Run:
    plain = {"delay_s": 50.0, "conflicts": 0, "guards_broken": 0, "bus_delay_s": None}
    return Run(
        job=Job(city="c", variant=variant, seed=seed),
        scenario="s",
        scenario_hash=scenario_hash,
        results={**plain, **results},
        simulated_s=3600,
        wall_s=20.0 + seed,
        core_s=10.0 + seed,
    )


def test_seeds_are_paired_whatever_the_order() -> None:
    runs = [run("signals", 2, delay_s=30.0), run("fixed", 1), run("signals", 1, delay_s=20.0), run("fixed", 2)]
    found = compare("c", "signals", runs, provenance={})
    assert found.seeds == (1, 2)
    assert found.effect["delay_s"].values == (-30.0, -20.0)
    assert found.real_time_factor == 300, "of the slowest run with the service, on one core"
    assert found.real_time_factor_wall == pytest.approx(3600 / 22)


def test_a_figure_without_a_value_is_left_out() -> None:
    found = compare("c", "signals", [run("fixed", 1), run("signals", 1)], provenance={})
    assert "bus_delay_s" not in found.effect


def test_conflicts_are_summed_over_the_service_runs_only() -> None:
    runs = [
        run("fixed", 1, conflicts=7),
        run("fixed", 2),
        run("signals", 1, conflicts=1),
        run("signals", 2, conflicts=2),
    ]
    assert compare("c", "signals", runs, provenance={}).conflicts == 3


def test_a_missing_seed_is_an_error() -> None:
    with pytest.raises(UnpairedError, match=r"\[1, 2\]"):
        compare("c", "signals", [run("fixed", 1), run("fixed", 2), run("signals", 1)], provenance={})


def test_a_changed_scenario_is_an_error() -> None:
    with pytest.raises(UnpairedError, match="changed"):
        compare("c", "signals", [run("fixed", 1), run("signals", 1, scenario_hash="other")], provenance={})
