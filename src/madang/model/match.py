"""Does an entity match a query? The one meaning of the query tree: memory stores use it as it is, a database for what
its own language cannot say, subscriptions and live changes for one entity at a time.

ETSI GS CIM 009 v1.9.1, 4.9 (q), 4.10 (geo), 4.17 (types), 4.19 (scopes).
"""

import functools
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, cast

import re2  # pyright: ignore[reportMissingTypeStubs]

from madang.errors import BadRequestData
from madang.model import geometry
from madang.model import time as times
from madang.model.alive import alive
from madang.model.entity import Entity
from madang.model.query import (
    AnyOfAll,
    Between,
    Compare,
    Condition,
    EntityQuery,
    Every,
    Exists,
    Linked,
    Literal,
    Matches,
    OneOf,
    Operator,
    Path,
    Selector,
    Some,
)
from madang.model.query.tree import MEMBERS
from madang.model.target import Target, targets

Test = Callable[[Entity], bool]
_Value = Callable[[Any], bool]
_Target = Callable[[Target], bool]

NOT_ATTRIBUTES = frozenset({"id", "type", "scope"})
"""Members that `pick` and `omit` may name beside attributes (4.21)."""


@functools.lru_cache(maxsize=1024)
def pattern(text: str) -> Callable[[str], bool]:
    """A test whether the regular expression is found in a string.

    RE2: linear in the length of the string, so no expression can stall the hub; back references and look-around are
    refused with BadRequestData.
    """
    engine = cast(Any, re2)  # it comes without types
    try:
        compiled = engine.compile(text, _re2_options())
    except engine.error as problem:
        said = problem.args[0].decode() if problem.args and isinstance(problem.args[0], bytes) else str(problem)
        raise BadRequestData(f"the pattern '{text[:80]}' is no regular expression of the RE2 kind: {said}") from None
    return lambda value: compiled.search(value) is not None


def test(query: EntityQuery) -> Test:
    """A test whether an entity (as its reader sees it) matches the whole query; paging and order are not part of it."""
    tests: list[Test] = []
    if query.ids:
        ids = frozenset(query.ids)
        tests.append(lambda entity: entity.id in ids)
    if query.types:
        tests.append(_of(query.types))
    if query.after:
        tests.append(lambda entity: entity.id > query.after)
    if query.id_pattern is not None:
        found = pattern(query.id_pattern)
        tests.append(lambda entity: found(entity.id))
    if query.selectors:
        chosen = chooses(query.selectors)
        tests.append(lambda entity: chosen(entity.id, entity.types))
    tests += [attributes for attributes in (_any_of(query.attributes), _any_of(query.pick)) if attributes]
    if query.scopes:
        tests.append(lambda entity: _in_scopes(entity, query.scopes))
    if query.geo is not None:
        tests.append(geometry.test(query.geo))
    if query.where is not None:
        tests.append(condition(query.where))
    now = query.alive_at
    holds = _all(tests)
    if now is None:
        return holds

    def living(entity: Entity) -> bool:
        left = alive(entity, now)
        return left is not None and holds(left)

    return living


def _all(tests: list[Test]) -> Test:
    return tests[0] if len(tests) == 1 else lambda entity: all(one(entity) for one in tests)


def chooses(selectors: tuple[Selector, ...]) -> Callable[[str, tuple[str, ...]], bool]:
    """A test whether one of the selectors selects an entity, by its id and types."""
    tests = [_chooses(one) for one in selectors]
    return lambda id, types: any(one(id, types) for one in tests)


def _chooses(selector: Selector) -> Callable[[str, tuple[str, ...]], bool]:
    ids, types = frozenset(selector.ids), selector.types
    found = pattern(selector.id_pattern) if selector.id_pattern is not None else None

    def chosen(id: str, own: tuple[str, ...]) -> bool:
        if types and not of_types(own, types):
            return False
        # An id takes precedence over a pattern (5.2.33).
        return id in ids if ids else found is None or found(id)

    return chosen


def of_types(types: tuple[str, ...], wanted: tuple[tuple[str, ...], ...]) -> bool:
    """An entity of these types satisfies the type expression (in disjunctive form)."""
    return any(all(type in types for type in every) for every in wanted)


def _of(wanted: AnyOfAll) -> Test:
    """A test for the type expression."""
    if any(len(every) != 1 for every in wanted):
        return lambda entity: of_types(entity.types, wanted)
    names = frozenset(name for (name,) in wanted)
    return lambda entity: not names.isdisjoint(entity.types)


def condition(where: Condition) -> Test:
    """A test for a tree of conditions (4.9)."""
    match where:
        case Every(terms):
            every = [condition(term) for term in terms]
            return lambda entity: all(one(entity) for one in every)
        case Some(terms):
            some = [condition(term) for term in terms]
            return lambda entity: any(one(entity) for one in some)
        case Exists(path, negated):
            return lambda entity: (next(targets(entity, path), None) is None) == negated
        case Linked():
            raise BadRequestData("q: linked entities can be asked for in queries of entities, together with join")
        case _:
            holds, path = _leaf(where), where.path
            return lambda entity: any(holds(one) for one in targets(entity, path))


def _re2_options() -> Any:
    options = cast(Any, re2).Options()
    options.max_mem = 1 << 20
    options.log_errors = False
    return options


def _any_of(names: tuple[str, ...]) -> Test | None:
    if not names or not NOT_ATTRIBUTES.isdisjoint(names):
        return None
    return lambda entity: any(name in entity.attributes for name in names)


def _leaf(where: Compare | Between | OneOf | Matches) -> _Target:
    path = where.path
    match where:
        case Compare(_, operator, literal):
            holds = _compare(operator, _temporal(path, literal))
            equality = operator in (Operator.EQUAL, Operator.UNEQUAL)
            return lambda one: holds(one.value) and (equality or not one.link)
        case Between(_, low, high, negated):
            above = _compare(Operator.GREATER_EQUAL, _temporal(path, low))
            below = _compare(Operator.LESS_EQUAL, _temporal(path, high))
            return lambda one: not one.link and (above(one.value) and below(one.value)) != negated
        case OneOf(_, values, negated):
            equals = _one_of(tuple(_temporal(path, value) for value in values))
            return lambda one: equals(one.value) != negated
        case Matches(_, expression, negated):
            found = pattern(expression)
            return lambda one: not one.link and _matches(one.value, found, negated=negated)


def _temporal(path: Path, literal: Literal) -> Literal:
    """A quoted text that is compared with a temporal member means the time that it says."""
    member = path.names[-1]
    if isinstance(literal, str) and member in MEMBERS and member.endswith("At"):
        return times.read(literal) or literal
    return literal


def _one_of(values: tuple[Literal, ...]) -> _Value:
    if len(values) > 8 and all(isinstance(value, str) for value in values):
        wanted = frozenset(values)
        return lambda value: any(isinstance(item, str) and item in wanted for item in _items(value))
    equals = [_compare(Operator.EQUAL, one) for one in values]
    return lambda value: any(one(value) for one in equals)


def _matches(value: Any, found: Callable[[str], bool], *, negated: bool) -> bool:
    """4.9: what is no text neither matches a pattern nor does not."""
    texts = [item for item in _items(value) if isinstance(item, str)]
    return bool(texts) and any(found(text) for text in texts) != negated


def _compare(operator: Operator, literal: Literal) -> _Value:
    if operator is Operator.EQUAL:
        return lambda value: any(_like(one, literal) == literal for one in _items(value))
    if operator is Operator.UNEQUAL:
        return lambda value: not any(_like(one, literal) == literal for one in _items(value))
    return lambda value: _ordered(operator, _like(value, literal), literal)


def _ordered(operator: Operator, value: Any, literal: Any) -> bool:
    if value is None or isinstance(literal, bool):
        return False
    match operator:
        case Operator.GREATER:
            return value > literal
        case Operator.GREATER_EQUAL:
            return value >= literal
        case Operator.LESS:
            return value < literal
        case _:
            return value <= literal


def _items(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else [value]


def _like(value: Any, literal: Literal) -> Any:
    """The value as something of the literal's kind, or None where it is of another kind."""
    if isinstance(literal, bool):
        return value if isinstance(value, bool) else None
    if isinstance(literal, int | float):
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if isinstance(literal, str):
        return value if isinstance(value, str) else None
    if isinstance(value, Mapping):
        value = cast(Mapping[str, Any], value).get("@value")
    if isinstance(literal, datetime):
        return value if isinstance(value, datetime) else times.read(value) if isinstance(value, str) else None
    if not isinstance(value, str):
        return None
    return _like_date(value, literal)


def _like_date(value: str, literal: date | time) -> date | time | None:
    if isinstance(literal, date):
        return times.read_date(value)
    found = times.read_time(value)
    # A time of day with and one without an offset cannot be compared: then it is of another kind.
    return found if found is not None and (found.tzinfo is None) == (literal.tzinfo is None) else None


def _in_scopes(entity: Entity, wanted: tuple[tuple[str, ...], ...]) -> bool:
    return any(all(any(_in_scope(scope, one) for scope in entity.scopes) for one in every) for every in wanted)


def _in_scope(scope: str, wanted: str) -> bool:
    """``/a/b`` is itself; ``/a/+`` any one level below; ``/a/#`` it and all below (4.19)."""
    have, want = scope.strip("/").split("/"), wanted.strip("/").split("/")
    for place, step in enumerate(want):
        if step == "#":
            return True
        if place >= len(have) or step not in ("+", have[place]):
            return False
    return len(have) == len(want)
