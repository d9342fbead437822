"""A condition of `q` as SQL over an entity's JSON, where SQL means exactly what ``model/match`` means.

Where it does not (paths into sub-attributes and compound values, dates), `Unsaid` is raised and the caller
lets ``model/match`` decide. Inside the SQL, `holds` decides for entities with several instances, for attributes that
are no plain property (relationships, language maps …) and for arrays. Values are bound, JSON paths too.
"""

from typing import Any, NamedTuple

import apsw
import msgspec

from madang.model.match import condition, pattern
from madang.model.query import (
    Between,
    Compare,
    Condition,
    Every,
    Exists,
    Literal,
    Matches,
    OneOf,
    Operator,
    Path,
    Some,
)
from madang.model.query.tree import TEMPORAL
from madang.store.sqlite.entities import COLUMNS

_MOST_VALUES = 20
"""A longer list of values is quicker looked up than compared with one by one."""

_EXACT_DIGITS = 15
"""A decimal number of so many digits is the same double to SQLite and to Python."""

_EXACT_INTEGERS = 10**15
"""Below this a whole number is written with all its digits, whether it is an integer or not."""

ROW = f"e.{COLUMNS.replace(', ', ', e.')}"
"""What `holds` takes of a row besides the condition."""

_SHORT = 2
"""A number of so few digits is in nearly every body."""

_encode = msgspec.json.Encoder().encode

SIGNS = {
    Operator.EQUAL: "=",
    Operator.UNEQUAL: "<>",
    Operator.GREATER: ">",
    Operator.GREATER_EQUAL: ">=",
    Operator.LESS: "<",
    Operator.LESS_EQUAL: "<=",
}


class Sql(NamedTuple):
    """A condition and the values that it takes."""

    text: str
    values: tuple[Any, ...]


class Unsaid(Exception):
    """SQL does not say exactly this."""


def say(where: Condition, whole: bool) -> Sql:
    """The condition as SQL. `whole`: the reader sees all attributes of what it sees. Raises Unsaid."""
    if not whole:
        raise Unsaid
    match where:
        case Every(terms):
            return _joined(" AND ", [say(term, whole) for term in terms])
        case Some(terms):
            return _joined(" OR ", [say(term, whole) for term in terms])
        case Exists(path, negated):
            return Sql(f"(json_type(e.body, ?) IS {'' if negated else 'NOT '}NULL)", (attribute(path),))
        case Compare(path, operator, literal):
            told = _leaf(where, path, kinds(literal), [(SIGNS[operator], literal)], operator)
            mark = _mark(literal) if operator is Operator.EQUAL else None
            return told if mark is None else Sql(f"(instr(e.body, ?) AND {told.text})", (mark, *told.values))
        case Matches(path, expression, negated):
            return _matches(where, path, expression, negated=negated)
        case Between(path, low, high, False):
            if kinds(low) != kinds(high):
                raise Unsaid
            return _leaf(where, path, kinds(low), [(">=", low), ("<=", high)])
        case OneOf(path, values, False) if 0 < len(values) <= _MOST_VALUES:
            equals = [Compare(path, Operator.EQUAL, value) for value in values]
            return _joined(" OR ", [say(equal, whole) for equal in equals])
        case _:
            raise Unsaid


def _leaf(
    where: Condition,
    path: Path,
    types: tuple[str, ...],
    comparisons: list[tuple[str, Literal]],
    operator: Operator | None = None,
) -> Sql:
    """The comparisons with the first instance's value, where it is of the literal's kind; see `Compare` for the
    rest."""
    own = attribute(path)
    value = f"{own}[0].value"
    holds = apsw.pyobject(condition(where))
    compared = " AND ".join(f"json_extract(e.body, ?) {sign} ?" for sign, _ in comparisons)
    bound = [bit for _, literal in comparisons for bit in (value, literal)]
    arrays = operator in (Operator.EQUAL, Operator.UNEQUAL)
    others = "json_type(e.body, ?) IS NOT NULL" if operator is Operator.UNEQUAL else "0"
    text = (
        f"(CASE WHEN e.plural OR json_type(e.body, ?) IS NOT NULL THEN holds(?, {ROW}) ELSE CASE json_type(e.body, ?) "
        f"{' '.join(f'WHEN {kind!r} THEN {compared}' for kind in types)} "
        f"{f'WHEN ? THEN holds(?, {ROW}) ' if arrays else ''}ELSE {others} END END)"
    )
    values: list[Any] = [f"{own}[0].kind", holds, value]
    for _ in types:
        values += bound
    if arrays:
        values += ["array", holds]
    if operator is Operator.UNEQUAL:
        values.append(own)
    return Sql(text, tuple(values))


def _mark(literal: Literal) -> str | None:
    """What the body of every entity has in it where something equals the literal, for both are written by the same
    encoder; None where there is no such text. To look for it takes half the time of reading the body as JSON."""
    if isinstance(literal, str):
        # A term of a vocabulary equals its full IRI too, which the body does not have.
        return None if ":" in literal else _encode(literal).decode()
    if not isinstance(literal, int | float) or abs(literal) >= _EXACT_INTEGERS:
        return None
    # 50 may be there as 50.0.
    text = str(int(literal)) if literal == int(literal) else _encode(literal).decode()
    return text if len(text) > _SHORT else None


def _matches(where: Matches, path: Path, expression: str, *, negated: bool) -> Sql:
    """The pattern in the first instance's text, without making the entity; a text that SQLite would cut short, at a
    NUL, is `holds`'s."""
    own = attribute(path)
    value, holds = f"{own}[0].value", apsw.pyobject(condition(where))
    text = (
        f"(CASE WHEN e.plural OR instr(e.body, ?) OR json_type(e.body, ?) IS NOT NULL THEN holds(?, {ROW})"
        " ELSE CASE json_type(e.body, ?) WHEN 'text' THEN found(?, json_extract(e.body, ?)) <> ?"
        f" WHEN 'array' THEN holds(?, {ROW}) ELSE 0 END END)"
    )
    found = apsw.pyobject(pattern(expression))
    return Sql(text, ("\\u0000", f"{own}[0].kind", holds, value, found, value, int(negated), holds))


def kinds(literal: Literal) -> tuple[str, ...]:
    """The JSON types (SQLite's names) that the literal is compared with."""
    if isinstance(literal, bool):
        # SQLite has no booleans: true is 1.
        raise Unsaid
    if isinstance(literal, int):
        return ("integer", "real")
    if isinstance(literal, float):
        digits = repr(literal).partition("e")[0].replace(".", "").replace("-", "").strip("0")
        if len(digits) > _EXACT_DIGITS:
            raise Unsaid
        return ("integer", "real")
    if isinstance(literal, str) and "\0" not in literal:
        return ("text",)
    raise Unsaid


def attribute(path: Path) -> str:
    """The JSON path of an attribute. Raises Unsaid for a way further down, and for a name that a JSON path cannot
    quote."""
    if len(path.names) != 1 or path.trail or path.names[0] in TEMPORAL:
        raise Unsaid
    name = path.names[0]
    if '"' in name or "\\" in name or not name.isascii() or not name.isprintable():
        raise Unsaid
    return f'$.a."{name}"'


def _joined(word: str, terms: list[Sql]) -> Sql:
    return Sql(f"({word.join(term.text for term in terms)})", tuple(value for term in terms for value in term.values))
