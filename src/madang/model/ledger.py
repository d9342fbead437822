"""One entry of the ledger: its place, what it is about, its canonical bytes and the chain's hash up to it."""

from datetime import datetime

import msgspec


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """`sequence` counts from 1 without gaps; `hash` is SHA-256(hash before || body), hex; `body` is canonical JSON."""

    sequence: int
    id: str
    kind: str
    service: str
    target: str
    at: datetime
    body: bytes
    hash: str
