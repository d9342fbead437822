"""Indexes of attributes' values, made on demand: an attribute that queries keep asking for gets one.

A condition finds candidates in it, a few too many perhaps and never one too few, and the whole query decides on these.
``marks`` is how the writer keeps them; this is which there are, chosen on the event loop. There are so many at most:
what is asked for more takes the place of what is asked for least. They are made and taken away one after another, in
steps between other writes; what a crash breaks off goes on with the next query that has to look at many entities.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, TypeVar

from madang.model.query import Between, Compare, Condition, Every, OneOf, Operator
from madang.store.sqlite import marks
from madang.store.sqlite.connection import Connection
from madang.store.sqlite.marks import ASK
from madang.store.sqlite.where import SIGNS, Sql, Unsaid, attribute, kinds
from madang.store.sqlite.writer import NOTHING, Look, Writer

T = TypeVar("T")

MOST: Final = 16
"""Indexes of a file."""

ENTRIES, FEW = 4, 100_000
"""So many entries for each entity at most in all indexes together, of some 20 bytes each; few entries do not count."""

ASKED: Final = 2
"""So often an attribute is asked for without an index before it gets one."""

WINDOW: Final = 1000
"""After so many questions those before count half."""

PAUSE_S: Final = 0.01
"""What is left to other writes alone between two steps."""


class Found(NamedTuple):
    """Numbers of entities that may meet a condition, as a SELECT; and the attribute whose index names them."""

    sql: Sql
    name: str


class Indexes:
    """The indexes of one file. Used on the event loop; their steps run in the writer."""

    def __init__(self, writer: Writer, look: Look) -> None:
        self._writer = writer
        self._look = look
        rows = look("SELECT attribute, number, filled FROM indexed", ())
        self._ready = {name: number for name, number, filled in rows if filled is None}
        self._open = {name: number for name, number, filled in rows if filled is not None}
        self._asked: Counter[str] = Counter()
        self._questions = 0
        self._readers: Counter[str] = Counter()
        self._left = asyncio.Event()
        self._wanted: str | None = None
        self._working = False

    def candidates(self, where: Condition | None) -> Found | None:
        """The entities that may meet the condition; None where no index says."""
        found = [(rank, one) for one in _terms(where) if (rank := _rank(one)) is not None]
        for _, term in sorted(found, key=lambda pair: pair[0]):
            name = term.path.names[0]
            if name in self._ready:
                self._count(name)
                return Found(_candidates(term, self._ready[name]), name)
        return None

    @contextmanager
    def reading(self, name: str | None) -> Generator[None]:
        """The index of that attribute stays as long as its candidates are looked at."""
        if name is None:
            yield
            return
        self._readers[name] += 1
        try:
            yield
        finally:
            self._readers[name] -= 1
            self._left.set()

    def miss(self, where: Condition | None) -> bool:
        """A query with that condition had to look at many entities. Whether there is `work` to do now, which only the
        first one hears that asks."""
        for term in _terms(where):
            name = term.path.names[0]
            if _rank(term) is not None and name not in self._ready:
                self._count(name)
                if self._wanted is None and self._asked[name] >= ASKED and self._deserves(name):
                    self._wanted = name
        if self._working or (self._wanted is None and not self._open):
            return False
        self._working = True
        return True

    async def work(self) -> None:
        """Finish what was broken off; then make the index that is wanted, and room for it. Raises Unavailable."""
        try:
            for name, number in list(self._open.items()):
                await self._finish(name, number)
            while self._wanted is not None and self._full():
                await self.drop(min(self._ready, key=lambda name: self._asked[name]))
            if self._wanted is not None and self._wanted not in self._ready:
                await self.make(self._wanted)
        finally:
            self._wanted, self._working = None, False

    async def make(self, name: str) -> None:
        """Have an index of that attribute."""
        number = self._open[name] = await self._run(lambda one: marks.begin(one, self._writer.known, name))
        await self._finish(name, number)

    async def drop(self, name: str) -> None:
        """Have the index no longer; who looks at its candidates is waited for."""
        number = self._open[name] = self._ready.pop(name)
        while self._readers[name]:
            self._left.clear()
            await self._left.wait()
        await self._run(lambda one: marks.drop(one, self._writer.known, number))
        await self._finish(name, number)

    async def _finish(self, name: str, number: int) -> None:
        state = marks.State.OPEN
        while state is marks.State.OPEN:
            state = await self._run(lambda one: marks.step(one, self._writer.known, number))
            await asyncio.sleep(PAUSE_S)
        del self._open[name]
        if state is marks.State.FILLED:
            self._ready[name] = number

    async def _run(self, work: Callable[[Connection], T]) -> T:
        return await self._writer.run(lambda connection: (work(connection), NOTHING))

    def _count(self, name: str) -> None:
        self._asked[name] += 1
        self._questions += 1
        if self._questions % WINDOW == 0:
            self._asked = Counter({name: count // 2 for name, count in self._asked.items() if count > 1})

    def _deserves(self, name: str) -> bool:
        """There is room for its index, or it is asked for much more than another one."""
        least = min((self._asked[other] for other in self._ready), default=0)
        return self._asked[name] > 2 * least + ASKED or not self._full()

    def _full(self) -> bool:
        """There is room for no further index."""
        ((entries, entities),) = self._look(
            "SELECT (SELECT total(entries) FROM indexed), (SELECT coalesce(max(number), 0) FROM entity)", ()
        )
        large = entries + entities > max(FEW, ENTRIES * entities)
        return bool(self._ready) and (len(self._ready) >= MOST or large)


_Term = Compare | Between | OneOf


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


def _candidates(term: _Term, index: int) -> Sql:
    ranges, values = _ranges(term)
    each = [f"SELECT entity AS number FROM mark WHERE attribute = ? AND {range}" for range in ranges]
    asked = "SELECT entity FROM mark WHERE attribute = ? AND value = ?"
    bound = [bit for some in values for bit in (index, *some)]
    return Sql(" UNION ALL ".join([*each, asked]), (*bound, index, ASK))


def _ranges(term: _Term) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Ranges of the index, and what each is bound to. Numbers come before texts, and texts before `ASK`."""
    match term:
        case OneOf(_, values, _):
            distinct = list(dict.fromkeys(values))
            return ["value = ?"] * len(distinct), [(one,) for one in distinct]
        case Between(_, low, high, _):
            return ["value >= ? AND value <= ?"], [(low, high)]
        case Compare(_, Operator.EQUAL, literal):
            return ["value = ?"], [(literal,)]
        case Compare(_, operator, literal):
            # Of the literal's kind alone: numbers end before the first text, texts begin with it.
            kind = "value >= ''" if isinstance(literal, str) else "value < ''"
            if isinstance(literal, str) and operator in (Operator.GREATER, Operator.GREATER_EQUAL):
                kind = "value < x''"
            return [f"value {SIGNS[operator]} ? AND {kind}"], [(literal,)]
