"""The current state: rows to entities and back."""

from collections.abc import Sequence

import msgspec

from madang.errors import BadRequestData
from madang.model.entity import Entity
from madang.store.sqlite.connection import Connection

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Entity).decode
_decode_all = msgspec.json.Decoder(list[Entity]).decode


def entity(body: str) -> Entity:
    """The entity of a row."""
    return _decode(body)


def entities(bodies: str) -> list[Entity]:
    """The entities of many rows, their bodies joined by commas."""
    return _decode_all(f"[{bodies}]")


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
