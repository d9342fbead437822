"""The arithmetic of a Merkle tree over a log's leaves, and of its proofs (RFC 6962, 2.1; RFC 9162, 2.1.3 and 2.1.4).

Pure: which subtrees a proof needs, how hashes are put together, and what a proof proves. SHA-256, 32 bytes a hash.
"""

import hashlib
from collections.abc import Mapping, Sequence

Range = tuple[int, int]
"""Leaves from the first number, up to and without the second; the first leaf is 0."""

Node = tuple[int, int]
"""A subtree of 2**level leaves, and its place among those of its level."""

EMPTY = hashlib.sha256(b"").digest()
"""The root of a log without a leaf."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf; its prefix keeps a leaf from being taken for a node."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two halves."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(row: Sequence[bytes]) -> bytes:
    """The root over hashes of one level, whose number is a power of two."""
    while len(row) > 1:
        row = [node_hash(row[place], row[place + 1]) for place in range(0, len(row), 2)]
    return row[0]


def subtrees(span: Range) -> list[Node]:
    """The perfect subtrees that make up the leaves of `span`, from left to right. `span` is one that the tree has: its
    beginning is a multiple of the power of two from its length on."""
    start, end = span
    found: list[Node] = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def root(span: Range, hashes: Mapping[Node, bytes]) -> bytes:
    """The hash over the leaves of `span` from its `subtrees`' hashes."""
    nodes = subtrees(span)
    if not nodes:
        return EMPTY
    found = hashes[nodes[-1]]
    for node in reversed(nodes[:-1]):
        found = node_hash(hashes[node], found)
    return found


def inclusion(index: int, size: int) -> list[Range]:
    """What an inclusion proof of leaf `index` in a log of `size` leaves consists of, the nearest first (2.1.1)."""
    start, end = 0, size
    path: list[Range] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def consistency(first: int, second: int) -> list[Range]:
    """What a proof consists of that a log of `second` leaves begins with those of one of `first` (2.1.2)."""
    start, end, whole = 0, second, True
    path: list[Range] = []
    if first == 0:
        return path
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start, whole = middle, False
    if not whole:
        path.append((start, end))
    return path[::-1]


def included(leaf: bytes, *, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` proves that the leaf with the hash `leaf` is number `index` of the log with that root (RFC 9162,
    2.1.3.2)."""
    if not 0 <= index < size:
        return False
    number, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if number & 1 or number == last:
            found = node_hash(step, found)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, step)
        number, last = number >> 1, last >> 1
    return last == 0 and found == root


def consistent(first: int, second: int, *, path: Sequence[bytes], old: bytes, new: bytes) -> bool:
    """Whether `path` proves that the log of `second` leaves with the root `new` goes on from the one of `first` leaves
    with the root `old` (RFC 9162, 2.1.4.2)."""
    if first > second or first < 0:
        return False
    if first == 0 or first == second:
        return not path and (old == new if first == second else old == EMPTY)
    steps = list(path) if first & (first - 1) else [old, *path]
    if not steps:
        return False
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            after = node_hash(after, step)
        number, last = number >> 1, last >> 1
    return last == 0 and before == old and after == new


def _split(count: int) -> int:
    """The largest power of two below `count`: how many leaves the left half has."""
    return 1 << ((count - 1).bit_length() - 1)
