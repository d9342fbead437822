"""What was made last, kept for who asks for it again: bounded by weight, each access in constant time."""

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Two generations: what is asked for again moves to the young one; once that weighs more than `most` it becomes the
    old one, and the old one is gone. So at most about twice `most` is held.

    Threads may share it: where two write at once, a value may be lost, and is made again.
    """

    def __init__(self, most: int, weigh: Callable[[V], int]) -> None:
        self._most = most
        self._weigh = weigh
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}
        self._weight = 0

    def get(self, key: K) -> V | None:
        """The value, if it is still there."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def clear(self) -> None:
        """Keep nothing of what there is."""
        self._old, self._young, self._weight = {}, {}, 0

    def put(self, key: K, value: V) -> None:
        """Keep it for a while. A value that would fill a generation alone is not kept."""
        weight = self._weigh(value)
        if weight > self._most:
            self._young.pop(key, None)
            self._old.pop(key, None)
            return
        if self._weight + weight > self._most:
            self._old, self._young, self._weight = self._young, {}, 0
        self._young[key] = value
        self._weight += weight
