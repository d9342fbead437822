"""The port `Records` in a tenant's schema."""

from typing import Any

from madang.errors import AlreadyExists
from madang.model.record import Record, RecordKind
from madang.store.postgres.connection import Connection, indexed, sayable
from madang.store.postgres.tenant import Room


class PostgresRecords:
    """Records by kind and id."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def put(self, record: Record, *, new: bool = False) -> None:
        indexed(record.id, record.kind.value, what=f"the {record.kind}")
        conflict = "DO NOTHING" if new else "(kind, id) DO UPDATE SET body = excluded.body"
        sql = f"INSERT INTO @record (kind, id, body) VALUES ($1, $2, $3) ON CONFLICT {conflict}"

        async def work(connection: Connection) -> None:
            done = await connection.execute(self._sql(sql), record.kind.value, record.id, record.body)
            if done == "INSERT 0 0":
                raise AlreadyExists(f"the {record.kind} '{record.id}' exists already")

        await self._room.do(work)

    async def get(self, kind: RecordKind, id: str) -> Record | None:
        found = await self._fetch("SELECT id, body FROM @record WHERE kind = $1 AND id = $2", kind, id)
        return found[0] if found else None

    async def all(self, kind: RecordKind) -> list[Record]:
        return await self._fetch("SELECT id, body FROM @record WHERE kind = $1 ORDER BY id", kind)

    async def remove(self, kind: RecordKind, id: str) -> bool:
        async def work(connection: Connection) -> bool:
            sql = self._sql("DELETE FROM @record WHERE kind = $1 AND id = $2")
            return await connection.execute(sql, kind.value, id) != "DELETE 0"

        return sayable(id) and await self._room.do(work)

    async def _fetch(self, sql: str, kind: RecordKind, *ids: str) -> list[Record]:
        if not all(map(sayable, ids)):
            return []

        async def look(connection: Connection) -> list[Any]:
            return await connection.fetch(self._sql(sql), kind.value, *ids)

        return [Record(kind, id, body) for id, body in await self._room.ask(look)]

    def _sql(self, text: str) -> str:
        return self._room.place.sql(text)
