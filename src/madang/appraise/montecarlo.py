"""What a project may be worth: NPV and every IRR of very many draws of its uncertain streams.

P(EIRR < h) needs no IRR: for flows with one rate it is P(NPV at h < 0).
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate

import msgspec
import numpy as np

from madang.appraise.distribution import Floats
from madang.appraise.irrs import Rates, every
from madang.appraise.product import product
from madang.appraise.project import Kernel
from madang.appraise.sample import Method, factors

PERCENTILES = (1, 5, 10, 25, 50, 75, 90, 95, 99)
_PART = 8192
"""Draws at a time: what a processor's cache holds."""


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """By draw: the streams' `factors` [stream, draw], the economic `npv`, and the `rates` if they were asked for."""

    factors: Floats
    npv: Floats
    rates: Rates | None = None


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """A distribution in figures; `percentiles` by PERCENTILES; `negative` the share of draws below zero."""

    mean: float
    deviation: float
    negative: float
    percentiles: tuple[float, ...]


def draw(
    kernel: Kernel, count: int, *, seed: int, method: Method = "latin", irr: bool = False, workers: int = 2
) -> Drawn:
    """Draw. The same seed gives the same draws, whatever the number of workers."""
    found = factors(kernel.spread, count, seed=seed, method=method, correlation=kernel.correlation, workers=workers)
    worth = kernel.economic * (kernel.amounts @ kernel.economic_factors)
    return Drawn(factors=found, npv=worth @ found, rates=rates(kernel, found, workers=workers) if irr else None)


def spread(values: Floats) -> Spread:
    """Mean, deviation and percentiles of draws."""
    return Spread(
        mean=float(values.mean()),
        deviation=float(values.std()),
        negative=float((values < 0).mean()),
        percentiles=tuple(float(value) for value in np.percentile(values, PERCENTILES)),
    )


def below(kernel: Kernel, drawn: Drawn, hurdle: Floats) -> float:
    """The share of draws whose economic NPV is negative at other discount factors: P(EIRR < hurdle) where each draw has
    one rate."""
    worth = kernel.economic * (kernel.amounts @ hurdle)
    return float((worth @ drawn.factors < 0).mean())


def fan(kernel: Kernel, drawn: Drawn, *, at: tuple[int, ...] = (10, 50, 90)) -> Floats:
    """Percentiles [percentile, year] of the discounted net benefit so far."""
    running = np.zeros(drawn.npv.shape[0])
    rows: list[Floats] = []
    net = kernel.economic[:, None] * kernel.amounts * kernel.economic_factors
    for year in range(net.shape[1]):
        running += net[:, year] @ drawn.factors
        rows.append(np.percentile(running, at))
    return np.array(rows).T


def rates(kernel: Kernel, found: Floats, *, workers: int = 2) -> Rates:
    """Every economic rate of each draw; `found` are the streams' factors [stream, draw]."""
    net = (kernel.economic[:, None] * kernel.amounts).T
    used = np.flatnonzero(np.abs(net).sum(axis=1))
    net = net[used[0] : used[-1] + 1] if used.size else net[:1]
    starts = range(0, found.shape[1], _PART)

    def part(start: int) -> Rates:
        return every(product(net, found[:, start : start + _PART]))

    with ThreadPoolExecutor(workers) as pool:
        parts = list(pool.map(part, starts))
    offsets = accumulate((part.count.size for part in parts[:-1]), initial=0)
    return Rates(
        np.concatenate([part.count for part in parts]),
        np.concatenate([part.only for part in parts]),
        np.concatenate([part.draw + offset for part, offset in zip(parts, offsets, strict=True)]),
        np.concatenate([part.rate for part in parts]),
    )
