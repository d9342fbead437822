"""What people have resolved and overridden, as the ledger has it: read once at the start, then kept up to date.

An act binds from the moment it is durable in the ledger: the next control cycle of the service sees it.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from madang.account.ledger import Account, Note
from madang.errors import AlreadyExists
from madang.model.ledger import Entry
from madang.model.resolution import Override, Resolution

RESOLUTION, OVERRIDE = "resolution", "override"
_PAGE = 1000

T = TypeVar("T")


class Mandates:
    """The acts about each service, and the overrides that run."""

    def __init__(self, account: Account) -> None:
        self.version = 0
        """Counts acts; who saw another number looks again."""
        self.account = account
        self._acts: dict[str, list[Resolution]] = {}
        self._overrides: dict[str, list[Override]] = {}
        self._resolving = asyncio.Lock()

    async def start(self, at: datetime) -> None:
        """Read what the ledger has; overrides that ended before `at` are left out."""
        for entry in await self._all(RESOLUTION):
            self._take(msgspec.json.decode(entry.body, type=Resolution))
        for entry in await self._all(OVERRIDE):
            override = msgspec.json.decode(entry.body, type=Override)
            if override.until > at:
                self._overrides.setdefault(override.service, []).append(override)

    def acts(self, service: str) -> Sequence[Resolution]:
        """The resolutions about the service, the oldest first."""
        return self._acts.get(service, ())

    def overrides(self, service: str, at: datetime) -> Sequence[Override]:
        """The overrides of the service's commands that run at `at`, one a target: the newest."""
        running = [one for one in self._overrides.get(service, ()) if one.until > at]
        self._overrides[service] = running
        return list({one.target: one for one in running}.values())

    async def resolve(self, resolution: Resolution) -> Entry:
        """Put a resolution on record; it binds when this returns. Raises AlreadyExists for a reference that the
        committee has used."""
        async with self._resolving:
            for acts in self._acts.values():
                if any((one.committee, one.id) == (resolution.committee, resolution.id) for one in acts):
                    raise AlreadyExists(f"{resolution.committee} has passed a resolution {resolution.id!r} already")
            note = Note(kind=RESOLUTION, service=resolution.service, at=resolution.at, body=resolution)
            (entry,) = await self.account.add([note])
            self._take(resolution)
        return entry

    async def override(self, given: Override) -> Override:
        """Put an override on record, and give it back with its id; it binds when this returns."""
        note = Note(kind=OVERRIDE, service=given.service, target=given.target, at=given.at, body=given)
        (entry,) = await self.account.add([note])
        known = msgspec.structs.replace(given, id=entry.id)
        self._overrides.setdefault(given.service, []).append(known)
        self.version += 1
        return known

    async def _all(self, kind: str) -> list[Entry]:
        found: list[Entry] = []
        before: int | None = None
        while page := await self.account.find(kind, before=before, limit=_PAGE):
            found += page
            before = page[-1].sequence
        return [entry for entry in reversed(found) if entry.body]

    def _take(self, resolution: Resolution) -> None:
        self._acts.setdefault(resolution.service, []).append(resolution)
        self.version += 1
