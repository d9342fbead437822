"""Subscriptions by the value that each compares an attribute with: one comparison of the changed value finds those that
it may concern among any number."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Hashable
from typing import Any, Final

from madang.hub.clue import Clue
from madang.hub.watch import Watch
from madang.model.query import Operator

Found = dict[str, Watch]
"""Subscriptions by id."""

_RISING: Final = (Operator.GREATER, Operator.GREATER_EQUAL)


def take_from(groups: dict[Any, Found], key: Any, id: str) -> None:
    """The watch is no longer in the group; an empty group is gone."""
    del groups[key][id]
    if not groups[key]:
        del groups[key]


class Compared:
    """Subscriptions whose conditions compare the same attribute with a value of each one's own."""

    __slots__ = ("_equal", "_falling", "_rising")

    def __init__(self) -> None:
        self._equal: dict[Hashable, Found] = {}
        self._rising = _Bounds()
        self._falling = _Bounds()

    @property
    def empty(self) -> bool:
        """Nobody is left."""
        return not (self._equal or self._rising.values or self._falling.values)

    def put(self, clue: Clue, watch: Watch) -> None:
        """The subscription has this clue."""
        if clue.operator is Operator.EQUAL:
            self._equal.setdefault(clue.value, {})[watch.id] = watch
        else:
            self._bounds(clue).put(clue.value, watch)

    def remove(self, clue: Clue, watch: Watch) -> None:
        """It is gone."""
        if clue.operator is Operator.EQUAL:
            take_from(self._equal, clue.value, watch.id)
        else:
            self._bounds(clue).remove(clue.value, watch)

    def collect(self, values: frozenset[Any] | None, found: Found) -> None:
        """Add those that may be met by one of the values (None: by anything)."""
        if values is None:
            for watches in self._equal.values():
                found.update(watches)
            self._rising.below(None, found)
            self._falling.above(None, found)
            return
        for value in values if self._equal else ():
            found.update(self._equal.get(value, ()))
        numbers = [one for one in values if isinstance(one, int | float)]
        if numbers:
            self._rising.below(max(numbers), found)
            self._falling.above(min(numbers), found)

    def _bounds(self, clue: Clue) -> "_Bounds":
        return self._rising if clue.operator in _RISING else self._falling


class _Bounds:
    """Subscriptions in the order of a number."""

    __slots__ = ("_at", "values")

    def __init__(self) -> None:
        self.values: list[float] = []
        self._at: dict[float, Found] = {}

    def put(self, bound: float, watch: Watch) -> None:
        """The subscription has this bound."""
        if bound not in self._at:
            insort(self.values, bound)
        self._at.setdefault(bound, {})[watch.id] = watch

    def remove(self, bound: float, watch: Watch) -> None:
        """It is gone."""
        take_from(self._at, bound, watch.id)
        if bound not in self._at:
            del self.values[bisect_left(self.values, bound)]

    def below(self, number: float | None, found: Found) -> None:
        """Add those whose bound is at most the number."""
        self._add(0, len(self.values) if number is None else bisect_right(self.values, number), found)

    def above(self, number: float | None, found: Found) -> None:
        """Add those whose bound is at least the number."""
        self._add(0 if number is None else bisect_left(self.values, number), len(self.values), found)

    def _add(self, start: int, end: int, found: Found) -> None:
        for bound in self.values[start:end]:
            found.update(self._at[bound])
