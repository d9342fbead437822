"""Check a receipt of a city's ledger without any code of the city's: python verify.py RECEIPT.json PUBLIC-KEY

The public key is 64 hex digits, taken from somewhere that you trust. Needs: pip install cryptography
How a receipt is made: https://www.rfc-editor.org/rfc/rfc6962 (the tree), docs/ledger.md (leaf, body, signature).
"""

import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def root(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that the path leads to (RFC 9162, 2.1.3.2)."""
    last, found = size - 1, sha256(b"\x00" + leaf)
    for step in path:
        if index & 1 or index == last:
            found = sha256(b"\x01" + step + found)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + step)
        index, last = index >> 1, last >> 1
    return found if last == 0 else b""


def check(receipt: dict, public: str) -> str:
    """Raises ValueError or InvalidSignature; else says what is proven."""
    proof, head = receipt["proof"], dict(receipt["proof"]["head"])
    leaf, index, signature = proof["leaf"], proof["index"], bytes.fromhex(head.pop("signature"))
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    key.verify(signature, b"madang-head/1\n" + canonical(head))
    if not 0 <= index < head["size"] or index != leaf["sequence"] - 1:
        raise ValueError("the index is not the entry's")
    path = [bytes.fromhex(step) for step in proof["path"]]
    if root(canonical(leaf), index, head["size"], path).hex() != head["root"]:
        raise ValueError("the path does not lead to the signed root")
    salt, body = bytes.fromhex(receipt.get("salt", "")), receipt.get("body", "").encode()
    if body and sha256(salt + body).hex() != leaf["commitment"]:
        raise ValueError("the body is not the one in the log")
    return f"{leaf['id']} is entry {leaf['sequence']} of {head['size']}; signed at {head['at']}"


if __name__ == "__main__":
    try:
        print(check(json.loads(Path(sys.argv[1]).read_bytes()), sys.argv[2].strip()))
    except (OSError, ValueError, KeyError, TypeError, InvalidSignature) as error:
        sys.exit(f"NOT PROVEN: {type(error).__name__}: {error}")
