"""An independent checker, written to be read: dictionaries and loops, nothing of the room's own."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction


def classes(table: Mapping[str, Sequence[str]], quasi: Sequence[str]) -> dict[tuple[str, ...], list[int]]:
    """The rows of each label."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, label in enumerate(zip(*(table[name] for name in quasi), strict=True)):
        found[label].append(number)
    return found


def smallest(table: Mapping[str, Sequence[str]], quasi: Sequence[str]) -> int:
    return min(len(rows) for rows in classes(table, quasi).values())


def fewest(table: Mapping[str, Sequence[str]], quasi: Sequence[str], name: str, *, ordered: bool) -> int:
    """Distinct values of the poorest class."""
    same = float if ordered else str
    return min(len({same(table[name][row]) for row in rows}) for rows in classes(table, quasi).values())


def farthest(table: Mapping[str, Sequence[str]], quasi: Sequence[str], name: str, *, ordered: bool) -> Fraction:
    """The greatest earth mover's distance of a class, in exact fractions: between ranks, or all alike."""
    cells = [float(cell) if ordered else cell for cell in table[name]]
    values = sorted(set(cells))
    whole, worst = Counter(cells), Fraction(0)
    for rows in classes(table, quasi).values():
        own = Counter(cells[row] for row in rows)
        gaps = [Fraction(own[value], len(rows)) - Fraction(whole[value], len(cells)) for value in values]
        if ordered:
            moved = sum((abs(sum(gaps[: place + 1], Fraction(0))) for place in range(len(gaps))), Fraction(0))
            moved /= max(1, len(values) - 1)
        else:
            moved = sum((abs(gap) for gap in gaps), Fraction(0)) / 2
        worst = max(worst, moved)
    return worst


def admits(label: str, value: str) -> bool:
    """Whether a label of ours, without a hierarchy, covers a value (one without a | or a .. in it)."""
    if label == "*" or label == value:
        return True
    if ".." in label:
        low, high = label.split("..")
        return float(low) <= float(value) <= float(high)
    return value in label.split("|")
