"""A disturbance is survived or it is not: by the delay from there on, and by every conflict."""

import pytest

from madang.evaluate.disturbance import Disturbance
from madang.evaluate.run import FIXED, Job, Run, Variant
from madang.evaluate.verdict import Verdict, verdicts

HUB = Variant(name="signals, hub@10", service="signals", disturbance=Disturbance(kind="hub", at_s=10))


def run(variant: Variant, *, late_s: float, early_s: float = 1.0, conflicts: int = 0) -> Run:
    return Run(
        job=Job(city="c", variant=variant, seed=1),
        scenario="s",
        scenario_hash="h",
        results={
            "delays": {"before": early_s, "a": late_s, "b": late_s + 2},
            "departures": {"before": 9.0, "a": 10.0, "b": 20.0},
            "conflicts": conflicts,
            "guards_broken": 0,
            "teleports": 0,
        },
        simulated_s=60,
        wall_s=1,
        core_s=1,
    )


def judged(late_s: float, *, early_s: float = 1.0, conflicts: int = 0) -> Verdict:
    [found] = verdicts([run(FIXED, late_s=39), run(HUB, late_s=late_s, early_s=early_s, conflicts=conflicts)])
    return found


def test_only_who_sets_out_from_there_on_counts() -> None:
    found = judged(39, early_s=1e6)
    assert (found.vehicles, found.fixed_s, found.disturbed_s, found.change) == (2, 40, 40, 0)
    assert found.holds


@pytest.mark.parametrize(("late_s", "holds"), [(40.9, True), (41.1, False)])
def test_five_per_cent_are_borne(late_s: float, holds: bool) -> None:
    assert judged(late_s).holds is holds


def test_one_conflict_is_one_too_many() -> None:
    assert not judged(1, conflicts=1).holds


def test_without_a_disturbance_there_is_nothing_to_judge() -> None:
    assert verdicts([run(FIXED, late_s=1), run(Variant(name="signals", service="signals"), late_s=1)]) == ()
