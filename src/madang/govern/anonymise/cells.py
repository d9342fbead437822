"""Cells of text become columns: numbers where every cell is one, names otherwise, leaves where a hierarchy is given."""

import math
import re
from collections.abc import Collection, Sequence
from typing import cast

import numpy as np

from madang.govern.anonymise import coded as coding
from madang.govern.anonymise.columns import Bools, Column, Ints, Names, Numbers
from madang.govern.anonymise.terms import Sensitive
from madang.govern.anonymise.tree import leaves

_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?\Z", re.ASCII)
"""A number as it is counted with; 04521 is a name (a postal code), and so is NaN."""

MISSING = frozenset({"", "nan", "NaN", "NA", "N/A", "null", "NULL", "None"})
"""Cells without a number, in a column whose other cells are numbers."""


def coded(cells: Sequence[str]) -> tuple[Ints, list[str]]:
    """Each cell's rank among the distinct texts, and these in order."""
    found = coding.coded(cells)
    used = found.used()
    texts = sorted({found.texts[number] for number in used})
    rank = {text: number for number, text in enumerate(texts)}
    ranks = np.zeros(len(found.texts), dtype=np.intp)
    ranks[used] = [rank[found.texts[number]] for number in used]
    return ranks[found.codes], texts


def numeric(texts: Collection[str]) -> bool:
    """Whether distinct cells are numbers, some perhaps missing; at least one must be there."""
    there = [text for text in texts if text.strip() not in MISSING]
    return bool(there) and all(_number(text) is not None for text in there)


def missing(cells: Sequence[str]) -> Bools:
    """(rows,) where a column of numbers has none; nowhere in a column of names, where an empty cell is a value."""
    found = coding.coded(cells)
    texts = {found.texts[number] for number in found.used()}
    gaps = {text for text in texts if text.strip() in MISSING}
    if not gaps or not numeric(texts):
        return np.zeros(len(cells), dtype=bool)
    return np.array([text in gaps for text in found.texts], dtype=bool)[found.codes]


def column(name: str, cells: Sequence[str], hierarchy: Sequence[Sequence[str]] | None = None) -> Column:
    """A quasi-identifying column. Raises BadRequestData for what its hierarchy does not hold."""
    codes, texts = coded(cells)
    if hierarchy is not None:
        return leaves(name, codes, texts, hierarchy)
    if not numeric(texts):
        return Names(name, codes, texts)
    return _numbers(name, codes, texts)


def sensitive(name: str, cells: Sequence[str]) -> Sensitive:
    """A sensitive column; ordered when its cells are numbers, a missing one among names."""
    codes, texts = coded(cells)
    if any(_number(text) is None for text in texts):
        return Sensitive(name, codes, texts, ordered=False)
    ranked = _numbers(name, codes, texts)
    return Sensitive(name, ranked.codes, ranked.texts, ordered=True)


def _number(text: str) -> float | None:
    value = float(text) if _NUMBER.match(text.strip()) else math.inf
    return value if math.isfinite(value) else None


def _numbers(name: str, codes: Ints, texts: list[str]) -> Numbers:
    """Texts of one value (1 and 1.0) are one, written as the shortest of them."""
    values = np.array([_number(text) for text in texts], dtype=np.float64)
    distinct, rank = np.unique(values, return_inverse=True)
    written = [""] * len(distinct)
    for text, at in zip(texts, cast(list[int], rank.tolist()), strict=True):
        written[at] = min(filter(None, (written[at], text.strip())), key=lambda one: (len(one), one))
    # Halved first: the span of the greatest floats would be infinite.
    span = distinct[-1] / 2 - distinct[0] / 2
    place = (distinct / 2 - distinct[0] / 2) / span if span > 0 else np.zeros(len(distinct))
    return Numbers(name, rank[codes].astype(np.intp), written, place.astype(np.float32))
