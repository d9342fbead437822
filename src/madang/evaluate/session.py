"""An evaluation from the command to its evidence: the jobs, their progress, the comparison, the file."""

import multiprocessing
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from madang.account import evidence
from madang.clock import WallClock
from madang.evaluate.comparison import Comparison, compare
from madang.evaluate.pool import run_all
from madang.evaluate.provenance import provenance
from madang.evaluate.run import FIXED, Job
from madang.model.city import City
from madang.model.service import Service


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to evaluate: seeds, hours of demand, the longest drain, how many runs at once (None: as many as cores)."""

    seeds: tuple[int, ...]
    hours: float
    drain_s: float
    at_once: int | None = None

    def jobs(self, city: City, service: str) -> list[Job]:
        """Every seed without and with the service."""
        return [
            Job(city=str(city.folder), variant=variant, seed=seed, hours=self.hours, drain_s=self.drain_s)
            for seed in self.seeds
            for variant in (FIXED, service)
        ]


async def evaluate(plan: Plan, *, city: City, service: Service) -> Comparison:
    """Run the plan, with progress on standard error. Raises RunError."""
    jobs = plan.jobs(city, service.name)
    length_s = plan.hours * 3600
    with _progress() as bar:
        tasks = {job: bar.add_task(f"{job.variant}, seed {job.seed}", total=length_s, start=False) for job in jobs}

        def heard(job: Job, simulated_s: float) -> None:
            bar.start_task(tasks[job])
            bar.update(tasks[job], completed=min(simulated_s, length_s))

        runs = await run_all(jobs, at_once=plan.at_once or multiprocessing.cpu_count(), heard=heard)
    spec = city.services.get(service.name)
    settings = {**service.settings, **(spec.settings if spec else {})}
    told = provenance(service, runs, clock=WallClock(), settings=settings)
    return compare(city.id, service.name, runs, provenance=told)


def keep(comparison: Comparison, service: str, folder: Path) -> Path:
    """Write the comparison as an evidence file; its path."""
    body = msgspec.to_builtins(comparison)
    return evidence.write({"service": service, **body}, folder, name=f"{comparison.city}-{service}")


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))
