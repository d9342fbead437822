"""From the tree of conditions back to the text of `q`; parsing the text gives an equal tree."""

import json
from collections.abc import Callable

from madang.model.query.literal import print_literal
from madang.model.query.tree import MEMBERS, Between, Compare, Condition, Every, Exists, Matches, OneOf, Path, Some


def print_query(tree: Condition, compact: Callable[[str], str] = str) -> str:
    """The text of `tree`, its names written with `compact`."""
    match tree:
        case Exists(path, negated):
            return ("!" if negated else "") + _path(path, compact)
        case Compare(path, operator, value):
            return f"{_path(path, compact)}{operator}{print_literal(value)}"
        case Between(path, low, high, negated):
            return f"{_path(path, compact)}{_equal(negated)}{print_literal(low)}..{print_literal(high)}"
        case OneOf(path, values, negated):
            return f"{_path(path, compact)}{_equal(negated)}{','.join(map(print_literal, values))}"
        case Matches(path, pattern, negated):
            sign = "!~=" if negated else "~="
            return f"{_path(path, compact)}{sign}{json.dumps(pattern, ensure_ascii=False)}"
        case Every(terms):
            return ";".join(_grouped(term, compact) for term in terms)
        case Some(terms):
            return "|".join(_grouped(term, compact) for term in terms)


def _equal(negated: bool) -> str:
    return "!=" if negated else "=="


def _grouped(term: Condition, compact: Callable[[str], str]) -> str:
    text = print_query(term, compact)
    return f"({text})" if isinstance(term, Every | Some) else text


def _path(path: Path, compact: Callable[[str], str]) -> str:
    last = len(path.names) - 1
    names = ".".join(n if n in MEMBERS and i == last else compact(n) for i, n in enumerate(path.names))
    return f"{names}[{'.'.join(path.trail)}]" if path.trail else names
