"""The current state: rows to entities and back."""

from collections.abc import Sequence

import msgspec

from madang.errors import BadRequestData
from madang.model.entity import Entity
from madang.store.postgres.connection import Connection, indexed, sayable
from madang.store.postgres.tenant import Tenant

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Entity).decode


def entity(body: str) -> Entity:
    """The entity of a row."""
    return _decode(body)


def text(entity: Entity) -> str:
    """The row's body. Raises BadRequestData for what PostgreSQL cannot store: a value that JSON cannot carry, a name
    that its indexes cannot."""
    longest = max(entity.types, key=len)
    for type in entity.types:
        indexed(entity.id, type, what="the entity") if type is longest or not sayable(type) else None
    try:
        return _encode(entity).decode()
    except (TypeError, ValueError, OverflowError, RecursionError) as problem:
        raise BadRequestData(f"{entity.id} has a value that JSON cannot carry: {problem}") from None


async def read(connection: Connection, tenant: Tenant, ids: Sequence[str]) -> dict[str, str]:
    """The bodies of those that exist, by id."""
    rows = await connection.fetch(
        tenant.sql("SELECT id, body FROM @entity WHERE id = ANY($1::text[])"), [id for id in ids if sayable(id)]
    )
    return dict(rows)


async def types(connection: Connection, tenant: Tenant) -> dict[str, int]:
    """How many there are of each type, by name."""
    rows = await connection.fetch(tenant.sql("SELECT type, count(*) FROM @kind GROUP BY type ORDER BY type"))
    return dict(rows)
