"""One entry of the ledger: its place, what it is about, its canonical bytes, and what the log keeps of it."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

Place = tuple[int, int]
"""A tile of the log's tree: its level and its number (see ``account/tree``)."""

Tiles = Mapping[Place, bytes]
"""Tiles by their place: the hashes of sixteen neighbouring subtrees, one after the other."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`sequence` counts from 1 without gaps; `body` is canonical JSON, or empty where it was erased.

    `commitment` is SHA-256(salt || body), hex: it is what the log keeps of the body, and without the salt it says
    nothing about it. `hash` is the hash of the entry's leaf, hex. An entry from before the log has neither salt nor
    commitment, and `hash` chains it to the one before (see ``account/adoption``).
    """

    sequence: int
    id: str
    kind: str
    service: str
    target: str
    at: datetime
    body: bytes
    hash: str
    salt: bytes = b""
    commitment: str = ""
