"""A log's root as its leaves go by: the perfect subtrees so far, nothing else. For who checks a whole log."""

from madang.account.merkle import EMPTY, node_hash


class Peaks:
    """Takes leaves' hashes in order; knows the root over all of them at any moment."""

    def __init__(self) -> None:
        self.size = 0
        self._row: list[bytes] = []

    def push(self, leaf: bytes) -> None:
        """The next leaf's hash."""
        self._row.append(leaf)
        self.size += 1
        # As many pairs close as the size has zeros at its end.
        closing = self.size
        while not closing & 1:
            right = self._row.pop()
            self._row[-1] = node_hash(self._row[-1], right)
            closing >>= 1

    def root(self) -> bytes:
        """The root over the leaves so far."""
        if not self._row:
            return EMPTY
        found = self._row[-1]
        for peak in reversed(self._row[:-1]):
            found = node_hash(peak, found)
        return found
