"""A measured effect as a file: the figures, how they came about, and a hash that shows whether anybody changed it.

What ``madang evaluate`` writes and what an appraisal reads.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from madang.errors import BadRequestData

FORMAT = "madang-evidence/1"


def write(body: Mapping[str, Any], folder: Path, *, name: str) -> Path:
    """Write the evidence as ``<name>-<first 12 of its hash>.json`` and return the file.

    The hash is SHA-256 over the canonical JSON (sorted keys, no white space) of everything but ``sha256`` itself.
    """
    content = {"format": FORMAT, **body}
    found = digest(content)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-{found[:12]}.json"
    text = msgspec.json.encode({**content, "sha256": found}, order="sorted")
    file.write_bytes(msgspec.json.format(text, indent=2) + b"\n")
    return file


def read(file: Path) -> dict[str, Any]:
    """An evidence file whose hash is right. Raises BadRequestData naming the file and what is wrong with it."""
    try:
        content = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError) as error:
        raise BadRequestData(f"{file}: no evidence can be read from it: {error}") from error
    if content.get("format") != FORMAT:
        raise BadRequestData(f"{file}: its format is {content.get('format')!r}, this version reads {FORMAT}")
    told = content.pop("sha256", None)
    if told != digest(content):
        raise BadRequestData(f"{file}: its content does not match its sha256: it was changed after it was measured")
    return content


def digest(content: Mapping[str, Any]) -> str:
    """The hash of an evidence's content, `sha256` itself left out."""
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()
