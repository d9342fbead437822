"""Which entities have a past, and what of it is to go: by entity, or by how old it is."""

from collections.abc import Container, Sequence
from datetime import datetime

from madang.model import time
from madang.model.match import of_types
from madang.model.query import AnyOfAll
from madang.ports import Types
from madang.store.postgres.connection import Connection, sayable
from madang.store.postgres.tenant import Tenant

STEP = 500
"""Entities whose past is looked through in one transaction, so that no write waits for the others."""


async def pasts(
    connection: Connection, tenant: Tenant, types: AnyOfAll, *, after: str, limit: int
) -> list[tuple[str, Types]]:
    """See `ports.Store.pasts`."""
    leading = sorted({every[0] for every in types if all(map(sayable, every))})
    if types and not leading:
        return []
    found: list[tuple[str, Types]] = []
    while wanted := limit - len(found):
        if leading:
            rows = await connection.fetch(
                tenant.sql(
                    "SELECT entity, types FROM @past WHERE entity IN (SELECT DISTINCT entity FROM @kindred"
                    " WHERE type = ANY($1::text[]) AND entity > $2 ORDER BY entity LIMIT $3) ORDER BY entity"
                ),
                leading,
                after,
                wanted,
            )
        else:
            sql = tenant.sql("SELECT entity, types FROM @past WHERE entity > $1 ORDER BY entity LIMIT $2")
            rows = await connection.fetch(sql, after, wanted)
        page = [(id, tuple(has)) for id, has in rows]
        found += [(id, has) for id, has in page if not types or of_types(has, types)]
        if len(page) < wanted:
            break
        after = page[-1][0]
    return found


async def forget(
    connection: Connection, tenant: Tenant, ids: Sequence[str], *, names: Container[str], before: datetime
) -> int:
    """Delete these entities' samples of these attributes from before that time; how many."""
    sql = tenant.sql("SELECT number, attribute FROM @series WHERE entity = ANY($1::text[])")
    numbers = [number for number, name in await connection.fetch(sql, ids) if name in names]
    gone = await connection.execute(
        tenant.sql("DELETE FROM @sample WHERE series = ANY($1::integer[]) AND at < $2"),
        numbers,
        time.microseconds(before),
    )
    return int(gone.split()[-1])


async def erase(
    connection: Connection, tenant: Tenant, id: str, name: str | None, *, dataset: str | None, every: bool
) -> bool:
    """See `ports.Store.erase`."""
    tenant.known.forget()
    found = await connection.fetch(
        tenant.sql(
            "DELETE FROM @series WHERE entity = $1 AND ($2::text IS NULL OR attribute = $2)"
            " AND ($3::text IS NULL OR dataset = $3) RETURNING number"
        ),
        id,
        name,
        None if every or name is None else dataset or "",
    )
    numbers = [number for (number,) in found]
    await connection.execute(tenant.sql("DELETE FROM @sample WHERE series = ANY($1::integer[])"), numbers)
    if name is not None:
        return bool(numbers)
    await connection.execute(tenant.sql("DELETE FROM @kindred WHERE entity = $1"), id)
    return await connection.execute(tenant.sql("DELETE FROM @past WHERE entity = $1"), id) != "DELETE 0"
