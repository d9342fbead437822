"""Entities with a few of their attributes only: what a query does not pick is skipped in the row, not read."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from madang.model.entity import Attribute, Entity
from madang.model.query import EntityQuery
from madang.store.sqlite.entities import entity

MOST = 8
"""So many names are worth a reader of their own."""

_NOT_ATTRIBUTES = frozenset({"id", "type", "scope", "createdAt", "modifiedAt", "deletedAt", "expiresAt"})


def picked(query: EntityQuery) -> tuple[str, ...]:
    """The attributes that the query needs of a body; () where that is the whole of it."""
    names = tuple(dict.fromkeys(name for name in query.attributes or query.pick if name not in _NOT_ATTRIBUTES))
    plain = all('"' not in name and "\\" not in name and name.isprintable() for name in names)
    return names if query.lean and not query.order and plain and len(names) <= MOST else ()


def reader(query: EntityQuery) -> Callable[[str], Entity]:
    """Reads a row's body as the query needs it."""
    names = picked(query)
    return _reader(names) if names else entity


@lru_cache(maxsize=256)
def _reader(names: tuple[str, ...]) -> Callable[[str], Entity]:
    fields: list[Any] = [(f"a{n}", tuple[Attribute, ...], ()) for n in range(len(names))]
    rename = {f"a{n}": name for n, name in enumerate(names)}
    picked: Any = msgspec.defstruct("Picked", fields, rename=rename, gc=False)
    members: list[Any] = [
        ("id", str),
        ("types", tuple[str, ...]),
        ("attributes", picked, msgspec.field(default_factory=picked)),
        ("created_at", datetime | None, None),
        ("modified_at", datetime | None, None),
        ("scopes", tuple[str, ...], ()),
        ("expires_at", datetime | None, None),
    ]
    lean: Any = msgspec.defstruct("Lean", members, gc=False)
    decode: Callable[[str], Any] = msgspec.json.Decoder(lean).decode
    values = msgspec.structs.astuple

    def read(body: str) -> Entity:
        found = decode(body)
        kept = {name: value for name, value in zip(names, values(found.attributes), strict=True) if value}
        return Entity(
            id=found.id,
            types=found.types,
            attributes=kept,
            created_at=found.created_at,
            modified_at=found.modified_at,
            scopes=found.scopes,
            expires_at=found.expires_at,
        )

    return read
