"""A city's keys, in a file beside its data that only its owner reads; what changes there binds within a second."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from madang.clock import monotonic_s
from madang.errors import ResourceNotFound, Unavailable
from madang.govern.key import Key

_LOOK_EVERY_S: Final = 1.0


class KeyFile:
    """The file ``keys.json`` of a folder."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "keys.json"
        self._keys: Mapping[str, Key] = {}
        self._stamp: tuple[int, int] | None = None
        self._looked = -_LOOK_EVERY_S

    def keys(self) -> Mapping[str, Key]:
        """The keys by id. Raises Unavailable where the file cannot be read: then nobody is anybody."""
        if monotonic_s() - self._looked >= _LOOK_EVERY_S:
            self._looked = monotonic_s()
            self._look()
        return self._keys

    def add(self, key: Key) -> None:
        """One more."""
        self._look()
        self._write({**self._keys, key.id: key})

    def remove(self, id: str) -> Key:
        """It opens nothing any more. Raises ResourceNotFound."""
        self._look()
        if id not in self._keys:
            raise ResourceNotFound(f"there is no key {id!r}; 'madang key list' tells the ids")
        self._write({other: key for other, key in self._keys.items() if other != id})
        return self._keys[id]

    def _look(self) -> None:
        try:
            found = self._file.stat()
            stamp = (found.st_mtime_ns, found.st_ino)
            if stamp != self._stamp:
                self._keys = {key.id: key for key in msgspec.json.decode(self._file.read_bytes(), type=list[Key])}
                self._stamp = stamp
        except FileNotFoundError:
            self._keys, self._stamp = {}, None
        except (OSError, msgspec.DecodeError) as problem:
            raise Unavailable(f"the keys in {self._file} cannot be read: {problem}") from problem

    def _write(self, keys: Mapping[str, Key]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        made = self._file.with_name(f".keys-{secrets.token_hex(4)}")
        text = msgspec.json.format(msgspec.json.encode([*keys.values()]))
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        made.replace(self._file)


def pseudonym_secret(folder: Path) -> bytes:
    """The secret of the city's pseudonyms, made at first use, in a file that only its owner reads."""
    file = folder / "pseudonyms.key"
    try:
        return file.read_bytes()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
                made.write(secrets.token_bytes(32))
        except FileExistsError:
            pass
        return file.read_bytes()
