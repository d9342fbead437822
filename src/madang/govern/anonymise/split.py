"""The table cut in two again and again, all parts of a depth at once: the Mondrian family (LeFevre et al., ICDE 2006).

What differs from Mondrian: the cut is the one that takes most off the loss of the rows it parts, not the median of the
widest column; names without order are cut by how common they are, so that a value that most rows share is set free at
once; and in a hierarchy any node is cut from the rest.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from madang.govern.anonymise.columns import Bools, Column, Floats, Ints, bins, width
from madang.govern.anonymise.terms import Terms, possible

CELLS = 4_000_000
"""A table of counts has at most so many cells; more partitions take turns."""


class Parts(NamedTuple):
    """Rows in runs: part i is rows[starts[i]:starts[i + 1]]."""

    rows: Ints
    starts: Ints
    open: Bools
    """(parts, columns): where a part still holds more than one value of a column."""

    @property
    def sizes(self) -> Ints:
        return np.diff(self.starts)


def split(columns: Sequence[Column], terms: Terms, small: int) -> list[Parts]:
    """Cut until a part has at most `small` rows or no cut helps; the parts, depth by depth."""
    coded = [bins(column)[0] for column in columns]
    rows = np.arange(len(coded[0]))
    live = Parts(rows, np.array([0, len(rows)]), np.array([[width(column) > 1 for column in columns]]))
    done: list[Parts] = []
    while len(live.rows):
        going = (live.sizes > small) & live.open.any(axis=1)
        done.append(_take(live, ~going))
        live = _take(live, going)
        if len(live.rows):
            live, whole = _halve(live, columns, coded, terms)
            done.append(whole)
    return [parts for parts in done if len(parts.rows)]


def _take(parts: Parts, chosen: Bools) -> Parts:
    if chosen.all():
        return parts
    sizes = parts.sizes
    starts = np.concatenate(([0], np.cumsum(sizes[chosen])))
    return Parts(parts.rows[np.repeat(chosen, sizes)], starts, parts.open[chosen])


def _halve(parts: Parts, columns: Sequence[Column], coded: Sequence[Ints], terms: Terms) -> tuple[Parts, Parts]:
    """Each part in its two halves, and the parts for which there is no cut."""
    count, sizes = len(parts.sizes), parts.sizes
    best, right = np.zeros(count, dtype=np.float32), np.zeros(len(parts.rows), dtype=bool)
    still, everywhere = parts.open.copy(), np.arange(len(parts.rows))
    for number, (column, codes) in enumerate(zip(columns, coded, strict=True)):
        turn = max(1, CELLS // width(column))
        chosen = np.flatnonzero(parts.open[:, number])
        for some in (chosen[first : first + turn] for first in range(0, len(chosen), turn)):
            every = len(some) == count
            at = everywhere if every else np.flatnonzero(np.repeat(_among(some, count), sizes))
            rows = parts.rows if every else parts.rows[at]
            of = np.repeat(np.arange(len(some)), sizes[some])
            answer = _try(column, codes[rows], of, rows, terms, best[some])
            best[some], still[some, number] = answer.best, answer.open
            right[at[answer.better]] = answer.right
    cut = best > 0
    of = np.repeat(np.arange(count), sizes)
    going = cut[of]
    halves = _sorted(parts.rows[going], right[going], (np.cumsum(cut) - 1)[of[going]], still[cut])
    return halves, _take(parts, ~cut)


def _among(chosen: Ints, count: int) -> Bools:
    here = np.zeros(count, dtype=bool)
    here[chosen] = True
    return here


class _Answer(NamedTuple):
    best: Floats
    open: Bools
    better: Ints
    """The places of the rows whose part is cut better by this column."""
    right: Bools
    """(better,) which of them go right."""


def _try(column: Column, codes: Ints, of: Ints, rows: Ints, terms: Terms, best: Floats) -> _Answer:
    """This column's best cut of each part, where it is better than `best`."""
    shape = (len(best), width(column))
    place = of * shape[1] + codes
    counts = np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float32)
    several = (counts > 0).sum(axis=1) > 1
    cuts = column.cuts(counts)
    left = cuts.left(counts)
    score = cuts.gain * possible(terms, cuts, left, place, rows, counts)
    chosen = score.argmax(axis=1)
    top = score[np.arange(len(best)), chosen]
    better = top > best * (1 + 1e-5)
    places = np.flatnonzero(better[of])
    mine = of[places]
    right = ~cuts.goes_left(mine, codes[places], chosen[mine])
    return _Answer(np.where(better, top, best), several, places, right)


def _sorted(rows: Ints, right: Bools, of: Ints, still: Bools) -> Parts:
    """Rows of each part with the left ones first, as twice as many parts."""
    sizes = np.bincount(of * 2 + right, minlength=2 * len(still))
    starts = np.concatenate(([0], np.cumsum(sizes)))
    seen = np.cumsum(right)
    before = np.concatenate(([0], seen))[starts[0:-1:2]]
    lefts = np.arange(len(rows)) - seen + before[of]
    rights = starts[1::2][of] + seen - 1 - before[of]
    ordered = np.empty_like(rows)
    ordered[np.where(right, rights, lefts)] = rows
    return Parts(ordered, starts, np.repeat(still, 2, axis=0))
