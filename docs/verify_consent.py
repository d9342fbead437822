"""Check a consent receipt without any code of the city's: python verify_consent.py RECEIPT PUBLIC-KEY [NOTICE.json]

RECEIPT is a file with a JSON Web Signature (RFC 7515), PUBLIC-KEY 64 hex digits, taken from somewhere that you trust.
With NOTICE, what GET /notices/… answered then, it is checked that this is the notice that was agreed to.
Needs: pip install cryptography
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def notice_hash(notice: dict) -> str:
    """SHA-256 of the notice's canonical JSON without what was added when it was told."""
    body = {name: value for name, value in notice.items() if name not in ("hash", "version", "told")}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def check(receipt: str, public: str, notice: dict | None = None) -> str:
    """Raises ValueError or InvalidSignature; else says what is proven."""
    head, payload, signature = receipt.strip().split(".")
    header = json.loads(decoded(head))
    if (header["alg"], header["typ"]) != ("Ed25519", "consent-receipt+jwt"):
        raise ValueError("no consent receipt")
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    key.verify(decoded(signature), f"{head}.{payload}".encode())
    body = json.loads(decoded(payload))
    record = body["receipt"]["dpv:hasRecordOfActivity"]
    agreed = record["dpv:hasNotice"]["dcterms:identifier"]
    if notice is not None and notice_hash(notice) != agreed:
        raise ValueError("that is not the notice that was agreed to")
    purposes = ", ".join(one["dcterms:title"] for one in record["dpv:hasProcess"]["dpv:hasPurpose"])
    return f"{record['dpv:hasDataSubject']['@id']}: {record['madang:state']} for {purposes}; said by {body['iss']}"


if __name__ == "__main__":
    try:
        told = json.loads(Path(sys.argv[3]).read_bytes()) if len(sys.argv) > 3 else None
        print(check(Path(sys.argv[1]).read_text(), sys.argv[2].strip(), told))
    except (OSError, ValueError, KeyError, TypeError, InvalidSignature) as error:
        sys.exit(f"NOT PROVEN: {type(error).__name__}: {error}")
