"""What changed between two releases is every row that differs, and no other."""

from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.publish.changes import columns, compare

rows = st.dictionaries(
    st.text(alphabet="abc:é\U0001f600", min_size=1, max_size=3),
    st.dictionaries(st.sampled_from(["x", "y"]), st.integers(0, 2), max_size=2),
    max_size=8,
)


def written(file: Path, content: dict[str, Any]) -> Path:
    lines = [{"id": id, "geometry": None, "properties": content[id]} for id in sorted(content)]
    file.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    return file


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, rows)
def test_every_change_is_told_and_nothing_else(tmp_path: Path, old: dict[str, Any], new: dict[str, Any]) -> None:
    out = tmp_path / "changes"
    counts = compare(written(tmp_path / "old", old), written(tmp_path / "new", new), out)
    told = {one["id"]: one for one in map(msgspec.json.decode, out.read_bytes().splitlines())}
    assert sum(counts.values()) == len(told)
    for id in {*old, *new}:
        if id in old and id in new:
            if old[id] == new[id]:
                assert id not in told
            else:
                names = {name for name in {*old[id], *new[id]} if old[id].get(name) != new[id].get(name)}
                assert (told[id]["change"], set(told[id]["columns"])) == ("changed", names)
        else:
            assert told[id]["change"] == ("added" if id in new else "removed")


def test_columns_that_came_went_or_changed() -> None:
    old = [{"name": "a", "type": "text"}, {"name": "b", "type": "numeric"}]
    new = [{"name": "b", "type": "text"}, {"name": "c", "type": "text"}]
    assert columns(old, new) == {"added": ["c"], "removed": ["a"], "changed": ["b"]}
