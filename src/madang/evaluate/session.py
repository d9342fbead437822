"""An evaluation from the command to its evidence: the jobs, their progress, the comparison, the file."""

import multiprocessing
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from madang.account import evidence
from madang.clock import WallClock
from madang.errors import BadRequestData
from madang.evaluate import cluster
from madang.evaluate.comparison import Comparison, compare
from madang.evaluate.disturbance import Disturbance
from madang.evaluate.pool import run_all
from madang.evaluate.provenance import provenance
from madang.evaluate.run import FIXED, Job, Sensing, Variant
from madang.model.city import City
from madang.model.service import Baseline, Service


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to evaluate: seeds, hours of demand, the longest drain, which of the service's baselines beside it (None:
    all), with which other `sensing`, with which `disturbances`.

    `at_once` is how many runs (None: as many as cores), `on` which cluster (``dask://host:port``; empty: here).
    `detail`: the fixed plan's and the service's runs write down what a report draws, with which `arterial`.
    """

    seeds: tuple[int, ...]
    hours: float
    drain_s: float
    baselines: tuple[str, ...] | None = None
    sensing: tuple[Sensing, ...] = ()
    disturbances: tuple[Disturbance, ...] = ()
    at_once: int | None = None
    detail: bool = False
    arterial: tuple[str, ...] = ()
    on: str = ""

    def variants(self, service: Service) -> list[Variant]:
        """The fixed plan, the baselines, the service, the service with other sensing, and disturbed. Raises
        BadRequestData for a baseline that the service does not have, and for a disturbance after the demand's end."""
        known = {one.name: one for one in service.baselines}
        unknown = sorted(set(self.baselines or ()).difference(known))
        if unknown:
            there = ", ".join(known) or "none"
            raise BadRequestData(f"{service.name} has no baseline {', '.join(unknown)}; there are: {there}")
        for one in self.disturbances:
            if one.at_s >= self.hours * 3600:
                raise BadRequestData(f"{one.name} comes after the demand's end, which is at {self.hours * 3600:g} s")
        usual = [one for one in known.values() if not one.asked]
        chosen = usual if self.baselines is None else [known[name] for name in self.baselines]
        return [
            FIXED,
            *(_baseline(one, service) for one in chosen),
            Variant(name=service.name, service=service.name),
            *(
                Variant(name=_seen(service.name, sensing), service=service.name, sensing=sensing)
                for sensing in self.sensing
            ),
            *(
                Variant(name=f"{service.name}, {one.name}", service=service.name, disturbance=one)
                for one in self.disturbances
            ),
        ]

    def jobs(self, city: City, service: Service) -> list[Job]:
        """Every seed under every variant."""
        variants = self.variants(service)
        return [self._job(str(city.folder), variant, seed) for seed in self.seeds for variant in variants]

    def _job(self, city: str, variant: Variant, seed: int) -> Job:
        detail = self.detail and variant in (FIXED, Variant(name=variant.service, service=variant.service))
        return Job(
            city=city,
            variant=variant,
            seed=seed,
            hours=self.hours,
            drain_s=self.drain_s,
            detail=detail,
            arterial=self.arterial if detail else (),
        )


def _baseline(one: Baseline, service: Service) -> Variant:
    if one.actuated:
        return Variant(name=one.name, actuated=True)
    return Variant(name=one.name, service=service.name, settings=one.settings)


def _seen(service: str, sensing: Sensing) -> str:
    return f"{service}, {sensing.range_m:g} m, {sensing.missed:.0%} missed"


async def evaluate(plan: Plan, *, city: City, service: Service) -> Comparison:
    """Run the plan, with progress on standard error. Raises RunError."""
    jobs = plan.jobs(city, service)
    if plan.on:
        cluster.check(plan.on)
    length_s = plan.hours * 3600
    with _progress() as bar:
        names = {(job.variant.name, job.seed): f"{job.variant.name}, seed {job.seed}" for job in jobs}
        tasks = {key: bar.add_task(name, total=length_s, start=False) for key, name in names.items()}

        def heard(job: Job, simulated_s: float) -> None:
            task = tasks[job.variant.name, job.seed]
            bar.start_task(task)
            bar.update(task, completed=min(simulated_s, length_s))

        if plan.on:
            runs = await cluster.run_all(jobs, on=plan.on, heard=heard)
        else:
            runs = await run_all(jobs, at_once=plan.at_once or multiprocessing.cpu_count(), heard=heard)
    spec = city.services.get(service.name)
    settings = {**service.settings, **(spec.settings if spec else {})}
    told = provenance(service, runs, clock=WallClock(), settings=settings)
    return compare(city.id, service.name, runs, provenance=told)


def keep(comparison: Comparison, service: str, folder: Path) -> Path:
    """Write the comparison as an evidence file, without what is only drawn; its path."""
    body = msgspec.to_builtins(msgspec.structs.replace(comparison, drawings=None))
    return evidence.write({"service": service, **body}, folder, name=f"{comparison.city}-{service}")


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))
