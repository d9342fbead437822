"""The release gate: what an anonymised table keeps, worked out again from its own cells and nothing else.

It shares no code with the partition: a fault there cannot hide itself here.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from madang.errors import BadRequestData
from madang.govern.anonymise.coded import coded
from madang.govern.anonymise.columns import Ints
from madang.govern.anonymise.terms import Terms

Doubles = npt.NDArray[np.float64]

_MOST = 1 << 62

SLACK = 1e-9
"""A distance is a sum of many floats; so much above t is still t."""


class Kept(NamedTuple):
    """What the classes of a sensitive column keep at least."""

    distinct: int
    """l-diversity: the fewest distinct values in a class."""
    entropy: float
    """Entropy l-diversity: exp of the least entropy of a class, 1 to `distinct` or more."""
    distance: float
    """t-closeness: the greatest earth mover's distance of a class to the table, 0 to 1."""


class Proof(NamedTuple):
    """The guarantee as it was found in the output."""

    rows: int
    classes: int
    k: int
    """Rows of the smallest class; 0 when there are no rows."""
    sensitive: Mapping[str, Kept]


def prove(quasi: Sequence[Sequence[str]], sensitive: Mapping[str, Sequence[str]], ordered: Mapping[str, bool]) -> Proof:
    """Measure a table, column by column. `ordered` says which sensitive columns are numbers, for t-closeness."""
    of = _classes(quasi)
    if not len(of):
        return Proof(0, 0, 0, {})
    classes = int(of.max()) + 1
    kept = {name: _kept(of, cells, classes, ordered=ordered[name]) for name, cells in sensitive.items()}
    return Proof(len(of), classes, int(np.bincount(of).min()), kept)


def check(proof: Proof, terms: Terms) -> None:
    """Raise BadRequestData when a table does not keep the terms."""
    if proof.rows and proof.k < terms.k:
        raise BadRequestData(f"not released: a class has {proof.k} rows, k is {terms.k}")
    for name, kept in proof.sensitive.items():
        if kept.distinct < terms.l:
            raise BadRequestData(f"not released: a class has {kept.distinct} values of {name}, l is {terms.l}")
        if terms.t is not None and kept.distance > terms.t + SLACK:
            raise BadRequestData(
                f"not released: {name} is {kept.distance:.4f} from the table in a class, t is {terms.t}"
            )


def _classes(quasi: Sequence[Sequence[str]]) -> Ints:
    """(rows,) which rows have the same cells in all columns, from 0."""
    of = np.zeros(len(quasi[0]), dtype=np.int64)
    for cells in quasi:
        found = coded(cells)
        # Two numbers of one text are one.
        texts: dict[str, int] = {}
        same = np.array([texts.setdefault(text, len(texts)) for text in found.texts], dtype=np.int64)
        if int(of.max(initial=0)) >= _MOST // max(1, len(texts)):
            of = np.unique(of, return_inverse=True)[1].astype(np.int64)
        of = of * len(texts) + same[found.codes] if len(of) else of
    return np.unique(of, return_inverse=True)[1].astype(np.intp)


def _kept(of: Ints, cells: Sequence[str], classes: int, *, ordered: bool) -> Kept:
    # 1 and 1.0 are one value: they are no diversity.
    found = coded(cells)
    said: Sequence[float | str] = list(map(float, found.texts)) if ordered else found.texts
    values = sorted({said[number] for number in found.used()})
    rank = {value: number for number, value in enumerate(values)}
    codes = np.array([rank.get(one, 0) for one in said], dtype=np.intp)[found.codes]
    pairs, counts = np.unique(of * len(values) + codes, return_counts=True)
    owner, value = pairs // len(values), pairs % len(values)
    shares = counts / np.bincount(of)[owner]
    entropy = np.zeros(classes)
    np.add.at(entropy, owner, -shares * np.log(shares))
    whole = np.bincount(codes) / len(codes)
    if ordered:
        distance = _ordered(owner, value, shares, whole)
    else:
        distance = np.zeros(classes)
        np.add.at(distance, owner, np.maximum(shares - whole[value], 0))
    return Kept(int(np.bincount(owner).min()), float(np.exp(entropy.min())), float(distance.max()))


def _ordered(owner: Ints, value: Ints, shares: Doubles, whole: Doubles) -> Doubles:
    """The distance between ranked values: the mean of how far the two cumulated distributions lie apart."""
    most = len(whole)
    starts = np.searchsorted(owner, np.arange(int(owner[-1]) + 2))
    reach, apart = np.cumsum(whole), np.zeros(len(starts) - 1)
    for number in range(len(apart)):
        run = slice(starts[number], starts[number + 1])
        own = np.zeros(most)
        own[value[run]] = shares[run]
        apart[number] = np.abs(np.cumsum(own) - reach).sum() / max(1, most - 1)
    return apart
