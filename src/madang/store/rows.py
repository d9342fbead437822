"""What both kinds of database keep in rows of the same columns: entries of the ledger, notices and their tallies; and
the ledger's door where a city is only read."""

from collections.abc import Mapping, Sequence
from typing import Any

from madang.errors import Unavailable
from madang.model.change import Notice, Tally
from madang.model.ledger import Entry, Tiles
from madang.model.time import from_microseconds

ENTRY = "sequence, id, kind, service, target, at, body, hash, salt, commitment"
"""The columns of an entry, as `entry_of` reads them."""

NOTICE = "number, subscription, at, body, attempts, error"
"""The columns of a notice, as `notice_of` reads them."""


def entry_of(row: Sequence[Any]) -> Entry:
    """An entry of the ledger."""
    sequence, id, kind, service, target, at, body, hash, salt, commitment = row
    return Entry(
        sequence=sequence,
        id=id,
        kind=kind,
        service=service,
        target=target,
        at=from_microseconds(at),
        body=body,
        hash=hash,
        salt=salt,
        commitment=commitment,
    )


def notice_of(row: Sequence[Any]) -> Notice:
    """A notice that waits or is dead."""
    number, subscription, at, body, attempts, error = row
    return Notice(
        subscription=subscription, at=from_microseconds(at), body=body, number=number, attempts=attempts, error=error
    )


def tally_of(row: Sequence[Any]) -> Tally:
    """A subscription's account, its id first."""
    due, delivered, pending, dead, failures, failing = row[1:7]
    sent_at, success_at, failure_at = (None if at is None else from_microseconds(at) for at in row[7:10])
    return Tally(
        due=due,
        delivered=delivered,
        pending=pending,
        dead=dead,
        failures=failures,
        failing=failing,
        sent_at=sent_at,
        success_at=success_at,
        failure_at=failure_at,
        error=row[10],
    )


class ReadLedger:
    """A ledger that was opened to be read: it is another process's to write."""

    async def append(
        self, entries: Sequence[Entry], *, blobs: Mapping[str, bytes] | None = None, tiles: Tiles | None = None
    ) -> None:
        """Raises Unavailable."""
        raise Unavailable("this ledger was opened to be read")

    async def adopt(self, entries: Sequence[Entry], tiles: Tiles) -> None:
        """Raises Unavailable."""
        raise Unavailable("this ledger was opened to be read")

    async def erase(self, id: str, blobs: Sequence[str] = ()) -> bool:
        """Raises Unavailable."""
        raise Unavailable("this ledger was opened to be read")
