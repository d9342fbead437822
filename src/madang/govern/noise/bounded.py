"""Rows of persons, of which each person has a few at most: only then can noise hide a person."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from madang.model.entity import Entity
from madang.model.statistic import Statistic


class Cell(NamedTuple):
    """What a row adds to a statistic: its group's number, and its value in steps (0 of a count)."""

    group: int
    steps: int


class Counted:
    """The rows of one statistic, taken one after the other by the ids of their entities.

    A person's first `most` rows are taken; which those are depends on nobody else's rows. A row about several people
    is left out: with it, one person's absence could let in another's.
    """

    def __init__(self, asked: Statistic, most: int) -> None:
        self._asked = asked
        self._most = most
        self._places = {name: place for place, name in enumerate(asked.values)}
        self._seen: dict[str, int] = {}
        self.cells: list[Cell] = []

    def take(self, seen: Entity, subjects: Sequence[str]) -> None:
        """One more row, if its person has not had enough."""
        if len(subjects) != 1 or not subjects[0]:
            return
        had = self._seen.get(subjects[0], 0)
        if had >= self._most:
            return
        self._seen[subjects[0]] = had + 1
        cell = self._cell(seen)
        if cell is not None:
            self.cells.append(cell)

    def _cell(self, seen: Entity) -> Cell | None:
        group = self._group(seen.value(self._asked.by)) if self._asked.by else 0
        if group is None or not self._asked.of:
            return None if group is None else Cell(group, 0)
        value = seen.value(self._asked.of)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            return None
        within = min(max(float(value), self._asked.low), self._asked.high)
        return Cell(group, round(within / self._asked.step))

    def _group(self, value: Any) -> int | None:
        """The number of the value's group; None: it is in none of those that are asked for."""
        if not self._asked.edges:
            return self._places.get(value if isinstance(value, str) else str(value))
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            return None
        place = int(np.searchsorted(self._asked.edges, value, side="right")) - 1
        return place if 0 <= place < len(self._asked.edges) - 1 else None
