"""What there is, over all entities: the census of attributes, the walk through everything, what has expired."""

from collections import Counter
from datetime import datetime

from madang.model import time
from madang.model.entity import Entity, Kind
from madang.ports import Census, Types
from madang.store.postgres.connection import Connection
from madang.store.postgres.entities import entity
from madang.store.postgres.tenant import Tenant

# A property's kind is not written into the body: it is the default.
_CENSUS = """
SELECT e.types, a.key, coalesce(i.value ->> 'kind', 'Property'), count(DISTINCT e.id)
FROM (SELECT id, types, body FROM @entity WHERE NOT odd) e, json_each(e.body::json -> 'attributes') a,
    json_array_elements(a.value) i
GROUP BY 1, 2, 3
"""


async def census(connection: Connection, tenant: Tenant) -> list[Census]:
    """See `ports.Store.census`."""
    found: Counter[tuple[Types, str, Kind]] = Counter()
    for types, name, kind, count in await connection.fetch(tenant.sql(_CENSUS)):
        found[tuple(types), name, Kind(kind)] += count
    for (body,) in await connection.fetch(tenant.sql("SELECT body FROM @entity WHERE odd")) if tenant.odd else ():
        one = entity(body)
        for name, instances in one.attributes.items():
            found.update((one.types, name, kind) for kind in {each.kind for each in instances})
    return [Census(*key, count) for key, count in sorted(found.items())]


async def walk(connection: Connection, tenant: Tenant, after: str, limit: int) -> list[Entity]:
    """See `ports.Store.walk`."""
    sql = tenant.sql("SELECT body FROM @entity WHERE id > $1 ORDER BY id LIMIT $2")
    return [entity(body) for (body,) in await connection.fetch(sql, after, limit)]


async def expired(connection: Connection, tenant: Tenant, now: datetime, limit: int) -> list[str]:
    """See `ports.Store.expired`."""
    sql = tenant.sql("SELECT id FROM @entity WHERE expires <= $1 ORDER BY expires, id LIMIT $2")
    return [id for (id,) in await connection.fetch(sql, time.microseconds(now), limit)]
