"""A condition of `q` as a JSON path (SQL/JSON) over an entity's body, where that means exactly what ``model/match``
means. Where it does not (dates, patterns, numbers beyond 2**53, attributes that ever were language maps or terms of a
vocabulary: `worded`), `Unsaid` is raised and ``model/match`` decides on the rows that the rest leaves.

The paths are strict: what goes astray in one instance is unknown there, and no answer for the others. Numbers compare
as decimals, of which a double's shortest one keeps order and equality; texts by code point. Names and values are quoted
as JSON, and the whole path is bound to the statement as one value.
"""

from collections.abc import Container

import msgspec

from madang.model.query import (
    MEMBERS,
    Between,
    Compare,
    Condition,
    Every,
    Exists,
    Linked,
    Literal,
    Matches,
    OneOf,
    Operator,
    Path,
    Some,
)

Leaf = Exists | Compare | Between | OneOf | Matches

_EXACT = 2**53
"""Below this, numbers compare alike as doubles and as decimals."""

_TEXTS = {"unitCode": "unit_code", "datasetId": "dataset_id"}
"""Members of an instance that are texts, and their names in the body."""

_OWN = MEMBERS | {"id", "type", "scope"}
"""Names that mean the entity's own members where a path begins with them."""


class Unsaid(Exception):
    """A JSON path does not say exactly this."""


_LINK = '(@.kind == "Relationship" || @.kind == "ListRelationship")'
_NO_LINK = f"(!{_LINK} || ({_LINK} is unknown))"
"""The instance is no relationship: those equal or not, and have no order. A property's kind is not in the body."""


def say(where: Condition, worded: Container[str]) -> str:
    """The condition as a predicate of a JSON path over the entity (``@``). Raises Unsaid."""
    match where:
        case Every(terms):
            return "(" + " && ".join(say(term, worded) for term in terms) + ")"
        case Some(terms):
            return "(" + " || ".join(say(term, worded) for term in terms) + ")"
        case Linked():
            raise Unsaid
        case _ if any(name in worded for name in where.path.names) and not _bare(where):
            raise Unsaid
        case _:
            return _leaf(where)


def _bare(where: Condition) -> bool:
    """Only whether there is such an attribute is asked."""
    return isinstance(where, Exists) and len(where.path.names) == 1 and not where.path.trail


def _leaf(where: Leaf) -> str:
    match where:
        case Exists(path, negated):
            found = _some(path, _there(path))
            return f"(!{found} || (({found}) is unknown))" if negated else found
        case Compare(path, operator, literal):
            return _some(path, _compared(path, operator, literal))
        case Between(path, low, high, negated):
            value = _value(path)
            inside = f"({value} >= {_literal(low)} && {value} <= {_literal(high)})"
            return _some(path, f"{_NO_LINK} && {_not(path, inside) if negated else inside}")
        case OneOf(path, values, negated):
            # None to equal: no linked entity was as asked (4.9).
            equal = "(" + (" || ".join(_equal(path, literal) for literal in values) or "1 == 0") + ")"
            return _some(path, _not(path, equal) if negated else equal)
        case Matches():
            raise Unsaid


def nearly(where: Condition, worded: Container[str]) -> str | None:
    """What holds at least where the condition does, also of an entity that is seen in part; None: nothing is known.

    For what `say` does not say, or where the reader sees less than there is.
    """
    match where:
        case Every(terms):
            found = [near for term in terms if (near := nearly(term, worded))]
            return "(" + " && ".join(found) + ")" if found else None
        case Some(terms):
            either = [nearly(term, worded) for term in terms]
            return None if None in either else "(" + " || ".join(filter(None, either)) + ")"
        case Exists(_, True):
            return None
        case Linked():
            return None
        case _:
            return _said(where, worded) or _said(Exists(Path(where.path.names[:1])), worded)


def _said(where: Condition, worded: Container[str]) -> str | None:
    try:
        return say(where, worded)
    except Unsaid:
        return None


def _some(path: Path, holds: str) -> str:
    """Some instance that the path leads to is such that `holds`."""
    names = path.names[:-1] if _member(path) else path.names
    if names[0] in _OWN:
        raise Unsaid
    for name in reversed(names):
        holds = f"exists(@.attributes.{_quoted(name)}[*] ? ({holds}))"
    return holds


def _there(path: Path) -> str:
    """The instance at hand (``@``) leads on to something."""
    return f"exists({_value(path)})" if path.trail or _member(path) else "1 == 1"


def _compared(path: Path, operator: Operator, literal: Literal) -> str:
    if operator is Operator.EQUAL:
        return _equal(path, literal)
    if operator is Operator.UNEQUAL:
        return _not(path, _equal(path, literal))
    if isinstance(literal, bool):
        raise Unsaid
    return f"{_NO_LINK} && {_value(path)} {operator.value} {_literal(literal)}"


def _equal(path: Path, literal: Literal) -> str:
    """The value equals the literal, or is an array that has it."""
    value, wanted = _value(path), _literal(literal)
    return f'({value} == {wanted} || ({value}.type() == "array" && exists({value}[*] ? (@ == {wanted}))))'


def _not(path: Path, holds: str) -> str:
    """It does not hold, or cannot be said, of what is there. An instance without a value has the value null."""
    there = f"exists({_value(path)}) && " if path.trail or _member(path) else ""
    return f"{there}(!({holds}) || (({holds}) is unknown))"


def _value(path: Path) -> str:
    member = _member(path)
    if member:
        if path.trail or member not in _TEXTS:
            raise Unsaid
        return f"@.{_TEXTS[member]}"
    return "@.value" + "".join(f".{_quoted(name)}" for name in path.trail)


def _member(path: Path) -> str | None:
    """The member of the instance that the path ends in."""
    return path.names[-1] if len(path.names) > 1 and path.names[-1] in MEMBERS else None


def _literal(literal: Literal) -> str:
    if isinstance(literal, bool):
        return "true" if literal else "false"
    if isinstance(literal, int | float) and abs(literal) < _EXACT:
        return f"({literal!r})"
    if isinstance(literal, str):
        return _quoted(literal)
    raise Unsaid


def _quoted(text: str) -> str:
    """The text as a JSON path writes it. Raises Unsaid for what PostgreSQL has no text for."""
    try:
        quoted = msgspec.json.encode(text).decode()
    except UnicodeEncodeError:
        raise Unsaid from None
    if "\\u0000" in quoted:
        raise Unsaid
    return quoted
