"""A city's keys, in a file beside its data that only its owner reads; what changes there binds within a second."""

import hashlib
import os
import secrets
import ssl
from collections.abc import Mapping
from pathlib import Path

from madang.app.private import PrivateTable
from madang.errors import BadRequestData, ResourceNotFound
from madang.govern.key import Key


class KeyFile:
    """The file ``keys.json`` of a folder."""

    def __init__(self, folder: Path) -> None:
        self._table = PrivateTable(folder / "keys.json", Key, lambda key: key.id)
        self._read: Mapping[str, Key] = {}
        self._certificates: Mapping[str, Key] = {}

    def keys(self) -> Mapping[str, Key]:
        """The keys by id. Raises Unavailable where the file cannot be read: then nobody is anybody."""
        return self._table.read()

    def certificates(self) -> Mapping[str, Key]:
        """Those that are known by a certificate, by its fingerprint. Raises as `keys`."""
        keys = self.keys()
        if keys is not self._read:
            self._read = keys
            self._certificates = {key.certificate: key for key in keys.values() if key.certificate}
        return self._certificates

    def add(self, key: Key) -> None:
        """One more."""
        with self._table.change() as keys:
            keys[key.id] = key

    def remove(self, id: str) -> Key:
        """It opens nothing any more. Raises ResourceNotFound."""
        with self._table.change() as keys:
            if id not in keys:
                raise ResourceNotFound(f"there is no key {id!r}; 'madang key list' tells the ids")
            return keys.pop(id)


def fingerprint(file: Path) -> str:
    """The SHA-256 of a certificate's DER, in hex. Raises BadRequestData for a file that has none."""
    try:
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read_text("ascii").strip())).hexdigest()
    except (OSError, ValueError) as problem:
        raise BadRequestData(f"{file} has no certificate in PEM: {problem}") from problem


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
