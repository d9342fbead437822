"""A statement that anybody can check with the tools that they have: JSON Web Signature, compact (RFC 7515), signed with
the ledger's key (Ed25519, RFC 8037 and RFC 9864). A test verifies it with a library that is not ours."""

import base64
from typing import Any

from madang.account.key import Key
from madang.account.leaf import canonical


def jws(key: Key, payload: Any, *, type: str) -> str:
    """The payload as canonical JSON, signed; `type` says what it is (the header's ``typ``)."""
    header = {"alg": "Ed25519", "kid": key.id, "typ": type}
    text = f"{_base64(canonical(header))}.{_base64(canonical(payload))}"
    # No other text that the key signs begins so: theirs begin with "madang-" (see `key.message`).
    return f"{text}.{_base64(key.sign_bytes(text.encode()))}"


def jwk(key: Key) -> dict[str, str]:
    """The public key as a JSON Web Key."""
    x = _base64(bytes.fromhex(key.public))
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": key.id, "alg": "Ed25519", "use": "sig"}


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
