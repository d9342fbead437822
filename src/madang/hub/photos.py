"""Photos, as they may be kept: made anew from what was sent, named by what they belong to."""

import asyncio
from collections.abc import Callable

from madang.govern import SYSTEM
from madang.hub.gate import Gate
from madang.model.record import Record, RecordKind
from madang.ports import Records


class Photos:
    """Keep, find, remove. Who may see one is for whoever shows it to say."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def keep(self, name: str, body: bytes) -> None:
        """Keep a photo. Raises AlreadyExists."""
        # First its name: what the machine's end leaves without a photo is swept, a photo without a name would stay.
        await self._records().put(Record(RecordKind.PHOTO_NAME, name, b"{}"))
        await self._records().put(Record(RecordKind.PHOTO, name, body), new=True)

    async def find(self, name: str) -> bytes | None:
        """The photo of that name."""
        found = await self._records().get(RecordKind.PHOTO, name)
        return found.body if found is not None else None

    async def remove(self, name: str) -> bool:
        """Forget it; whether there was one."""
        found = await self._records().remove(RecordKind.PHOTO, name)
        await self._records().remove(RecordKind.PHOTO_NAME, name)
        return found

    async def sweep(self, entity: Callable[[str], str]) -> int:
        """Forget the photos whose entity (its id from a photo's name) is there no more; how many. Whoever is erased
        leaves none behind."""
        names = [record.id for record in await self._records().all(RecordKind.PHOTO_NAME)]
        gone = 0
        for start in range(0, len(names), 500):
            some = names[start : start + 500]
            there = await self._gate.reading(SYSTEM).read([entity(name) for name in some])
            for name in some:
                if entity(name) not in there:
                    gone += await self.remove(name)
            await asyncio.sleep(0)
        return gone

    def _records(self) -> Records:
        return self._gate.reading(SYSTEM).records
