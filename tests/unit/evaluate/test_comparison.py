"""Runs side by side: pairing, totals of the monitor, figures that a network does not have."""

import pytest

from madang.decide.registry import load
from madang.errors import BadRequestData
from madang.evaluate.comparison import UnpairedError, compare
from madang.evaluate.report import report
from madang.evaluate.run import FIXED, Job, Run, Sensing, Variant
from madang.evaluate.session import Plan
from madang.evaluate.shift import shift
from madang.evaluate.table import table

VARIANTS = {
    "fixed": FIXED,
    "signals": Variant(name="signals", service="signals"),
    "actuated": Variant(name="actuated", actuated=True),
    "max-pressure": Variant(name="max-pressure", service="signals", settings={"method": "max-pressure"}),
    "signals, 50 m": Variant(name="signals, 50 m", service="signals", sensing=Sensing(range_m=50)),
}


def run(variant: str, seed: int, *, scenario_hash: str = "h", **results: object) -> Run:
    plain = {"delay_s": 50.0, "conflicts": 0, "guards_broken": 0, "bus_delay_s": None}
    return Run(
        job=Job(city="c", variant=VARIANTS[variant], seed=seed),
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
    with pytest.raises(UnpairedError, match=r"\[1, 2\] under fixed, \[1\] under signals"):
        compare("c", "signals", [run("fixed", 1), run("fixed", 2), run("signals", 1)], provenance={})


def test_a_changed_scenario_is_an_error() -> None:
    with pytest.raises(UnpairedError, match="changed"):
        compare("c", "signals", [run("fixed", 1), run("signals", 1, scenario_hash="other")], provenance={})


def test_every_variant_is_beside_the_fixed_plan_and_the_service_beside_every_baseline() -> None:
    delays = {"fixed": 50.0, "actuated": 40.0, "max-pressure": 30.0, "signals": 20.0, "signals, 50 m": 25.0}
    runs = [run(name, seed, delay_s=s + seed, conflicts=1) for name, s in delays.items() for seed in (1, 2)]
    found = compare("c", "signals", runs, provenance={})
    assert list(found.runs) == ["fixed", "signals", "actuated", "max-pressure", "signals, 50 m"]
    assert found.effect["delay_s"].mean == -30
    assert {name: of["delay_s"].mean for name, of in found.effects.items()} == {
        "actuated": -10,
        "max-pressure": -20,
        "signals, 50 m": -25,
    }
    assert {name: of["delay_s"].mean for name, of in found.against.items()} == {"actuated": -20, "max-pressure": -10}
    assert found.conflicts == 4, "of the service, whatever it saw, and of no baseline"
    drawn = table(found, "signals")
    headings = [str(column.header) for column in drawn.columns]
    assert headings[1:6] == ["Fixed plan", "Actuated", "Max-pressure", "With signals", "Signals, 50 m"]


def test_a_baseline_that_a_service_does_not_have_is_named() -> None:
    with pytest.raises(BadRequestData, match="no baseline nothing"):
        Plan(seeds=(1,), hours=1, drain_s=0, baselines=("nothing",)).variants(load("signals"))


def test_each_vehicle_is_compared_with_itself() -> None:
    before = {"a": 100.0, "b": 20.0, "c": 5.0, "only-before": 1.0}
    after = {"a": 10.0, "b": 95.0, "c": 9.0}
    found = shift([(before, after), ({"a": 50.0}, {"a": 65.0})])
    assert found is not None
    assert (found.vehicles, found.better, found.worse, found.much_worse) == (4, 0.25, 0.5, 0.25)
    assert found.mean_loss_s == 45
    assert sum(found.counts) == 4
    assert len(found.counts) == len(found.edges) + 1
    assert found.counts[found.edges.index(-90.0) + 1] == 1, "a change of -90 s is in the bin that begins there"
    assert shift([({"a": 1.0}, {})]) is None


def test_the_report_shows_every_variant_and_takes_no_name_for_markup() -> None:
    names = ("fixed", "actuated", "signals")
    runs = [
        run(name, seed, delay_s=50.0 - 10 * place, delays={"x": 50.0 - 10 * place})
        for place, name in enumerate(names)
        for seed in (1, 2)
    ]
    page = report([compare("<b>town</b>", "signals", runs, provenance={"conventions": ["a < b"]})], "signals")
    assert "<b>town" not in page
    assert "a &lt; b" in page
    for shown in ("Fixed plan", "Actuated", "With signals", "50.0", "40.0", "30.0", "100%"):
        assert shown in page
