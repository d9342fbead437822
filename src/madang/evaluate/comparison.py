"""Runs on the same seeds with and without a service, put side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from madang.errors import MadangError
from madang.evaluate.kpis import NAMES
from madang.evaluate.run import FIXED, Run
from madang.evaluate.statistics import Estimate, effect, estimate


class UnpairedError(MadangError):
    """The runs do not pair: a seed is missing on one side, or the scenarios differ."""

    title = "Runs do not pair"


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What ``madang evaluate --json`` prints. Figures are by name (``evaluate/kpis``), their unit is the name's ending.

    `effect` is service minus fixed on the same seeds; `conflicts` and `guards_broken` are totals over the service's
    runs. `real_time_factor` is simulated seconds per second of one core's time, `real_time_factor_wall` per second on
    the wall with as many runs at once as there were; both of the slowest of them. `provenance` is what a reader needs
    to make it again.
    """

    city: str
    scenario: str
    seeds: tuple[int, ...]
    hours: float
    runs: Mapping[str, Mapping[str, Estimate]]
    effect: Mapping[str, Estimate]
    conflicts: int
    guards_broken: int
    real_time_factor: float
    real_time_factor_wall: float
    provenance: Mapping[str, Any]


def compare(city: str, service: str, runs: Sequence[Run], *, provenance: Mapping[str, Any]) -> Comparison:
    """Pair the runs of the service with the fixed plan's by seed. Raises UnpairedError."""
    fixed, treated = _by_seed(runs, FIXED), _by_seed(runs, service)
    if fixed.keys() != treated.keys() or not fixed:
        raise UnpairedError(f"seeds {sorted(fixed)} ran without and {sorted(treated)} with {service}")
    if len({run.scenario_hash for run in runs}) != 1:
        raise UnpairedError("the scenario's files changed between the runs")
    pairs = {name: (_values(fixed, name), _values(treated, name)) for name in NAMES}
    pairs = {name: pair for name, pair in pairs.items() if all(pair)}
    return Comparison(
        city=city,
        scenario=runs[0].scenario,
        seeds=tuple(fixed),
        hours=runs[0].job.hours,
        runs={
            FIXED: {name: estimate(before) for name, (before, _) in pairs.items()},
            service: {name: estimate(after) for name, (_, after) in pairs.items()},
        },
        effect={name: effect(before, after) for name, (before, after) in pairs.items()},
        conflicts=sum(int(run.results["conflicts"]) for run in treated.values()),
        guards_broken=sum(int(run.results["guards_broken"]) for run in treated.values()),
        real_time_factor=min(run.simulated_s / run.core_s for run in treated.values()),
        real_time_factor_wall=min(run.simulated_s / run.wall_s for run in treated.values()),
        provenance=provenance,
    )


def _by_seed(runs: Sequence[Run], variant: str) -> dict[int, Run]:
    found = {run.job.seed: run for run in runs if run.job.variant == variant}
    return dict(sorted(found.items()))


def _values(runs: Mapping[int, Run], name: str) -> list[float]:
    """The figure of each run, or none at all where a run has no such figure (no bus in this network)."""
    values = [run.results.get(name) for run in runs.values()]
    return [float(value) for value in values if value is not None] if None not in values else []
