"""The indexes of attributes' values (see indexes), as the writer keeps them: an entry for each entity that has the
attribute, with the value of its first instance, or `ASK` where only ``model/match`` can compare.

They are rows of one table, not indexes of SQLite's: so one is filled, and taken away, some thousand entities at a time
between other writes, and no write waits for longer. Where one
transaction stopped the next goes on, after a crash too.
"""

from collections.abc import Sequence
from enum import Enum, auto
from typing import Any

from madang.clock import monotonic_s
from madang.model.entity import Attribute, Entity, Kind
from madang.store.sqlite import many
from madang.store.sqlite.connection import Connection, value
from madang.store.sqlite.known import Known
from madang.store.sqlite.lean import instances

CHUNK, STEP_S = 1000, 0.015
"""Entities at once, some 5 ms; and how long a step goes on to the next so many."""

ASK = b"\0"
"""Stands for values that only ``model/match`` can compare. Sorts after all numbers and texts."""

LONGEST = 200
"""A longer text is not worth a place in an index."""

_DROPPED = -1
"""What `filled` says of an index that is on its way out."""


class State(Enum):
    """What a step leaves: more to do, an index that has all entities, or none."""

    OPEN = auto()
    FILLED = auto()
    GONE = auto()


_LARGEST = 1 << 63


def key(found: Sequence[Attribute]) -> int | float | str | bytes | None:
    """What the index holds of an attribute; None: nothing, for no comparison is ever true of it."""
    if not found:
        return None
    first = found[0]
    if len(found) > 1 or first.kind is not Kind.PROPERTY:
        return ASK
    match first.value:
        case bool() | None | dict():
            return None
        case int() as number if -_LARGEST <= number < _LARGEST:
            return number
        case float() as number:
            return number
        case str() as text if len(text) <= LONGEST and "\0" not in text:
            return text
        case _:
            return ASK


def keep(connection: Connection, known: Known, changed: Sequence[tuple[int, Entity | None, Entity | None]]) -> None:
    """Note what became of entities: their number, the entity before and after."""
    if known.indexed is None:
        sql = "SELECT attribute, number FROM indexed WHERE filled IS NULL OR filled >= 0"
        known.indexed = dict(connection.execute(sql))
    old: list[tuple[int, Any, int]] = []
    new: list[tuple[int, Any, int]] = []
    for name, index in known.indexed.items():
        for number, before, after in changed:
            was = before.attributes.get(name, ()) if before is not None else ()
            now = after.attributes.get(name, ()) if after is not None else ()
            if was is now:
                continue
            left, made = key(was), key(now)
            if left == made:
                continue
            if left is not None:
                old.append((index, left, number))
            if made is not None:
                new.append((index, made, number))
    for rows, bound in many.values(old):
        sql = f"WITH old AS (VALUES {rows}) DELETE FROM mark WHERE (attribute, value, entity) IN (SELECT * FROM old)"
        connection.execute(sql, bound)
    many.replace(connection, "mark (attribute, value, entity)", new)


def begin(connection: Connection, known: Known, name: str) -> int:
    """Have an index of that attribute from now on, still to be filled; its number."""
    known.indexed = None
    connection.execute("INSERT OR IGNORE INTO indexed (attribute, filled) VALUES (?, 0)", (name,))
    return value(connection, "SELECT number FROM indexed WHERE attribute = ?", (name,))


def drop(connection: Connection, known: Known, index: int) -> None:
    """The index is not kept up any more; `step` takes it away."""
    connection.execute("UPDATE indexed SET filled = ? WHERE number = ?", (_DROPPED, index))
    known.indexed = None


def step(connection: Connection, known: Known, index: int) -> State:
    """Take the next entities into the index, as many as there is time for; or out, where it was dropped."""
    begun, state = monotonic_s(), State.OPEN
    while state is State.OPEN:
        state = _next(connection, known, index)
        if monotonic_s() - begun >= STEP_S:
            break
    return state


def _next(connection: Connection, known: Known, index: int) -> State:
    rows = connection.execute("SELECT attribute, filled FROM indexed WHERE number = ?", (index,)).fetchall()
    if not rows:
        return State.GONE
    name, filled = rows[0]
    if filled is None:
        return State.FILLED
    return _clear(connection, index) if filled < 0 else _fill(connection, known, index, name, filled)


def _fill(connection: Connection, known: Known, index: int, name: str, filled: int) -> State:
    read = instances(name)
    sql = "SELECT number, body FROM entity WHERE number > ? ORDER BY number LIMIT ?"
    rows = connection.execute(sql, (filled, CHUNK)).fetchall()
    found = [(index, key(read(body)), number) for number, body in rows]
    made = [one for one in found if one[1] is not None]
    many.replace(connection, "mark (attribute, value, entity)", made)
    last = rows[-1][0] if len(rows) == CHUNK else None
    sql = "UPDATE indexed SET filled = ?, entries = entries + ? WHERE number = ?"
    connection.execute(sql, (last, len(made), index))
    known.indexed = None
    return State.FILLED if last is None else State.OPEN


def _clear(connection: Connection, index: int) -> State:
    sql = (
        "DELETE FROM mark WHERE (attribute, value, entity) IN"
        " (SELECT attribute, value, entity FROM mark WHERE attribute = ? LIMIT ?)"
    )
    connection.execute(sql, (index, CHUNK))
    if connection.changes() == CHUNK:
        return State.OPEN
    connection.execute("DELETE FROM indexed WHERE number = ?", (index,))
    return State.GONE
