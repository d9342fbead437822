"""The tables of a tenant's schema. ``@name`` is the name in the schema of the tenant at hand (see `Tenant.sql`).

Texts are compared by code point (COLLATE "C"): that is the order of answers, whatever the database's locale.
"""

_FIRST = """
-- The current state. `body` is the entity as JSON: as text, for jsonb would change numbers (1e16) and the order of
-- members, and knows no \\u0000; `odd` says that there is one, so that the body cannot be read as jsonb. A second
-- copy in jsonb was measured: 10,000 entities are then searched by an attribute without an index in 21 instead of
-- 131 ms, but writing takes three times as long and the table has twice the size.
-- `place` is the bounding box of its `location`. Of each page a part stays free for new versions of its rows (HOT).
CREATE TABLE @entity (
    id text COLLATE "C" PRIMARY KEY,
    types text[] NOT NULL,
    odd boolean NOT NULL,
    place box,
    -- When the entity ceases to be, and when it or the first of its attributes does; microseconds since 1970.
    ends bigint,
    expires bigint,
    body text NOT NULL
) WITH (fillfactor = 75);
CREATE INDEX entity_by_place ON @entity USING gist (place);
CREATE INDEX entity_by_expiry ON @entity (expires) WHERE expires IS NOT NULL;

-- Entities by type, in the order of answers.
CREATE TABLE @kind (
    type text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    PRIMARY KEY (type, id)
);

-- Names of attributes that ever were language maps or terms of a vocabulary: what those match, SQL does not say.
CREATE TABLE @worded (
    attribute text NOT NULL
);

-- The entities that have a past, with the types they had last: a deleted entity still has them.
CREATE TABLE @past (
    entity text COLLATE "C" PRIMARY KEY,
    types text[] NOT NULL
);

-- The entities that have a past, by type: each of the types they had last.
CREATE TABLE @kindred (
    type text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    PRIMARY KEY (type, entity)
);
CREATE INDEX kindred_by_entity ON @kindred (entity);

-- One instance of an attribute, over time.
CREATE TABLE @series (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity text COLLATE "C" NOT NULL,
    attribute text COLLATE "C" NOT NULL,
    dataset text COLLATE "C" NOT NULL,
    UNIQUE (entity, attribute, dataset)
);

-- What samples have in common beside their value: kind, unit and types, as JSON; by digest, for an index takes no long
-- text.
CREATE TABLE @form (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest bytea NOT NULL UNIQUE,
    text text NOT NULL
);

-- By instance and time. `at` is observedAt, else modifiedAt, in microseconds since 1970; `lag` what modifiedAt is
-- later than it, or NULL where there is no observedAt. `value` is JSON; where `form` is 0 it is the whole attribute.
CREATE TABLE @sample (
    series integer NOT NULL,
    form integer NOT NULL,
    at bigint NOT NULL,
    lag bigint,
    value text NOT NULL,
    PRIMARY KEY (series, at)
);

-- The ledger (see account); the city's schema alone has entries.
CREATE TABLE @entry (
    sequence bigint PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    kind text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    target text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    body bytea NOT NULL,
    hash text NOT NULL
);
CREATE INDEX entry_by_service ON @entry (service, kind, sequence);
CREATE INDEX entry_by_target ON @entry (target, kind, sequence);

CREATE TABLE @blob (
    digest text COLLATE "C" PRIMARY KEY,
    body bytea NOT NULL
);

-- What is kept besides entities (see records).
CREATE TABLE @record (
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (kind, id)
);

-- Notifications that are due and not delivered (see outbox).
CREATE TABLE @notice (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    body bytea NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    error text NOT NULL DEFAULT '',
    dead boolean NOT NULL DEFAULT false
);
CREATE INDEX notice_by_subscription ON @notice (subscription, dead, number);

-- The account of each subscription's notices; times in microseconds since 1970.
CREATE TABLE @tally (
    subscription text COLLATE "C" PRIMARY KEY,
    due bigint NOT NULL DEFAULT 0,
    delivered bigint NOT NULL DEFAULT 0,
    failures bigint NOT NULL DEFAULT 0,
    failing bigint NOT NULL DEFAULT 0,
    sent_at bigint,
    success_at bigint,
    failure_at bigint,
    error text NOT NULL DEFAULT ''
);
"""

_LOG = """
-- The Merkle log over the ledger's entries (see account/tree). An entry from before it has no commitment until it is
-- adopted. `hashes` are sixteen hashes of 32 bytes, one after the other.
ALTER TABLE @entry ADD COLUMN salt bytea NOT NULL DEFAULT '';
ALTER TABLE @entry ADD COLUMN commitment text NOT NULL DEFAULT '';
CREATE TABLE @tile (
    level smallint NOT NULL,
    place bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (level, place)
);
"""

STEPS: dict[int, str] = {1: _FIRST, 2: _LOG}
"""What brings a schema to each version from the one before."""

VERSION = max(STEPS)
"""What the city's table `tenant` says of each schema; one of a higher version is refused."""

CITY = """
-- The city's tenants: a schema each ("" is the city itself, in this one). A name may be longer than a schema's.
CREATE TABLE @tenant (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    schema text NOT NULL UNIQUE,
    version integer NOT NULL
);
"""
"""The one table that the city's own schema has besides."""
