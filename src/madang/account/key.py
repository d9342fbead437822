"""The key that signs the city's log and its receipts: Ed25519 (RFC 8032), in a file that its owner alone reads.

Whoever has the public key can check everything; whoever has the file can sign in the city's name.
"""

import hashlib
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from madang.account.leaf import canonical
from madang.errors import BadRequestData, Unavailable

_OTHERS = 0o077
_BYTES = 32


class Key:
    """A private key. `public` is the public one: 32 bytes in hex; `id` names it in what it signed."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes_raw().hex()
        self.id = key_id(self.public)

    @classmethod
    def fresh(cls) -> "Key":
        """A new key, in memory alone."""
        return cls(Ed25519PrivateKey.generate())

    def sign(self, what: str, value: Any) -> str:
        """The signature (hex) of a value as canonical JSON; `what` keeps it from passing for one of another kind."""
        return self._private.sign(message(what, value)).hex()

    def sign_bytes(self, text: bytes) -> bytes:
        """The signature of bytes as they are. Their beginning has to tell them from every other kind that is signed."""
        return self._private.sign(text)

    def pem(self) -> bytes:
        """The private key as a PEM file (PKCS #8)."""
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def message(what: str, value: Any) -> bytes:
    """The bytes that are signed: ``madang-<what>/1``, a line feed, the value's canonical JSON."""
    return f"madang-{what}/1\n".encode() + canonical(value)


def key_id(public: str) -> str:
    """The name of a public key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16]


def is_signed(public: str, signature: str, *, what: str, value: Any) -> bool:
    """Whether the holder of the private key signed the value."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), message(what, value))
    except (InvalidSignature, ValueError):
        return False
    return signature == signature.lower()


def read_public(text: str) -> str:
    """The public key (hex) in a text: hex, PEM, or JSON with a member `public`. Raises BadRequestData."""
    try:
        if "BEGIN PUBLIC KEY" in text:
            key = load_pem_public_key(text.encode())
            return key.public_bytes_raw().hex() if isinstance(key, Ed25519PublicKey) else _no_key(text)
        plain = msgspec.json.decode(text, type=dict[str, Any])["public"] if text.lstrip().startswith("{") else text
        raw = bytes.fromhex(str(plain).strip())
    except (ValueError, KeyError, msgspec.MsgspecError):
        return _no_key(text)
    return raw.hex() if len(raw) == _BYTES else _no_key(text)


def open_key(file: Path) -> Key:
    """The key in the file, which is made where there is none, readable by its owner alone.

    Raises Unavailable where the file is no key, may be read by others, or cannot be written.
    """
    try:
        if not file.exists():
            return _make(file)
        if file.stat().st_mode & _OTHERS:
            raise Unavailable(f"{file} may be read by others than its owner: chmod 600 {file}")
        found = load_pem_private_key(file.read_bytes(), password=None)
    except OSError as error:
        raise Unavailable(f"{file}: the key of the ledger cannot be had: {error.strerror or error}") from error
    except ValueError as error:
        raise Unavailable(f"{file} is no key; restore it from a copy: {error}") from error
    if not isinstance(found, Ed25519PrivateKey):
        raise Unavailable(f"{file} is no Ed25519 key; restore it from a copy")
    return Key(found)


def _make(file: Path) -> Key:
    key = Key.fresh()
    file.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not there: a crash may not leave half a key.
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_bytes(key.pem())
    new.rename(file)
    return key


def _no_key(text: str) -> str:
    raise BadRequestData(f"{text[:40]!r} is no public key: 64 hex digits, PEM, or what GET /ledger/key answers")
