"""The port `Records` in memory."""

from madang.errors import AlreadyExists
from madang.model.record import Record, RecordKind


class MemoryRecords:
    """Records by kind and id."""

    def __init__(self) -> None:
        self._records: dict[RecordKind, dict[str, Record]] = {}

    async def put(self, record: Record, *, new: bool = False) -> None:
        kept = self._records.setdefault(record.kind, {})
        if new and record.id in kept:
            raise AlreadyExists(f"the {record.kind} '{record.id}' exists already")
        kept[record.id] = record

    async def get(self, kind: RecordKind, id: str) -> Record | None:
        return self._records.get(kind, {}).get(id)

    async def all(self, kind: RecordKind) -> list[Record]:
        return [record for _, record in sorted(self._records.get(kind, {}).items())]

    async def remove(self, kind: RecordKind, id: str) -> bool:
        return self._records.get(kind, {}).pop(id, None) is not None
