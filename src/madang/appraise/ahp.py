"""The analytic hierarchy process: from judgements in pairs to weights, and how far they contradict each other.

Weights are the principal eigenvector of the matrix of judgements; its consistency index is (l - n) / (n - 1) with l the
principal eigenvalue, and the consistency ratio that index over the one of random judgements (Saaty, "The Analytic
Hierarchy Process", 1980). Judgements of several people are joined by their geometric mean, which keeps them reciprocal
(Aczél and Saaty, "Procedures for synthesizing ratio judgements", 1983).
"""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import msgspec
import numpy as np

from madang.appraise.distribution import Floats
from madang.errors import AppraisalInvalid

SCALE = 9.0
"""How many times one of a pair may be preferred to the other, at most."""
ROUNDED = 0.02
"""A share by which a judgement and its opposite may miss being reciprocal: 0.33 for a third."""

STEPS = 1000

Matrix = Sequence[Sequence[float]]


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """`weights` sum to 1; `ratio` is the consistency ratio: 0 where no judgement contradicts another."""

    weights: tuple[float, ...]
    eigenvalue: float
    index: float
    ratio: float


def weights(matrix: Matrix, random: Mapping[int, float]) -> Weights:
    """The weights of a matrix that was checked; `random` is the consistency index of random judgements by size, from 3
    on. Raises AppraisalInvalid for a size that it does not have."""
    made = reciprocal(matrix)
    count = len(made)
    vector = _principal(made)
    eigenvalue = float(((made @ vector) / vector).mean())
    index = max(0.0, (eigenvalue - count) / (count - 1)) if count > 2 else 0.0
    if count > 2 and count not in random:
        raise AppraisalInvalid(f"{count} criteria in one matrix (group them: at most {max(random, default=2)})")
    return Weights(
        weights=tuple(float(one) for one in vector),
        eigenvalue=eigenvalue,
        index=index,
        ratio=index / random[count] if count > 2 else 0.0,
    )


def _principal(made: Floats) -> Floats:
    """The principal eigenvector, by powers of the matrix: all its numbers are positive, so it is the one they tend
    to."""
    vector = np.full(len(made), 1 / len(made))
    for _ in range(STEPS):
        before, vector = vector, made @ vector
        vector /= vector.sum()
        if float(np.abs(vector - before).max()) < 1e-15:
            break
    return vector


def reciprocal(matrix: Matrix) -> Floats:
    """The matrix with each judgement made exactly reciprocal to its opposite."""
    given = np.array(matrix, dtype=float)
    return np.sqrt(given / given.T)


def joined(matrices: Sequence[Matrix]) -> Floats:
    """The judgements of several people as one matrix: their geometric mean."""
    return np.exp(np.mean([np.log(reciprocal(one)) for one in matrices], axis=0))


def mistakes(matrix: Matrix, names: Sequence[str]) -> list[str]:
    """What is wrong with a matrix of judgements about these names; sentences."""
    count = len(names)
    if len(matrix) != count or any(len(row) != count for row in matrix):
        return [f"the matrix has to be {count} by {count}, a row and a column for each of: {', '.join(names)}"]
    numbers = [value for row in matrix for value in row]
    if not all(math.isfinite(value) and 1 / SCALE / (1 + ROUNDED) <= value <= SCALE for value in numbers):
        return [f"a judgement is below 1/9 or above 9 ({min(numbers):g} to {max(numbers):g})"]
    found = [f"{name!r} over itself is {matrix[n][n]:g}, not 1" for n, name in enumerate(names) if matrix[n][n] != 1]
    for a, b in combinations(range(count), 2):
        if abs(matrix[a][b] * matrix[b][a] - 1) > ROUNDED:
            found.append(
                f"{names[a]!r} over {names[b]!r} is {matrix[a][b]:g} and the opposite {matrix[b][a]:g}, "
                f"which is not 1/{matrix[a][b]:g}"
            )
    return found


def between(value: float, table: Sequence[tuple[float, float]]) -> float:
    """The preference that a table of (value, preference) gives, straight in the logarithm of the preference between its
    rows and held beyond them; without a table the value itself, within 1/9 and 9."""
    if not table:
        return min(max(value, 1 / SCALE), SCALE)
    at, preferred = zip(*sorted(table), strict=True)
    return float(np.exp(np.interp(value, at, np.log(preferred))))


def share(preference: float) -> float:
    """What the one of two alternatives gets that is preferred so many times to the other."""
    return preference / (1 + preference)
