"""The port `Ledger` in memory."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from madang.errors import BadRequestData
from madang.model.ledger import Entry, Place, Tiles


class MemoryLedger:
    """Entries in order, and blobs by digest."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._by_id: dict[str, Entry] = {}
        self._blobs: dict[str, bytes] = {}
        self._tiles: dict[Place, bytes] = {}

    async def append(
        self, entries: Sequence[Entry], *, blobs: Mapping[str, bytes] | None = None, tiles: Tiles | None = None
    ) -> None:
        expected = len(self._entries)
        ids: set[str] = set()
        for entry in entries:
            expected += 1
            if entry.sequence != expected or entry.id in self._by_id or entry.id in ids:
                raise BadRequestData(
                    f"the ledger takes entry {expected} with a new id next, not {entry.sequence} ({entry.id})"
                )
            ids.add(entry.id)
        for digest, blob in (blobs or {}).items():
            self._blobs.setdefault(digest, blob)
        self._entries.extend(entries)
        self._by_id.update((entry.id, entry) for entry in entries)
        self._tiles.update(tiles or {})

    async def adopt(self, entries: Sequence[Entry], tiles: Tiles) -> None:
        for entry in entries:
            self._replace(entry)
        self._tiles.update(tiles)

    async def erase(self, id: str, blobs: Sequence[str] = ()) -> bool:
        found = self._by_id.get(id)
        if found is not None:
            self._replace(msgspec.structs.replace(found, body=b"", salt=b"", target=""))
        for digest in blobs:
            self._blobs.pop(digest, None)
        return found is not None and found.body != b""

    def _replace(self, entry: Entry) -> None:
        self._entries[entry.sequence - 1] = self._by_id[entry.id] = entry

    async def last(self) -> Entry | None:
        return self._entries[-1] if self._entries else None

    async def read(self, id: str) -> Entry | None:
        return self._by_id.get(id)

    async def count(self, *, kind: str, service: str, after: int = 0) -> int:
        return sum(entry.kind == kind and entry.service == service for entry in self._entries[after:])

    async def blob(self, digest: str) -> bytes | None:
        return self._blobs.get(digest)

    async def tile(self, place: Place) -> bytes | None:
        return self._tiles.get(place)

    async def find(
        self,
        *,
        kind: str | None = None,
        service: str | None = None,
        target: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> Sequence[Entry]:
        """Matching entries, newest first; `since` is inclusive, `until` exclusive."""
        end = len(self._entries) if before is None else min(len(self._entries), max(0, before - 1))
        found: list[Entry] = []
        for place in range(end - 1, -1, -1):
            if len(found) >= limit:
                break
            entry = self._entries[place]
            named = (kind is None or entry.kind == kind) and (service is None or entry.service == service)
            timed = (since is None or entry.at >= since) and (until is None or entry.at < until)
            if named and timed and (target is None or entry.target == target):
                found.append(entry)
        return found
