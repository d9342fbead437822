"""Counts what is answered, for `metrics`: plain numbers, for this happens at each request, and on the event loop
alone."""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Final

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Seconds up to which an answer is counted in each bucket; what took longer is in one more."""

Observe = Callable[[int, float], None]
"""Takes the status of an answer and the seconds it took."""


class Tally:
    """The answers of one operation: how many of each status and of each bucket of `BOUNDS`, and their seconds."""

    __slots__ = ("buckets", "seconds", "statuses")

    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def observe(self, status: int, took_s: float) -> None:
        """One more."""
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.buckets[bisect_left(BOUNDS, took_s)] += 1
        self.seconds += took_s


class Requests:
    """How many requests each operation answered, with which status, and how long they took."""

    def __init__(self) -> None:
        self._tallies: dict[str, Tally] = {}

    @property
    def tallies(self) -> Mapping[str, Tally]:
        """By operation."""
        return self._tallies

    def operation(self, name: str) -> Observe:
        """The observer of one operation."""
        return self._tallies.setdefault(name, Tally()).observe
