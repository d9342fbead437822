"""Check a log or a receipt with nothing but the public key: no network, no store."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from madang.account import head as heads
from madang.account.export import FORMAT, RECEIPT, Line, Receipt, Title
from madang.account.fault import LedgerError
from madang.account.head import Head
from madang.account.leaf import Leaf, canonical, commit, hash_of
from madang.account.merkle import included, leaf_hash
from madang.account.peaks import Peaks
from madang.errors import BadRequestData

T = TypeVar("T")


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What was checked: the head, how many entries, and of how many the body was there to be checked too."""

    head: Head
    entries: int
    bodies: int


def check_receipt(text: bytes, public: str) -> Checked:
    """A receipt. Raises LedgerError that says what is wrong, BadRequestData where it is no receipt."""
    given = _read(text, Receipt, "the receipt")
    if given.format != RECEIPT:
        raise BadRequestData(f"the receipt's format is {given.format[:40]!r}; this version reads {RECEIPT}")
    proof = given.proof
    _head(proof.head, public)
    if given.key != public or proof.leaf.get("sequence") != proof.index + 1:
        raise LedgerError("the receipt's key, or the number of its entry, is not the one of the proof")
    leaf = leaf_hash(canonical(proof.leaf))
    path = [_hash(step) for step in proof.path]
    if not included(leaf, index=proof.index, size=proof.head.size, path=path, root=_hash(proof.head.root)):
        raise LedgerError(f"the proof does not lead from the entry to the head of {proof.head.size} entries")
    _body(given.salt, given.body, str(proof.leaf.get("commitment")), f"entry {proof.index + 1}")
    return Checked(head=proof.head, entries=1, bodies=int(given.body is not None))


def check_export(lines: Iterable[bytes], public: str, seen: Sequence[Head] = ()) -> Checked:
    """A whole log as lines; `seen` are heads from earlier, with which it has to agree.

    Raises LedgerError that names the line and what is wrong, BadRequestData where it is no export.
    """
    rows = iter(lines)
    title = _read(next(rows, b""), Title, "line 1")
    if title.format != FORMAT:
        raise BadRequestData(f"line 1: the format is {title.format[:40]!r}; this version reads {FORMAT}")
    peaks, bodies = Peaks(), 0
    if title.key != public:
        raise LedgerError(f"the log is signed by another key: {title.key[:64]}")
    for head in (*seen, title.head):
        _head(head, public)
    waiting = sorted([*seen, title.head], key=lambda head: head.size)
    _compare(waiting, peaks)
    for place, row in enumerate(rows, 2):
        bodies += _leaf(_read(row, Line, f"line {place}"), peaks)
        _compare(waiting, peaks)
    if waiting:
        raise LedgerError(f"the log ends after {peaks.size} entries; a head that was signed has {waiting[-1].size}")
    if peaks.size != title.head.size:
        raise LedgerError(f"there are {peaks.size} entries; the head is of {title.head.size}")
    return Checked(head=title.head, entries=peaks.size, bodies=bodies)


def _leaf(line: Line, peaks: Peaks) -> bool:
    """Take an entry; whether its body was there."""
    if line.sequence != peaks.size + 1:
        raise LedgerError(f"after entry {peaks.size} comes {line.sequence}: something was dropped, added or moved")
    _body(line.salt, line.body, line.commitment, f"entry {line.sequence} ({line.id[:80]})")
    leaf = Leaf(sequence=line.sequence, id=line.id, kind=line.kind, at=line.at, commitment=line.commitment)
    peaks.push(hash_of(leaf))
    return line.body is not None


def _compare(waiting: list[Head], peaks: Peaks) -> None:
    while waiting and waiting[0].size == peaks.size:
        head = waiting.pop(0)
        if peaks.root().hex() != head.root:
            raise LedgerError(
                f"the first {head.size} entries do not have the root that was signed at {head.at.isoformat()}: "
                "the log was changed, or is another one"
            )


def _head(head: Head, public: str) -> None:
    if (wrong := heads.fault(head, public)) is not None:
        raise LedgerError(wrong)


def _body(salt: str | None, body: str | None, commitment: str, what: str) -> None:
    if body is None and salt is None:
        return
    if body is None or salt is None or commit(_hash(salt), body.encode()) != commitment:
        raise LedgerError(f"the body of {what} is not the one that the log has")


def _hash(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    # Small letters only: each hash has one text.
    if found.hex() != text:
        raise LedgerError(f"{text[:80]!r} is no hash in hex")
    return found


def _read(text: bytes, type: type[T], what: str) -> T:
    try:
        return msgspec.json.decode(text, type=type)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequestData(f"{what} cannot be read: {error}") from error


def read_head(text: bytes) -> Head:
    """A head as ``GET /ledger/head`` gave it, or as it stands in an export or a receipt. Raises BadRequestData."""
    given = _read(text.split(b"\n")[0], dict[str, Any], "the head")
    found: Any = given.get("head") or given.get("proof", {}).get("head") or given
    try:
        return msgspec.convert(found, Head)
    except msgspec.ValidationError as error:
        raise BadRequestData(f"the head cannot be read: {error}") from error
