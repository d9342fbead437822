"""The append-only account of what the city does: decisions and what came of them, resolutions, objections, accesses.

Each entry is a leaf of a Merkle log (see `leaf`, `log`): an entry that is changed, dropped, reordered or slipped in
does not fit the log's root any more, and the log has signed what its roots were.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from madang.account.fault import LedgerError
from madang.account.key import Key
from madang.account.leaf import canonical, fault, sealed_all
from madang.account.log import Log
from madang.account.peaks import Peaks
from madang.clock import WallClock
from madang.errors import ResourceNotFound
from madang.model.decision import DecisionRecord, Input
from madang.model.ledger import Entry
from madang.ports import Ledger

__all__ = ["BLOB_BYTES", "Account", "LedgerError", "Note", "Outcome", "decode"]

BLOB_BYTES = 2048
"""An input's value of more canonical bytes than this is kept once, by its SHA-256, and named in the record."""

_TOGETHER = 200

NOT_KEPT = "not kept any more"


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the field did with a command: carried out, or refused and why."""

    decision: str
    at: datetime
    refused: str | None = None


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written: everything of an entry but its number. `id` empty: ``<kind>-<number>``."""

    kind: str
    at: datetime
    body: Any
    id: str = ""
    service: str = ""
    target: str = ""


class Account:
    """Writes and reads the ledger. One writer: the process that runs the services.

    `key` signs the log's heads; without one a key is made that is forgotten with the process. `now` is the wall's time.
    """

    def __init__(self, ledger: Ledger, *, key: Key | None = None, now: Callable[[], datetime] | None = None) -> None:
        self.log = Log(ledger, key or Key.fresh(), now or WallClock().now)
        self._ledger = ledger
        self._writing = asyncio.Lock()
        self._counts: dict[tuple[str, str], tuple[int, int]] = {}

    async def start(self) -> int:
        """Bring the log up to date with entries from before it; how many entries there are. Raises LedgerError."""
        async with self._writing:
            return (await self.log.tree()).size

    async def write(self, records: Sequence[DecisionRecord]) -> list[DecisionRecord]:
        """Append the records, durable when it returns, and give them back with their ids.

        A record's id is ``<service>-<sequence>``; what the caller put there is replaced. Large inputs move to blobs.
        """
        written: list[DecisionRecord] = []
        blobs: dict[str, bytes] = {}

        def build(number: int) -> list[Entry]:
            for place, record in enumerate(records, number + 1):
                inputs = tuple(_fold(given, blobs) for given in record.inputs)
                written.append(msgspec.structs.replace(record, id=f"{record.service}-{place}", inputs=inputs))
            return [
                _entry(place, Note(id=r.id, kind="decision", service=r.service, target=r.target, at=r.at, body=r))
                for place, r in enumerate(written, number + 1)
            ]

        await self._append(build, blobs)
        return written

    async def conclude(self, outcomes: Sequence[Outcome], *, targets: Mapping[str, str]) -> None:
        """Append what became of commands; `targets` gives each decision's target."""
        await self.add(
            [
                Note(
                    id=f"{outcome.decision}.outcome",
                    kind="outcome",
                    service=outcome.decision.rpartition("-")[0],
                    target=targets.get(outcome.decision, ""),
                    at=outcome.at,
                    body=outcome,
                )
                for outcome in outcomes
            ]
        )

    async def add(self, notes: Sequence[Note]) -> list[Entry]:
        """Append notes in order, all or none, durable when it returns; their entries."""
        return await self._append(lambda number: [_entry(place, note) for place, note in enumerate(notes, number + 1)])

    async def entry(self, id: str) -> Entry | None:
        """The entry with that id."""
        return await self._ledger.read(id)

    async def entries(self, first: int, last: int) -> list[Entry]:
        """The entries with the numbers from `first` to `last`, both included, in order."""
        return [*await self._ledger.find(before=last + 1, limit=max(0, last - first + 1))][::-1]

    async def count(self, kind: str, service: str) -> int:
        """How many entries of that kind there are about that service; only what is new since the last time is
        counted."""
        done, upto = self._counts.get((kind, service), (0, 0))
        size = (await self.log.tree()).size
        done += await self._ledger.count(kind=kind, service=service, after=upto)
        # What came while it was counted may be in it already: then it is counted from there the next time.
        if (await self.log.tree()).size == size:
            self._counts[kind, service] = (done, size)
        return done

    async def find(self, kind: str, **given: Any) -> Sequence[Entry]:
        """Entries of that kind, newest first; what else narrows them is as in `ports.Ledger.find`."""
        return await self._ledger.find(kind=kind, **given)

    async def erase(self, id: str, *, at: datetime, reason: str) -> None:
        """Erase an entry's body and its salt for good, with the blobs of a decision; the log proves what it proved, and
        says that this was erased, when and why. Raises ResourceNotFound where there is nothing to erase."""
        entry = await self._ledger.read(id)
        if entry is None or not entry.body:
            raise ResourceNotFound(f"the ledger has no entry '{id[:80]}' with a body")
        digests = [i.digest for i in decode(entry).inputs if i.digest] if entry.kind == "decision" else []
        # First the note: what is gone without one could never be explained.
        await self.add([Note(kind="erasure", service=entry.service, at=at, body={"entry": id, "reason": reason})])
        await self._ledger.erase(id, digests)

    async def erase_all(self, ids: Sequence[str], *, at: datetime, reason: str) -> None:
        """Erase bodies and salts of entries that are no decisions, as `erase` does, with one note for all of them."""
        if ids:
            await self.add([Note(kind="erasure", at=at, body={"entries": list(ids), "reason": reason})])
            for start in range(0, len(ids), _TOGETHER):
                await asyncio.gather(*[self._ledger.erase(id) for id in ids[start : start + _TOGETHER]])

    async def record(self, id: str) -> tuple[Entry, DecisionRecord]:
        """The decision with that id, its large inputs filled in from their blobs. Raises ResourceNotFound."""
        entry = await self._ledger.read(id)
        if entry is None or entry.kind != "decision":
            raise ResourceNotFound(f"no decision '{id}' in the ledger; GET /decisions lists the newest")
        if not entry.body:
            raise ResourceNotFound(f"the decision '{id}' was erased; the log still proves that there was one")
        record = decode(entry)
        return entry, msgspec.structs.replace(record, inputs=tuple([await self._unfold(i) for i in record.inputs]))

    async def outcome(self, id: str) -> Outcome | None:
        """What the field did with that decision's command, or None while that is not known."""
        entry = await self._ledger.read(f"{id}.outcome")
        return None if entry is None else msgspec.json.decode(entry.body, type=Outcome)

    async def records(
        self,
        *,
        service: str | None = None,
        target: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[tuple[Entry, DecisionRecord]]:
        """Decisions that match, newest first; large inputs stay digests."""
        found = await self._ledger.find(
            kind="decision", service=service, target=target, since=since, until=until, before=before, limit=limit
        )
        return [(entry, decode(entry)) for entry in found if entry.body]

    async def verify(self) -> int:
        """Recompute the whole log from its entries; their number. Raises LedgerError naming what does not fit."""
        size, peaks = (await self.log.tree()).size, Peaks()
        while page := await self.entries(peaks.size + 1, min(peaks.size + 1000, size)):
            for entry in page:
                wrong = fault(entry)
                if entry.sequence != peaks.size + 1:
                    wrong = f"entry {peaks.size + 1} is missing"
                if wrong is not None:
                    raise LedgerError(wrong)
                peaks.push(bytes.fromhex(entry.hash))
        if (peaks.size, peaks.root().hex()) != (size, (await self.log.head(size)).root):
            raise LedgerError(f"the log over {size} entries has another root than its tiles")
        return size

    async def _append(
        self, build: Callable[[int], list[Entry]], blobs: Mapping[str, bytes] | None = None
    ) -> list[Entry]:
        async with self._writing:
            entries = sealed_all(build((await self.log.tree()).size))
            if entries:
                await self.log.extend(entries, blobs)
            return entries

    async def _unfold(self, given: Input) -> Input:
        if given.digest is None:
            return given
        blob = await self._ledger.blob(given.digest)
        if blob is None:
            return msgspec.structs.replace(given, withheld=NOT_KEPT)
        if hashlib.sha256(blob).hexdigest() != given.digest:
            raise LedgerError(f"the value {given.digest} of {given.attribute} was changed")
        return msgspec.structs.replace(given, value=msgspec.json.decode(blob))


def decode(entry: Entry) -> DecisionRecord:
    """A decision entry's record."""
    return msgspec.json.decode(entry.body, type=DecisionRecord)


def _entry(number: int, note: Note) -> Entry:
    return Entry(
        sequence=number,
        id=note.id or f"{note.kind}-{number}",
        kind=note.kind,
        service=note.service,
        target=note.target,
        at=note.at,
        body=canonical(note.body),
        hash="",
    )


def _fold(given: Input, blobs: dict[str, bytes]) -> Input:
    text = canonical(given.value)
    if len(text) <= BLOB_BYTES:
        return given
    digest = hashlib.sha256(text).hexdigest()
    blobs[digest] = text
    return msgspec.structs.replace(given, value=None, digest=digest)
