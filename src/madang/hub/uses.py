"""Who used whose data for what: every read of data about people is in the ledger before its answer leaves the hub.

One entry a person, reader, purpose, dataset and hour of the city: whoever reads the same every second is not on record
3,600 times. How often and how much was read is counted, and written when the hour is over. What is guaranteed:

- An answer with somebody's data leaves after the entry that says so is on disk; where that fails it does not leave.
- A crash loses the counts of the hour that was not over, no entry.

Readers who come at once wait for one append together. The house's own jobs (role ``system``) use nothing: they tell
nobody. An entry's body names the person, so it is shown to that person alone, and an erasure erases it.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

from madang.account.ledger import Account, Note
from madang.errors import Forbidden, MadangError, Unavailable
from madang.govern import SYSTEM, Caller
from madang.hub.gate import Gate, check_id
from madang.hub.temporal import NEVER
from madang.model.access import About, Access
from madang.model.document import NULL
from madang.model.entity import Entity
from madang.model.ledger import Entry
from madang.model.parcel import Whom
from madang.model.query import TemporalQuery

KIND: Final = "use"
COUNT: Final = "use-count"

_HELD: Final = 200_000
"""Uses of the present hour that are held in memory; above it an hour is cut short, and begins anew."""

_EVER: Final = TemporalQuery()
_HOUR: Final = timedelta(hours=1)

log = logging.getLogger(__name__)

Told = Mapping[str, Sequence[str]]
"""Of whom something was told, by dataset: a name for each entity and person, "" where nobody is named."""


TOLD: Final[ContextVar[dict[str, set[str]] | None]] = ContextVar("TOLD", default=None)
"""For one request that asks: of whom it was told, by dataset. None: nobody asks."""


class _Reader(NamedTuple):
    """Who reads what for what."""

    tenant: str
    by: str
    role: str
    purpose: str
    country: str
    dataset: str
    since: datetime


_Key = tuple[_Reader, str]


class _Hour:
    """What was used in one hour: on record, and counted."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.known: dict[_Reader, set[str]] = {}
        """The people whose uses are on record."""
        self.held = 0
        """How many uses these are."""
        self.counts: dict[_Reader, list[int]] = {}

    def add(self, uses: Iterable[_Key]) -> None:
        """These are on record now."""
        for reader, person in uses:
            people = self.known.setdefault(reader, set())
            self.held += person not in people
            people.add(person)


class _Batch:
    """Notes that are appended together."""

    def __init__(self) -> None:
        self.notes: dict[_Key, Note] = {}
        self.counts: list[Note] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """One person's data was read at `at`, first in the hour from `since` until `until`, by `by` in `role` for
    `purpose`; `entry` is the ledger's."""

    at: datetime
    by: str
    role: str
    purpose: str
    dataset: str
    country: str
    since: datetime | None
    until: datetime | None
    entry: str


class Uses:
    """Record and tell. Without an account (an import, an evaluation) nothing is recorded."""

    def __init__(self, gate: Gate, account: Account | None) -> None:
        self._gate = gate
        self._account = account
        self._hour: _Hour | None = None
        self._open: _Batch | None = None
        self._flying: _Batch | None = None
        self._task: asyncio.Task[None] | None = None

    async def note(self, caller: Caller, access: Access, entities: Iterable[Entity]) -> None:
        """The caller is told of these entities (whole, as they are kept). Durable when it returns."""
        if access.personal and self._account is not None:
            await self.record(caller, told_of(access, entities))

    async def note_past(self, caller: Caller, access: Access, entities: Sequence[Entity]) -> None:
        """The caller is told of the past of these. Whom that was about what is kept of them says, not what is told."""
        if not access.personal or self._account is None:
            return
        of: dict[About, list[str]] = {}
        for one in entities:
            for about in (about for type in one.types for about in access.about.get(type, access.strange)):
                of.setdefault(about, []).append(one.id)
        told: dict[str, list[str]] = {}
        for about, ids in of.items():
            names = (about.subject,) if about.subject not in ("", "id") else ()
            past = await self._gate.reading(caller).history(ids, names, _EVER if names else NEVER)
            told[about.dataset] = [person for one in past for person in people_of(about, one)]
        await self.record(caller, told)

    async def record(self, caller: Caller, told: Told) -> None:
        """The caller is told about these people. Durable when it returns; raises where it cannot be."""
        if self._account is None or not told or caller.role == "system":
            return
        if (whose := TOLD.get()) is not None:
            for dataset, people in told.items():
                whose.setdefault(dataset, set()).update(people)
        now = self._gate.now()
        hour = self._present(now)
        waits: set[asyncio.Future[None]] = set()
        for dataset, people in told.items():
            reader = _Reader(
                caller.tenant, caller.name, caller.role, caller.purpose, caller.country, dataset, hour.start
            )
            count = hour.counts.setdefault(reader, [0, 0])
            count[0] += 1
            count[1] += len(people)
            for person in set(people).difference(hour.known.get(reader, ())):
                waits.add(self._wait((reader, person), now))
        for wait in waits:
            await asyncio.shield(wait)

    async def of(self, caller: Caller, subject: str, *, before: int | None = None, limit: int = 1000) -> list[Use]:
        """Who used the person's data for what, newest first: for that person and for operators. Raises Forbidden."""
        check_id(subject)
        if not caller.answers_for(subject):
            raise Forbidden("this is the person's own: a key of that subject, or an operator's, opens it")
        if self._account is None:
            return []
        found: list[Entry] = []
        for kind in (KIND, "access"):
            found += await self._account.find(kind, target=subject, before=before, limit=limit)
        found.sort(key=lambda entry: -entry.sequence)
        return [_use(entry) for entry in found[:limit] if entry.body]

    async def forget(self, subject: str, reason: str) -> int:
        """Erase what the ledger says of the uses of a person's data; how many entries. The log proves what it did."""
        if self._account is None:
            return 0
        count = 0
        for kind in (KIND, "access"):
            while found := await self._account.find(kind, target=subject, limit=1000):
                await self._account.erase_all([entry.id for entry in found], at=self._gate.now(), reason=reason)
                count += len(found)
        if self._hour is not None:
            for people in self._hour.known.values():
                people.discard(subject)
        return count

    async def close(self) -> None:
        """Write the counts of the hour, and what waits."""
        self._end()
        while (task := self._task) is not None and not task.done():
            await asyncio.wait({task})

    def _present(self, now: datetime) -> _Hour:
        start = now.replace(minute=0, second=0, microsecond=0)
        if self._hour is None or self._hour.start != start or self._hour.held > _HELD:
            self._end()
            self._hour = _Hour(start)
        return self._hour

    def _end(self) -> None:
        """The hour is over: its counts go on record, and nobody waits for them."""
        hour, self._hour = self._hour, None
        if hour is not None and hour.counts:
            batch = self._batch()
            for reader, (reads, entities) in hour.counts.items():
                people = len(hour.known.get(reader, set()) - {""})
                body = {**_body(reader), "reads": reads, "entities": entities, "people": people}
                at = min(self._gate.now(), hour.start + _HOUR)
                batch.counts.append(Note(kind=COUNT, service=reader.dataset, at=at, body=body))

    def _wait(self, key: _Key, now: datetime) -> asyncio.Future[None]:
        """Until that use is on disk."""
        for batch in (self._flying, self._open):
            if batch is not None and key in batch.notes:
                return batch.done
        batch = self._batch()
        reader, person = key
        body = {**_body(reader), "subject": person}
        batch.notes[key] = Note(kind=KIND, service=reader.dataset, target=person, at=now, body=body)
        return batch.done

    def _batch(self) -> _Batch:
        if self._open is None:
            self._open = _Batch()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._append(), name="uses")
        return self._open

    async def _append(self) -> None:
        """Append what waits, until nothing does."""
        account = self._account
        while self._open is not None and account is not None:
            batch, self._open = self._open, None
            self._flying = batch
            try:
                await account.add([*batch.notes.values(), *batch.counts])
            except Exception as error:  # noqa: BLE001 - whatever it is, the readers who wait are refused, not kept waiting
                log.warning("reads of personal data are refused, for they could not be recorded: %s", error)
                refusal = error if isinstance(error, MadangError) else Unavailable("the ledger could not be written")
                batch.done.set_exception(refusal)
                # Nobody need be waiting: that is no error of its own.
                batch.done.exception()
            else:
                if self._hour is not None:
                    self._hour.add(batch.notes)
                batch.done.set_result(None)
            self._flying = None


def told_of(access: Access, entities: Iterable[Entity]) -> dict[str, list[str]]:
    """Of whom these entities tell."""
    told: dict[str, list[str]] = {}
    for entity in entities:
        for about in access.whose(entity):
            told.setdefault(about.dataset, []).extend(people_of(about, entity))
    return told


def whom(access: Access, *entities: Entity | None) -> Whom:
    """The datasets and the people that a changed entity tells of, before and after."""
    there = [one for one in entities if one is not None]
    told = told_of(access, there)
    return tuple((dataset, person) for dataset, people in told.items() for person in dict.fromkeys(people))


def people_of(about: About, entity: Entity) -> list[str]:
    """Whom an entity of the dataset tells of; [""] where nobody is named."""
    found = about.people(entity)
    if len(found) == 1 and found[0] and found[0] != NULL:
        return found
    # A past has its deletions, too.
    return [one for one in dict.fromkeys(found) if one and one != NULL] or [""]


def _body(reader: _Reader) -> dict[str, Any]:
    body = reader._asdict()
    since: datetime = body.pop("since")
    return {**body, "from": since, "to": since + _HOUR}


def _use(entry: Entry) -> Use:
    body: dict[str, Any] = msgspec.json.decode(entry.body)
    times = [msgspec.convert(body[name], datetime) if name in body else None for name in ("from", "to")]
    return Use(
        at=entry.at,
        by=body.get("by", ""),
        role=body.get("role", SYSTEM.role),
        purpose=body.get("purpose", "access-request"),
        dataset=body.get("dataset", ""),
        country=body.get("country", ""),
        since=times[0],
        until=times[1],
        entry=entry.id,
    )
