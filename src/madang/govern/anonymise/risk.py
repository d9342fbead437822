"""How likely a person is found again in an anonymised table, and what an attack that was run has found.

The three attackers are El Emam's ("Guide to the De-Identification of Personal Health Information", 2013): the
prosecutor knows that a person is in the table, the journalist only that a person is in the population it was drawn
from, the marketer wants as many people as possible. The original table stands for the population.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from madang.govern.anonymise.classes import Cover
from madang.govern.anonymise.columns import Bools, Ints
from madang.govern.anonymise.terms import Sensitive

PERSONS = 200
"""The attack is run on so many people of the original table, evenly spread over it."""

CLASSES = 50
"""The journalist's risk is worked out on so many of the smallest classes, where it is highest."""


class Attack(NamedTuple):
    """A linkage attack: the attacker knows every quasi-identifier of a person, and looks who it could be."""

    persons: int
    fewest: int
    """The fewest rows that any of them could be."""
    success: float
    """The mean chance to pick the right row."""
    known: Mapping[str, int]
    """Homogeneity: people all of whose candidates share a value of the column."""


class Risk(NamedTuple):
    """Chances to find a person again, 0 to 1."""

    prosecutor: float
    """The highest over rows: 1 / the smallest class."""
    prosecutor_mean: float
    journalist: float
    """The highest over classes: 1 / the people whom the label admits."""
    marketer: float
    """The share of rows that are expected to be found."""
    attack: Attack


def risk(covers: Sequence[Cover], of: Ints, sensitive: Sequence[Sensitive]) -> Risk:
    """The risks of a table whose rows are in the classes `of`, with the original's codes in `covers`."""
    sizes = np.bincount(of)
    mean = len(sizes) / len(of)
    smallest = np.argsort(sizes, kind="stable")[:CLASSES]
    met = [_matched(covers, int(number)) for number in smallest]
    return Risk(1 / int(sizes.min()), mean, 1 / min(met), mean, _attack(covers, of, sizes, sensitive))


def _matched(covers: Sequence[Cover], number: int) -> int:
    """How many people of the original table a class's label admits."""
    # The column with most values first: it leaves the fewest people for the others.
    first, *others = sorted(covers, key=lambda cover: -len(cover.column.texts))
    left = np.flatnonzero(first.codes(number)[first.column.codes])
    for cover in others:
        left = left[cover.codes(number)[cover.column.codes[left]]]
    return len(left)


def _attack(covers: Sequence[Cover], of: Ints, sizes: Ints, sensitive: Sequence[Sensitive]) -> Attack:
    alone = {column.name: _alone(column, of) for column in sensitive}
    persons = np.unique(np.linspace(0, len(of) - 1, min(PERSONS, len(of))).astype(np.intp))
    admitting = [_admitting(cover, persons) for cover in covers]
    fewest, success, known = len(of), 0.0, {column.name: 0 for column in sensitive}
    for person in persons:
        found = np.ones(len(sizes), dtype=bool)
        for cover, admitted in zip(covers, admitting, strict=True):
            found &= admitted[int(cover.column.codes[person])]
        candidates = int(sizes[found].sum())
        fewest, success = min(fewest, candidates), success + 1 / candidates
        for name, value in alone.items():
            values = np.unique(value[found])
            known[name] += len(values) == 1 and int(values[0]) >= 0
    return Attack(len(persons), fewest, success / len(persons), known)


def _admitting(cover: Cover, persons: Ints) -> dict[int, Bools]:
    """For each value that one of the persons has, the classes that admit it."""
    return {int(code): cover.admits(int(code)) for code in np.unique(cover.column.codes[persons])}


def _alone(column: Sensitive, of: Ints) -> Ints:
    """(classes,) the only value of each class, or -1 where it has several."""
    count = int(of.max()) + 1
    low, high = np.full(count, len(column.texts)), np.full(count, -1)
    np.minimum.at(low, of, column.codes)
    np.maximum.at(high, of, column.codes)
    return np.where(low == high, low, -1)
