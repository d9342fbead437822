"""Edits as changes of rows: what many edits want is read at once, worked out in order, and stored at once.

An edit sees what the edits before it in the transaction made. All refusals come before anything is written.
"""

from collections.abc import Sequence
from datetime import datetime

from madang.errors import MadangError
from madang.model import time
from madang.model.change import Change, Edit
from madang.model.entity import Attribute, Entity
from madang.store.sqlite import history, many, marks, places
from madang.store.sqlite.connection import Connection, value
from madang.store.sqlite.entities import KEPT, filled, kept, text
from madang.store.sqlite.known import Known

Outcomes = list[Change | MadangError | None]


class _Held:
    """An entity in a transaction: its row as it was read, the entity then and now; `past` whether it had a history."""

    __slots__ = ("body", "expires", "id", "now", "number", "past", "plural", "read", "rows", "types")

    def __init__(self, id: str) -> None:
        self.id = id
        self.number: int | None = None
        self.read: Entity | None = None
        self.now: Entity | None = None
        self.body = ""
        self.plural = 0
        self.past = 0
        self.expires: int | None = None
        self.rows: list[history.Row] = []
        self.types: tuple[str, ...] = ()

    def edit(self, edit: Edit) -> Change | MadangError | None:
        """Work out one edit."""
        before = self.now
        try:
            edited = edit(before)
            after = edited.entity
            some = after or before
            if some is None:
                return None
            body = text(after) if after is not None and after is not before else ""
            rows = history.rows(edited.samples) if edited.samples else ()
        except MadangError as refusal:
            return refusal
        self.rows.extend(rows)
        self.types = some.types
        if after is before:
            return None
        self.now, self.body = after, body
        return Change(self.id, some.types, before, after, edited.changed)


def change(connection: Connection, known: Known, groups: Sequence[Sequence[tuple[str, Edit]]]) -> list[Outcomes]:
    """Run the edits of all groups, in order, and store what they want; the outcomes of each group."""
    held = _read(connection, groups)
    outcomes: list[Outcomes] = [[held[id].edit(edit) for id, edit in group] for group in groups]
    stored = [one for one in held.values() if one.now is not one.read or one.rows]
    _number(connection, known, [one for one in stored if one.number is None])
    touched = [one for one in stored if one.now is not one.read]
    _insert(connection, [one for one in touched if one.read is None])
    _update(connection, [one for one in touched if one.read is not None and one.now is not None])
    _remove(connection, known, stored)
    _remembered(connection, [one for one in stored if one.rows and not one.past and one.now is one.read])
    marks.keep(connection, known, [(one.number or 0, one.read, one.now) for one in touched])
    history.append_all(connection, known, [(one.number or 0, one.rows) for one in stored if one.rows])
    return outcomes


def _read(connection: Connection, groups: Sequence[Sequence[tuple[str, Edit]]]) -> dict[str, _Held]:
    held = {id: _Held(id) for group in groups for id, _ in group}
    for (rows,) in many.among(connection, f"SELECT group_concat({KEPT}) FROM entity WHERE id IN", list(held)):
        for row in kept(rows) if rows is not None else ():
            one = held[row.id]
            one.number, one.plural, one.expires, one.past = row.number, row.plural, row.expires, row.past
            one.read = one.now = filled(row.id, row.types, row.body)
    return held


def _number(connection: Connection, known: Known, new: Sequence[_Held]) -> None:
    """Give numbers to entities without one; those that were here before get theirs again, with their past."""
    if not new:
        return
    if known.number < 0:
        known.number = value(connection, "SELECT coalesce(max(number), 0) FROM entity")
        known.gone = value(connection, "SELECT coalesce(max(number), 0) FROM gone")
        known.number = max(known.number, known.gone)
    back: dict[str, int] = {}
    if known.gone:
        back = dict(many.among(connection, "SELECT id, number FROM gone WHERE id IN", [one.id for one in new]))
    for one in new:
        number = back.get(one.id)
        if number is None:
            known.number += 1
            one.number = known.number
            continue
        one.number, one.past = number, 1
        if one.now is not None or one.rows:
            history.come_back(connection, number)


def _insert(connection: Connection, new: Sequence[_Held]) -> None:
    rows: list[tuple[int | None, str, str, int, int | None, int, str]] = []
    kinds: list[tuple[str, str, int]] = []
    for one in new:
        if one.now is None:
            continue
        plural, expires = _aspects(one.now)
        past = int(bool(one.past or one.rows))
        rows.append((one.number, one.id, " ".join(one.now.types), plural, expires, past, one.body))
        kinds += _kinds(one.now, one.number or 0)
    many.insert(connection, "INSERT INTO entity (number, id, types, plural, expires, past, body)", rows)
    many.insert(connection, "INSERT INTO kind (type, id, number)", kinds)
    places.keep(connection, [(one.number or 0, None, one.now) for one in new if one.now is not None])


def _update(connection: Connection, changed: Sequence[_Held]) -> None:
    bodies: list[tuple[int | None, str]] = []
    moved: list[tuple[int, Entity | None, Entity]] = []
    for one in changed:
        after, before, number = one.now, one.read, one.number
        if after is None or before is None or number is None:
            continue
        plural, expires = _aspects(after)
        past = int(bool(one.past or one.rows))
        if (plural, expires, past) != (one.plural, one.expires, one.past) or after.types != before.types:
            connection.execute(
                "UPDATE entity SET types = ?, plural = ?, expires = ?, past = ? WHERE number = ?",
                (" ".join(after.types), plural, expires, past, number),
            )
        if after.types != before.types:
            _unkind(connection, before)
            many.insert(connection, "INSERT INTO kind (type, id, number)", _kinds(after, number))
        bodies.append((number, one.body))
        if after.attributes.get("location") is not before.attributes.get("location"):
            moved.append((number, before, after))
    for rows, bound in many.values(bodies):
        connection.execute(
            f"WITH new (number, body) AS (VALUES {rows})"
            " UPDATE entity SET body = new.body FROM new WHERE entity.number = new.number",
            bound,
        )
    places.keep(connection, moved)


def _remove(connection: Connection, known: Known, stored: Sequence[_Held]) -> None:
    for one in stored:
        if one.now is not None:
            continue
        if one.read is not None:
            _unkind(connection, one.read)
            places.drop(connection, one.number)
            connection.execute("DELETE FROM entity WHERE number = ?", (one.number,))
        if one.past or one.rows:
            known.gone = max(known.gone, one.number or 0)
            history.go(connection, one.number or 0, one.id, one.types)


def _remembered(connection: Connection, new: Sequence[_Held]) -> None:
    """These have a past from now on, and stay as they are."""
    for one in new:
        connection.execute("UPDATE entity SET past = 1 WHERE number = ?", (one.number,))


def _kinds(one: Entity, number: int) -> list[tuple[str, str, int]]:
    return [(type, one.id, number) for type in dict.fromkeys(one.types)]


def _unkind(connection: Connection, before: Entity) -> None:
    for type in before.types:
        connection.execute("DELETE FROM kind WHERE type = ? AND id = ?", (type, before.id))


def _aspects(after: Entity) -> tuple[int, int | None]:
    """Whether an attribute has several instances, and when the first thing of the entity expires."""
    plural, first = 0, after.expires_at
    for instances in after.attributes.values():
        if len(instances) != 1:
            plural = 1
        for one in instances:
            if one.expires_at is not None:
                first = _sooner(first, one)
    return plural, None if first is None else time.microseconds(first)


def _sooner(first: datetime | None, one: Attribute) -> datetime | None:
    return one.expires_at if first is None or (one.expires_at is not None and one.expires_at < first) else first
