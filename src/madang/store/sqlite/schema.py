"""The tables of a tenant's file."""

APPLICATION = 0x4D41_4441
"""What `PRAGMA application_id` says of our files: "MADA"."""

_ENTITIES = """
-- The current state. `types` are its types, joined by a blank; `plural` says whether some attribute has several
-- instances (datasetId), so that the first is not the only one to compare with; `expires` when the entity, or the first
-- of its attributes, ceases to be (microseconds since 1970, NULL for never); `past` whether it has a history. `body` is
-- the rest as JSON (see entities).
CREATE TABLE entity (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    types TEXT NOT NULL,
    plural INTEGER NOT NULL,
    expires INTEGER,
    past INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX entity_by_expiry ON entity (expires) WHERE expires IS NOT NULL;

-- Entities by type, in the order of answers.
CREATE TABLE kind (
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (type, id)
) STRICT, WITHOUT ROWID;

-- The bounding box of each entity's `location`.
CREATE VIRTUAL TABLE place USING rtree (number, west, east, south, north);

-- The attributes that have an index of their values: all entities up to the number `filled` are in it; NULL: all there
-- are, below zero: it is on its way out (see indexes).
CREATE TABLE indexed (
    number INTEGER PRIMARY KEY,
    attribute TEXT NOT NULL UNIQUE,
    filled INTEGER,
    entries INTEGER NOT NULL DEFAULT 0
) STRICT;

-- These indexes: `attribute` is a number of `indexed`, `entity` one of `entity`.
CREATE TABLE mark (
    attribute INTEGER NOT NULL,
    value ANY,
    entity INTEGER NOT NULL,
    PRIMARY KEY (attribute, value, entity)
) STRICT, WITHOUT ROWID;
"""

_HISTORY = """
-- The entities that are deleted and have a past, with the types they had last; by type, too. Their numbers are no other
-- entity's, and theirs again when they come back.
CREATE TABLE gone (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    types TEXT NOT NULL
) STRICT;
CREATE TABLE gone_kind (
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (type, id)
) STRICT, WITHOUT ROWID;

-- What of an entity samples are of: an attribute and a datasetId ('' for none).
CREATE TABLE stream (
    number INTEGER PRIMARY KEY,
    attribute TEXT NOT NULL,
    dataset TEXT NOT NULL,
    UNIQUE (attribute, dataset)
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
    entity INTEGER NOT NULL,
    stream INTEGER NOT NULL,
    at INTEGER NOT NULL,
    lag INTEGER,
    form INTEGER NOT NULL,
    value ANY,
    PRIMARY KEY (entity, stream, at)
) STRICT, WITHOUT ROWID;
"""

_LEDGER = """
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

_LOG = """
-- The Merkle log over the ledger's entries (see account/tree). An entry from before it has no commitment until it is
-- adopted. `hashes` are sixteen hashes of 32 bytes, one after the other.
ALTER TABLE entry ADD COLUMN salt BLOB NOT NULL DEFAULT x'';
ALTER TABLE entry ADD COLUMN commitment TEXT NOT NULL DEFAULT '';
CREATE TABLE tile (
    level INTEGER NOT NULL,
    place INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;
"""

FIRST = 4
"""The version of `TABLES`. A file of an earlier one had entities and history laid out otherwise: see upgrade."""

TABLES = _ENTITIES + _HISTORY + _LEDGER + _RECORDS + _OUTBOX
"""What a new file has."""

STEPS: dict[int, str] = {5: _LOG}
"""What brings a file to each version after `FIRST` from the one before."""

VERSION = max([FIRST, *STEPS])
"""What `PRAGMA user_version` says; a file of a higher one is refused."""


def steps(version: int, goal: int = VERSION) -> str:
    """What brings a file of that version, `FIRST` or later (0: an empty one), to the present one, or to `goal`; says
    that it is ours."""
    later = "".join(STEPS[step] for step in range(max(version, FIRST) + 1, goal + 1))
    stamp = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {goal};"
    return (TABLES if not version else "") + later + stamp
