"""Which subscriptions a change may concern: found by its types, its id, the attributes that changed and what these
are compared with, so that a write costs what the subscriptions that it may concern cost, however many there are.

It names a few too many perhaps, never one too few; `Watch` decides. Subscriptions come and go on the event loop,
while changes are matched in a thread of the store: what is new waits until that thread comes by.
"""

from collections.abc import Sequence
from threading import Lock
from typing import Any, Final, cast

from madang.hub.compared import Compared, Found, take_from
from madang.hub.grid import Grid
from madang.hub.patterns import Patterns
from madang.hub.watch import Watch
from madang.model.change import Change
from madang.model.entity import Attribute, Kind
from madang.model.geometry import Box, box
from madang.model.query import Operator

MOST_PLACES: Final = 200
"""A subscription is found by its names and attributes in so many ways at most; else by its names alone."""


class Candidates:
    """The active subscriptions of a tenant."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._news: dict[str, Watch | None] = {}
        self._watches: dict[str, Watch] = {}
        self._by_name: dict[str | None, dict[str | None, _Leaf]] = {}
        self._patterns = Patterns()
        self._forms, self._concerns, self._conditions = _Numbers(), _Numbers(), _Numbers()

    def put(self, watch: Watch) -> None:
        """There is this one now, instead of the one with its id."""
        self._news[watch.id] = watch

    def remove(self, id: str) -> None:
        """There is none with that id any more."""
        self._news[id] = None

    def of(self, change: Change) -> Sequence[Watch]:
        """Those that the change may concern, in no particular order."""
        with self._lock:
            if self._news:
                self._settle()
            if not self._watches:
                return ()
            return self._look(_Facts(change, self._patterns))

    def _look(self, facts: "_Facts") -> Sequence[Watch]:
        change, found = facts.change, dict[str, Watch]()
        whole = change.before is None or change.entity is None
        entity = change.entity or change.before
        names = entity.attributes if whole and entity is not None else change.changed
        for name in (None, change.id, *change.types):
            leaves = self._by_name.get(name)
            if leaves is None:
                continue
            for attribute in (None, *names):
                leaf = leaves.get(attribute)
                if leaf is not None:
                    leaf.collect(facts, found)
        return list(found.values())

    def _settle(self) -> None:
        while self._news:
            id, watch = self._news.popitem()
            old = self._watches.pop(id, None)
            if old is not None:
                self._drop(old)
            if watch is not None:
                self._watches[id] = watch
                self._add(watch)

    def _add(self, watch: Watch) -> None:
        watch.form_number = self._forms.take(watch.form)
        watch.concern_number = self._concerns.take(watch.concern)
        watch.conditions_number = self._conditions.take(watch.conditions)
        for pattern in watch.patterns:
            self._patterns.add(pattern)
        for name, attribute in _places(watch):
            self._by_name.setdefault(name, {}).setdefault(attribute, _Leaf()).put(watch)

    def _drop(self, watch: Watch) -> None:
        self._forms.give(watch.form)
        self._concerns.give(watch.concern)
        self._conditions.give(watch.conditions)
        for pattern in watch.patterns:
            self._patterns.discard(pattern)
        for name, attribute in _places(watch):
            leaves = self._by_name[name]
            leaves[attribute].remove(watch)
            if leaves[attribute].empty:
                del leaves[attribute]
                if not leaves:
                    del self._by_name[name]


def _places(watch: Watch) -> list[tuple[str | None, str | None]]:
    names: Sequence[str | None] = tuple(dict.fromkeys(watch.names)) if watch.names is not None else (None,)
    attributes: Sequence[str | None] = tuple(watch.watched) or (None,)
    if len(names) * len(attributes) > MOST_PLACES:
        attributes = (None,)
    return [(name, attribute) for name in names for attribute in attributes]


class _Facts:
    """What is found out about one change, once."""

    __slots__ = ("_patterns", "_values", "change")

    def __init__(self, change: Change, patterns: Patterns) -> None:
        self.change = change
        self._patterns = patterns
        self._values: dict[str, frozenset[Any] | None] = {}

    def patterns(self) -> Sequence[str]:
        """The patterns that are found in the entity's id."""
        return self._patterns.found_in(self.change.id)

    def values(self, name: str) -> frozenset[Any] | None:
        """The plain values of the attribute; None where one of its instances has another kind of value."""
        if name not in self._values:
            entity = self.change.entity or self.change.before
            self._values[name] = _plain(entity.attributes.get(name, ())) if entity is not None else None
        return self._values[name]

    def boxes(self, name: str) -> Sequence[Box]:
        """Where the instances of a GeoProperty are."""
        entity = self.change.entity or self.change.before
        found = (box(one.value) for one in entity.attributes.get(name, ())) if entity is not None else ()
        return [one for one in found if one is not None]


class _Leaf:
    """Subscriptions found by the same name and attribute, by what else tells most changes from them at once."""

    __slots__ = ("_compared", "_free", "_patterned", "_placed")

    def __init__(self) -> None:
        self._free: Found = {}
        self._patterned: dict[str, Found] = {}
        self._placed: dict[str, Grid] = {}
        self._compared: dict[str, Compared] = {}

    @property
    def empty(self) -> bool:
        """Nobody is left."""
        return not (self._free or self._patterned or self._placed or self._compared)

    def put(self, watch: Watch) -> None:
        place, clue = _place(watch), watch.clue
        if watch.patterns:
            for pattern in watch.patterns:
                self._patterned.setdefault(pattern, {})[watch.id] = watch
        elif place is not None:
            self._placed.setdefault(place[0], Grid()).put(place[1], watch)
        elif clue is not None:
            self._compared.setdefault(clue.name, Compared()).put(clue, watch)
        else:
            self._free[watch.id] = watch

    def remove(self, watch: Watch) -> None:
        place, clue = _place(watch), watch.clue
        if watch.patterns:
            for pattern in watch.patterns:
                take_from(self._patterned, pattern, watch.id)
        elif place is not None:
            self._placed[place[0]].remove(place[1], watch)
            if not self._placed[place[0]]:
                del self._placed[place[0]]
        elif clue is not None:
            self._compared[clue.name].remove(clue, watch)
            if self._compared[clue.name].empty:
                del self._compared[clue.name]
        else:
            del self._free[watch.id]

    def collect(self, facts: _Facts, found: Found) -> None:
        """Add those that the change may concern."""
        found.update(self._free)
        if self._patterned:
            for pattern in facts.patterns():
                found.update(self._patterned.get(pattern, ()))
        for name, grid in self._placed.items():
            for where in facts.boxes(name):
                grid.collect(where, found)
        for name, compared in self._compared.items():
            compared.collect(facts.values(name), found)


def _place(watch: Watch) -> tuple[str, Box] | None:
    """The GeoProperty and the box that it has to touch; None where an equality tells more, or no box anything."""
    if watch.box is None or watch.query.geo is None or (watch.clue and watch.clue.operator is Operator.EQUAL):
        return None
    return watch.query.geo.property, watch.box


class _Numbers:
    """A number for each different thing that is in use."""

    def __init__(self) -> None:
        self._next = 0
        self._taken: dict[Any, list[int]] = {}

    def take(self, thing: Any) -> int:
        """The number of the thing, which has one more user."""
        entry = self._taken.get(thing)
        if entry is None:
            entry = self._taken[thing] = [self._next, 0]
            self._next += 1
        entry[1] += 1
        return entry[0]

    def give(self, thing: Any) -> None:
        """It has one user less."""
        entry = self._taken[thing]
        entry[1] -= 1
        if not entry[1]:
            del self._taken[thing]


def _plain(instances: Sequence[Attribute]) -> frozenset[Any] | None:
    found: list[Any] = []
    for one in instances:
        if one.kind not in (Kind.PROPERTY, Kind.RELATIONSHIP):
            return None
        value: Any = one.value
        found += cast(list[Any], value) if isinstance(value, list | tuple) else [value]
    try:
        return frozenset(found)
    except TypeError:
        return None
