"""The idPatterns of many subscriptions at once: which of them are found in an entity's id.

All patterns run as one automaton (RE2's set), so that an id costs about the same with ten patterns and with ten
thousand; and what was found out of an id is remembered, since the same entities change again and again. New patterns
are tried one by one until there are enough of them to build the automaton anew: so it is built seldom.
"""

import math
from collections.abc import Callable
from typing import Any, Final, cast

import re2  # pyright: ignore[reportMissingTypeStubs]

from madang.model import match

REMEMBERED: Final = 20_000
"""Ids whose patterns are remembered."""
_FEW: Final = 16
_MEMORY: Final = 64 << 20
"""Bytes that the automaton may take; beyond, the patterns run one by one."""

_Test = Callable[[str], bool]


class Patterns:
    """Patterns that come and go. Not for several threads at once."""

    def __init__(self) -> None:
        self._users: dict[str, int] = {}
        self._young: dict[str, _Test] = {}
        self._built: tuple[str, ...] = ()
        self._set: Any = None
        self._known: dict[str, tuple[str, ...]] = {}
        # So many patterns were too many for an automaton.
        self._too_many = math.inf

    def add(self, pattern: str) -> None:
        """One more user of the pattern."""
        users = self._users.get(pattern, 0)
        self._users[pattern] = users + 1
        if not users:
            self._young[pattern] = match.pattern(pattern)
            self._known.clear()

    def discard(self, pattern: str) -> None:
        """One user less."""
        self._users[pattern] -= 1
        if not self._users[pattern]:
            del self._users[pattern]
            self._young.pop(pattern, None)
            self._known.clear()

    def found_in(self, id: str) -> tuple[str, ...]:
        """Those of the patterns that are found in the id."""
        if not self._users:
            return ()
        known = self._known.get(id)
        if known is None:
            if len(self._young) > max(_FEW, len(self._built) // 8) and len(self._users) < self._too_many:
                self._build()
            known = (*self._of_built(id), *(one for one, test in self._young.items() if test(id)))
            if len(self._known) >= REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[id] = known
        return known

    def _build(self) -> None:
        engine = cast(Any, re2)
        options = engine.Options()
        options.max_mem = _MEMORY
        options.log_errors = False
        self._built, self._young = tuple(self._users), {}
        self._set = engine.Set.SearchSet(options)
        try:
            for pattern in self._built:
                self._set.Add(pattern)
            # Found in everything: where it is not, the automaton ran out of memory, and its silence says nothing.
            self._set.Add("")
            self._set.Compile()
        except engine.error:
            self._give_up()

    def _of_built(self, id: str) -> list[str]:
        if self._set is None:
            return []
        found: list[int] = self._set.Match(id)
        last = len(self._built)
        if last not in found:
            self._give_up()
            return []
        # One that nobody uses any more stays in the automaton until it is built anew.
        names = (self._built[place] for place in found if place != last)
        return [one for one in names if one in self._users and one not in self._young]

    def _give_up(self) -> None:
        """One by one, until there are fewer."""
        self._too_many = len(self._users)
        self._young = {one: match.pattern(one) for one in self._users}
        self._built, self._set = (), None
