"""What a release has that the one before has not, and the other way round; both are features by id, one a line."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

NO_RELEASE: Final[Mapping[str, Any]] = {"since": 0, "added": None, "removed": None, "changed": None}
"""There is no release before that rows could be held against."""

_Row = Mapping[str, Any]


def compare(old: Path, new: Path, out: Path) -> dict[str, int]:
    """Write each row that was added, removed or changed to `out`, one a line, a changed one with its columns; and how
    many of each there are. Reads both files side by side: memory has two rows."""
    counts = {"added": 0, "removed": 0, "changed": 0}
    with out.open("wb") as stream:
        for change in _changes(_rows(old), _rows(new)):
            counts[change["change"]] += 1
            stream.write(msgspec.json.encode(change) + b"\n")
    return counts


def columns(old: Sequence[Mapping[str, str]], new: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """The names of columns that came, went, or have another type or unit now."""
    before, after = ({one["name"]: one for one in side} for side in (old, new))
    return {
        "added": [name for name in after if name not in before],
        "removed": [name for name in before if name not in after],
        "changed": [name for name in after if name in before and after[name] != before[name]],
    }


def _changes(old: Iterator[_Row], new: Iterator[_Row]) -> Iterator[dict[str, Any]]:
    one, other = next(old, None), next(new, None)
    while one is not None or other is not None:
        if one is not None and (other is None or one["id"] < other["id"]):
            yield {"id": one["id"], "change": "removed"}
            one = next(old, None)
        elif other is not None and (one is None or other["id"] < one["id"]):
            yield {"id": other["id"], "change": "added"}
            other = next(new, None)
        elif one is not None and other is not None:
            if one != other:
                yield {"id": one["id"], "change": "changed", "columns": _differing(one, other)}
            one, other = next(old, None), next(new, None)


def _differing(one: _Row, other: _Row) -> list[str]:
    before: Mapping[str, Any] = {**one["properties"], "geometry": one["geometry"]}
    after: Mapping[str, Any] = {**other["properties"], "geometry": other["geometry"]}
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _rows(file: Path) -> Iterator[_Row]:
    decode = msgspec.json.Decoder().decode
    with file.open("rb") as stream:
        for line in stream:
            yield decode(line)
