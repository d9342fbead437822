"""What tells at a glance that a subscription's conditions cannot hold: a comparison or pattern that they insist on."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from madang.model.query import MEMBERS, Compare, Condition, Every, Operator, Selector


class Clue(NamedTuple):
    """A comparison of an attribute with a plain value; with bounds (> and so on) it is a number."""

    name: str
    operator: Operator
    value: Any


def patterns_of(selectors: Sequence[Selector]) -> Sequence[str]:
    """One of these patterns has to be found in the id of an entity for it to be selected; none: any id may do."""
    found = [one.id_pattern for one in selectors if not one.ids and one.id_pattern is not None]
    return tuple(dict.fromkeys(found)) if len(found) == len(selectors) else ()


def clue_of(where: Condition | None) -> Clue | None:
    """A comparison that has to hold, if the conditions have one, whatever else they ask for. One with a single value
    says more than one with a bound."""
    terms = where.terms if isinstance(where, Every) else (where,)
    found = [clue for clue in map(_compared, terms) if clue is not None]
    return next((clue for clue in found if clue.operator is Operator.EQUAL), found[0] if found else None)


def _compared(term: Condition | None) -> Clue | None:
    if not isinstance(term, Compare) or term.operator is Operator.UNEQUAL or term.path.trail:
        return None
    number = isinstance(term.value, int | float) and not isinstance(term.value, bool)
    if not (number or (term.operator is Operator.EQUAL and isinstance(term.value, str | bool))):
        return None
    name = term.path.names[0]
    return None if len(term.path.names) > 1 or name in MEMBERS else Clue(name, term.operator, term.value)
