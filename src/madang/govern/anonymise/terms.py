"""What every class of the output keeps: k rows, l distinct sensitive values, a distribution within t of the table's."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from madang.govern.anonymise.columns import Bools, Cuts, Floats, Ints

BUCKETS = 64
"""For l, sensitive values are looked at in about so many buckets: values in distinct buckets are distinct."""

MOST_CLOSE = 1_000
"""For t, every value is looked at; a column with more distinct ones is refused."""

ROUNDING = 1e-5
"""Cuts are judged in single precision; the gate that follows judges in double."""


@dataclass(frozen=True)
class Sensitive:
    """A sensitive column: codes by rank; with an order when its values are numbers."""

    name: str
    codes: Ints
    texts: list[str]
    ordered: bool


@dataclass(frozen=True)
class Terms:
    """The guarantee that is asked for. `l` 1 and `t` None ask for nothing of the sensitive columns."""

    k: int
    l: int = 1  # noqa: E741 the name of the guarantee
    t: float | None = None
    sensitive: Sequence[Sensitive] = field(default_factory=tuple[Sensitive, ...])

    @property
    def blind(self) -> bool:
        """Nothing is asked of the sensitive values."""
        return not self.sensitive or (self.l <= 1 and self.t is None)


def possible(terms: Terms, cuts: Cuts, left: Floats, place: Ints, rows: Ints, counts: Floats) -> Bools:
    """(P, J): which cuts leave both halves within the terms, as far as buckets tell."""
    total = counts.sum(axis=1, keepdims=True)
    fine = (left >= terms.k) & (total - left >= terms.k)
    if terms.blind:
        return fine
    for column in terms.sensitive:
        mine = _bucketed(column, terms)[0][rows]
        fine &= _fair(column, terms, cuts, place, mine, _Sides(left, total - left), counts)
    return fine


def _bucketed(column: Sensitive, terms: Terms) -> tuple[Ints, int]:
    """The column's codes in runs of neighbours, and how many runs there are."""
    count, most = len(column.texts), max(BUCKETS, 2 * terms.l)
    if terms.t is not None or count <= most:
        return column.codes, count
    return column.codes * most // count, most


class _Sides(NamedTuple):
    """The rows in the left and the right half of each cut, (P, J) each."""

    left: Floats
    right: Floats


def _fair(column: Sensitive, terms: Terms, cuts: Cuts, place: Ints, mine: Ints, sides: _Sides, counts: Floats) -> Bools:
    """(P, J): which cuts leave both halves diverse and close. `place` is a row's cell, `mine` its sensitive value."""
    count = int(_bucketed(column, terms)[1])
    whole = np.bincount(column.codes, minlength=count) / len(column.codes) if terms.t is not None else np.zeros(count)
    kinds = [np.zeros(sides.left.shape, dtype=np.int16) for _ in sides]
    apart = [np.zeros(sides.left.shape, dtype=np.float32) for _ in sides]
    run = [np.zeros(sides.left.shape, dtype=np.float32) for _ in sides]
    others, rest = sides.left, counts.sum(axis=1, keepdims=True)
    for value in range(count):
        # What has no other value has the last one.
        left, both = others, rest
        if value < count - 1:
            here = np.bincount(place[mine == value], minlength=counts.size).reshape(counts.shape).astype(np.float32)
            left, both = cuts.left(here), here.sum(axis=1, keepdims=True)
            others, rest = others - left, rest - both
        for side, part in enumerate((left, both - left)):
            kinds[side] += part > 0
            if terms.t is not None:
                run[side] = run[side] * column.ordered + part / np.maximum(sides[side], 1) - whole[value]
                apart[side] += np.abs(run[side])
    fine = np.minimum(kinds[0], kinds[1]) >= terms.l
    if terms.t is not None:
        scale = max(1, count - 1) if column.ordered else 2
        fine &= np.maximum(apart[0], apart[1]) / scale <= max(0, terms.t - ROUNDING)
    return fine
