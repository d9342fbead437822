"""The append-only, hash-chained account of decisions.

Each entry's hash is SHA-256(previous entry's hash || body): a changed, dropped or reordered entry breaks every hash
after it. Entries are canonical JSON (msgspec's deterministic order), so that anyone can recompute the chain.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from madang.errors import MadangError, ResourceNotFound
from madang.model.decision import DecisionRecord, Input
from madang.model.ledger import Entry
from madang.ports import Ledger

GENESIS = "0" * 64
"""The hash before the first entry."""

BLOB_BYTES = 2048
"""An input's value of more canonical bytes than this is kept once, by its SHA-256, and named in the record."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the field did with a command: carried out, or refused and why."""

    decision: str
    at: datetime
    refused: str | None = None


class LedgerError(MadangError):
    """An entry does not follow from the one before it: the account was changed."""

    title = "Ledger broken"


def canonical(value: Any) -> bytes:
    """The one JSON text of a value: keys sorted, no white space, UTF-8."""
    return msgspec.json.encode(value, order="deterministic")


def chain(previous: str, body: bytes) -> str:
    """The hash (hex) of an entry with `body` after the entry with hash `previous` (hex)."""
    return hashlib.sha256(bytes.fromhex(previous) + body).hexdigest()


class Account:
    """Writes and reads the ledger. One writer: the process that runs the services."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._last: tuple[int, str] | None = None
        self._writing = asyncio.Lock()

    async def write(self, records: Sequence[DecisionRecord]) -> list[DecisionRecord]:
        """Append the records, durable when it returns, and give them back with their ids.

        A record's id is ``<service>-<sequence>``; what the caller put there is replaced. Large inputs move to blobs.
        """
        if not records:
            return []
        async with self._writing:
            sequence, last = await self._tail()
            entries: list[Entry] = []
            written: list[DecisionRecord] = []
            blobs: dict[str, bytes] = {}
            for record in records:
                sequence += 1
                kept = msgspec.structs.replace(
                    record, id=f"{record.service}-{sequence}", inputs=tuple(_fold(i, blobs) for i in record.inputs)
                )
                entries.append(_entry(sequence, kept.id, "decision", kept.service, kept.target, kept.at, kept, last))
                written.append(kept)
                last = entries[-1].hash
            await self._ledger.append(entries, blobs=blobs)
            self._last = (sequence, last)
            return written

    async def conclude(self, outcomes: Sequence[Outcome], *, targets: Mapping[str, str]) -> None:
        """Append what became of commands; `targets` gives each decision's target."""
        if not outcomes:
            return
        async with self._writing:
            sequence, last = await self._tail()
            entries: list[Entry] = []
            for outcome in outcomes:
                sequence += 1
                service = outcome.decision.rpartition("-")[0]
                target = targets.get(outcome.decision, "")
                id_ = f"{outcome.decision}.outcome"
                entries.append(_entry(sequence, id_, "outcome", service, target, outcome.at, outcome, last))
                last = entries[-1].hash
            await self._ledger.append(entries)
            self._last = (sequence, last)

    async def record(self, id: str) -> tuple[Entry, DecisionRecord]:
        """The decision with that id, its large inputs filled in from their blobs. Raises ResourceNotFound."""
        entry = await self._ledger.read(id)
        if entry is None or entry.kind != "decision":
            raise ResourceNotFound(f"no decision '{id}' in the ledger; GET /decisions lists the newest")
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
        return [(entry, decode(entry)) for entry in found]

    async def verify(self) -> int:
        """Recompute the whole chain; the number of entries. Raises LedgerError naming what does not follow."""
        count, previous, before = 0, None, None
        while page := await self._ledger.find(before=before, limit=1000):
            for entry in page:
                if previous is not None and (
                    previous.sequence != entry.sequence + 1 or chain(entry.hash, previous.body) != previous.hash
                ):
                    raise LedgerError(f"entry {previous.sequence} ({previous.id}) does not follow from the one before")
                previous = entry
                count += 1
            before = page[-1].sequence
        if previous is not None and (previous.sequence != 1 or chain(GENESIS, previous.body) != previous.hash):
            raise LedgerError(f"entry {previous.sequence} ({previous.id}) is not the beginning of this ledger")
        return count

    async def _tail(self) -> tuple[int, str]:
        if self._last is None:
            last = await self._ledger.last()
            self._last = (0, GENESIS) if last is None else (last.sequence, last.hash)
        return self._last

    async def _unfold(self, given: Input) -> Input:
        if given.digest is None:
            return given
        blob = await self._ledger.blob(given.digest)
        if blob is None or hashlib.sha256(blob).hexdigest() != given.digest:
            raise LedgerError(
                f"the value {given.digest} of {given.attribute} is missing from the ledger or was changed"
            )
        return msgspec.structs.replace(given, value=msgspec.json.decode(blob))


def decode(entry: Entry) -> DecisionRecord:
    """A decision entry's record."""
    return msgspec.json.decode(entry.body, type=DecisionRecord)


def _entry(
    sequence: int, id: str, kind: str, service: str, target: str, at: datetime, body: msgspec.Struct, previous: str
) -> Entry:
    text = canonical(body)
    return Entry(
        sequence=sequence,
        id=id,
        kind=kind,
        service=service,
        target=target,
        at=at,
        body=text,
        hash=chain(previous, text),
    )


def _fold(given: Input, blobs: dict[str, bytes]) -> Input:
    text = canonical(given.value)
    if len(text) <= BLOB_BYTES:
        return given
    digest = hashlib.sha256(text).hexdigest()
    blobs[digest] = text
    return msgspec.structs.replace(given, value=None, digest=digest)
