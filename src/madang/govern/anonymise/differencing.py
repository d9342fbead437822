"""Two tables of nearly the same people, held against each other: what one has that the other has not is about those who
came, went or changed, and no class hides them (differencing; Byun et al. 2006, Xiao and Tao 2007 on re-publication).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from madang.errors import BadRequestData

Cells = tuple[str, ...]
"""What a row says that nobody may learn of a person."""

Line = tuple[Cells, Cells]
"""A row of a table that was made alike: its labels, and what it says."""


class Apart(NamedTuple):
    """The rows that one table has more than another, in the class of these labels (empty: in the whole table)."""

    labels: Cells
    rows: Counter[Cells]


def apart(one: Iterable[Line], other: Iterable[Line]) -> Iterator[Apart]:
    """What each has more than the other: in the whole table, and in each class that both have."""
    before, after = _by_labels(one), _by_labels(other)
    shared = [labels for labels in after if labels in before]
    held = [((), _sum(before), _sum(after)), *((labels, before[labels], after[labels]) for labels in shared)]
    for labels, old, new in held:
        for more in (new - old, old - new):
            if more:
                yield Apart(labels, more)


def check_apart(one: Iterable[Line], other: Iterable[Line], *, k: int, l: int, what: str) -> None:  # noqa: E741 the name of the guarantee
    """Raise BadRequestData where the difference of two tables is about fewer than `k` rows, or says fewer than `l`
    things of them; `what` names the table that is held against."""
    for labels, rows in apart(one, other):
        # Who reads of the refusal learns neither which class, nor how many.
        where = "a class" if labels else "the whole table"
        few = (
            f"fewer than {k} rows"
            if rows.total() < k
            else f"rows that say fewer than {l} things"
            if len(rows) < l
            else ""
        )
        if few:
            raise BadRequestData(
                f"not released: held against {what}, {where} differs in {few}, which tells what is theirs of the people"
                " who came, went or changed; release again when more have, or with noise ([release.privacy])"
            )


def _by_labels(lines: Iterable[Line]) -> Mapping[Cells, Counter[Cells]]:
    found: dict[Cells, Counter[Cells]] = {}
    for labels, cells in lines:
        found.setdefault(labels, Counter())[cells] += 1
    return found


def _sum(classes: Mapping[Cells, Counter[Cells]]) -> Counter[Cells]:
    total: Counter[Cells] = Counter()
    for rows in classes.values():
        total.update(rows)
    return total
