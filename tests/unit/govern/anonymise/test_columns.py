"""A product in pieces is the product, whatever is left over at its end."""

import numpy as np
import pytest

from madang.govern.anonymise.columns import QUIET, product


@pytest.mark.parametrize("rows", [0, 1, 7, 8, QUIET // (5 * 3) - 1, QUIET // (5 * 3) * 2, QUIET // (5 * 3) * 2 + 1])
def test_pieces_make_the_whole(rows: int) -> None:
    draw = np.random.default_rng(rows)
    left = draw.integers(0, 1000, (rows, 5)).astype(np.float32)
    right = draw.integers(0, 2, (5, 3)).astype(np.float32)
    assert np.array_equal(product(left, right), left @ right)


def test_a_matrix_larger_than_a_piece_is_multiplied_too() -> None:
    left, right = np.ones((20, 600), dtype=np.float32), np.ones((600, 700), dtype=np.float32)
    assert np.array_equal(product(left, right), left @ right)
