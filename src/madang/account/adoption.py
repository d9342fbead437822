"""Entries from before the log become its first leaves.

They were chained: each hash is SHA-256(hash before || body). That chain is followed once more while they are adopted;
where it does not hold nothing is adopted, for the log would make a forgery look proven. What is adopted is committed in
portions, so that a start that was cut short goes on where it stopped.
"""

import hashlib
import logging

from madang.account.fault import LedgerError
from madang.account.leaf import sealed
from madang.account.trunk import load
from madang.model.ledger import Entry
from madang.ports import Ledger

GENESIS = "0" * 64
"""The hash before the first entry."""

PORTION, TOLD = 500, 20_000
"""Entries in one transaction, and between two words of progress."""

log = logging.getLogger(__name__)


def chain(previous: str, body: bytes) -> str:
    """The hash (hex) that an entry with `body` had after the entry with the hash `previous`."""
    return hashlib.sha256(bytes.fromhex(previous) + body).hexdigest()


async def adopt(ledger: Ledger, last: int) -> None:
    """Give every entry up to number `last` its leaf. Raises LedgerError where the old chain is broken."""
    done = await _done(ledger, last)
    log.info("the ledger's %d entries go into its log, %d are in it already", last, done)
    tree = await load(ledger, done)
    before = GENESIS if done == 0 else ""
    while tree.size < last:
        end = min(tree.size + PORTION, last)
        entries = [*await ledger.find(before=end + 1, limit=end - tree.size)][::-1]
        before = _followed(entries, before)
        adopted = [sealed(entry) for entry in entries]
        grown, tiles = tree.grown([bytes.fromhex(entry.hash) for entry in adopted])
        await ledger.adopt(adopted, tiles)
        if grown.size // TOLD > tree.size // TOLD or grown.size == last:
            log.info("in the log: %d of %d entries", grown.size, last)
        tree = grown


def _followed(entries: list[Entry], before: str) -> str:
    """Follow the chain through these entries; the last one's hash. `before` empty: that link is not known any more."""
    for entry in entries:
        if before and chain(before, entry.body) != entry.hash:
            raise LedgerError(
                f"entry {entry.sequence} ({entry.id}) does not follow from the one before: the ledger was changed; "
                "restore it from a backup, or move the data away to begin anew"
            )
        before = entry.hash
    return before


async def _done(ledger: Ledger, last: int) -> int:
    """How many are adopted already: they are the first ones, so halving finds it."""
    low, high = 0, last
    while low < high:
        middle = (low + high + 1) // 2
        (entry,) = await ledger.find(before=middle + 1, limit=1)
        if entry.commitment:
            low = middle
        else:
            high = middle - 1
    return low
