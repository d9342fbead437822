"""One tenant's schema: its name, its statements, and what the writer knows to be in its tables."""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol, TypeVar

from madang.store.postgres.connection import Connection

_MARK = re.compile(r"@(?=[a-z])")

KNOWN = 200_000
"""Series that the writer remembers the numbers of."""

FIRST_LOOK = 500
"""New entities after which the planner is shown what there is now; then whenever there are four times as many."""

STATEMENTS = 2000
"""Texts of statements that are remembered."""


class Known:
    """What the writer knows to be in the tables, so that it need not ask. Forgotten when a transaction is undone."""

    def __init__(self) -> None:
        self.series: dict[tuple[str, str, str], int] = {}
        self.forms: dict[str, int] = {}
        self.types: dict[str, tuple[str, ...]] = {}
        self.worded: set[str] = set()

    def forget(self) -> None:
        """Ask again."""
        self.series.clear()
        self.forms.clear()
        self.types.clear()
        self.worded.clear()

    def trim(self) -> None:
        """Ask again, where too much is remembered."""
        if max(len(self.series), len(self.forms), len(self.types)) > KNOWN:
            self.forget()


class Tenant:
    """`odd`: some entity has a NUL in a text; `worded`: names of attributes that ever were language maps or terms. Of
    these SQL alone does not decide what matches. `grown` entities are new since the start; with `due` of them the
    planner's figures are made anew."""

    def __init__(self, name: str, schema: str, *, odd: bool = False, worded: Iterable[str] = ()) -> None:
        self.name = name
        self.schema = schema
        self.odd = odd
        self.worded = frozenset(worded)
        self.known = Known()
        self.grown = 0
        self.due = FIRST_LOOK
        self._statements: dict[str, str] = {}

    def sql(self, text: str) -> str:
        """The statement with the names (``@entity``) in this tenant's schema."""
        found = self._statements.get(text)
        if found is None:
            if len(self._statements) > STATEMENTS:
                self._statements.clear()
            found = self._statements[text] = named(text, self.schema)
        return found


def named(text: str, schema: str) -> str:
    """The text with the names in the schema."""
    quoted = schema.replace('"', '""')
    return _MARK.sub(f'"{quoted}".', text)


T = TypeVar("T")


class Room(Protocol):
    """How the parts of a store reach the tables of its tenant."""

    @property
    def place(self) -> Tenant:
        """Where its tables are."""
        ...

    async def ask(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Read. Raises Unavailable."""
        ...

    async def do(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Write; durable when it returns. Raises what `work` refuses with, or Unavailable."""
        ...
