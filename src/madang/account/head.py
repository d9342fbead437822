"""A signed head: the log's size and root at a time. Two of them that do not agree prove that the log was changed (RFC
6962, 3.5)."""

from datetime import datetime
from typing import Any

import msgspec

from madang.account.key import Key, is_signed, key_id

WHAT = "head"


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`size` leaves, their `root` (hex), when it was signed (the wall's time), by the key with the id `log`."""

    size: int
    root: str
    at: datetime
    log: str
    signature: str = ""

    @property
    def statement(self) -> dict[str, Any]:
        """What is signed: everything but the signature."""
        return {"size": self.size, "root": self.root, "at": self.at, "log": self.log}


class Proof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That a leaf is in the log: its number `index` from 0, its `path` (hex, the nearest hash first), and the head."""

    leaf: dict[str, Any]
    index: int
    path: tuple[str, ...]
    head: Head


class Consistency(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That the log of `second.size` leaves begins with that of `first.size`: the path (hex) and both heads."""

    first: Head
    second: Head
    path: tuple[str, ...]


def sign(key: Key, *, size: int, root: bytes, at: datetime) -> Head:
    """The head, signed."""
    head = Head(size=size, root=root.hex(), at=at, log=key.id)
    return msgspec.structs.replace(head, signature=key.sign(WHAT, head.statement))


def fault(head: Head, public: str) -> str | None:
    """Why the head is not one that the key's holder signed, or None."""
    if head.log != key_id(public):
        return f"the head is signed by the key {head.log}, not by {key_id(public)}"
    if not is_signed(public, head.signature, what=WHAT, value=head.statement):
        return f"the signature of the head of {head.size} entries is wrong"
    return None
