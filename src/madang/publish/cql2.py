"""CQL2, text and JSON (OGC 21-065r2), read into the hub's own query: no text of a filter ever reaches a database.

Conjunctions of what the query tree can say become a query that the store answers. What it cannot say (places within
alternatives, ids) is decided on the entities that the rest finds, by the same code that judges queries in memory.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, cast

from madang.errors import BadRequestData, TooComplexQuery
from madang.model import geometry as geometries
from madang.model import match
from madang.model.entity import Entity
from madang.model.query import (
    Between,
    Compare,
    Condition,
    Every,
    Exists,
    GeoFilter,
    Georel,
    Matches,
    OneOf,
    Operator,
    Path,
    Some,
)
from madang.publish import crs as systems
from madang.publish.expression import call, folded, geometry, is_id, is_property, like, only, pair, three, value
from madang.publish.table import OBSERVED

_MOST_NODES: Final = 1000
_DEEPEST: Final = 40
_COMPARED: Final = {
    "=": Operator.EQUAL, "<>": Operator.UNEQUAL, "<": Operator.LESS, "<=": Operator.LESS_EQUAL,
    ">": Operator.GREATER, ">=": Operator.GREATER_EQUAL,
}  # fmt: skip
_OPPOSITE: Final = {
    Operator.EQUAL: Operator.UNEQUAL, Operator.UNEQUAL: Operator.EQUAL,
    Operator.LESS: Operator.GREATER_EQUAL, Operator.GREATER_EQUAL: Operator.LESS,
    Operator.LESS_EQUAL: Operator.GREATER, Operator.GREATER: Operator.LESS_EQUAL,
}  # fmt: skip
_MIRRORED: Final = {
    Operator.LESS: Operator.GREATER, Operator.GREATER: Operator.LESS,
    Operator.LESS_EQUAL: Operator.GREATER_EQUAL, Operator.GREATER_EQUAL: Operator.LESS_EQUAL,
}  # fmt: skip
_PLACED: Final = {
    "s_intersects": Georel.INTERSECTS, "s_within": Georel.WITHIN, "s_contains": Georel.CONTAINS,
    "s_equals": Georel.EQUALS, "s_disjoint": Georel.DISJOINT, "s_overlaps": Georel.OVERLAPS,
}  # fmt: skip
OPERATORS: Final = ("and", "or", "not", *_COMPARED, "between", "in", "like", "isNull", "casei", *_PLACED)

Test = Callable[[Entity], bool]


class Place(NamedTuple):
    """A spatial condition; `negated`: it must not hold."""

    geo: GeoFilter
    negated: bool = False


class Named(NamedTuple):
    """The entity is one of these; `negated`: it is none."""

    ids: frozenset[str]
    negated: bool = False


class Joined(NamedTuple):
    """All of these hold, or (not `every`) one of them."""

    terms: tuple["Node", ...]
    every: bool


Node = Condition | Place | Named | Joined


class Filter(NamedTuple):
    """What a store answers (`where`, `geo`), and what is decided on each entity after that (None: nothing is left)."""

    where: Condition | None = None
    geo: GeoFilter | None = None
    rest: Test | None = None


def understood(given: Any, names: Sequence[str], *, crs: str = systems.CRS84) -> Filter:
    """The filter over the properties `names` (empty: any); its geometries are in `crs`. Raises BadRequestData that says
    what is not understood, TooComplexQuery."""
    node = _Reader(frozenset(names), crs).node(given, negated=False, depth=0)
    terms = node.terms if isinstance(node, Joined) and node.every else (node,)
    conditions = [one for one in terms if not isinstance(one, Place | Named | Joined)]
    places = [one for one in terms if isinstance(one, Place) and not one.negated]
    geo = places[0].geo if places else None
    left = [one for one in terms if isinstance(one, Place | Named | Joined) and one is not (places or [None])[0]]
    where = None if not conditions else conditions[0] if len(conditions) == 1 else Every(tuple(conditions))
    return Filter(where, geo, all_of([_test(one) for one in left]) if left else None)


class _Reader:
    """Reads one filter; counts what it has read."""

    def __init__(self, names: frozenset[str], crs: str) -> None:
        self._names = names
        self._crs = crs
        self._nodes = 0

    def node(self, given: Any, *, negated: bool, depth: int) -> Node:
        """An expression that is true or false. What is negated is negated in its parts: what is not there fits
        neither."""
        self._nodes += 1
        if self._nodes > _MOST_NODES or depth > _DEEPEST:
            raise TooComplexQuery(f"filter: at most {_MOST_NODES} parts, {_DEEPEST} deep")
        if isinstance(given, dict) and set(cast(Any, given)) == {"property"}:
            return self._compared(self._path(given), Operator.EQUAL, True, negated=negated)
        name, arguments = call(given)
        if name in ("and", "or"):
            terms = [self.node(one, negated=negated, depth=depth + 1) for one in arguments]
            return _joined(terms, every=(name == "and") is not negated)
        if name == "not":
            return self.node(only(arguments, name), negated=not negated, depth=depth + 1)
        if name in _PLACED:
            return self._placed(name, arguments, negated=negated)
        return self._leaf(name, arguments, negated=negated)

    def _leaf(self, name: str, arguments: Sequence[Any], *, negated: bool) -> Node:
        if name in _COMPARED:
            first, second = pair(arguments, name)
            operator = _COMPARED[name]
            if not is_property(first) and is_property(second):
                first, second, operator = second, first, _MIRRORED.get(operator, operator)
            inner, text = folded(first), folded(second)
            alike = operator in (Operator.EQUAL, Operator.UNEQUAL)
            if alike and inner is not None and text is not None:
                wanted = re.escape(str(text))
                return self._matches(inner, f"(?i)^{wanted}$", negated=negated is (operator is Operator.EQUAL))
            if alike and is_id(first):
                return Named(frozenset([str(second)]), negated is (operator is Operator.EQUAL))
            return self._compared(self._path(first), operator, value(second), negated=negated)
        if name == "between":
            found, low, high = three(arguments)
            return Between(self._path(found), value(low), value(high), negated=negated)
        if name == "in":
            found, values = pair(arguments, name)
            if not isinstance(values, list):
                raise BadRequestData("filter: in takes a list of values")
            if is_id(found):
                return Named(frozenset(map(str, cast(list[Any], values))), negated)
            return OneOf(self._path(found), tuple(value(one) for one in cast(list[Any], values)), negated=negated)
        if name == "like":
            found, text = pair(arguments, name)
            inner, pattern = folded(found), folded(text)
            how = "(?is)" if inner is not None else "(?s)"
            return self._matches(inner if inner is not None else found, how + like(pattern or text), negated=negated)
        if name == "isNull":
            return Exists(self._path(only(arguments, name)), negated=not negated)
        raise BadRequestData(f"filter: {name[:40]!r} is not understood here; there are {', '.join(OPERATORS)}")

    def _matches(self, found: Any, pattern: str, *, negated: bool) -> Matches:
        match.pattern(pattern)
        return Matches(self._path(found), pattern, negated=negated)

    def _compared(self, path: Path, operator: Operator, value: Any, *, negated: bool) -> Compare:
        return Compare(path, _OPPOSITE[operator] if negated else operator, value)

    def _path(self, given: Any) -> Path:
        if not is_property(given) or folded(given) is not None:
            raise BadRequestData("filter: a property is compared with a value; values or functions of two are not")
        name = str(given["property"])
        attribute = name.removesuffix(OBSERVED)
        if self._names and attribute not in self._names:
            raise BadRequestData(f"filter: no property {name[:60]!r}; there are {', '.join(sorted(self._names))}")
        return Path((attribute, "observedAt")) if attribute != name else Path((name,))

    def _placed(self, name: str, arguments: Sequence[Any], *, negated: bool) -> Place:
        first, second = pair(arguments, name)
        if not is_property(first) or folded(first) is not None:
            raise BadRequestData(f"filter: {name} takes a property and a geometry, in this order")
        attribute = "location" if first["property"] == "geometry" else str(first["property"])
        if self._names and attribute not in self._names:
            raise BadRequestData(f"filter: no property {attribute[:60]!r}; the place is 'geometry'")
        shape = systems.back(geometry(second), self._crs)
        problem = geometries.wrong(shape)
        if problem:
            raise BadRequestData(f"filter: {problem}")
        return Place(GeoFilter(relation=_PLACED[name], geometry=shape, property=attribute), negated)


def _joined(terms: Sequence[Node], *, every: bool) -> Node:
    """One of the store's own conditions where all terms are such; flat where it can be."""
    if not terms:
        raise BadRequestData("filter: 'and' and 'or' join expressions")
    if len(terms) == 1:
        return terms[0]
    flat: list[Node] = []
    for one in terms:
        flat += one.terms if isinstance(one, Joined) and one.every is every else (one,)
    conditions = [one for one in flat if not isinstance(one, Place | Named | Joined)]
    if len(conditions) == len(flat):
        return Every(tuple(conditions)) if every else Some(tuple(conditions))
    return Joined(tuple(flat), every)


def _test(node: Node) -> Test:
    if isinstance(node, Place):
        placed, wanted = geometries.test(node.geo), not node.negated
        return lambda entity: placed(entity) is wanted
    if isinstance(node, Named):
        ids, negated = node.ids, node.negated
        return lambda entity: (entity.id in ids) is not negated
    if isinstance(node, Joined):
        tests = [_test(one) for one in node.terms]
        return all_of(tests) if node.every else lambda entity: any(test(entity) for test in tests)
    return match.condition(node)


def all_of(tests: Sequence[Test]) -> Test:
    """A test that all of them hold."""
    return lambda entity: all(test(entity) for test in tests)
