"""A question about many: a count, a sum or a mean, whole or by groups, answered with noise (``govern/noise``)."""

import math
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from typing import Final

import msgspec

MOST_GROUPS: Final = 1000
MOST_STEPS: Final = 1 << 31
"""A bound is at most so many steps from zero: sums stay exact."""


class Measure(StrEnum):
    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"


class Statistic(msgspec.Struct, frozen=True, kw_only=True):
    """`measure` of the attribute `of` (a count has none), by the groups of the attribute `by` (none: of all).

    Values of `of` are brought within `low` and `high` and rounded to multiples of `step`. Groups are named beforehand,
    since a group that is there only when somebody is in it tells of that person: `values` are texts, `edges` the bounds
    of bins of numbers (each from its lower bound to below the next). `name` is what a release calls it.
    """

    measure: Measure = Measure.COUNT
    of: str = ""
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0
    by: str = ""
    values: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()
    name: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        """What the groups are called; one without a name where there are none."""
        if self.edges:
            return tuple(f"{low:g}..{high:g}" for low, high in pairwise(self.edges))
        return self.values or ("",)

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes that it asks of."""
        return tuple(name for name in (self.of, self.by) if name)


def mistakes(asked: Statistic) -> Iterator[tuple[str, str, str]]:
    """What is wrong with it: the field, what, and what to do."""
    if (asked.measure is Measure.COUNT) is bool(asked.of):
        yield "of", "a count is of no attribute, a sum and a mean are of one", 'measure = "sum" and of = "age"'
    if asked.measure is not Measure.COUNT:
        yield from _bounds(asked)
    if bool(asked.by) is not bool(asked.values or asked.edges):
        yield "by", "groups need 'by' and either 'values' or 'edges'", 'by = "age" and edges = [0, 18, 65, 120]'
    if asked.values and asked.edges:
        yield "edges", "groups are by 'values' or by 'edges', not both", ""
    if len(set(asked.values)) < len(asked.values) or len(asked.values) > MOST_GROUPS:
        yield "values", f"the groups are different and at most {MOST_GROUPS}", ""
    if asked.edges and not _rising(asked.edges):
        yield "edges", f"the bounds of bins rise, from two to {MOST_GROUPS} of them", "edges = [0, 18, 65, 120]"


def _bounds(asked: Statistic) -> Iterator[tuple[str, str, str]]:
    numbers = (asked.low, asked.high, asked.step)
    if not all(map(math.isfinite, numbers)) or asked.low >= asked.high:
        yield "low", "'low' is below 'high': values outside are brought to the nearer one", "low = 0 and high = 120"
    elif asked.step <= 0 or max(abs(asked.low), abs(asked.high)) / asked.step > MOST_STEPS:
        yield "step", f"'step' is above 0, and a bound at most {MOST_STEPS:,} steps from zero", "step = 1"


def _rising(edges: tuple[float, ...]) -> bool:
    finite = all(map(math.isfinite, edges))
    return finite and 2 <= len(edges) <= MOST_GROUPS and all(a < b for a, b in pairwise(edges))
