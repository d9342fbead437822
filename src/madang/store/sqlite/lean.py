"""Entities with a few of their attributes only: what a query does not pick is skipped in the row, not read."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from madang.model.entity import Entity
from madang.model.query import EntityQuery
from madang.store.sqlite.entities import Instances, entity, fill, type_names

MOST = 8
"""So many names are worth a reader of their own."""

_NOT_ATTRIBUTES = frozenset({"id", "type", "scope", "createdAt", "modifiedAt", "deletedAt", "expiresAt"})

Read = Callable[[str, str, str], Entity]
"""Makes an entity of a row's id, types and body."""


def picked(query: EntityQuery) -> tuple[str, ...]:
    """The attributes that the query needs of a body; () where that is the whole of it."""
    names = tuple(dict.fromkeys(name for name in query.attributes or query.pick if name not in _NOT_ATTRIBUTES))
    plain = all('"' not in name and "\\" not in name and name.isprintable() for name in names)
    return names if query.lean and not query.order and plain and len(names) <= MOST else ()


def reader(query: EntityQuery) -> Read:
    """Reads a row as the query needs it."""
    names = picked(query)
    return some(names) if names else entity


@lru_cache(maxsize=64)
def instances(name: str) -> Callable[[str], Instances]:
    """Reads the instances of one attribute in a body, without the times that they leave out."""
    picked: Any = msgspec.defstruct("Picked", [("found", Instances, ())], rename={"found": name}, gc=False)
    whole: Any = msgspec.defstruct("Whole", [("a", picked, msgspec.field(default_factory=picked))], gc=False)
    decode: Callable[[str], Any] = msgspec.json.Decoder(whole).decode
    return lambda body: decode(body).a.found


@lru_cache(maxsize=256)
def some(names: tuple[str, ...]) -> Read:
    """Reads these attributes of a row and no others."""
    fields: list[Any] = [(f"a{n}", Instances, ()) for n in range(len(names))]
    rename = {f"a{n}": name for n, name in enumerate(names)}
    picked: Any = msgspec.defstruct("Picked", fields, rename=rename, gc=False)
    members: list[Any] = [
        ("a", picked, msgspec.field(default_factory=picked)),
        ("c", datetime | None, None),
        ("m", datetime | None, None),
        ("w", bool, False),
        ("s", tuple[str, ...], ()),
        ("e", datetime | None, None),
    ]
    lean: Any = msgspec.defstruct("Lean", members, gc=False)
    decode: Callable[[str], Any] = msgspec.json.Decoder(lean).decode
    values = msgspec.structs.astuple

    def read(id: str, types: str, body: str) -> Entity:
        found = decode(body)
        kept: dict[str, Instances] = {name: value for name, value in zip(names, values(found.a), strict=True) if value}
        if not found.w:
            for several in kept.values():
                fill(several, found.c)
        return Entity(
            id=id,
            types=type_names(types),
            attributes=kept,
            created_at=found.c,
            modified_at=found.m if found.w else found.m or found.c,
            scopes=found.s,
            expires_at=found.e,
        )

    return read
