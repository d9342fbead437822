"""Draws of all uncertain factors together: Latin hypercube or scrambled Sobol points, correlated by a Gaussian copula.

Latin hypercube: McKay, Beckman and Conover 1979: each factor's range is cut into as many slices of equal probability as
there are draws, each used once. Correlation mixes normal numbers by the Cholesky factor of the matrix; a factor that is
correlated with an earlier one keeps its distribution, but no longer exactly one draw a slice.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import numpy as np
from scipy.stats import qmc  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from madang.appraise.distribution import Distribution, Floats, normal
from madang.errors import AppraisalInvalid

Method = Literal["latin", "sobol"]
Correlation = Mapping[tuple[int, int], float]
"""By the places of two factors: the correlation of the normal numbers behind them, -1 to 1."""


def factors(
    spread: Sequence[Distribution],
    count: int,
    *,
    seed: int,
    method: Method = "latin",
    correlation: Correlation | None = None,
    workers: int = 2,
) -> Floats:
    """An array [factor, draw]. The same seed gives the same draws, whatever the number of workers."""
    if count < 1:
        raise AppraisalInvalid(f"{count} draws (ask for at least one)")
    mixing = _mixing(len(spread), correlation or {})
    moving = [n for n, one in enumerate(spread) if one.shape != "fixed"]
    mixed = {n for n in moving if any(mixing[n, other] for other in range(len(spread)) if other != n)}
    mixed |= {other for n in mixed for other in moving if mixing[n, other]}
    found = np.ones((len(spread), count))
    points = _sobol(len(moving), count, seed) if method == "sobol" else None

    def one(place: int) -> None:
        n = moving[place]
        share = points[:, place].copy() if points is not None else _latin(count, (seed, n))
        found[n] = normal(share) if n in mixed else spread[n].quantiles(share)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(one, range(len(moving))))
        if mixed:
            order = sorted(mixed)
            found[order] = mixing[np.ix_(order, order)] @ found[order]

            def last(n: int) -> None:
                found[n] = spread[n].factors(found[n])

            list(pool.map(last, order))
    return found


def _latin(count: int, seed: tuple[int, int]) -> Floats:
    """One number of each slice, in random order."""
    source = np.random.Generator(np.random.SFC64(seed))
    share = source.random(count)
    share += np.arange(count)
    share /= count
    np.clip(share, 1e-300, 1 - 1e-16, out=share)
    source.shuffle(share)
    return share


def _sobol(size: int, count: int, seed: int) -> Floats:
    sequence: Any = qmc.Sobol  # pyright: ignore[reportUnknownMemberType]
    engine = sequence(max(size, 1), seed=np.random.default_rng(seed))
    points: Floats = engine.random(1 << (count - 1).bit_length())[:count]
    return np.clip(points, 1e-16, 1 - 1e-16)


def _mixing(size: int, correlation: Correlation) -> Floats:
    matrix = np.eye(size)
    for (one, other), value in correlation.items():
        if not (0 <= one < size and 0 <= other < size and one != other and -1 <= value <= 1):
            raise AppraisalInvalid(f"correlation {value:g} of {one} and {other} (two different factors, -1 to 1)")
        matrix[one, other] = matrix[other, one] = value
    try:
        return np.linalg.cholesky(matrix).astype(np.float64, copy=False)
    except np.linalg.LinAlgError:
        raise AppraisalInvalid(
            "the correlations contradict each other: no factors can have them all (make some of them smaller)"
        ) from None
