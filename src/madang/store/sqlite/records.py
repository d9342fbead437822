"""The port `Records` in a tenant's file."""

from madang.errors import AlreadyExists
from madang.model.record import Record, RecordKind
from madang.store.sqlite.connection import Connection
from madang.store.sqlite.writer import NOTHING, Look, Writer, Written


class SqliteRecords:
    """Records by kind and id; `look` answers a statement and its values with rows."""

    def __init__(self, writer: Writer, look: Look) -> None:
        self._writer = writer
        self._look = look

    async def put(self, record: Record, *, new: bool = False) -> None:
        def work(connection: Connection) -> tuple[None, Written]:
            put(connection, record, new=new)
            return None, NOTHING

        await self._writer.run(work)

    async def get(self, kind: RecordKind, id: str) -> Record | None:
        found = self._look("SELECT body FROM record WHERE kind = ? AND id = ?", (kind.value, id))
        return Record(kind, id, found[0][0]) if found else None

    async def all(self, kind: RecordKind) -> list[Record]:
        found = self._look("SELECT id, body FROM record WHERE kind = ? ORDER BY id", (kind.value,))
        return [Record(kind, id, body) for id, body in found]

    async def remove(self, kind: RecordKind, id: str) -> bool:
        return await self._writer.run(lambda connection: (remove(connection, kind, id), NOTHING))


def put(connection: Connection, record: Record, *, new: bool) -> None:
    """Keep the record, inside a transaction. Raises AlreadyExists where `new` and there is one."""
    verb = "INSERT OR IGNORE" if new else "INSERT OR REPLACE"
    sql = f"{verb} INTO record (kind, id, body) VALUES (?, ?, ?)"
    connection.execute(sql, (record.kind.value, record.id, record.body))
    if new and not connection.changes():
        raise AlreadyExists(f"the {record.kind} '{record.id}' exists already")


def remove(connection: Connection, kind: RecordKind, id: str) -> bool:
    """The record is gone, inside a transaction; whether there was one."""
    connection.execute("DELETE FROM record WHERE kind = ? AND id = ?", (kind.value, id))
    return connection.changes() > 0
