"""What a reader needs to make a figure again: the code, the versions, the scenario, the conventions."""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import madang
from madang.clock import Clock
from madang.evaluate.run import Run
from madang.model.service import Service

PACKAGES = ("libsumo", "eclipse-sumo", "sumo-rl", "numpy", "msgspec")

CONVENTIONS = (
    "delay is SUMO's timeLoss + departDelay over all vehicles whose departure lies in the demand's window, those still "
    "under way or never inserted included",
    "after the demand's window the network drains for at most the drain's length, without new departures",
    "time-to-teleport 300 s; every teleport is counted; a vehicle never inserted is counted and its wait is delay",
    "a run is gridlocked where a vehicle was teleported, or was still under way or not inserted after the drain",
    "waiting is time below 0.1 m/s; a stop is a count of such waits; longest wait is the largest accumulated waiting",
    "emissions by SUMO's default emission classes (HBEFA3), exhaust only",
    "sensing as the city's world says (cameras of sensor_range_m with a share `missed`), unless the variant says other",
    "each seed runs under every variant: differences are paired by seed, intervals by Student's t",
    "actuated is SUMO's own, on the greens of the built-in plan (7 to 50 s each), with its own detectors",
    "conflicts and guards are counted by a monitor that shares no code with the controller",
)


def provenance(service: Service, runs: Sequence[Run], *, clock: Clock, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The provenance of an evaluation's figures, as plain JSON."""
    treated = [run for run in runs if run.job.variant.name == service.name]
    return {
        "made_at": clock.now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        "madang": madang.__version__,
        "code_sha256": code_hash(),
        "service": {"name": service.name, "version": service.version, "settings": dict(settings)},
        "scenario_sha256": runs[0].scenario_hash,
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "python": platform.python_version(),
        "machine": platform.machine(),
        "drain_s": runs[0].job.drain_s,
        "decisions": sum(run.decisions for run in treated),
        "refused_by_guards": sum(run.refused for run in treated),
        "fallbacks": sum(run.fallbacks for run in treated),
        "conventions": list(CONVENTIONS),
    }


def code_hash() -> str:
    """SHA-256 over the package's Python files: their relative names and contents, sorted."""
    root, digest = Path(madang.__file__).parent, hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
