"""An entry's leaf: what the log keeps of it for ever. Its body is there as a salted commitment alone, so that the body,
and the salt with it, may be erased and the log goes on proving what it proved."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from madang.account.merkle import leaf_hash
from madang.model.ledger import Entry

SALT = 16
"""Bytes of a salt: nobody finds the body by trying."""


_sorted = msgspec.json.Encoder(order="sorted").encode
_as_it_is = msgspec.json.Encoder().encode


class Leaf(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the log says of an entry: number, id, kind, the city's time, and the commitment to its body (hex). The
    members are in the order of their names, so that they need not be sorted to be canonical."""

    at: datetime
    commitment: str
    id: str
    kind: str
    sequence: int


def canonical(value: Any) -> bytes:
    """The one JSON text of a value: keys sorted, no white space, UTF-8."""
    return _sorted(value)


def commit(salt: bytes, body: bytes) -> str:
    """The commitment to a body: SHA-256(salt || body), hex."""
    return hashlib.sha256(salt + body).hexdigest()


def hash_of(leaf: Leaf) -> bytes:
    """The leaf's hash."""
    return leaf_hash(_as_it_is(leaf))


def leaf_of(entry: Entry) -> Leaf:
    """The leaf of an entry that has one."""
    return Leaf(sequence=entry.sequence, id=entry.id, kind=entry.kind, at=entry.at, commitment=entry.commitment)


def sealed(entry: Entry, salt: bytes = b"") -> Entry:
    """The entry with a salt (fresh, where none is given), its commitment and its leaf's hash."""
    salt = salt or secrets.token_bytes(SALT)
    commitment = commit(salt, entry.body)
    sequence, id, kind, at = entry.sequence, entry.id, entry.kind, entry.at
    return Entry(
        sequence=sequence,
        id=id,
        kind=kind,
        service=entry.service,
        target=entry.target,
        at=at,
        body=entry.body,
        hash=hash_of(Leaf(sequence=sequence, id=id, kind=kind, at=at, commitment=commitment)).hex(),
        salt=salt,
        commitment=commitment,
    )


def sealed_all(entries: Sequence[Entry]) -> list[Entry]:
    """The entries, each sealed with a salt of its own; asking for randomness once."""
    salts = secrets.token_bytes(SALT * len(entries))
    return [sealed(entry, salts[SALT * n : SALT * (n + 1)]) for n, entry in enumerate(entries)]


def fault(entry: Entry) -> str | None:
    """What is wrong with an entry in itself, or None: its hash is its leaf's, its body is what was committed to."""
    if hash_of(leaf_of(entry)).hex() != entry.hash:
        return f"entry {entry.sequence} ({entry.id}) is not what its hash says"
    if entry.body and commit(entry.salt, entry.body) != entry.commitment:
        return f"the body of entry {entry.sequence} ({entry.id}) is not the one that the log has"
    return None
