"""Products of a small matrix with very many columns, for threads that each do a part.

The library beneath numpy starts threads of its own for every larger product. Among threads that is more waiting than
work, so the columns are taken in slices that are small enough for it to stay on the thread that asked.
"""

import numpy as np

from madang.appraise.distribution import Floats

ALONE = 200_000
"""Multiplications up to which OpenBLAS uses one thread (its threshold is 2**18)."""


def product(matrix: Floats, columns: Floats) -> Floats:
    """matrix @ columns."""
    step = max(ALONE // max(matrix.size, 1), 1)
    size = columns.shape[1]
    found = np.empty((matrix.shape[0], size))
    for start in range(0, size, step):
        np.matmul(matrix, columns[:, start : start + step], out=found[:, start : start + step])
    return found
