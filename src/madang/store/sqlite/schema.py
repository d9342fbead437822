"""The tables of a tenant's file."""

APPLICATION = 0x4D41_4441
"""What `PRAGMA application_id` says of our files: "MADA"."""

_FIRST = """
-- The current state. `body` is the entity as JSON; `types` its types, joined by a blank; `plural` whether some
-- attribute has several instances (datasetId), so that the first is not the only one to compare with.
CREATE TABLE entity (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    types TEXT NOT NULL,
    plural INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

-- Entities by type, in the order of answers.
CREATE TABLE kind (
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (type, id)
) STRICT, WITHOUT ROWID;

-- The bounding box of each entity's `location`.
CREATE VIRTUAL TABLE place USING rtree (number, west, east, south, north);

-- The entities that have a past, with the types they had last: a deleted entity still has them.
CREATE TABLE past (
    entity TEXT PRIMARY KEY,
    types TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One instance of an attribute, over time.
CREATE TABLE series (
    number INTEGER PRIMARY KEY,
    entity TEXT NOT NULL,
    attribute TEXT NOT NULL,
    dataset TEXT NOT NULL,
    UNIQUE (entity, attribute, dataset)
) STRICT;

-- What samples have in common beside their value: kind, unit and types, as JSON.
CREATE TABLE form (
    number INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

-- Clustered by instance and time. `at` is observedAt, else modifiedAt, in microseconds since 1970; `lag` what
-- modifiedAt is later than it, or NULL where there is no observedAt. `value` is a number or a text as it is, any
-- other value JSON in a blob; where `form` is 0 it is the whole attribute.
CREATE TABLE sample (
    series INTEGER NOT NULL,
    at INTEGER NOT NULL,
    lag INTEGER,
    form INTEGER NOT NULL,
    value ANY,
    PRIMARY KEY (series, at)
) STRICT, WITHOUT ROWID;

-- The ledger (see account).
CREATE TABLE entry (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    service TEXT NOT NULL,
    target TEXT NOT NULL,
    at INTEGER NOT NULL,
    body BLOB NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX entry_by_service ON entry (service, kind, sequence);
CREATE INDEX entry_by_target ON entry (target, kind, sequence);

CREATE TABLE blob (
    digest TEXT PRIMARY KEY,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""

_RECORDS = """
-- What is kept besides entities (see records).
CREATE TABLE record (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
"""

_OUTBOX = """
-- Notifications that are due and not delivered (see outbox).
CREATE TABLE notice (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    subscription TEXT NOT NULL,
    at INTEGER NOT NULL,
    body BLOB NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    dead INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX notice_by_subscription ON notice (subscription, dead, number);

-- The account of each subscription's notices; times in microseconds since 1970.
CREATE TABLE tally (
    subscription TEXT PRIMARY KEY,
    due INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    failing INTEGER NOT NULL DEFAULT 0,
    sent_at INTEGER,
    success_at INTEGER,
    failure_at INTEGER,
    error TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
"""

_EXPIRY = """
-- When the entity, or the first of its attributes, ceases to be: microseconds since 1970, NULL for never.
ALTER TABLE entity ADD COLUMN expires INTEGER;
CREATE INDEX entity_by_expiry ON entity (expires) WHERE expires IS NOT NULL;
"""

_KINDRED = """
-- The entities that have a past, by type: each of the types they had last.
CREATE TABLE kindred (
    type TEXT NOT NULL,
    entity TEXT NOT NULL,
    PRIMARY KEY (type, entity)
) STRICT, WITHOUT ROWID;
CREATE INDEX kindred_by_entity ON kindred (entity);
INSERT OR IGNORE INTO kindred
    SELECT type.value, past.entity FROM past, json_each('["' || replace(past.types, ' ', '","') || '"]') AS type;
"""

STEPS: dict[int, str] = {1: _FIRST, 2: _RECORDS + _OUTBOX + _EXPIRY, 3: _KINDRED}
"""What brings a file to each version from the one before."""

VERSION = max(STEPS)
"""What `PRAGMA user_version` says; a file of a higher one is refused."""
