"""From the tree of conditions back to the text of `q`; parsing the text gives an equal tree."""

import json
from collections.abc import Callable

from madang.model.query.literal import print_literal
from madang.model.query.tree import (
    MEMBERS,
    Between,
    Compare,
    Condition,
    Every,
    Exists,
    Linked,
    Matches,
    OneOf,
    Path,
    Some,
)


def print_query(tree: Condition, compact: Callable[[str], str] = str) -> str:
    """The text of `tree`, its names written with `compact`. Below a `Linked` there is one leaf, or another."""
    match tree:
        case Every(terms):
            return ";".join(_grouped(term, compact) for term in terms)
        case Some(terms):
            return "|".join(_grouped(term, compact) for term in terms)
        case _:
            sign, way, rest = _leaf(tree, compact)
            return sign + way + rest


def _leaf(tree: Condition, compact: Callable[[str], str]) -> tuple[str, str, str]:
    """What is before the path, the path, and what is after it."""
    match tree:
        case Exists(path, negated):
            return "!" if negated else "", _path(path, compact), ""
        case Compare(path, operator, value):
            return "", _path(path, compact), f"{operator}{print_literal(value)}"
        case Between(path, low, high, negated):
            return "", _path(path, compact), f"{_equal(negated)}{print_literal(low)}..{print_literal(high)}"
        case OneOf(path, values, negated):
            return "", _path(path, compact), f"{_equal(negated)}{','.join(map(print_literal, values))}"
        case Matches(path, pattern, negated):
            return "", _path(path, compact), ("!~=" if negated else "~=") + json.dumps(pattern, ensure_ascii=False)
        case Linked(relation, types, where):
            sign, way, rest = _leaf(where, compact)
            hints = ",".join(map(compact, types)) + ":" if types else ""
            return sign, f"{compact(relation)}{{{hints}{way}}}", rest
        case _:
            return "", f"({print_query(tree, compact)})", ""


def _equal(negated: bool) -> str:
    return "!=" if negated else "=="


def _grouped(term: Condition, compact: Callable[[str], str]) -> str:
    text = print_query(term, compact)
    return f"({text})" if isinstance(term, Every | Some) else text


def _path(path: Path, compact: Callable[[str], str]) -> str:
    last = len(path.names) - 1
    names = ".".join(n if n in MEMBERS and i == last else compact(n) for i, n in enumerate(path.names))
    return f"{names}[{'.'.join(path.trail)}]" if path.trail else names
