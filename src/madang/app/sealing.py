"""Backups from which a person can be erased: what is about one person is sealed with a key of that person's own, and an
erasure destroys the key. AES-256-GCM (NIST SP 800-38D); the keys are in a file beside the city's data that no backup
has.

A backup that is sealed has the file ``people.sealed`` beside its copies: a line a person and file. Who has the backup
without the keys has nothing of anybody; who restores it with them has everybody but those who were erased since.
"""

import base64
import contextlib
import hashlib
import hmac
import secrets
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from madang.app.private import PrivateTable
from madang.errors import BadRequestData, Unavailable

NAME: Final = "people.sealed"
_NONCE: Final = 12


class PersonKey(msgspec.Struct, frozen=True, kw_only=True):
    """`id` stands for the person: a keyed hash of the URI, so that the file lists nobody; `key` in base64. The row with
    the id "" has the key of these hashes."""

    id: str
    key: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One person's rows of one file, sealed."""

    file: str
    person: str
    nonce: str
    text: str


class Restored(NamedTuple):
    """How many people are back, and how many are not, as their keys were destroyed."""

    people: int
    erased: int


Seal = Callable[[str, str, bytes], Line]
"""Seals what a file has of a person."""


class PeopleKeys:
    """The file ``people.keys`` of a city's folder."""

    def __init__(self, folder: Path) -> None:
        self._table = PrivateTable(folder / "people.keys", PersonKey, lambda one: one.id)

    @contextlib.contextmanager
    def sealing(self) -> Generator[Seal]:
        """Seals people's rows of files, with the key of each, old or new; new ones are on disk when this has ended."""
        with self._table.change() as keys:

            def seal(file: str, person: str, text: bytes) -> Line:
                id = _id(keys, person)
                if id not in keys:
                    keys[id] = PersonKey(id=id, key=_text(AESGCM.generate_key(256)))
                nonce = secrets.token_bytes(_NONCE)
                sealed = AESGCM(_bytes(keys[id].key)).encrypt(nonce, text, id.encode())
                return Line(file=file, person=id, nonce=_text(nonce), text=_text(sealed))

            yield seal

    def open(self, line: Line) -> bytes | None:
        """What was sealed; None where the key was destroyed. Raises Unavailable where it was changed since."""
        key = self._table.read().get(line.person)
        if key is None:
            return None
        try:
            return AESGCM(_bytes(key.key)).decrypt(_bytes(line.nonce), _bytes(line.text), line.person.encode())
        except InvalidTag as error:
            raise Unavailable(f"{NAME}: a line was changed since it was sealed, or is of another city") from error

    def destroy(self, person: str) -> None:
        """Nothing that was ever sealed of the person can be opened any more."""
        with self._table.change() as keys:
            keys.pop(_id(keys, person), None)


def write(target: Path, keys: PeopleKeys, found: Iterable[tuple[str, str, Mapping[str, Any]]]) -> int:
    """Write people's rows (file, person, rows) sealed into the folder; how many people."""
    people: set[str] = set()
    with (target / NAME).open("wb") as out, keys.sealing() as seal:
        for file, person, rows in found:
            line = seal(file, person, msgspec.msgpack.encode(rows))
            out.write(msgspec.json.encode(line) + b"\n")
            people.add(line.person)
    return len(people)


def read(folder: Path) -> Iterator[Line]:
    """The lines of a sealed backup; none where nothing is sealed. Raises BadRequestData."""
    file = folder / NAME
    if not file.exists():
        return
    with file.open("rb") as lines:
        for line in lines:
            try:
                yield msgspec.json.decode(line, type=Line)
            except msgspec.MsgspecError as error:
                raise BadRequestData(f"{file} is not what a backup wrote: {error}") from error


def _id(keys: dict[str, PersonKey], person: str) -> str:
    if "" not in keys:
        keys[""] = PersonKey(id="", key=_text(secrets.token_bytes(32)))
    return hmac.new(_bytes(keys[""].key), person.encode(), hashlib.sha256).hexdigest()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
