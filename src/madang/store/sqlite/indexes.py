"""Indexes of attributes' values, made on demand: an attribute that queries keep asking for gets one.

An index holds, for each entity that has the attribute, the value of its first instance as SQLite compares it; where
only ``model/match`` can compare (several instances, arrays, kinds other than Property) it holds `ASK` instead. So a
condition finds candidates, a few too many perhaps and never one too few, and the whole query decides on these.
"""

from collections.abc import Sequence
from typing import Any

from madang.model.query import Between, Compare, Condition, Every, OneOf, Operator
from madang.store.sqlite.connection import Connection
from madang.store.sqlite.where import SIGNS, Sql, Unsaid, attribute, kinds
from madang.store.sqlite.writer import NOTHING, Look, Writer

MOST = 16
"""Indexes of a file. Each costs every write the reading of one value, about 2 µs."""

ASKED = 2
"""So often an attribute is asked for without an index before it gets one."""

ASK = "x'00'"


class Indexes:
    """The indexes of one file. Used on the event loop alone."""

    def __init__(self, writer: Writer, look: Look) -> None:
        self._writer = writer
        found = look("SELECT name FROM sqlite_schema WHERE type = 'index' AND name GLOB 'q_*'", ())
        self._names = {bytes.fromhex(name[2:]).decode() for (name,) in found}
        self._asked: dict[str, int] = {}
        self._begun: set[str] = set()

    def candidates(self, where: Condition | None) -> Sql | None:
        """The numbers of the entities that may meet the condition, as a SELECT; None where no index says."""
        found = [(rank, one) for one in _terms(where) if (rank := _rank(one)) is not None]
        for _, term in sorted(found, key=lambda pair: pair[0]):
            if term.path.names[0] in self._names:
                return _candidates(term)
        return None

    def miss(self, where: Condition | None) -> str | None:
        """A query with that condition had to look at many entities: the attribute that is to get an index now."""
        for term in _terms(where):
            name = term.path.names[0]
            if _rank(term) is None or name in self._names | self._begun or len(self._names | self._begun) >= MOST:
                continue
            if len(self._asked) > 1000:
                self._asked.clear()
            self._asked[name] = self._asked.get(name, 0) + 1
            if self._asked[name] >= ASKED:
                del self._asked[name]
                self._begun.add(name)
                return name
        return None

    async def make(self, name: str) -> None:
        """Make the index of that attribute; writes wait meanwhile, about 2 s for a million entities. An attribute that
        no entity has gets none."""
        path = attribute_path(name)
        key = _key(path)
        sql = f'CREATE INDEX IF NOT EXISTS "q_{name.encode().hex()}" ON entity ({key}) WHERE {key} IS NOT NULL'

        def work(connection: Connection) -> tuple[bool, Any]:
            some = f"SELECT 1 FROM entity WHERE json_type(body, '{path}') IS NOT NULL LIMIT 1"
            there = bool(connection.execute(some).fetchall())
            if there:
                connection.execute(sql)
            return there, NOTHING

        try:
            if await self._writer.run(work):
                self._names.add(name)
        finally:
            self._begun.discard(name)


_Term = Compare | Between | OneOf


def attribute_path(name: str) -> str:
    """The JSON path of an attribute, as a text in SQL: an index needs it spelled out."""
    return '$.attributes."{}"'.format(name.replace("'", "''"))


def _terms(where: Condition | None) -> list[_Term]:
    every: Sequence[Condition] = where.terms if isinstance(where, Every) else (where,) if where is not None else ()
    return [term for term in every if isinstance(term, Compare | Between | OneOf) and not term.path.trail]


def _rank(term: _Term) -> int | None:
    """How much the term narrows, the least the most; None where an index does not help."""
    try:
        attribute(term.path)
        match term:
            case Compare(_, Operator.UNEQUAL, _):
                return None
            case Compare(_, operator, literal):
                kinds(literal)
                return 0 if operator is Operator.EQUAL else 3
            case Between(_, low, high, negated):
                return None if negated or kinds(low) != kinds(high) else 2
            case OneOf(_, values, negated):
                return None if negated or not all(kinds(one) for one in values) else 1
    except Unsaid:
        return None


def _candidates(term: _Term) -> Sql:
    key = _key(attribute_path(term.path.names[0]))
    ranges, values = _ranges(term)
    each = [f"SELECT number FROM entity WHERE {key} IS NOT NULL AND {range.format(key=key)}" for range in ranges]
    asked = f"SELECT number FROM entity WHERE {key} IS NOT NULL AND {key} = {ASK}"
    return Sql(" UNION ALL ".join([*each, asked]), tuple(values))


def _ranges(term: _Term) -> tuple[list[str], list[Any]]:
    """Ranges of the index, and what they are bound to. Numbers come before texts, and texts before `ASK`."""
    match term:
        case OneOf(_, values, _):
            distinct = list(dict.fromkeys(values))
            return ["{key} = ?"] * len(distinct), distinct
        case Between(_, low, high, _):
            return ["{key} >= ? AND {key} <= ?"], [low, high]
        case Compare(_, Operator.EQUAL, literal):
            return ["{key} = ?"], [literal]
        case Compare(_, operator, literal):
            # Of the literal's kind alone: numbers end before the first text, texts begin with it.
            kind = "{key} >= ''" if isinstance(literal, str) else "{key} < ''"
            if isinstance(literal, str) and operator in (Operator.GREATER, Operator.GREATER_EQUAL):
                kind = "{key} < x''"
            return [f"{{key}} {SIGNS[operator]} ? AND {kind}"], [literal]


def _key(path: str) -> str:
    """What the index holds of an attribute; the same text in the index and in the query."""
    value, kind = f"'{path}[0].value'", f"'{path}[0].kind'"
    return (
        f"CASE WHEN json_type(body, '{path}') IS NULL THEN NULL"
        f" WHEN plural OR json_type(body, {kind}) IS NOT NULL OR json_type(body, {value}) = 'array' THEN {ASK}"
        f" ELSE json_extract(body, {value}) END"
    )
