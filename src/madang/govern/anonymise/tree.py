"""A hierarchy in the form of ARX: a line for each value, from the value itself to ``*``, each of as many cells."""

from collections.abc import Sequence

import numpy as np

from madang.errors import BadRequestData
from madang.govern.anonymise.columns import Floats, Ints, Leaves

ROOT = "*"


def leaves(name: str, codes: Ints, texts: Sequence[str], lines: Sequence[Sequence[str]]) -> Leaves:
    """The column `name` below its hierarchy: rows by `codes` of the distinct `texts`; `lines` are the hierarchy's.

    Only values that occur count as leaves: a loss is a share of what is there. Raises BadRequestData when a value has
    no line, lines differ in length, or one label has two places.
    """
    paths = _paths(name, lines)
    missing = [text for text in texts if text not in paths]
    if missing:
        raise BadRequestData(
            f"the hierarchy of {name} has no line for {missing[0]!r} ({len(missing):,} values without)"
        )
    used = [paths[text] for text in texts]
    nodes = _nodes(name, used)
    below = np.array([[path[depth] == label for depth, label in nodes] for path in used], dtype=np.float32)
    return _without_twins(name, codes, [label for _, label in nodes], below)


def _paths(name: str, lines: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    paths: dict[str, list[str]] = {}
    for number, line in enumerate(lines, 1):
        if len(line) != len(lines[0]) or len(line) < 2:
            raise BadRequestData(
                f"the hierarchy of {name}, line {number}: {len(lines[0])} cells expected, {len(line)} found"
            )
        if line[0] in paths:
            raise BadRequestData(f"the hierarchy of {name}, line {number}: {line[0]!r} has a line already")
        paths[line[0]] = [*line, ROOT]
    return paths


def _nodes(name: str, paths: Sequence[list[str]]) -> list[tuple[int, str]]:
    """(depth, label) of every node, leaves first, the root last; a label below two others is an error."""
    above: dict[tuple[int, str], str] = {}
    for path in paths:
        for depth in range(len(path) - 1):
            if above.setdefault((depth, path[depth]), path[depth + 1]) != path[depth + 1]:
                raise BadRequestData(f"the hierarchy of {name}: {path[depth]!r} lies below two labels")
    inner = sorted(key for key in above if key[0] > 0)
    return [(0, path[0]) for path in paths] + inner + [(len(paths[0]) - 1, ROOT)]


def _without_twins(name: str, codes: Ints, labels: list[str], below: Floats) -> Leaves:
    """Of nodes above the same leaves, the lowest stays; the label of the root is always ``*``."""
    count = below.shape[0]
    seen: dict[bytes, int] = {}
    for node in range(below.shape[1] - 1):
        seen.setdefault(below[:, node].tobytes(), node)
    whole = np.ones(count, dtype=np.float32).tobytes()
    kept = [node for bits, node in seen.items() if bits != whole or count == 1] + [below.shape[1] - 1]
    below = below[:, kept]
    sizes = below.sum(axis=0)
    inside = (below.T @ below) == sizes[:, None]
    np.fill_diagonal(inside, False)
    above = np.where(inside, sizes[None, :], np.inf)
    above[-1, -1] = 0
    parent = above.argmin(axis=1)
    child = np.zeros((len(kept), len(kept)), dtype=np.float32)
    child[np.arange(len(kept) - 1), parent[:-1]] = 1
    costs = np.where(sizes > 1, sizes / count, 0).astype(np.float32)
    over = np.where(below > 0, sizes, np.inf)  # (leaves, nodes): the size of each node above a leaf
    np.fill_diagonal(inside, True)
    meet = np.stack([np.where(inside[node], over, np.inf).argmin(axis=1) for node in range(len(kept))])
    names = [labels[node] for node in kept]
    return Leaves(name, codes, names, below, costs, parent, child, meet.astype(np.int32))
