"""The current state: rows to entities and back."""

from collections.abc import Sequence

import msgspec

from madang.errors import BadRequestData
from madang.model import geometry
from madang.model.change import Change, Edit
from madang.model.entity import Attribute, Entity
from madang.store.sqlite import history
from madang.store.sqlite.connection import Connection

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Entity).decode


def entity(body: str) -> Entity:
    """The entity of a row."""
    return _decode(body)


def text(entity: Entity) -> str:
    """The row's body. Raises BadRequestData for a value that JSON cannot carry."""
    try:
        return _encode(entity).decode()
    except (TypeError, ValueError, OverflowError, RecursionError) as problem:
        raise BadRequestData(f"{entity.id} has a value that JSON cannot carry: {problem}") from None


def get(connection: Connection, id: str) -> Entity | None:
    """The entity with that id."""
    for (body,) in connection.execute("SELECT body FROM entity WHERE id = ?", (id,)):
        return _decode(body)
    return None


def read(connection: Connection, ids: Sequence[str]) -> dict[str, Entity]:
    """Those that exist."""
    found = ((id, get(connection, id)) for id in ids)
    return {id: one for id, one in found if one is not None}


def types(connection: Connection) -> dict[str, int]:
    """How many there are of each type, by name."""
    return dict(connection.execute("SELECT type, count(*) FROM kind GROUP BY type ORDER BY type"))


def change(connection: Connection, known: history.Known, id: str, edit: Edit) -> Change | None:
    """Run the edit and store what it wants. All refusals come before anything is written."""
    row = next(connection.execute("SELECT number, body FROM entity WHERE id = ?", (id,)), None)
    before = _decode(row[1]) if row else None
    edited = edit(before)
    after = edited.entity
    some = after or before
    if some is None:
        return None
    body = text(after) if after is not None and after is not before else ""
    kept = history.rows(edited.samples)
    if kept:
        history.append(connection, known, id, some.types, kept)
    if after is before:
        return None
    if row is None or before is None:
        _insert(connection, some, body)
    elif after is None:
        _remove(connection, row[0], before)
    else:
        _update(connection, row[0], before, after, body)
    return Change(id, some.types, before, after, edited.changed)


def _insert(connection: Connection, after: Entity, body: str) -> None:
    connection.execute(
        "INSERT INTO entity (id, types, plural, body) VALUES (?, ?, ?, ?)",
        (after.id, " ".join(after.types), _plural(after), body),
    )
    number = connection.last_insert_rowid()
    _index(connection, number, after)
    _locate(connection, number, None, after)


def _update(connection: Connection, number: int, before: Entity, after: Entity, body: str) -> None:
    if before.types == after.types:
        connection.execute("UPDATE entity SET body = ?, plural = ? WHERE number = ?", (body, _plural(after), number))
    else:
        connection.execute(
            "UPDATE entity SET body = ?, plural = ?, types = ? WHERE number = ?",
            (body, _plural(after), " ".join(after.types), number),
        )
        _unindex(connection, before)
        _index(connection, number, after)
    _locate(connection, number, before, after)


def _remove(connection: Connection, number: int, before: Entity) -> None:
    _unindex(connection, before)
    connection.execute("DELETE FROM place WHERE number = ?", (number,))
    connection.execute("DELETE FROM entity WHERE number = ?", (number,))


def _index(connection: Connection, number: int, after: Entity) -> None:
    for type in dict.fromkeys(after.types):
        connection.execute("INSERT INTO kind (type, id, number) VALUES (?, ?, ?)", (type, after.id, number))


def _unindex(connection: Connection, before: Entity) -> None:
    for type in before.types:
        connection.execute("DELETE FROM kind WHERE type = ? AND id = ?", (type, before.id))


def _locate(connection: Connection, number: int, before: Entity | None, after: Entity) -> None:
    old = before.attributes.get("location", ()) if before else ()
    new = after.attributes.get("location", ())
    if old is new or _same(old, new):
        return
    box = _box(new)
    if box is None:
        connection.execute("DELETE FROM place WHERE number = ?", (number,))
    else:
        west, south, east, north = box
        connection.execute("INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?, ?)", (number, west, east, south, north))


def _same(old: tuple[Attribute, ...], new: tuple[Attribute, ...]) -> bool:
    return len(old) == len(new) and all(a.value == b.value for a, b in zip(old, new, strict=True))


def _box(instances: tuple[Attribute, ...]) -> geometry.Box | None:
    boxes = [box for box in (geometry.box(one.value) for one in instances) if box]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _plural(after: Entity) -> int:
    for instances in after.attributes.values():
        if len(instances) != 1:
            return 1
    return 0
