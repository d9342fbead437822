"""What an appraisal under uncertainty costs: a project of 12 streams over 30 years, NPV and every IRR of so many draws,
beside numpy-financial and pyxirr on the same flows. ``python tests/bench/appraising.py [--draws 1000000]``.

The project buys new equipment in year 15, so that part of the draws change sign three times. Seconds on the wall and of
the processor: on a machine that others use too, the second is the measure.
"""

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy_financial
import pyxirr
from rich.console import Console
from rich.table import Table

from madang.app.case import case_of
from madang.appraise.case.board import Board
from madang.appraise.discount import flat
from madang.appraise.distribution import Distribution
from madang.appraise.montecarlo import draw
from madang.appraise.project import Kernel, Project, kernel
from madang.appraise.stream import Stream

PEERS = 2000
SLIDER = 50_000


def project() -> Project:
    """12 streams, each lognormal: capex in two years, a renewal, four kinds of upkeep, five of benefit."""

    def stream(name: str, kind: Any, amount: float, **more: Any) -> Stream:
        spread = Distribution("lognormal", (1.0, 0.2))
        return Stream(name=name, kind=kind, owner="city", amount=amount, uncertain=spread, **more)

    costs = [
        stream("works", "cost", 900.0, years=2, phasing=(0.6, 0.4)),
        stream("signals", "cost", 120.0, years=1),
        stream("renewal", "cost", 130.0, start=15, years=1),
        *(stream(f"upkeep {n}", "cost", 6.0 + n, start=2, growth=0.005) for n in range(4)),
    ]
    gains = [stream(f"benefit {n}", "benefit", 24.0 + 4 * n, start=2, growth=0.01) for n in range(5)]
    return Project(
        first_year=2026, horizon=30, entity="city", streams=(*costs, *gains), economic=flat(0.05), financial=flat(0.05)
    )


def sliders() -> tuple[Board, str]:
    """The city's own project on a board, and the input that it hangs on most."""
    board = Board(case_of(Path(__file__).parents[2] / "cities/ingolstadt/projects/signals.toml"), draws=SLIDER)
    return board, board.sliders[0].name


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    wall, used = time.perf_counter(), time.process_time()
    found = work()
    return time.perf_counter() - wall, time.process_time() - used, found


def rows(compiled: Kernel, draws: int) -> list[tuple[str, int, float, float]]:
    found: list[tuple[str, int, float, float]] = []

    def measure(name: str, count: int, work: Callable[[], Any]) -> Any:
        wall, used, answer = timed(work)
        found.append((name, count, wall, used))
        return answer

    draw(compiled, 10_000, seed=1, irr=True)
    measure("NPV, Latin hypercube", draws, lambda: draw(compiled, draws, seed=1))
    measure("NPV, Sobol", draws, lambda: draw(compiled, draws, seed=1, method="sobol"))
    drawn = measure("NPV and every IRR", draws, lambda: draw(compiled, draws, seed=1, irr=True))
    measure("NPV, a slider's answer", SLIDER, lambda: draw(compiled, SLIDER, seed=1))
    board, name = sliders()
    places = iter(range(1, 1_000))
    board.move({})
    measure("a slider's whole answer", SLIDER, lambda: board.move({name: next(places) / 100}))
    flows = ((compiled.economic[:, None] * compiled.amounts).T @ drawn.factors[:, :PEERS]).T.copy()
    measure("numpy-financial irr", PEERS, lambda: [numpy_financial.irr(row) for row in flows])
    theirs = measure("pyxirr irr", PEERS, lambda: [pyxirr.irr(row) for row in flows])
    once = drawn.rates.count[:PEERS] == 1
    apart = np.abs(drawn.rates.only[:PEERS] - np.array(theirs, float))[once].max()
    counts = np.bincount(drawn.rates.count)
    Console().print(f"draws with 0, 1, 2, ... rates: {counts.tolist()}; greatest distance from pyxirr {apart:.1e}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1_000_000)
    table = Table("", "draws", "s, wall", "s, processor", "us a draw, processor")
    for name, count, wall, used in rows(kernel(project()), parser.parse_args().draws):
        table.add_row(name, f"{count:,}", f"{wall:.3f}", f"{used:.3f}", f"{1e6 * used / count:.2f}")
    Console().print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    Console().print(f"most memory held: {peak:,.0f} MB")


if __name__ == "__main__":
    main()
