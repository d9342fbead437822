"""A release under anonymity held against those before it that are kept: what they tell together (see
`govern/anonymise/differencing`)."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from madang.govern.anonymise.differencing import Line, check_apart
from madang.publish.archive import Archive


def check_former(archive: Archive, dataset: str, rows: Path, asked: dict[str, Any], form: str) -> list[int]:
    """The versions that the written `rows` were held against. `asked` is the guarantee's, `form` that of the files of
    rows. Raises BadRequestData where two together tell of fewer than k people."""
    held: list[int] = []
    for version in archive.versions(dataset):
        kept = archive.one(dataset, version)
        guarantee, file = kept.manifest.guarantee or {}, kept.manifest.file(form)
        told: list[str] = list(guarantee.get("asked", {}).get("sensitive", ()))
        both = [name for name in asked["sensitive"] if name in told]
        if not kept.whole or file is None or guarantee.get("kind") != "anonymity" or not both:
            continue
        before, quasi = archive.path(kept, file), asked["quasi"]
        check_apart(
            _lines(before, quasi, both),
            _lines(rows, quasi, both),
            k=asked["k"],
            l=asked["l"],
            what=f"release {version}",
        )
        held.append(version)
    return held


def _lines(file: Path, quasi: Sequence[str], sensitive: Sequence[str]) -> Iterator[Line]:
    decode = msgspec.json.Decoder().decode
    with file.open("rb") as stream:
        for line in stream:
            row: dict[str, Any] = decode(line)["properties"]
            yield tuple(str(row.get(name)) for name in quasi), tuple(str(row[name]) for name in sensitive)
