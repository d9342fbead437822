"""A table of persons becomes one that can be released: what is asked for, what comes out, and the report on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from madang.errors import BadRequestData
from madang.govern.anonymise import cells
from madang.govern.anonymise.classes import Cover, cover, partition, penalty
from madang.govern.anonymise.coded import Coded, coded
from madang.govern.anonymise.columns import Bools, Ints
from madang.govern.anonymise.risk import Risk, risk
from madang.govern.anonymise.terms import MOST_CLOSE, Terms

Hierarchy = Sequence[Sequence[str]]
Table = Mapping[str, Sequence[str]]
"""A table by columns: each name's cells, as many in each."""

MOST_ROWS = 1 << 24
"""Rows are counted in single precision, which is exact up to here."""


@dataclass(frozen=True)
class Wish:
    """What is asked for. Columns that are not named are not released."""

    quasi: Sequence[str]
    sensitive: Sequence[str] = ()
    kept: Sequence[str] = ()
    """Columns that go out as they are: they say nothing about a person, by the word of who asks."""
    k: int = 5
    l: int = 1  # noqa: E741 the name of the guarantee
    t: float | None = None
    suppressed: float = 0.05
    """The share of rows that may be left out, 0 to 1."""
    hierarchies: Mapping[str, Hierarchy] = field(default_factory=dict[str, Hierarchy])


class Release(NamedTuple):
    """A table to release; the gate has not seen it yet."""

    table: Table
    terms: Terms
    ordered: Mapping[str, bool]
    suppressed: int
    """Rows left out because a number was missing in a quasi-identifying column."""
    loss: float
    """The global certainty penalty, 0 to 1, suppressed rows as 1."""
    average: float
    """C_avg: rows of the mean class, in k."""
    risk: Risk


def release(table: Table, wish: Wish) -> Release:
    """Anonymise a table. Raises BadRequestData when the wish does not fit it, or no table would fulfil it."""
    _check_names(table, wish)
    _check_numbers(wish)
    rows = _without_gaps(table, wish)
    suppressed = len(table[wish.quasi[0]]) - len(rows[wish.quasi[0]])
    columns = [cells.column(name, rows[name], wish.hierarchies.get(name)) for name in wish.quasi]
    terms = Terms(wish.k, wish.l, wish.t, [cells.sensitive(name, rows[name]) for name in wish.sensitive])
    _check_table(len(rows[wish.quasi[0]]), terms)
    of = partition(columns, terms)
    covers, sizes = [cover(column, of) for column in columns], np.bincount(of)
    return Release(
        _shown(table, rows, covers, of, wish),
        terms,
        {column.name: column.ordered for column in terms.sensitive},
        suppressed,
        penalty(covers, sizes, suppressed),
        len(of) / len(sizes) / wish.k,
        risk(covers, of, terms.sensitive),
    )


def _check_names(table: Table, wish: Wish) -> None:
    named = [*wish.quasi, *wish.sensitive, *wish.kept]
    if not wish.quasi:
        raise BadRequestData("name at least one quasi-identifying column")
    for name in named:
        if name not in table:
            raise BadRequestData(f"there is no column {name!r}; there are {', '.join(map(repr, table))}")
        if named.count(name) > 1:
            raise BadRequestData(f"column {name!r} is named twice: it has one part")
    for name in wish.hierarchies:
        if name not in wish.quasi:
            raise BadRequestData(f"the hierarchy {name!r} is of no quasi-identifying column")


def _check_numbers(wish: Wish) -> None:
    if wish.k < 2:
        raise BadRequestData(f"k is {wish.k}: a class of one row is a person; 2 is the least")
    if wish.l < 1 or (wish.t is not None and not 0 < wish.t <= 1):
        raise BadRequestData("l is at least 1, and t is above 0 and at most 1")
    if not 0 <= wish.suppressed <= 1:
        raise BadRequestData("the share of rows that may be left out is between 0 and 1")
    if not wish.sensitive and (wish.l > 1 or wish.t is not None):
        raise BadRequestData("l and t are about sensitive columns: name one")


def _check_table(rows: int, terms: Terms) -> None:
    if rows > MOST_ROWS:
        raise BadRequestData(f"{rows:,} rows: at most {MOST_ROWS:,} at once")
    if rows < terms.k:
        raise BadRequestData(f"{rows:,} rows cannot be {terms.k}-anonymous")
    for column in terms.sensitive:
        if len(column.texts) < terms.l:
            raise BadRequestData(f"{column.name} has {len(column.texts)} distinct values, l is {terms.l}")
        if terms.t is not None and len(column.texts) > MOST_CLOSE:
            raise BadRequestData(f"{column.name} has over {MOST_CLOSE:,} distinct values: round them for t-closeness")


def _without_gaps(table: Table, wish: Wish) -> Table:
    """The rows that have every number they need."""
    gaps: Bools = np.zeros(len(table[wish.quasi[0]]), dtype=bool)
    for name in wish.quasi:
        if name not in wish.hierarchies:
            gaps |= cells.missing(table[name])
    if not gaps.any():
        return table
    if gaps.mean() > wish.suppressed:
        raise BadRequestData(
            f"{int(gaps.sum()):,} of {len(gaps):,} rows lack a number in a quasi-identifying column; "
            f"at most {wish.suppressed:.0%} may be left out"
        )
    named = {name: coded(table[name]) for name in [*wish.quasi, *wish.sensitive, *wish.kept]}
    return {name: Coded(column.codes[~gaps], column.texts) for name, column in named.items()}


def _shown(table: Table, rows: Table, covers: Sequence[Cover], of: Ints, wish: Wish) -> Table:
    """The columns to release in the table's order; rows are sorted, for their old order would tell who they were."""
    texts = {one.column.name: one.texts() for one in covers}
    apart = {name: cells.coded(rows[name]) for name in [*wish.sensitive, *wish.kept]}
    labels = list(zip(*(texts[name] for name in sorted(texts)), strict=True))
    place = np.empty(len(labels), dtype=np.intp)
    place[sorted(range(len(labels)), key=labels.__getitem__)] = np.arange(len(labels))
    keys = [apart[name][0] for name in sorted(apart, reverse=True)]
    order = np.lexsort([*keys, place[of]])
    shown: dict[str, Coded] = {}
    for name in table:
        if name in texts:
            shown[name] = Coded(of[order], texts[name])
        elif name in apart:
            shown[name] = Coded(apart[name][0][order], apart[name][1])
    return shown
