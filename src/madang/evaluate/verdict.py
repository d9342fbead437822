"""Whether a disturbance was survived: with what failed gone for good, no worse than the fixed plan from there on."""

from collections.abc import Sequence
from statistics import fmean
from typing import Final

import msgspec

from madang.evaluate.run import FIXED, Run

MARGIN: Final = 0.05
"""How much more delay than under the fixed plan is borne."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One seed under one disturbance.

    `fixed_s` and `disturbed_s` are the mean delays of the `vehicles` that were to set out at the disturbance's second
    or later, under the fixed plan of the same seed and here (None where nobody was). `conflicts` and `guards_broken`
    are of the whole run. It `holds` with no conflict and with at most 5 % more delay.
    """

    disturbance: str
    seed: int
    vehicles: int
    fixed_s: float | None
    disturbed_s: float | None
    conflicts: int
    guards_broken: int
    teleports: int
    teleports_fixed: int

    @property
    def change(self) -> float | None:
        """Delay against the fixed plan's, as a share of it; None where nobody was delayed under the plan."""
        return None if not self.fixed_s or self.disturbed_s is None else self.disturbed_s / self.fixed_s - 1

    @property
    def holds(self) -> bool:
        """No conflict ever, and the delay from there within the margin."""
        if self.conflicts:
            return False
        return (self.disturbed_s or 0.0) <= (self.fixed_s or 0.0) * (1 + MARGIN)


def verdicts(runs: Sequence[Run]) -> tuple[Verdict, ...]:
    """One for each run with a disturbance, beside the fixed plan's run of its seed."""
    fixed = {run.job.seed: run for run in runs if run.job.variant == FIXED}
    return tuple(_verdict(run, fixed[run.job.seed]) for run in runs if run.job.variant.disturbance is not None)


def _verdict(run: Run, fixed: Run) -> Verdict:
    found = run.job.variant.disturbance
    assert found is not None
    departures = fixed.results["departures"]
    later = [id for id, after_s in departures.items() if after_s >= found.at_s and id in run.results["delays"]]
    return Verdict(
        disturbance=found.name,
        seed=run.job.seed,
        vehicles=len(later),
        fixed_s=_mean(fixed, later),
        disturbed_s=_mean(run, later),
        conflicts=int(run.results["conflicts"]),
        guards_broken=int(run.results["guards_broken"]),
        teleports=int(run.results["teleports"]),
        teleports_fixed=int(fixed.results["teleports"]),
    )


def _mean(run: Run, ids: Sequence[str]) -> float | None:
    return fmean(run.results["delays"][id] for id in ids) if ids else None
