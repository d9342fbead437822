"""The classes of an anonymised table: which rows share a label, and what that label is in each column."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from madang.govern.anonymise.columns import MOST_LISTED, Bools, Column, Floats, Ints, Leaves, Names, Numbers
from madang.govern.anonymise.split import split
from madang.govern.anonymise.terms import Terms

EVERYTHING = "*"
BETWEEN = ".."
OR = "|"

MARKED = 100_000_000
"""Up to so many possible pairs of class and value, a mark for each is quicker than sorting."""


class Cover(NamedTuple):
    """What each class's label covers in one column, the smallest that covers its rows."""

    column: Column
    low: Ints
    """Numbers: the least code; hierarchies: the node; names: where the class's values start in `values`."""
    high: Ints
    """Numbers: the greatest code; names: where its values end."""
    values: Ints
    """Names: the codes of each class in turn."""

    def costs(self) -> Floats:
        """What each class's label loses, 0 to 1."""
        if isinstance(self.column, Numbers):
            return self.column.place[self.high] - self.column.place[self.low]
        if isinstance(self.column, Names):
            return self.column.costs[self.high - self.low]
        return self.column.costs[self.low]

    def texts(self) -> list[str]:
        """Each class's label."""
        texts = self.column.texts
        if isinstance(self.column, Leaves):
            return [texts[node] for node in self.low]
        pairs = zip(self.low.tolist(), self.high.tolist(), strict=True)
        if isinstance(self.column, Numbers):
            return [texts[low] if low == high else texts[low] + BETWEEN + texts[high] for low, high in pairs]
        return [_listed(texts, self.values[low:high].tolist()) for low, high in pairs]

    def codes(self, number: int) -> Bools:
        """(codes,) which values the label of class `number` admits."""
        column = self.column
        if isinstance(column, Leaves):
            return column.below[:, self.low[number]] > 0
        codes, low, high = np.arange(len(column.texts)), self.low[number], self.high[number]
        if isinstance(column, Numbers):
            return (low <= codes) & (codes <= high)
        found = np.full(len(codes), high - low > MOST_LISTED)
        found[self.values[low:high]] = True
        return found

    def admits(self, code: int) -> Bools:
        """(classes,) whether each class's label admits a value."""
        if isinstance(self.column, Numbers):
            return (self.low <= code) & (code <= self.high)
        if isinstance(self.column, Leaves):
            return self.column.below[code, self.low] > 0
        sizes = self.high - self.low
        found = sizes > MOST_LISTED
        owner = np.repeat(np.arange(len(sizes)), sizes)
        found[owner[self.values == code]] = True
        return found


def _listed(texts: list[str], codes: list[int]) -> str:
    if len(codes) > MOST_LISTED or (len(codes) > 1 and len(codes) == len(texts)):
        return EVERYTHING
    if len(codes) == 1:
        return texts[codes[0]]
    return OR.join(texts[code].replace(OR, "\\" + OR) for code in codes)


def partition(columns: Sequence[Column], terms: Terms) -> Ints:
    """(rows,) each row's class, from 0. Deterministic; neither the order of rows nor that of columns matters.

    The table as a whole must be within the terms: then every class is.
    """
    of = np.zeros(len(columns[0].codes), dtype=np.intp)
    first = 0
    for parts in split(sorted(columns, key=lambda column: column.name), terms, 2 * terms.k - 1):
        count = len(parts.sizes)
        of[parts.rows] = first + np.repeat(np.arange(count), parts.sizes)
        first += count
    return of


def cover(column: Column, of: Ints) -> Cover:
    """The labels of the classes 0, 1, … in one column; every class has a row."""
    count = int(of.max()) + 1
    pairs = _distinct(of * len(column.texts) + column.codes, count * len(column.texts))
    owner, values = pairs // len(column.texts), pairs % len(column.texts)
    start = np.searchsorted(owner, np.arange(count + 1))
    if isinstance(column, Names):
        return Cover(column, start[:-1], start[1:], values)
    if isinstance(column, Numbers):
        return Cover(column, values[start[:-1]], values[start[1:] - 1], values[:0])
    return Cover(column, _lowest(column, start, values), start[:0], values[:0])


def _distinct(numbers: Ints, end: int) -> Ints:
    """The distinct ones of numbers below `end`, in order."""
    if end > MARKED:
        return np.unique(numbers)
    there = np.zeros(end, dtype=bool)
    there[numbers] = True
    return np.flatnonzero(there)


def _lowest(column: Leaves, start: Ints, values: Ints) -> Ints:
    """The lowest node above each class's values."""
    node, sizes = values[start[:-1]].copy(), np.diff(start)
    for step in range(1, int(sizes.max())):
        more = np.flatnonzero(sizes > step)
        node[more] = column.meet[node[more], values[start[more] + step]]
    return node


def penalty(covers: Sequence[Cover], sizes: Ints, suppressed: int = 0) -> float:
    """The global certainty penalty, 0 to 1: the mean over rows and columns of what their labels lose.

    The same evaluator for every method: it looks at the classes alone. `sizes` are their rows; a row that was
    suppressed loses 1.
    """
    rows = int(sizes.sum())
    lost = sum(float((sizes * cover.costs()).sum()) for cover in covers) / len(covers)
    return (lost + suppressed) / (rows + suppressed)
