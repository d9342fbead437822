"""A data directory of the first layout opens, with everything that was in it; broken off, it is as it was."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import msgspec
import pytest

from madang.errors import Unavailable
from madang.model import time
from madang.model.access import EVERYTHING
from madang.model.change import Edited, Sample
from madang.model.entity import Attribute, Entity, point
from madang.model.query import EntityQuery, GeoFilter, Georel, TemporalQuery
from madang.model.record import Record, RecordKind
from madang.store.sqlite import SqliteLedger, SqliteStore, upgrade
from madang.store.sqlite.files import files
from madang.store.sqlite.kept import KeptStore, backup

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=7)
EVER = TemporalQuery()

OLD = """
CREATE TABLE entity (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, types TEXT NOT NULL, plural INTEGER NOT NULL,
 body TEXT NOT NULL) STRICT;
CREATE TABLE kind (type TEXT NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (type, id))
 STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE place USING rtree (number, west, east, south, north);
CREATE TABLE past (entity TEXT PRIMARY KEY, types TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE series (number INTEGER PRIMARY KEY, entity TEXT NOT NULL, attribute TEXT NOT NULL, dataset TEXT NOT NULL,
 UNIQUE (entity, attribute, dataset)) STRICT;
CREATE TABLE form (number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE sample (series INTEGER NOT NULL, at INTEGER NOT NULL, lag INTEGER, form INTEGER NOT NULL, value ANY,
 PRIMARY KEY (series, at)) STRICT, WITHOUT ROWID;
CREATE TABLE entry (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, service TEXT NOT NULL,
 target TEXT NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TABLE blob (digest TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
PRAGMA application_id = 0x4D414441; PRAGMA user_version = 1;
"""
SECOND = """
CREATE TABLE record (kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id))
 STRICT, WITHOUT ROWID;
CREATE TABLE notice (number INTEGER PRIMARY KEY AUTOINCREMENT, subscription TEXT NOT NULL, at INTEGER NOT NULL,
 body BLOB NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',
 dead INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE tally (subscription TEXT PRIMARY KEY, due INTEGER NOT NULL DEFAULT 0, delivered INTEGER NOT NULL DEFAULT 0,
 failures INTEGER NOT NULL DEFAULT 0, failing INTEGER NOT NULL DEFAULT 0, sent_at INTEGER, success_at INTEGER,
 failure_at INTEGER, error TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
ALTER TABLE entity ADD COLUMN expires INTEGER;
CREATE INDEX entity_by_expiry ON entity (expires) WHERE expires IS NOT NULL;
PRAGMA user_version = 3;
"""


def one(n: int) -> Entity:
    """An entity as a hub stamps it, whose level was changed once."""
    stamps = {"created_at": NOON, "modified_at": NOON}
    attributes = {
        "level": (Attribute(value=n, observed_at=LATER, created_at=NOON, modified_at=LATER),),
        "name": (Attribute(value=f"é{n}", **stamps), Attribute(value="b", dataset_id="urn:d:1", **stamps)),
        "location": (Attribute(value=point(11, 48 + n / 1000), **stamps),),
        "bare": (Attribute(value={"created_at": "2026-03-01T12:00:00Z"}, created_at=LATER, modified_at=LATER),),
    }
    return Entity(id=f"urn:x:{n:02}", types=("T", "U"), attributes=attributes, created_at=NOON, modified_at=LATER)


def sample(n: int) -> Sample:
    return Sample("level", LATER, Attribute(value=n, observed_at=LATER, created_at=LATER, modified_at=LATER))


def old(file: Path, count: int, *, second: bool = True) -> None:
    """A file of the first layout: each entity with one sample, and one more that is deleted since."""
    made = apsw.Connection(str(file))
    made.execute(OLD + (SECOND if second else ""))
    encode, at = msgspec.json.encode, time.microseconds(LATER)
    made.execute("INSERT INTO form VALUES (1, '{}')")
    for n in range(count + 1):
        id = one(n).id
        made.execute("INSERT INTO past VALUES (?, 'T U')", (id,))
        made.execute("INSERT INTO series VALUES (?, ?, 'level', '')", (100 - n, id))
        made.execute("INSERT INTO sample VALUES (?, ?, 0, 1, ?)", (100 - n, at, n))
        if n < count:
            sql = "INSERT INTO entity (number, id, types, plural, body) VALUES (?, ?, 'T U', 1, ?)"
            made.execute(sql, (n + 7, id, encode(one(n)).decode()))
            made.execute("INSERT INTO kind VALUES ('T', ?1, ?2), ('U', ?1, ?2)", (id, n + 7))
            made.execute("INSERT INTO place VALUES (?, 11, 11, ?2, ?2)", (n + 7, 48 + n / 1000))
    made.execute("INSERT INTO entry VALUES (1, 'e1', 'decision', 's', 't', ?, x'7b7d', 'h')", (at,))
    if second:
        made.execute("INSERT INTO record VALUES ('context', 'c', x'7b7d')")
        made.execute("INSERT INTO notice (number, subscription, at, body) VALUES (41, 's', 1, x'00')")
        made.execute("DELETE FROM notice")
    made.close()


@pytest.mark.parametrize("second", [True, False])
async def test_everything_is_there_afterwards(
    tmp_path: Path, second: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade, "STEP", 3)
    monkeypatch.setattr(upgrade, "TOLD_S", 0.0)
    old(tmp_path / "city.sqlite", 8, second=second)
    (tmp_path / "tenants").mkdir()
    old(tmp_path / "tenants" / "north.sqlite", 1, second=second)
    with caplog.at_level(logging.INFO):
        store = SqliteStore(tmp_path)
    assert "entities, 3 of 8" in caplog.text
    found, _ = await store.find(EntityQuery(types=(("U",),), limit=100), EVERYTHING)
    assert found == [one(n) for n in range(8)]
    geo = GeoFilter(relation=Georel.NEAR, geometry=point(11, 48), max_distance_m=10)
    assert [near.id for near in (await store.find(EntityQuery(geo=geo), EVERYTHING))[0]] == ["urn:x:00"]
    ids = [one(n).id for n in range(9)]
    assert [id for id, types in await store.pasts(types=(("T",),)) if types == ("T", "U")] == ids
    past = await store.history(ids, (), EVER)
    assert [(each.attributes["level"][0].value, each.attributes["level"][0].observed_at) for each in past] == [
        (n, LATER) for n in range(9)
    ]
    assert await SqliteLedger(store).read("e1") is not None
    assert await store.tenant("north").get("urn:x:00") == one(0)
    if second:
        assert await store.records.get(RecordKind("context"), "c") == Record(RecordKind("context"), "c", b"{}")
        assert store.look("SELECT seq FROM sqlite_sequence", ()) == [(41,)]
    # What is new takes no number of those that are gone, and who comes back has the past that it had.
    await store.write([(one(n).id, lambda _, n=n: Edited(one(n), (), (sample(n),))) for n in (20, 8)])
    assert len((await store.history(["urn:x:20"], (), EVER))[0].attributes["level"]) == 1
    assert [each.id for each in await store.history(["urn:x:08"], (), EVER)] == ["urn:x:08"]
    assert [id for id, _ in await store.pasts()] == [*ids, "urn:x:20"]
    store.close()
    assert files(tmp_path) == {"": tmp_path / "city.sqlite", "north": tmp_path / "tenants" / "north.sqlite"}
    SqliteStore(tmp_path).close()


def test_what_fails_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "city.sqlite"
    old(file, 3)
    broken = apsw.Connection(str(file))
    broken.execute("UPDATE kind SET type = 'x' || type; UPDATE series SET entity = 'nobody' WHERE number = 99")
    broken.close()
    before = file.read_bytes()
    with pytest.raises(Unavailable, match="could not be brought up to date: of 4 rows of sample there came 3"):
        SqliteStore(tmp_path)
    assert file.read_bytes() == before
    assert not (tmp_path / "city.sqlite.new").exists()


def test_what_a_killed_one_left_is_begun_again(tmp_path: Path) -> None:
    old(tmp_path / "city.sqlite", 3)
    (tmp_path / "city.sqlite.new").write_bytes(b"half of it")
    SqliteStore(tmp_path).close()
    assert not (tmp_path / "city.sqlite.new").exists()


def test_who_only_reads_is_told_to_start_the_hub(tmp_path: Path) -> None:
    old(tmp_path / "city.sqlite", 1)
    with pytest.raises(Unavailable, match="of an older version; start its hub once"):
        KeptStore(tmp_path)


def test_an_old_file_can_be_copied_first(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    old(data / "city.sqlite", 2)
    (copy,) = backup(data, tmp_path / "copy")
    assert copy.exists()
    SqliteStore(copy.parent).close()
