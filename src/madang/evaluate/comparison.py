"""Runs on the same seeds under several controls, put side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from madang.errors import MadangError
from madang.evaluate.distribution import Approach, Journey, approaches, journeys
from madang.evaluate.drawings import Drawings, drawings
from madang.evaluate.kpis import NAMES
from madang.evaluate.run import FIXED, Run
from madang.evaluate.shift import Shift, shift
from madang.evaluate.statistics import Estimate, effect, estimate
from madang.evaluate.verdict import Verdict, verdicts
from madang.model.recording import Recording

Figures = Mapping[str, Estimate]
"""Estimates by the names in ``evaluate/kpis``; the unit of each is the name's ending."""


class UnpairedError(MadangError):
    """The runs do not pair: a seed is missing on one side, or the scenarios differ."""

    title = "Runs do not pair"


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What ``madang evaluate --json`` prints.

    `runs` are the figures of each variant: ``fixed``, the service's own name, its baselines, the service with other
    sensing. `effect` is service minus fixed on the same seeds, `effects` the same of every other variant, `against`
    service minus each baseline, `shift` who gains and who loses against fixed. `conflicts` and `guards_broken` are
    totals over the runs of the service, whatever it saw. `real_time_factor` is simulated seconds per second of one
    core's time, `real_time_factor_wall` per second on the wall with as many runs at once as there were; both of the
    slowest of the service's own. `verdicts` are on the disturbances; `approaches`, `journeys` and `drawings`
    are there where the runs wrote down what a report draws. `provenance` is what a reader needs to make it
    again.
    """

    city: str
    scenario: str
    seeds: tuple[int, ...]
    hours: float
    runs: Mapping[str, Figures]
    effect: Figures
    effects: Mapping[str, Figures]
    against: Mapping[str, Figures]
    shift: Shift | None
    conflicts: int
    guards_broken: int
    real_time_factor: float
    real_time_factor_wall: float
    provenance: Mapping[str, Any]
    verdicts: tuple[Verdict, ...] = ()
    approaches: tuple[Approach, ...] = ()
    journeys: tuple[Journey, ...] = ()
    drawings: Drawings | None = None


def compare(city: str, service: str, runs: Sequence[Run], *, provenance: Mapping[str, Any]) -> Comparison:
    """Pair the runs of all variants by seed. Raises UnpairedError."""
    found = _variants(runs, service)
    if len({run.scenario_hash for run in runs}) != 1:
        raise UnpairedError("the scenario's files changed between the runs")
    names = [name for name in NAMES if all(_values(of, name) for of in found.values())]
    values = {variant: {name: _values(of, name) for name in names} for variant, of in found.items()}
    fixed, treated = values[FIXED.name], found[service].values()
    effects = {variant: _effect(fixed, of) for variant, of in values.items() if variant != FIXED.name}
    # What is neither the service itself (whatever it saw) nor the fixed plan is a baseline.
    own = [run for run in runs if run.job.variant.service == service and not run.job.variant.settings]
    others = [run.job.variant for run in runs if run not in own and run.job.variant != FIXED]
    pairs = [(found[FIXED.name][seed], run) for seed, run in found[service].items()]
    delays = [(_delays(before), _delays(after)) for before, after in pairs]
    recorded = [(_recording(before), _recording(after)) for before, after in pairs if before.job.detail]
    return Comparison(
        city=city,
        scenario=runs[0].scenario,
        seeds=tuple(found[service]),
        hours=runs[0].job.hours,
        runs={variant: {name: estimate(each) for name, each in of.items()} for variant, of in values.items()},
        effect=effects.pop(service),
        effects=effects,
        against={
            name: _effect(values[name], values[service]) for name in dict.fromkeys(other.name for other in others)
        },
        shift=shift(delays),
        conflicts=sum(int(run.results["conflicts"]) for run in own),
        guards_broken=sum(int(run.results["guards_broken"]) for run in own),
        real_time_factor=min(run.simulated_s / run.core_s for run in treated),
        real_time_factor_wall=min(run.simulated_s / run.wall_s for run in treated),
        provenance=provenance,
        verdicts=verdicts(runs),
        approaches=approaches(recorded),
        journeys=journeys(delays, [one.journeys for one, _ in recorded]) if recorded else (),
        drawings=drawings(recorded),
    )


def _variants(runs: Sequence[Run], service: str) -> dict[str, dict[int, Run]]:
    """The runs by variant and seed; all have the same seeds, and the service and the fixed plan are among them."""
    found: dict[str, dict[int, Run]] = {FIXED.name: {}, service: {}}
    for run in sorted(runs, key=lambda run: run.job.seed):
        found.setdefault(run.job.variant.name, {})[run.job.seed] = run
    if any(of.keys() != found[service].keys() for of in found.values()) or not found[service]:
        ran = ", ".join(f"{sorted(of)} under {variant}" for variant, of in found.items())
        raise UnpairedError(f"the seeds differ: {ran}")
    return found


def _delays(run: Run) -> Mapping[str, float]:
    return run.results.get("delays", {})


def _recording(run: Run) -> Recording:
    return msgspec.convert(run.results["recording"], Recording)


def _effect(before: Mapping[str, list[float]], after: Mapping[str, list[float]]) -> dict[str, Estimate]:
    return {name: effect(before[name], after[name]) for name in before}


def _values(runs: Mapping[int, Run], name: str) -> list[float]:
    """The figure of each run, or none at all where a run has no such figure (no bus in this network)."""
    values = [run.results.get(name) for run in runs.values()]
    return [float(value) for value in values if value is not None] if None not in values else []
