"""The log as others get it: entries' leaves, with salt and body where these may be shown; a whole log as lines of JSON,
the signed head first. Whoever has the public key can check it without us (see `check`, and ``docs/verify.py``)."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime

import msgspec

from madang.account.head import Head, Proof
from madang.account.ledger import Account
from madang.errors import ResourceNotFound
from madang.model.ledger import Entry

FORMAT = "madang-ledger/1"
RECEIPT = "madang-receipt/1"
PAGE = 1000

Open = Callable[[Entry], bool]
"""Whether the reader may see an entry's body."""


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An entry in an export: its leaf; `salt` (hex) and `body` (the exact text that was committed to) where shown."""

    sequence: int
    id: str
    kind: str
    at: datetime
    commitment: str
    salt: str | None = None
    body: str | None = None


class Title(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line of an export."""

    format: str
    key: str
    head: Head


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One entry with the proof that the log has it; `body` and `salt` are None where they are withheld or erased."""

    format: str
    key: str
    proof: Proof
    salt: str | None = None
    body: str | None = None


def line(entry: Entry, *, shown: bool) -> Line:
    """An entry as its reader gets it."""
    salt, body = (entry.salt.hex(), entry.body.decode()) if shown and entry.body else (None, None)
    return Line(
        sequence=entry.sequence,
        id=entry.id,
        kind=entry.kind,
        at=entry.at,
        commitment=entry.commitment,
        salt=salt,
        body=body,
    )


async def receipt(account: Account, id: str, *, size: int | None = None, opens: Open) -> Receipt:
    """The entry with that id and the proof of it. Raises ResourceNotFound, BadRequestData."""
    proof = await account.log.proof(id, size)
    entry = await account.entry(id)
    if entry is None:
        raise ResourceNotFound(f"the ledger has no entry '{id[:80]}'")
    shown = line(entry, shown=opens(entry))
    return Receipt(format=RECEIPT, key=account.log.key.public, proof=proof, salt=shown.salt, body=shown.body)


async def export(account: Account, opens: Open) -> AsyncIterator[bytes]:
    """The whole log as it is now, as lines: the title, then every entry in order."""
    head = await account.log.head()
    yield msgspec.json.encode(Title(format=FORMAT, key=account.log.key.public, head=head)) + b"\n"
    for first in range(1, head.size + 1, PAGE):
        page = await account.entries(first, min(first + PAGE - 1, head.size))
        yield b"".join(msgspec.json.encode(line(entry, shown=opens(entry))) + b"\n" for entry in page)
