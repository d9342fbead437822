"""What a server takes of the processor for a request: unlike its rate, that hardly depends on who else is running."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from parts.load import Figures

_TICKS = os.sysconf("SC_CLK_TCK")


class Spent(NamedTuple):
    """The figures of a load, and the microseconds of processor time that the server took for each answer."""

    found: Figures
    cpu_us: float


def spent_s(process: int) -> float:
    """Seconds of processor time that a process and its threads have taken (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def watched(process: int, run: Callable[[], Figures]) -> Spent:
    """Run a load, and see what the server takes for it."""
    before = spent_s(process)
    found = run()
    return Spent(found, (spent_s(process) - before) / max(1, found.answers) * 1e6)
