"""The port `Outbox` in memory."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from madang.errors import ResourceNotFound
from madang.model.change import Notice, Outcome, Tally
from madang.model.record import Record, RecordKind
from madang.store.memory.records import MemoryRecords

replace = msgspec.structs.replace


class MemoryOutbox:
    """Notices by number, those that wait apart from the dead; and the account of each subscription."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records
        self._last = 0
        self._pending: dict[int, Notice] = {}
        self._dead: dict[int, Notice] = {}
        self._tallies: dict[str, Tally] = {}

    def put(self, due: Sequence[Notice]) -> Sequence[Notice]:
        """Store the notices; answers them with their numbers."""
        stored: list[Notice] = []
        for notice in due:
            self._last += 1
            numbered = replace(notice, number=self._last)
            self._pending[self._last] = numbered
            stored.append(numbered)
            tally = self._tallies.get(notice.subscription, Tally())
            self._tallies[notice.subscription] = replace(tally, due=tally.due + 1)
        return stored

    async def add(
        self,
        notices: Sequence[Notice],
        *,
        put: Record | None = None,
        new: bool = False,
        remove: tuple[RecordKind, str] | None = None,
    ) -> list[Notice]:
        if put is not None:
            await self._records.put(put, new=new)
        if remove is not None and not await self._records.remove(*remove):
            raise ResourceNotFound(f"there is no {remove[0]} '{remove[1]}'")
        return list(self.put(notices))

    async def pending(self, subscription: str | None = None, *, after: int = 0, limit: int = 1000) -> list[Notice]:
        return _page(self._pending.values(), subscription, after, limit)

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            notice = self._pending.get(outcome.number)
            if notice is None:
                continue
            tally = self._tallies[notice.subscription]
            if outcome.error is None:
                del self._pending[outcome.number]
                delivered = tally.delivered + 1
                tally = replace(tally, delivered=delivered, failing=0, success_at=outcome.at, error="")
            else:
                self._fail(notice, outcome, outcome.error)
                failures, failing = tally.failures + (notice.attempts == 0), tally.failing + 1
                tally = replace(tally, failures=failures, failing=failing, failure_at=outcome.at, error=outcome.error)
            self._tallies[notice.subscription] = replace(tally, sent_at=outcome.at)

    async def tallies(self, subscription: str | None = None) -> dict[str, Tally]:
        pending, dead = _counts(self._pending.values()), _counts(self._dead.values())
        return {
            id: replace(tally, pending=pending.get(id, 0), dead=dead.get(id, 0))
            for id, tally in sorted(self._tallies.items())
            if subscription in (None, id)
        }

    async def dead(self, subscription: str | None = None, *, after: int = 0, limit: int = 1000) -> list[Notice]:
        return _page(self._dead.values(), subscription, after, limit)

    async def resend(self, subscription: str | None = None, *, number: int | None = None) -> int:
        chosen = [
            notice
            for notice in self._dead.values()
            if subscription in (None, notice.subscription) and number in (None, notice.number)
        ]
        for notice in chosen:
            del self._dead[notice.number]
            self._pending[notice.number] = replace(notice, attempts=0, error="")
        self._pending = dict(sorted(self._pending.items()))
        return len(chosen)

    async def rewrite(self, bodies: Mapping[int, bytes]) -> None:
        for held in (self._pending, self._dead):
            for number in held.keys() & bodies.keys():
                held[number] = replace(held[number], body=bodies[number])

    async def drop(self, subscription: str) -> None:
        for held in (self._pending, self._dead):
            for number in [number for number, notice in held.items() if notice.subscription == subscription]:
                del held[number]
        self._tallies.pop(subscription, None)

    def _fail(self, notice: Notice, outcome: Outcome, error: str) -> None:
        failed = replace(notice, attempts=notice.attempts + 1, error=error)
        if outcome.dead:
            del self._pending[notice.number]
            self._dead[notice.number] = failed
            self._dead = dict(sorted(self._dead.items()))
        else:
            self._pending[notice.number] = failed


def _page(notices: Iterable[Notice], subscription: str | None, after: int, limit: int) -> list[Notice]:
    found = [one for one in notices if one.number > after and subscription in (None, one.subscription)]
    return found[:limit]


def _counts(notices: Iterable[Notice]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for notice in notices:
        counts[notice.subscription] = counts.get(notice.subscription, 0) + 1
    return counts
