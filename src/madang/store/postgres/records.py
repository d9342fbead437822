"""The port `Records` in a tenant's schema."""

from typing import Any

from madang.errors import AlreadyExists
from madang.model.record import Record, RecordKind
from madang.store.postgres.connection import Connection, indexed, sayable
from madang.store.postgres.tenant import Room, Tenant


class PostgresRecords:
    """Records by kind and id."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def put(self, record: Record, *, new: bool = False) -> None:
        await self._room.do(lambda connection: put(connection, self._room.place, record, new=new))

    async def get(self, kind: RecordKind, id: str) -> Record | None:
        found = await self._fetch("SELECT id, body FROM @record WHERE kind = $1 AND id = $2", kind, id)
        return found[0] if found else None

    async def all(self, kind: RecordKind) -> list[Record]:
        return await self._fetch("SELECT id, body FROM @record WHERE kind = $1 ORDER BY id", kind)

    async def remove(self, kind: RecordKind, id: str) -> bool:
        return await self._room.do(lambda connection: remove(connection, self._room.place, kind, id))

    async def _fetch(self, sql: str, kind: RecordKind, *ids: str) -> list[Record]:
        if not all(map(sayable, ids)):
            return []

        async def look(connection: Connection) -> list[Any]:
            return await connection.fetch(self._sql(sql), kind.value, *ids)

        return [Record(kind, id, body) for id, body in await self._room.ask(look)]

    def _sql(self, text: str) -> str:
        return self._room.place.sql(text)


async def put(connection: Connection, tenant: Tenant, record: Record, *, new: bool) -> None:
    """Keep the record, inside a transaction. Raises AlreadyExists where `new` and there is one."""
    indexed(record.id, record.kind.value, what=f"the {record.kind}")
    conflict = "DO NOTHING" if new else "(kind, id) DO UPDATE SET body = excluded.body"
    sql = tenant.sql(f"INSERT INTO @record (kind, id, body) VALUES ($1, $2, $3) ON CONFLICT {conflict}")
    if await connection.execute(sql, record.kind.value, record.id, record.body) == "INSERT 0 0":
        raise AlreadyExists(f"the {record.kind} '{record.id}' exists already")


async def remove(connection: Connection, tenant: Tenant, kind: RecordKind, id: str) -> bool:
    """The record is gone, inside a transaction; whether there was one."""
    sql = tenant.sql("DELETE FROM @record WHERE kind = $1 AND id = $2")
    return sayable(id) and await connection.execute(sql, kind.value, id) != "DELETE 0"
