"""Brings a file of the first layout (schema 1 to 3) to the present one, when a hub opens its data directory.

There each instance of an attribute had all its times in the body, and the names of an entity stood in five tables. The
new file is made beside the old one, complete and on disk before it takes its name: whenever this is broken off, the
next start finds the old file whole and begins again.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import apsw
import msgspec

from madang.clock import monotonic_s
from madang.errors import Unavailable
from madang.model.entity import Entity
from madang.store.sqlite.connection import Connection, connect, value
from madang.store.sqlite.entities import text
from madang.store.sqlite.schema import APPLICATION, FIRST, steps

log = logging.getLogger(__name__)

STEP: Final = 5000
"""Entities at a time."""

TOLD_S: Final = 5.0
"""So often the log says how far it is."""

_SAME = ("entry", "blob", "record", "notice", "sqlite_sequence", "tally")
"""Tables that stayed as they were; the first versions have not all of them."""

_body = msgspec.json.Decoder(Entity).decode

_NAMES: Final = """
INSERT INTO main.gone (number, id, types)
 SELECT (SELECT coalesce(max(number), 0) FROM main.entity) + row_number() OVER (ORDER BY entity), entity, types
 FROM old.past WHERE NOT EXISTS (SELECT 1 FROM old.entity e WHERE e.id = past.entity);
INSERT INTO gone_kind (type, id) SELECT DISTINCT type.value, gone.id
 FROM gone, json_each('["' || replace(gone.types, ' ', '","') || '"]') AS type ORDER BY 1, 2;
INSERT INTO main.kind SELECT type, id, number FROM old.kind ORDER BY type, id;
INSERT INTO main.place SELECT number, west, east, south, north FROM old.place;
INSERT INTO main.form SELECT number, text FROM old.form;
INSERT INTO stream (attribute, dataset) SELECT DISTINCT attribute, dataset FROM old.series ORDER BY 1, 2;
"""

_SAMPLES: Final = """
INSERT INTO main.sample (entity, stream, at, lag, form, value)
 SELECT o.number, t.number, s.at, s.lag, s.form, s.value
 FROM (SELECT number, id FROM main.{table} WHERE number > ? AND number <= ?) o
 CROSS JOIN old.series r ON r.entity = o.id CROSS JOIN stream t ON t.attribute = r.attribute AND t.dataset = r.dataset
 CROSS JOIN old.sample s ON s.series = r.number ORDER BY 1, 2, 3
"""


def upgrade(file: Path) -> None:
    """Upgrade the file where it is of the first layout. Raises Unavailable where that fails: the old file is there
    still; apsw.Error where it cannot be read."""
    with closing(connect(file, write=True)) as connection:
        version: int = value(connection, "PRAGMA user_version")
        ours = value(connection, "PRAGMA application_id") == APPLICATION
        if not ours or not 0 < version < FIRST:
            return
        # All of it into the one file that is read, and from now on lost when that is replaced.
        connection.wal_checkpoint(None, apsw.SQLITE_CHECKPOINT_TRUNCATE)
    log.info("%s is of an older version (schema %d): it is being brought up to date, once", file, version)
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    try:
        _make(file, new)
        _durable(new)
    except (apsw.Error, OSError) as problem:
        new.unlink(missing_ok=True)
        raise Unavailable(
            f"{file} is of an older version and could not be brought up to date: {problem}. It is as it was. Is there"
            " room for a second file of its size?"
        ) from None
    for mark in ("-wal", "-shm"):
        file.with_name(file.name + mark).unlink(missing_ok=True)
    new.replace(file)
    _durable(file.parent)
    log.info("%s is up to date", file)


def _make(file: Path, new: Path) -> None:
    with closing(connect(new, write=True)) as connection:
        connection.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536").fetchall()
        connection.execute("ATTACH ? AS old", (str(file),))
        tables = {name for (name,) in connection.execute("SELECT name FROM old.sqlite_schema WHERE type = 'table'")}
        expires = any(row[1] == "expires" for row in connection.execute("PRAGMA old.table_info(entity)"))
        connection.execute(f"BEGIN; {steps(0, FIRST)}")
        _entities(connection, file, "expires" if expires else "NULL")
        connection.execute(_NAMES)
        for table in ("entity", "gone"):
            for first, end in _ranges(connection, table, file):
                connection.execute(_SAMPLES.format(table=table), (first, end))
        for table in _SAME:
            if table in tables:
                connection.execute(f"DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM old.{table}")
        _check(connection)
        connection.execute("COMMIT")


def _entities(connection: Connection, file: Path, expires: str) -> None:
    sql = (
        f"SELECT number, id, types, plural, {expires}, EXISTS (SELECT 1 FROM old.past p WHERE p.entity = e.id), body"
        " FROM old.entity e WHERE number > ? AND number <= ?"
    )
    for first, end in _ranges(connection, "entity", file, schema="old"):
        rows = [(*row[:-1], text(_body(row[-1]))) for row in connection.execute(sql, (first, end))]
        into = "INSERT INTO main.entity (number, id, types, plural, expires, past, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
        connection.executemany(into, rows)


def _ranges(connection: Connection, table: str, file: Path, schema: str = "main") -> Iterator[tuple[int, int]]:
    """The numbers of the table in parts, (above, up to); the log hears how far it is."""
    first: int = value(connection, f"SELECT coalesce(min(number), 1) - 1 FROM {schema}.{table}")
    last: int = value(connection, f"SELECT coalesce(max(number), 0) FROM {schema}.{table}")
    told = monotonic_s()
    for start in range(first, last, STEP):
        yield start, start + STEP
        if monotonic_s() - told >= TOLD_S:
            told = monotonic_s()
            what = "their past" if schema == "main" else "entities"
            log.info("%s: %s, %d of %d", file, what, min(start + STEP, last) - first, last - first)


def _check(connection: Connection) -> None:
    """Nothing was left behind."""
    for new, old in (
        ("entity", "SELECT count(*) FROM old.entity"),
        ("kind", "SELECT count(*) FROM old.kind"),
        ("sample", "SELECT count(*) FROM old.sample s WHERE EXISTS (SELECT 1 FROM old.series WHERE number = s.series)"),
        ("entry", "SELECT count(*) FROM old.entry"),
    ):
        found, expected = value(connection, f"SELECT count(*) FROM main.{new}"), value(connection, old)
        if found != expected:
            raise OSError(f"of {expected} rows of {new} there came {found}")


def _durable(path: Path) -> None:
    """On the disk, or OSError."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
