"""What a quasi-identifying column is to the partition: numbers, names without order, or leaves of a hierarchy.

Each kind knows its codes, what a group of codes loses, and the ways to cut a group in two. The loss is the normalised
certainty penalty (Xu et al., "Utility-based anonymization using local recoding", KDD 2006): the share of the column's
domain that a label covers, 0 for a single value, 1 for all of it.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

MOST_LISTED = 64
"""A set label names at most so many values; more of them are everything, ``*``."""

FINE = 256
"""A cut is looked for among at most so many codes of a column; finer ones share a bin."""


QUIET = 1 << 18
"""So many multiplications OpenBLAS does in one thread. A larger product wakes its others, which go on spinning when it
is done: where many small ones follow each other that takes every core, and is no quicker."""


def product(left: Floats, right: Floats) -> Floats:
    """The matrix product, in pieces of at most `QUIET` multiplications as far as eight rows allow."""
    rows = max(8, QUIET // max(1, right.size))
    whole, width = len(left) // rows * rows, right.shape[1]
    found = np.empty((len(left), width), dtype=np.float32)
    np.matmul(left[:whole].reshape(-1, rows, left.shape[1]), right, out=found[:whole].reshape(-1, rows, width))
    np.matmul(left[whole:], right, out=found[whole:])
    return found


@dataclass(frozen=True)
class Prefix:
    """Ways to cut P partitions: codes in an order, where cut j keeps the first j + 1 of them left."""

    gain: Floats
    """(P, J): the loss that each cut takes off, summed over rows."""
    order: Ints | None
    """(P, V) codes from first to last; None is the codes' own order."""

    def left(self, counts: Floats) -> Floats:
        """Rows on the left of each cut, (P, J), when (P, V) counts the rows of each code."""
        ordered = counts if self.order is None else np.take_along_axis(counts, self.order, axis=1)
        return np.cumsum(ordered, axis=1)[:, :-1]

    def goes_left(self, partition: Ints, code: Ints, cut: Ints) -> Bools:
        """Which rows go left, given each row's partition, its code, and the cut chosen in its partition."""
        if self.order is None:
            return code <= cut
        place = np.empty_like(self.order)
        np.put_along_axis(place, self.order, np.arange(self.order.shape[1], dtype=np.intp)[None, :], axis=1)
        return place[partition, code] <= cut


@dataclass(frozen=True)
class Below:
    """Ways to cut P partitions: cut j keeps what lies below node j of a hierarchy left."""

    gain: Floats
    below: Floats
    """(V, nodes): 1 where the leaf is below the node."""

    def left(self, counts: Floats) -> Floats:
        """As in Prefix."""
        return product(counts, self.below)

    def goes_left(self, partition: Ints, code: Ints, cut: Ints) -> Bools:
        """As in Prefix."""
        return self.below[code, cut] > 0


Cuts = Prefix | Below


@dataclass(frozen=True)
class Numbers:
    """Values on a line; a group's label is the range from its least to its greatest."""

    name: str
    codes: Ints
    """(rows,) the rank of each row's value among the distinct ones."""
    texts: list[str]
    """How each distinct value is written, from the least to the greatest."""
    place: Floats
    """(distinct,) where each value lies between the least (0) and the greatest (1)."""

    def cuts(self, counts: Floats) -> Cuts:
        """Every threshold between two bins. (P, V) counts, V as in `bins`."""
        _, place = bins(self)
        left = np.cumsum(counts, axis=1)
        rows = left[:, -1:]
        there = counts > 0
        most = np.maximum.accumulate(np.where(there, place, -1), axis=1)
        least = np.minimum.accumulate(np.where(there, place, 2)[:, ::-1], axis=1)[:, ::-1]
        low, high = least[:, :1], most[:, -1:]
        left = left[:, :-1]
        kept = left * (most[:, :-1] - low) + (rows - left) * (high - least[:, 1:])
        return Prefix((rows * (high - low) - kept).astype(np.float32), None)


@dataclass(frozen=True)
class Names:
    """Values without order; a group's label is the set of them."""

    name: str
    codes: Ints
    texts: list[str]

    @property
    def costs(self) -> Floats:
        """What a set of 0, 1, 2, … of the values loses."""
        sizes = np.arange(len(self.texts) + 1, dtype=np.float32)
        loss = np.where((sizes > MOST_LISTED), 1, sizes / max(1, len(self.texts)))
        return np.where(sizes > 1, loss, 0).astype(np.float32)

    @property
    def place(self) -> Floats:
        """The names in their alphabet, from 0 to 1: what is used where there are too many for sets."""
        return np.linspace(0, 1, max(1, len(self.texts)), dtype=np.float32)

    def cuts(self, counts: Floats) -> Cuts:
        """The commonest values against the rest: the commonest alone, the two commonest, and so on."""
        order = np.argsort(-counts, axis=1, kind="stable")
        ordered = np.take_along_axis(counts, order, axis=1)
        left = np.cumsum(ordered, axis=1)
        rows, left = left[:, -1:], left[:, :-1]
        sizes = np.arange(1, counts.shape[1], dtype=np.intp)
        kinds = (counts > 0).sum(axis=1)[:, None]
        costs = self.costs
        gain = rows * costs[kinds] - left * costs[sizes] - (rows - left) * costs[np.maximum(kinds - sizes, 0)]
        return Prefix(gain.astype(np.float32), order)


@dataclass(frozen=True)
class Leaves:
    """Values below a hierarchy; a group's label is the lowest node above all of them."""

    name: str
    codes: Ints
    texts: list[str]
    """The label of each node; the first `leaves` are the values themselves, the last is the root."""
    below: Floats
    """(leaves, nodes): 1 where the leaf is below (or is) the node."""
    costs: Floats
    """(nodes,) the share of the leaves below the node; 0 for one leaf."""
    parent: Ints
    """(nodes,) the node right above each; the root's is itself."""
    child: Floats
    """(nodes, nodes): 1 where the first is right below the second."""
    meet: npt.NDArray[np.int32] = field(repr=False)
    """(nodes, leaves): the lowest node above both."""

    def cuts(self, counts: Floats) -> Cuts:
        """What lies below a node against the rest."""
        left = product(counts, self.below)
        rows = counts.sum(axis=1, keepdims=True)
        everything = np.where(left == rows, self.costs, 2).min(axis=1, keepdims=True)
        # Of two children of the lowest common node, what is not in one is in the other: the rest then gains as well.
        there = (left > 0).astype(np.float32)
        pair = (product(there, self.child)[:, self.parent] == 2) & (left[:, self.parent] == rows)
        other = product(there * self.costs, self.child)[:, self.parent] - self.costs
        rest = np.where(pair, np.minimum(other, everything), everything)
        gain = rows * everything - left * np.minimum(self.costs, everything) - (rows - left) * rest
        return Below(gain.astype(np.float32), self.below)


Column = Numbers | Names | Leaves


def bins(column: Column) -> tuple[Ints, Floats]:
    """The column's codes for cutting, at most `FINE` of them, and where each bin lies from 0 to 1."""
    if isinstance(column, Leaves) or len(column.texts) <= FINE:
        place = np.zeros(0, dtype=np.float32) if isinstance(column, Leaves) else column.place
        return column.codes, place
    of = np.arange(len(column.texts)) * FINE // len(column.texts)
    first = np.searchsorted(of, np.arange(FINE))
    return of[column.codes], column.place[first]


def width(column: Column) -> int:
    """How many codes a cut is looked for among."""
    return column.below.shape[0] if isinstance(column, Leaves) else min(FINE, len(column.texts))
