"""The current state: rows to entities and back.

A row's body is JSON of what its columns do not have: ``{"c": created, "m": modified, "a": {name: [instance, ...]}}``,
"m" where it differs from "c". An instance leaves out the times that most have: createdAt where it is the entity's,
modifiedAt where it is its own createdAt. That halves a body. Where an instance has no such times of its own, or the
entity none, all are written as they are, and "w" says so.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import cast

import msgspec

from madang.errors import BadRequestData
from madang.model.entity import Attribute, Entity
from madang.store.sqlite.connection import Connection

COLUMNS = "id, types, body"
"""What `entity` takes, in its order."""

_set = msgspec.structs.force_setattr
_copy = cast(Callable[[Attribute], Attribute], getattr(Attribute, "__copy__"))  # noqa: B009 - not in its type

Instances = tuple[Attribute, ...]


class Body(msgspec.Struct, omit_defaults=True, gc=False):
    """What a row's body says."""

    created: datetime | None = msgspec.field(default=None, name="c")
    modified: datetime | None = msgspec.field(default=None, name="m")
    whole: bool = msgspec.field(default=False, name="w")
    scopes: tuple[str, ...] = msgspec.field(default=(), name="s")
    expires: datetime | None = msgspec.field(default=None, name="e")
    attributes: Mapping[str, Instances] = msgspec.field(default_factory=dict[str, Instances], name="a")


class Kept(msgspec.Struct, array_like=True, gc=False):
    """A row as `KEPT` tells it."""

    number: int
    id: str
    types: str
    plural: int
    expires: int | None
    past: int
    body: Body


KEPT = (
    "'[' || number || ',' || json_quote(id) || ',' || json_quote(types) || ',' || plural || ','"
    " || coalesce(expires, 'null') || ',' || past || ',' || body || ']'"
)
"""A row as a text of JSON: many rows become one, which costs one change of threads instead of many."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Body).decode
_decode_all = msgspec.json.Decoder(list[Kept]).decode


def entity(id: str, types: str, body: str) -> Entity:
    """The entity of a row."""
    return filled(id, types, _decode(body))


def kept(rows: str) -> list[Kept]:
    """Rows that were told as `KEPT`, joined by commas."""
    return _decode_all(f"[{rows}]")


def filled(id: str, types: str, body: Body) -> Entity:
    """The entity of a row that was decoded; the times that instances left out are put in."""
    created = body.created
    if not body.whole:
        for instances in body.attributes.values():
            fill(instances, created)
    return Entity(
        id=id,
        types=type_names(types),
        attributes=body.attributes,
        created_at=created,
        modified_at=body.modified if body.whole else body.modified or created,
        scopes=body.scopes,
        expires_at=body.expires,
    )


def fill(instances: Instances, created: datetime | None) -> None:
    """Put in the times that were left out of instances just decoded, which nobody else has yet."""
    for one in instances:
        if one.created_at is None:
            _set(one, "created_at", created)
        if one.modified_at is None:
            _set(one, "modified_at", one.created_at)


@lru_cache(maxsize=4096)
def type_names(types: str) -> tuple[str, ...]:
    """The types, of the column."""
    return tuple(types.split(" "))


def text(entity: Entity) -> str:
    """The row's body. Raises BadRequestData for a value that JSON cannot carry."""
    try:
        return _encode(_body(entity)).decode()
    except (TypeError, ValueError, OverflowError, RecursionError) as problem:
        raise BadRequestData(f"{entity.id} has a value that JSON cannot carry: {problem}") from None


def _body(entity: Entity) -> Body:
    created, modified = entity.created_at, entity.modified_at
    lean = None if created is None or modified is None else _lean(entity.attributes, created)
    whole, attributes = (True, entity.attributes) if lean is None else (False, lean)
    return Body(
        created=created,
        modified=None if modified == created and not whole else modified,
        whole=whole,
        scopes=entity.scopes,
        expires=entity.expires_at,
        attributes=attributes,
    )


def _lean(attributes: Mapping[str, Instances], created: datetime) -> dict[str, Instances] | None:
    """The attributes without the times that `fill` puts in; None where an instance has none of its own."""
    found: dict[str, Instances] = {}
    for name, instances in attributes.items():
        lean: list[Attribute] = []
        for one in instances:
            made, changed = one.created_at, one.modified_at
            if made is None or changed is None:
                return None
            left = _copy(one)
            if changed == made:
                _set(left, "modified_at", None)
            if made == created:
                _set(left, "created_at", None)
            lean.append(left)
        found[name] = tuple(lean)
    return found


def get(connection: Connection, id: str) -> Entity | None:
    """The entity with that id."""
    for types, body in connection.execute("SELECT types, body FROM entity WHERE id = ?", (id,)):
        return entity(id, types, body)
    return None


def read(connection: Connection, ids: Sequence[str]) -> dict[str, Entity]:
    """Those that exist."""
    found = ((id, get(connection, id)) for id in ids)
    return {id: one for id, one in found if one is not None}


def types(connection: Connection) -> dict[str, int]:
    """How many there are of each type, by name."""
    return dict(connection.execute("SELECT type, count(*) FROM kind GROUP BY type ORDER BY type"))
